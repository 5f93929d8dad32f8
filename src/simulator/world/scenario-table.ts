import type { EvidenceKind } from './evidence-factory.ts';

/** A kind of attack as one of Microsoft's products reports it. */
export interface Scenario {
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly techniques: readonly string[];
  readonly severity: 'informational' | 'low' | 'medium' | 'high';
  readonly service: string;
  readonly detection: string;
  /** First letters of the alert id, by product (defender-api 4). */
  readonly prefix: string;
  readonly threat?: readonly [name: string, family: string];
  /** One to six items; the factory leaves some of the later ones out. `process` brings its image file along. */
  readonly evidence: readonly EvidenceKind[];
}

const MDE = { service: 'microsoftDefenderForEndpoint', detection: 'microsoftDefenderForEndpoint', prefix: 'da' } as const;
const AV = { service: 'microsoftDefenderForEndpoint', detection: 'antivirus', prefix: 'da' } as const;
const MAIL = { service: 'microsoftDefenderForOffice365', detection: 'microsoftDefenderForOffice365', prefix: 'fa' } as const;
const IDENTITY = { service: 'microsoftDefenderForIdentity', detection: 'microsoftDefenderForIdentity', prefix: 'aa' } as const;

export const SCENARIOS: readonly [Scenario, ...Scenario[]] = [
  {
    ...MDE,
    title: 'Suspicious PowerShell command line',
    description: 'A suspicious PowerShell activity was observed on the machine. This behavior may indicate that PowerShell was used during installation, exploration, or in some cases in lateral movement activities.',
    category: 'Execution',
    techniques: ['T1059.001', 'T1027'],
    severity: 'medium',
    evidence: ['device', 'process', 'user', 'ipv4', 'url'],
  },
  {
    ...AV,
    title: "Microsoft Defender AV detected 'Mikatz' high-severity malware",
    description: 'Malware and unwanted software are undesirable applications that perform annoying, disruptive, or harmful actions on affected machines.',
    category: 'Malware',
    techniques: ['T1003.001'],
    severity: 'high',
    threat: ['HackTool:Win32/Mikatz!dha', 'Mikatz'],
    evidence: ['device', 'file', 'process'],
  },
  { ...MDE, title: 'Sensitive credential memory read', description: 'A process read the memory of the Local Security Authority Subsystem Service.\n\nAttackers do this to obtain credentials.', category: 'CredentialAccess', techniques: ['T1003.001'], severity: 'high', evidence: ['process', 'device', 'user'] },
  { ...MDE, title: 'Possible ransomware activity', description: 'Behaviors that are common to ransomware, such as deletion of shadow copies, were observed on this device.', category: 'Ransomware', techniques: ['T1490', 'T1486'], severity: 'high', evidence: ['device', 'process', 'user', 'file', 'ipv4'] },
  { ...MDE, title: 'Suspicious service registration', description: 'An entry in the registry that starts a program at boot was changed.', category: 'Persistence', techniques: ['T1543.003', 'T1112'], severity: 'medium', evidence: ['device', 'registryValue', 'process', 'user'] },
  { ...MDE, title: 'Connection to a custom network indicator', description: 'An endpoint has connected to a URL or domain in your list of custom indicators.', category: 'CommandAndControl', techniques: ['T1071.001'], severity: 'low', evidence: ['device', 'url', 'ipv4', 'ipv6', 'user'] },
  { ...MDE, title: 'Suspicious remote activity over SMB', description: 'A file was dropped and started on this device from a remote one.', category: 'LateralMovement', techniques: ['T1021.002', 'T1570'], severity: 'medium', evidence: ['device', 'secondDevice', 'networkConnection', 'process', 'user'] },
  { ...MDE, title: 'Suspicious outbound IPv6 connection', description: 'A rarely seen process talked to an address outside the organisation.', category: 'Exfiltration', techniques: ['T1048'], severity: 'low', evidence: ['process', 'ipv6', 'device'] },
  { ...MDE, title: 'Unusual download through a system tool', description: 'A system tool was used to fetch a file from the internet.', category: 'DefenseEvasion', techniques: ['T1105', 'T1140', 'T1218'], severity: 'medium', evidence: ['process', 'url', 'ipv4', 'device'] },
  { ...AV, title: "'Wacatac' malware was prevented", description: 'The file was blocked before it ran. No action is needed.', category: 'Malware', techniques: [], severity: 'informational', threat: ['Trojan:Win32/Wacatac.B!ml', 'Wacatac'], evidence: ['file', 'device', 'user'] },
  {
    ...MAIL,
    title: 'Email messages containing malicious URL removed after delivery',
    description: 'Emails with malicious URL that were delivered and later removed -V1.0.0.3',
    category: 'InitialAccess',
    techniques: ['T1566.002'],
    severity: 'informational',
    evidence: ['analyzedMessage', 'mailbox', 'url', 'mailCluster'],
  },
  { ...MAIL, title: 'User reported a suspicious message', description: 'A user reported a message as malware or phish.', category: 'InitialAccess', techniques: ['T1566'], severity: 'low', evidence: ['analyzedMessage', 'mailbox', 'user'] },
  { ...IDENTITY, title: 'Suspected brute-force attack (Kerberos, NTLM)', description: 'An actor generated a suspicious number of failed authentication attempts.', category: 'CredentialAccess', techniques: ['T1110.001', 'T1110.003'], severity: 'medium', evidence: ['user', 'secondDevice', 'ipv4', 'device'] },
  { ...IDENTITY, title: 'Suspicious additions to sensitive groups', description: 'An account was added to a group with high privileges.', category: 'Persistence', techniques: ['T1098'], severity: 'medium', evidence: ['securityGroup', 'user', 'device'] },
  {
    service: 'azureAdIdentityProtection',
    detection: 'azureAdIdentityProtection',
    prefix: 'ad',
    title: 'Atypical travel',
    description: 'Two sign-ins from places too far from each other for the time between them.',
    category: 'InitialAccess',
    techniques: ['T1078'],
    severity: 'medium',
    evidence: ['user', 'ipv4', 'cloudLogonSession'],
  },
  { service: 'microsoftDefenderForCloudApps', detection: 'cloudAppSecurity', prefix: 'ca', title: 'Mass download by a single user', description: 'A user downloaded far more files than usual.', category: 'Exfiltration', techniques: ['T1567'], severity: 'medium', evidence: ['cloudApplication', 'user', 'ipv6'] },
  {
    service: 'microsoftAppGovernance',
    detection: 'appGovernancePolicy',
    prefix: 'ma',
    title: 'App with unusual user agent accessed mail',
    description: 'An OAuth application read mail in a way it had not before.',
    category: 'Collection',
    techniques: ['T1114.002'],
    severity: 'low',
    evidence: ['oauthApplication', 'mailbox', 'user'],
  },
  {
    service: 'microsoftDefenderForCloud',
    detection: 'microsoftDefenderForContainers',
    prefix: 'dc',
    title: 'Suspicious request to the Kubernetes API',
    description: 'A pod asked the API server for secrets of another namespace.',
    category: 'Discovery',
    techniques: ['T1613'],
    severity: 'medium',
    evidence: ['kubernetesPod', 'azureResource', 'ipv4'],
  },
  {
    service: 'microsoftDefenderForCloud',
    detection: 'microsoftDefenderForServers',
    prefix: 'dc',
    title: 'Login from a suspicious address to a virtual machine',
    description: 'Someone signed in from an address seen in attacks.',
    category: 'PreAttack',
    techniques: ['T1110'],
    severity: 'low',
    evidence: ['azureResource', 'ipv4', 'user'],
  },
  {
    service: 'microsoftSentinel',
    detection: 'scheduledAlerts',
    prefix: 'sn',
    title: 'Rare application consent',
    description: 'Consent to an application that nobody else in the tenant uses.',
    category: 'Persistence',
    techniques: ['T1136.003'],
    severity: 'medium',
    evidence: ['oauthApplication', 'user', 'ipv4', 'cloudLogonSession'],
  },
  { service: 'microsoftInsiderRiskManagement', detection: 'microsoftInsiderRiskManagement', prefix: 'ir', title: 'Data leak by a departing user', description: 'Activity of a user whose account ends soon.', category: 'Exfiltration', techniques: [], severity: 'high', evidence: ['user', 'file'] },
  {
    service: 'microsoft365Defender',
    detection: 'microsoft365Defender',
    prefix: 'ra',
    title: 'Multi-stage incident: sign-in after phishing',
    description: 'Several alerts together describe one attack.',
    category: 'SuspiciousActivity',
    techniques: ['T1566', 'T1078.004'],
    severity: 'high',
    evidence: ['user', 'mailbox', 'ipv4', 'url', 'device'],
  },
  { service: 'microsoft365Defender', detection: 'customDetection', prefix: 'ea', title: 'Custom detection: office program starts script host', description: 'Created by a custom detection rule.', category: 'Execution', techniques: ['T1204.002'], severity: 'low', evidence: ['process', 'device', 'registryKey', 'dns'] },
];
