import type { SourceName } from '../../domain/detection.ts';
import type { FactName } from '../../domain/fields.ts';

/**
 * The members of each API that fill a field of the catalogue, those of its evidence included; null where it has none.
 * Without them the field is empty, or says less; a test takes them out to see it.
 */
export type Coverage = Readonly<Record<SourceName, readonly string[] | null>>;

export const COVERAGE = {
  // ---- the alert ----
  AlertId: row(['id'], ['id'], ['AlertId']),
  AlertTime: row(['createdDateTime'], ['alertCreationTime'], ['AlertTime']),
  AlertTimeMs: row(['createdDateTime'], ['alertCreationTime'], ['AlertTime']),
  FirstActivityMs: row(['firstActivityDateTime'], ['firstEventTime'], ['AlertTime']),
  LastActivityMs: row(['lastActivityDateTime'], ['lastEventTime'], ['AlertTime']),
  LastUpdateMs: row(['lastUpdateDateTime'], ['lastUpdateTime'], ['LastProcessedTimeUtc']),
  LastProcessedTimeUtc: row(['lastActivityDateTime'], ['lastEventTime'], ['LastProcessedTimeUtc']),
  AlertTitle: row(['title'], ['title'], ['AlertTitle']),
  Description: row(['description'], ['description'], ['Description']),
  Severity: row(['severity'], ['severity'], ['Severity']),
  Category: row(['category'], ['category'], ['Category']),
  Source: row(['detectionSource'], ['detectionSource'], ['Source']),
  ServiceSource: row(['serviceSource'], null, null),
  Status: row(['status'], ['status'], null),
  Classification: row(['classification'], ['classification'], null),
  Determination: row(['determination'], ['determination'], null),
  AssignedTo: row(['assignedTo'], ['assignedTo'], null),
  IncidentId: row(['incidentId'], ['incidentId'], null),
  MitreTechniques: row(['mitreTechniques'], ['mitreTechniques'], null),
  Actor: row(['actorDisplayName'], ['actorName'], ['Actor']),
  ThreatName: row(['threatDisplayName'], ['threatName'], ['ThreatName']),
  ThreatFamily: row(['threatFamilyName'], ['threatFamilyName'], ['ThreatFamily']),
  ThreatCategory: row(['mitreTechniques'], ['mitreTechniques'], ['ThreatCategory']),
  IoaDefinitionId: row(['detectorId'], ['detectorId'], ['IoaDefinitionId']),
  LinkToWDATP: row(['alertWebUrl'], null, ['LinkToWDATP']),
  LinkToMTP: row(['alertWebUrl'], null, ['LinkToMTP']),
  IncidentLinkToWDATP: row(['incidentWebUrl'], null, ['IncidentLinkToWDATP']),
  IncidentLinkToMTP: row(['incidentWebUrl'], null, ['IncidentLinkToMTP']),

  // ---- the evidence item ----
  EvidenceType: row(
    ['@odata.type'],
    ['entityType'],
    ['CommandLine', 'FileName', 'FilePath', 'Sha1', 'Sha256', 'Md5', 'FileHash', 'IpAddress', 'Url', 'UserName'],
  ),
  EvidenceRoles: row(['roles'], null, null),
  EvidenceDetails: row(
    ['registryHive', 'registryKey', 'registryValue'],
    ['registryHive', 'registryKey', 'registryValue'],
    ['IocName', 'IocValue', 'IocUniqueId', 'AlertPart', 'ReportID', 'ExternalId'],
  ),
  Verdict: row(['verdict'], ['verdict'], null),
  RemediationAction: row(['remediationStatus'], ['remediationStatus', 'detectionStatus'], ['RemediationAction']),
  RemediationIsSuccess: row(['remediationStatus'], ['remediationStatus', 'detectionStatus'], ['RemediationIsSuccess']),
  WasExecutingWhileDetected: row(['detectionStatus'], ['detectionStatus'], ['WasExecutingWhileDetected']),
  FileName: row(['imageFile.fileName', 'fileDetails.fileName'], ['fileName'], ['FileName']),
  FilePath: row(['imageFile.filePath', 'fileDetails.filePath'], ['filePath'], ['FilePath']),
  Sha1: row(['imageFile.sha1', 'fileDetails.sha1'], ['sha1'], ['Sha1']),
  Sha256: row(['imageFile.sha256', 'fileDetails.sha256'], ['sha256'], ['Sha256']),
  Md5: row(['imageFile.md5', 'fileDetails.md5'], null, ['Md5']),
  FileHash: row(['imageFile.sha1', 'fileDetails.sha1'], ['sha1'], ['FileHash', 'Sha1']),
  CommandLine: row(['processCommandLine'], ['processCommandLine'], ['CommandLine']),
  ProcessId: row(['processId'], ['processId'], null),
  ProcessTime: row(['processCreationDateTime'], ['processCreationTime'], null),
  ParentProcessId: row(['parentProcessId'], ['parentProcessId'], null),
  ParentFileName: row(['parentProcessImageFile.fileName'], ['parentProcessFileName'], null),
  ParentFilePath: row(['parentProcessImageFile.filePath'], ['parentProcessFilePath'], null),
  IpAddress: row(['ipAddress'], ['ipAddress'], ['IpAddress']),
  Url: row(['url'], ['url'], ['Url']),

  // ---- the user ----
  UserName: row(['userAccount.accountName'], ['accountName', 'relatedUser.userName'], ['UserName']),
  UserDomain: row(['userAccount.domainName'], ['domainName', 'relatedUser.domainName'], ['UserDomain']),
  UserPrincipalName: row(['userAccount.userPrincipalName'], ['userPrincipalName'], null),
  UserSid: row(['userAccount.userSid'], ['userSid'], null),

  // ---- the device ----
  ComputerDnsName: row(['deviceDnsName'], ['computerDnsName'], ['ComputerDnsName']),
  MachineName: row(['hostName', 'deviceDnsName'], ['computerDnsName'], ['MachineName', 'ComputerDnsName']),
  MachineDomain: row(['dnsDomain', 'deviceDnsName'], ['computerDnsName'], ['MachineDomain', 'ComputerDnsName']),
  DeviceID: row(['mdeDeviceId'], ['machineId'], ['DeviceID']),
  MachineGroup: row(['rbacGroupName'], ['rbacGroupName'], ['MachineGroup']),
  OsPlatform: row(['osPlatform'], null, null),
  LogOnUsers: row(['loggedOnUsers'], ['loggedOnUsers'], ['LogOnUsers']),
  InternalIPv4List: row(['ipInterfaces'], null, ['InternalIPv4List']),
  InternalIPv6List: row(['ipInterfaces'], null, ['InternalIPv6List']),
  DeviceCreatedMachineTags: row(['tags'], null, ['DeviceCreatedMachineTags']),
  CloudCreatedMachineTags: row(['tags'], null, ['CloudCreatedMachineTags']),
} as const satisfies Readonly<Record<FactName, Coverage>>;

function row(graph: readonly string[], defender: readonly string[] | null, siem: readonly string[] | null): Coverage {
  return { 'graph-alerts': graph, 'defender-alerts': defender, 'siem-detections': siem };
}
