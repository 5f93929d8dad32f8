import { type EvidenceContext, item } from './evidence-item.ts';
import type { GraphEvidence } from './graph-alert.ts';
import { preciseTime } from './graph-time.ts';
import { DNS_DOMAIN, REMOTE_IPV4, URLS } from './organisation-table.ts';

/** Evidence of mail, identities, applications and clouds. Kubernetes items nest whole evidence objects. */
export const CLOUD_EVIDENCE = {
  mailbox: (context) => [
    item('mailboxEvidence', context, {
      primaryAddress: context.user.userPrincipalName,
      displayName: context.user.displayName,
      upn: context.user.userPrincipalName,
      userAccount: context.user,
    }),
  ],
  analyzedMessage: (context) => [analyzedMessage(context)],
  mailCluster: (context) => [
    item('mailClusterEvidence', context, {
      networkMessageIds: [context.random.guid(), context.random.guid()],
      emailCount: context.random.integer(2, 90),
      clusterBy: 'Subject;P2SenderDomain;ContentType',
      clusterByValue: 'Your invoice;example.org;1',
      query: "(Subject:'Your invoice' AND P2SenderDomain:example.org)",
      urn: `urn:MailClusterEntity:${context.random.hex(32)}`,
    }),
  ],
  cloudApplication: (context) => [
    item('cloudApplicationEvidence', context, {
      appId: 20_892,
      displayName: 'Microsoft SharePoint Online',
      instanceId: 0,
      instanceName: 'Microsoft SharePoint Online',
      saasAppId: 20_892,
      stream: null,
    }),
  ],
  oauthApplication: (context) => [
    item('oauthApplicationEvidence', context, {
      appId: context.random.guid(),
      displayName: 'Mail merge helper',
      objectId: context.random.guid(),
      publisher: 'example.org',
    }),
  ],
  cloudLogonSession: (context) => [
    item('cloudLogonSessionEvidence', context, {
      sessionId: context.random.guid(),
      account: item('userEvidence', context, { stream: null, userAccount: context.user }),
      browser: 'Edge 130',
      deviceName: null,
      operatingSystem: 'Windows 11',
      previousLogonDateTime: null,
      protocol: 'OAuth2',
      startUtcDateTime: preciseTime(context.random, context.nowMs - 600_000),
      userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
    }),
  ],
  securityGroup: (context) => [
    item('securityGroupEvidence', context, {
      securityGroupId: context.random.guid(),
      displayName: 'Domain Admins',
      friendlyName: 'Domain Admins',
      distinguishedName: 'CN=Domain Admins,CN=Users,DC=corp,DC=contoso,DC=com',
      sid: 'S-1-5-21-1004336348-1177238915-682003330-512',
      activeDirectoryObjectGuid: null,
    }),
  ],
  azureResource: (context) => [azureResource(context, 'Microsoft.Compute/virtualMachines', 'vm-build-02')],
  kubernetesPod: (context) => [kubernetesPod(context)],
} as const satisfies Record<string, (context: EvidenceContext) => readonly GraphEvidence[]>;

function analyzedMessage(context: EvidenceContext): GraphEvidence {
  const { random, user } = context;
  const sender = { emailAddress: 'billing@example.org', displayName: 'Billing', domainName: 'example.org' };
  return item('analyzedMessageEvidence', context, {
    networkMessageId: random.guid(),
    internetMessageId: `<${random.hex(24)}@mail.example.org>`,
    subject: 'Your invoice, due "today"',
    language: 'en',
    senderIp: random.pick(REMOTE_IPV4),
    recipientEmailAddress: user.userPrincipalName,
    antiSpamDirection: 'inbound',
    deliveryAction: 'delivered',
    deliveryLocation: 'inbox',
    urn: `urn:MailEntity:${random.hex(32)}`,
    threats: ['ZapPhish', 'HighConfPhish'],
    threatDetectionMethods: ['URLList'],
    urls: [random.pick(URLS)],
    urlCount: 1,
    attachmentsCount: 0,
    receivedDateTime: preciseTime(random, context.nowMs - random.integer(60_000, 3_600_000)),
    p1Sender: sender,
    p2Sender: sender,
  });
}

function azureResource(context: EvidenceContext, resourceType: string, resourceName: string): GraphEvidence {
  const subscription = context.tenantId.replace(/^.{8}/, '8700d3a3');
  const resourceId = `/subscriptions/${subscription}/resourceGroups/prod/providers/${resourceType}/${resourceName}`;
  return item('azureResourceEvidence', context, { resourceId, resourceName, resourceType });
}

function kubernetesPod(context: EvidenceContext): GraphEvidence {
  const cluster = item('kubernetesClusterEvidence', context, {
    name: 'aks-shop',
    platform: 'aks',
    version: '1.31.2',
    distribution: null,
    cloudResource: azureResource(context, 'Microsoft.ContainerService/managedClusters', 'aks-shop'),
  });
  const namespace = item('kubernetesNamespaceEvidence', context, { name: 'shop', labels: {}, cluster });
  const image = item('containerImageEvidence', context, {
    imageId: 'registry.example.net/shop/cart:1.4',
    digestImage: null,
    registry: item('containerRegistryEvidence', context, { registry: 'registry.example.net' }),
  });
  const container = item('containerEvidence', context, {
    name: 'cart',
    containerId: context.random.hex(64),
    image,
    args: [],
    command: ['/bin/cart'],
    isPrivileged: false,
    pod: null,
  });
  return item('kubernetesPodEvidence', context, {
    name: `cart-${context.random.hex(10)}`,
    namespace,
    controller: item('kubernetesControllerEvidence', context, {
      name: 'cart',
      type: 'Deployment',
      labels: {},
      namespace,
    }),
    serviceAccount: item('kubernetesServiceAccountEvidence', context, { name: 'default', namespace }),
    containers: [container],
    initContainers: [],
    ephemeralContainers: [],
    labels: { app: 'cart', domain: DNS_DOMAIN },
    podIp: item('ipEvidence', context, {
      ipAddress: '10.244.3.17',
      countryLetterCode: null,
      location: null,
      stream: null,
    }),
  });
}
