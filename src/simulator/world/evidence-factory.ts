import { CLOUD_EVIDENCE } from './evidence-cloud.ts';
import { type EvidenceContext, fileDetails, item } from './evidence-item.ts';
import type { GraphEvidence } from './graph-alert.ts';
import { preciseTime } from './graph-time.ts';
import { DNS_DOMAIN, FILES, NT_DOMAIN, REGISTRY, REMOTE_IPV4, REMOTE_IPV6, URLS } from './organisation-table.ts';

/** Parts that scenarios are made of; `process` gives two items, the process and its image file. */
export type EvidenceKind =
  | 'device'
  | 'secondDevice'
  | 'user'
  | 'process'
  | 'file'
  | 'ipv4'
  | 'ipv6'
  | 'url'
  | 'registryValue'
  | 'registryKey'
  | 'networkConnection'
  | 'dns'
  | keyof typeof CLOUD_EVIDENCE;

type Builder = (context: EvidenceContext) => readonly GraphEvidence[];

const ENDPOINT_EVIDENCE = {
  device: (context) => [device(context, context.device, ['compromised'])],
  secondDevice: (context) => [device(context, context.secondDevice, ['attacked'])],
  user: ({ random, createdDateTime, user }) => [
    item('userEvidence', { random, createdDateTime, roles: ['compromised'] }, { stream: null, userAccount: user }),
  ],
  process: (context) => process(context),
  file: (context) => [
    item('fileEvidence', context, {
      detectionStatus: context.random.pick(['detected', 'blocked', 'prevented']),
      mdeDeviceId: context.device.mdeDeviceId,
      fileDetails: fileDetails(context.random, context.random.pick(FILES)),
    }),
  ],
  ipv4: (context) => [ip(context, context.random.pick(REMOTE_IPV4))],
  ipv6: (context) => [ip(context, context.random.pick(REMOTE_IPV6))],
  url: (context) => [item('urlEvidence', context, { url: context.random.pick(URLS) })],
  registryValue: (context) => {
    const [registryKey, registryValueName, registryValue] = context.random.pick(REGISTRY);
    return [
      item('registryValueEvidence', context, {
        mdeDeviceId: context.device.mdeDeviceId,
        registryHive: 'HKEY_LOCAL_MACHINE',
        registryKey,
        registryValueName,
        registryValue,
        registryValueType: registryValue === '1' ? 'Dword' : 'Unknown',
      }),
    ];
  },
  registryKey: (context) => [
    item('registryKeyEvidence', context, {
      registryKey: context.random.pick(REGISTRY)[0],
      registryHive: 'HKEY_LOCAL_MACHINE',
    }),
  ],
  networkConnection: (context) => [
    item('networkConnectionEvidence', context, {
      sourceAddress: ip(context, context.device.lastIpAddress),
      sourcePort: context.random.integer(49_152, 65_535),
      destinationAddress: ip(context, context.secondDevice.lastIpAddress),
      destinationPort: 445,
      protocol: 'tcp',
    }),
  ],
  dns: (context) => [
    item('dnsEvidence', context, {
      domainName: 'c2.example.net',
      dnsServerIp: ip(context, '10.20.1.5'),
      hostIpAddress: ip(context, context.device.lastIpAddress),
      ipAddresses: [ip(context, context.random.pick(REMOTE_IPV4))],
    }),
  ],
} as const satisfies Record<string, Builder>;

const BUILDERS: Readonly<Record<EvidenceKind, Builder>> = { ...ENDPOINT_EVIDENCE, ...CLOUD_EVIDENCE };

/** The evidence items for one part of a scenario, with every member Microsoft sends, null where it knows nothing. */
export function createEvidence(kind: EvidenceKind, context: EvidenceContext): readonly GraphEvidence[] {
  return BUILDERS[kind](context);
}

function device(context: EvidenceContext, from: EvidenceContext['device'], roles: readonly string[]): GraphEvidence {
  const { random, createdDateTime, user } = context;
  return item(
    'deviceEvidence',
    { random, createdDateTime, roles, tags: from.tags },
    {
      firstSeenDateTime: from.firstSeenDateTime,
      mdeDeviceId: from.mdeDeviceId,
      azureAdDeviceId: from.azureAdDeviceId,
      deviceDnsName: `${from.name}.${DNS_DOMAIN}`,
      hostName: from.name,
      ntDomain: null,
      dnsDomain: DNS_DOMAIN,
      osPlatform: from.os,
      osBuild: from.build,
      version: from.version,
      healthStatus: 'active',
      riskScore: random.pick(['none', 'low', 'medium', 'high']),
      rbacGroupId: from.rbacGroupId,
      rbacGroupName: from.group,
      onboardingStatus: 'onboarded',
      defenderAvStatus: random.pick(['updated', 'notUpdated', 'unknown']),
      lastIpAddress: from.lastIpAddress,
      lastExternalIpAddress: '198.51.100.1',
      ipInterfaces: [from.lastIpAddress, from.ip6, '127.0.0.1', '::1'],
      vmMetadata: null,
      loggedOnUsers: random.chance(0.7) ? [{ accountName: user.accountName, domainName: NT_DOMAIN }] : [],
      resourceAccessEvents: [],
    },
  );
}

function process(context: EvidenceContext): readonly GraphEvidence[] {
  const {
    random,
    process: row,
    nowMs,
    device: { mdeDeviceId },
  } = context;
  const imageFile = fileDetails(random, { ...row, size: random.integer(20_000, 900_000) });
  const startedMs = nowMs - random.integer(5_000, 3_600_000);
  const parentFile = {
    sha1: null,
    sha256: null,
    fileName: row.parent,
    filePath: 'C:\\Windows\\System32',
    fileSize: null,
  };
  return [
    item('processEvidence', context, {
      processId: random.integer(400, 30_000),
      parentProcessId: random.integer(400, 30_000),
      processCommandLine: context.commandLine ?? row.commandLine,
      processCreationDateTime: preciseTime(random, startedMs),
      parentProcessCreationDateTime: preciseTime(random, startedMs - random.integer(1_000, 900_000)),
      detectionStatus: 'detected',
      mdeDeviceId,
      imageFile,
      parentProcessImageFile: { ...parentFile, filePublisher: null, signer: null, issuer: null },
      userAccount: context.user,
    }),
    item('fileEvidence', context, { detectionStatus: 'detected', mdeDeviceId, fileDetails: imageFile }),
  ];
}

function ip(context: EvidenceContext, ipAddress: string): GraphEvidence {
  const remote = !ipAddress.startsWith('10.');
  return item(
    'ipEvidence',
    { ...context, roles: remote ? ['attacker'] : [] },
    {
      ipAddress,
      countryLetterCode: remote ? context.random.pick(['NL', 'US', 'BR']) : null,
      location: null,
      stream: null,
    },
  );
}
