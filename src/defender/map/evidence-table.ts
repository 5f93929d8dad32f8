import type { EvidenceFamily } from '../../domain/event-class.ts';
import { type JsonObject, object, objects, text } from '../schema.ts';
import { accountFacts, connectionFacts, deviceFacts, deviceKey, deviceTelemetry, fileFacts, fileKey, hashFacts, mailboxFacts, processFacts, processKey, sessionFacts } from './evidence-facts.ts';
import type { DraftFacts } from './known-facts.ts';

/** How one of Graph's evidence types is read. */
export interface EvidenceKind {
  /** Microsoft's type without `#microsoft.graph.security.` and `Evidence`. */
  readonly type: string;
  readonly family: EvidenceFamily;
  /** Natural key: paths of scalar members in a fixed order, or a function where a list of paths cannot say it. */
  readonly key: readonly string[] | ((evidence: JsonObject) => readonly string[]);
  readonly facts?: (evidence: JsonObject) => DraftFacts;
  readonly telemetry?: (evidence: JsonObject) => DraftFacts;
  /** `fields`: its facts say it all. `list`: its members go into EvidenceDetails as well. */
  readonly details: 'fields' | 'list';
}

/** The 48 types of the v1.0 schema (defender-api 4.1). Key parts are ids first, then names. */
export const EVIDENCE_KINDS: readonly EvidenceKind[] = [
  // ---- types with catalogue fields ----
  { type: 'process', family: 'process', details: 'fields', key: processKey, facts: processFacts },
  { type: 'file', family: 'file', details: 'fields', key: (file) => fileKey(text(file, 'mdeDeviceId'), object(file, 'fileDetails')), facts: (file) => fileFacts(object(file, 'fileDetails')) },
  { type: 'ip', family: 'ip', details: 'fields', key: ['ipAddress'], facts: (ip) => ({ IpAddress: text(ip, 'ipAddress') }) },
  { type: 'url', family: 'url', details: 'fields', key: ['url'], facts: (url) => ({ Url: text(url, 'url') }) },
  { type: 'user', family: 'user', details: 'fields', key: ['userAccount.userSid', 'userAccount.azureAdUserId', 'userAccount.userPrincipalName', 'userAccount.domainName', 'userAccount.accountName'], facts: (user) => accountFacts(object(user, 'userAccount')) },
  { type: 'device', family: 'device', details: 'fields', key: deviceKey, facts: deviceFacts, telemetry: deviceTelemetry },

  // ---- types with some ----
  { type: 'analyzedMessage', family: 'mail', details: 'list', key: ['networkMessageId', 'internetMessageId', 'recipientEmailAddress'], facts: (mail) => ({ IpAddress: text(mail, 'senderIp') }) },
  { type: 'blob', family: 'cloud-resource', details: 'list', key: ['url', 'blobContainer.url', 'name'], facts: (blob) => ({ ...hashFacts(objects(blob, 'fileHashes')), FileName: text(blob, 'name'), Url: text(blob, 'url') }) },
  { type: 'blobContainer', family: 'cloud-resource', details: 'list', key: ['url', 'storageResource.resourceId', 'name'], facts: (container) => ({ Url: text(container, 'url') }) },
  { type: 'cloudLogonSession', family: 'logon', details: 'list', key: ['sessionId', 'account.userAccount.userPrincipalName', 'account.userAccount.accountName', 'startUtcDateTime'], facts: sessionFacts },
  { type: 'dns', family: 'dns', details: 'list', key: ['domainName', 'hostIpAddress.ipAddress', 'dnsServerIp.ipAddress'], facts: (dns) => ({ Url: text(dns, 'domainName') }) },
  { type: 'fileHash', family: 'file', details: 'list', key: ['algorithm', 'value'], facts: (hash) => hashFacts([hash]) },
  { type: 'hostLogonSession', family: 'logon', details: 'list', key: ['host.mdeDeviceId', 'sessionId', 'account.userAccount.userSid', 'account.userAccount.accountName', 'startUtcDateTime'], facts: sessionFacts },
  { type: 'ioTDevice', family: 'iot', details: 'list', key: ['deviceId', 'macAddress', 'serialNumber', 'deviceName'], facts: (device) => ({ MachineName: text(device, 'deviceName'), OsPlatform: text(device, 'operatingSystem') }) },
  { type: 'mailbox', family: 'mailbox', details: 'list', key: ['primaryAddress', 'upn'], facts: mailboxFacts },
  { type: 'malware', family: 'malware', details: 'list', key: ['name', 'category'], facts: (malware) => ({ ThreatName: text(malware, 'name') }) },
  { type: 'networkConnection', family: 'network', details: 'list', key: ['sourceAddress.ipAddress', 'sourcePort', 'destinationAddress.ipAddress', 'destinationPort', 'protocol'], facts: connectionFacts },
  { type: 'submissionMail', family: 'mail', details: 'list', key: ['submissionId', 'networkMessageId', 'recipient'], facts: (mail) => ({ IpAddress: text(mail, 'senderIp') }) },
  { type: 'teamsMessage', family: 'mail', details: 'list', key: ['messageId', 'threadId', 'channelId'], facts: (message) => ({ IpAddress: text(message, 'senderIP') }) },

  // ---- types without: EvidenceDetails says it ----
  { type: 'activeDirectoryDomain', family: 'other', details: 'list', key: ['activeDirectoryDomainName'] },
  { type: 'aiAgent', family: 'ai-agent', details: 'list', key: ['agentId', 'agentName'] },
  { type: 'amazonResource', family: 'cloud-resource', details: 'list', key: ['amazonResourceId', 'amazonAccountId', 'resourceName'] },
  { type: 'azureResource', family: 'cloud-resource', details: 'list', key: ['resourceId', 'resourceName'] },
  { type: 'cloudApplication', family: 'cloud-app', details: 'list', key: ['appId', 'saasAppId', 'instanceId', 'displayName'] },
  { type: 'cloudLogonRequest', family: 'logon', details: 'list', key: ['requestId'] },
  { type: 'container', family: 'container', details: 'list', key: ['containerId', 'pod.name', 'pod.namespace.name', 'name'] },
  { type: 'containerImage', family: 'container', details: 'list', key: ['imageId', 'digestImage.imageId', 'registry.registry'] },
  { type: 'containerRegistry', family: 'container', details: 'list', key: ['registry'] },
  { type: 'gitHubOrganization', family: 'code-repository', details: 'list', key: ['orgId', 'login'] },
  { type: 'gitHubRepo', family: 'code-repository', details: 'list', key: ['repoId', 'owner', 'login', 'baseUrl'] },
  { type: 'gitHubUser', family: 'code-repository', details: 'list', key: ['userId', 'login'] },
  { type: 'googleCloudResource', family: 'cloud-resource', details: 'list', key: ['fullResourceName', 'projectId', 'location', 'resourceName'] },
  { type: 'kubernetesCluster', family: 'container', details: 'list', key: ['cloudResource.resourceId', 'name'] },
  { type: 'kubernetesController', family: 'container', details: 'list', key: ['namespace.cluster.name', 'namespace.name', 'type', 'name'] },
  { type: 'kubernetesNamespace', family: 'container', details: 'list', key: ['cluster.cloudResource.resourceId', 'cluster.name', 'name'] },
  { type: 'kubernetesPod', family: 'container', details: 'list', key: ['namespace.cluster.name', 'namespace.name', 'name'] },
  { type: 'kubernetesSecret', family: 'container', details: 'list', key: ['namespace.cluster.name', 'namespace.name', 'name'] },
  { type: 'kubernetesService', family: 'container', details: 'list', key: ['namespace.cluster.name', 'namespace.name', 'name'] },
  { type: 'kubernetesServiceAccount', family: 'container', details: 'list', key: ['namespace.cluster.name', 'namespace.name', 'name'] },
  { type: 'mailCluster', family: 'mail', details: 'list', key: ['urn', 'query', 'clusterBy', 'clusterByValue'] },
  { type: 'mailboxConfiguration', family: 'mailbox', details: 'list', key: ['configurationId', 'configurationType', 'mailboxPrimaryAddress', 'upn'] },
  { type: 'nic', family: 'network', details: 'list', key: ['macAddress', 'ipAddress.ipAddress'] },
  { type: 'oauthApplication', family: 'cloud-app', details: 'list', key: ['appId', 'objectId', 'displayName'] },
  { type: 'registryKey', family: 'registry', details: 'list', key: ['registryHive', 'registryKey'] },
  { type: 'registryValue', family: 'registry', details: 'list', key: ['mdeDeviceId', 'registryHive', 'registryKey', 'registryValueName', 'registryValue'] },
  { type: 'sasToken', family: 'cloud-resource', details: 'list', key: ['signatureHash', 'storageResource.resourceId'] },
  { type: 'securityGroup', family: 'group', details: 'list', key: ['securityGroupId', 'activeDirectoryObjectGuid', 'sid', 'displayName'] },
  { type: 'servicePrincipal', family: 'cloud-app', details: 'list', key: ['servicePrincipalObjectId', 'appId', 'servicePrincipalName'] },
];
