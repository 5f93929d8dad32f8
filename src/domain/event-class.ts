/**
 * `deviceEventClassId` is ArcSight's categorisation key: stable and of low cardinality (arcsight-parser 5), so both
 * halves are closed lists with `other`, whatever new words Microsoft invents.
 */
export const EVIDENCE_FAMILIES = [
  'process',
  'file',
  'ip',
  'url',
  'user',
  'device',
  'mailbox',
  'mail',
  'registry',
  'network',
  'dns',
  'logon',
  'cloud-app',
  'cloud-resource',
  'container',
  'iot',
  'malware',
  'group',
  'code-repository',
  'ai-agent',
  'alert',
  'other',
] as const;
export type EvidenceFamily = (typeof EVIDENCE_FAMILIES)[number];

export const CATEGORIES = [
  'collection',
  'commandandcontrol',
  'credentialaccess',
  'credentialstealing',
  'credentialtheft',
  'defenseevasion',
  'discovery',
  'enterprisepolicy',
  'execution',
  'exfiltration',
  'exploit',
  'general',
  'impact',
  'initialaccess',
  'installation',
  'lateralmovement',
  'malware',
  'malwaredownload',
  'networkpropagation',
  'persistence',
  'phishing',
  'privilegeescalation',
  'ransomware',
  'reconnaissance',
  'remoteaccesstool',
  'resourcedevelopment',
  'socialengineering',
  'suspiciousactivity',
  'suspiciousnetworktraffic',
  'threatmanagement',
  'trojan',
  'trojandownloader',
  'unwantedsoftware',
  'weaponization',
  'webexploit',
] as const;

const KNOWN: ReadonlySet<string> = new Set(CATEGORIES);

/** Events that the bridge makes by itself. */
export const BRIDGE_CLASSES = { heartbeat: 'bridge:heartbeat', test: 'bridge:test' } as const;

/** `defender:<evidence family>:<category>`, lower case. */
export function eventClassId(family: EvidenceFamily, category: string | undefined): string {
  const word = (category ?? '').toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return `defender:${family}:${KNOWN.has(word) ? word : 'other'}`;
}
