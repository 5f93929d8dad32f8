import type { Field } from './field.ts';

/**
 * Identifies the mapping: goes into every event (`MappingVersion`, flexNumber1) and rises, once released, with every change of a row.
 * From the first release on, changing a row's ArcSight field is a major version.
 */
export const MAPPING_VERSION = 1;

/**
 * THE catalogue. The feed's JSON, its schema, the parser file, the documents and the preview all come from this table.
 * Rows of Microsoft's published ArcSight mapping stand as published, with the choices of docs/fields.md;
 * `layout: microsoft` keeps the victim in source fields as Microsoft did, `layout: esm` follows ESM's own content.
 */
export const FIELDS = [
  // ---- the event itself, written by the bridge ----
  { name: 'FeedSeq', type: 'Long', length: 'id', origin: 'bridge', of: 'event', description: 'Position in the feed: strictly rising, unique.' },
  { name: 'StoredMs', type: 'Long', length: 'id', origin: 'bridge', of: 'event', description: 'When the bridge stored the event (epoch ms); never falls.' },
  { name: 'DetectionId', type: 'String', length: 'id', origin: 'bridge', of: 'event', description: 'Stable id of the detection across updates.', arcsight: [{ field: 'deviceCustomString2', as: 'text', label: 'Detection ID' }] },
  { name: 'EventKind', type: 'String', length: 32, origin: 'bridge', of: 'event', description: 'new, update, overflow, replay, heartbeat or test.' },
  { name: 'EventReason', type: 'String', length: 1023, origin: 'bridge', of: 'event', description: 'EventKind, and for an update what changed, for a new one that a filter kept out before what let it through.', arcsight: [{ field: 'reason', as: 'text' }] },
  { name: 'EventClassId', type: 'String', length: 1023, origin: 'bridge', of: 'event', description: 'defender:<evidence family>:<category>, both closed lists.', arcsight: [{ field: 'deviceEventClassId', as: 'text' }] },
  { name: 'EventExternalId', type: 'String', length: 40, origin: 'bridge', of: 'event', description: 'AlertId when it fits 40 characters, else 23 characters, ~ and 16 hex digits of its SHA-256.', arcsight: [{ field: 'externalId', as: 'text' }] },
  { name: 'EndTimeMs', type: 'Long', length: 'id', origin: 'bridge', of: 'event', description: 'End of the event (epoch ms): last activity for new (last update where a filter kept it out before), last update for update, stored time for the rest.', arcsight: [{ field: 'endTime', as: 'time' }] },
  { name: 'TenantId', type: 'String', length: 'id', origin: 'bridge', of: 'event', description: 'Entra tenant id.' },
  { name: 'TenantName', type: 'String', length: 1023, origin: 'bridge', of: 'event', description: 'Name of the tenant in the configuration.', arcsight: [{ field: 'deviceFacility', as: 'text' }] },
  { name: 'MappingVersion', type: 'Integer', length: 'id', origin: 'bridge', of: 'event', description: 'Version of this table that rendered the event.', arcsight: [{ field: 'flexNumber1', as: 'number', label: 'Mapping Version' }] },

  // ---- the alert ----
  { name: 'AlertId', type: 'String', length: 'id', origin: 'documented', of: 'alert', description: "Microsoft's id of the alert." },
  { name: 'FullId', type: 'String', length: 'id', origin: 'documented', of: 'event', description: 'AlertId:DetectionId, unique key of a detection.' },
  { name: 'AlertTime', type: 'String', length: 'id', origin: 'documented', of: 'alert', description: 'Creation time of the alert (ISO-8601, seven digits); from the SIEM API the time of the event. Where Microsoft gives none: its first activity, else its last update.' },
  {
    name: 'AlertTimeMs',
    type: 'Long',
    length: 'id',
    origin: 'bridge',
    of: 'alert',
    description: 'AlertTime as epoch ms.',
    arcsight: [
      { field: 'deviceCustomDate1', as: 'time', label: 'Alert Time' },
      { field: 'deviceReceiptTime', as: 'time', receiptTime: 'alert' },
    ],
  },
  { name: 'FirstActivityMs', type: 'Long', length: 'id', origin: 'bridge', of: 'alert', description: 'First activity of the alert (epoch ms).', arcsight: [{ field: 'startTime', as: 'time' }] },
  { name: 'LastActivityMs', type: 'Long', length: 'id', origin: 'bridge', of: 'alert', description: 'Last activity of the alert (epoch ms).' },
  { name: 'LastUpdateMs', type: 'Long', length: 'id', origin: 'bridge', of: 'alert', description: 'Last change of the alert at Microsoft (epoch ms).' },
  { name: 'LastProcessedTimeUtc', type: 'String', length: 'id', origin: 'documented', of: 'alert', description: "Last activity, as Microsoft's migration table maps it (ISO-8601); from the SIEM API the time of processing." },
  { name: 'AlertTitle', type: 'String', length: 512, origin: 'documented', of: 'alert', description: 'Title.', arcsight: [{ field: 'name', as: 'text' }] },
  { name: 'Description', type: 'String', length: 1023, origin: 'documented', of: 'alert', description: 'Description.', arcsight: [{ field: 'message', as: 'text' }] },
  { name: 'Severity', type: 'String', length: 63, origin: 'documented', of: 'alert', description: 'High, Medium, Low, Informational or UnSpecified.', arcsight: [{ field: 'deviceSeverity', as: 'text' }] },
  { name: 'Category', type: 'String', length: 1023, origin: 'documented', of: 'alert', description: 'Category as Microsoft spells it.', arcsight: [{ field: 'deviceEventCategory', as: 'text' }] },
  { name: 'Source', type: 'String', length: 1023, origin: 'documented', of: 'alert', description: 'Detection source.', arcsight: [{ field: 'sourceServiceName', as: 'text' }] },
  { name: 'ServiceSource', type: 'String', length: 1023, origin: 'bridge', of: 'alert', description: 'Microsoft product that raised the alert.' },
  { name: 'Status', type: 'String', length: 63, origin: 'bridge', of: 'alert', description: 'new, inProgress or resolved.' },
  { name: 'Classification', type: 'String', length: 63, origin: 'bridge', of: 'alert', description: "Analyst's classification; absent while unknown." },
  { name: 'Determination', type: 'String', length: 63, origin: 'bridge', of: 'alert', description: "Analyst's determination; absent while unknown." },
  { name: 'AssignedTo', type: 'String', length: 1023, origin: 'bridge', of: 'alert', description: 'Owner of the alert.' },
  { name: 'IncidentId', type: 'Long', length: 'id', origin: 'bridge', of: 'alert', description: 'Incident number.', arcsight: [{ field: 'deviceCustomNumber3', as: 'number', label: 'Incident ID' }] },
  { name: 'MitreTechniques', type: 'String', length: 1023, origin: 'bridge', of: 'alert', description: 'ATT&CK techniques, "; " separated.', arcsight: [{ field: 'flexString2', as: 'text', label: 'MITRE Techniques' }] },
  { name: 'Actor', type: 'String', length: 4000, origin: 'documented', of: 'alert', description: 'Activity group.', arcsight: [{ field: 'deviceCustomString4', as: 'text', label: 'Actor' }] },
  { name: 'ThreatName', type: 'String', length: 4000, origin: 'documented', of: 'alert', description: 'Threat.', arcsight: [{ field: 'deviceCustomString1', as: 'text', label: 'Threat Name' }] },
  { name: 'ThreatFamily', type: 'String', length: 1023, origin: 'documented', of: 'alert', description: 'Threat family.' },
  { name: 'ThreatCategory', type: 'String', length: 1023, origin: 'documented', of: 'alert', description: "ATT&CK techniques, as Microsoft's migration table maps it; from the SIEM API the category of the malware." },
  { name: 'IoaDefinitionId', type: 'String', length: 'id', origin: 'documented', of: 'alert', description: 'Detector id.' },
  { name: 'LinkToWDATP', type: 'String', length: 1023, origin: 'documented', of: 'alert', description: 'Link to the alert in the portal.', arcsight: [{ field: 'flexString1', as: 'text', label: 'Link To Alert' }] },
  { name: 'LinkToMTP', type: 'String', length: 1023, origin: 'documented', of: 'alert', description: 'The same link under its later name.' },
  { name: 'IncidentLinkToWDATP', type: 'String', length: 1023, origin: 'documented', of: 'alert', description: 'Link to the incident in the portal.' },
  { name: 'IncidentLinkToMTP', type: 'String', length: 1023, origin: 'documented', of: 'alert', description: 'The same link under its later name.' },

  // ---- the evidence item ----
  { name: 'EvidenceType', type: 'String', length: 63, origin: 'bridge', of: 'item', description: "Microsoft's evidence type without prefix and suffix, for example process." },
  { name: 'EvidenceRoles', type: 'String', length: 1023, origin: 'bridge', of: 'item', description: 'Roles of the evidence, "; " separated.' },
  { name: 'EvidenceDetails', type: 'String', length: 4000, origin: 'bridge', of: 'item', description: 'name=value pairs of evidence that has no field of its own, "; " separated.' },
  { name: 'Verdict', type: 'String', length: 63, origin: 'bridge', of: 'item', description: 'Verdict on the evidence; absent while unknown.' },
  { name: 'RemediationAction', type: 'String', length: 63, origin: 'documented', of: 'item', description: 'What was done; absent while nothing was.', arcsight: [{ field: 'deviceAction', as: 'text' }] },
  { name: 'RemediationIsSuccess', type: 'Integer', length: 'id', origin: 'documented', of: 'item', description: '1 remediated, 0 not; absent while not yet known.', arcsight: [{ field: 'deviceCustomNumber2', as: 'number', label: 'Remediation Is Success' }] },
  { name: 'WasExecutingWhileDetected', type: 'Integer', length: 'id', origin: 'documented', of: 'item', description: '1 it was running when detected, 0 it was stopped before; absent when not known.', arcsight: [{ field: 'deviceCustomNumber1', as: 'number', label: 'Was Executing While Detected' }] },
  { name: 'FileName', type: 'String', length: 1023, origin: 'documented', of: 'item', description: 'File or image name.', arcsight: [{ field: 'fileName', as: 'text' }] },
  { name: 'FilePath', type: 'String', length: 1023, origin: 'documented', of: 'item', description: 'Full path with the file name.', arcsight: [{ field: 'filePath', as: 'text' }] },
  { name: 'Sha1', type: 'String', length: 255, origin: 'documented', of: 'item', description: 'SHA-1 of the file.', arcsight: [{ field: 'fileHash', as: 'text' }] },
  { name: 'Sha256', type: 'String', length: 4000, origin: 'documented', of: 'item', description: 'SHA-256 of the file.', arcsight: [{ field: 'deviceCustomString6', as: 'text', label: 'SHA-256' }] },
  { name: 'Md5', type: 'String', length: 4000, origin: 'documented', of: 'item', description: 'MD5 of the file.', arcsight: [{ field: 'deviceCustomString5', as: 'text', label: 'MD5' }] },
  { name: 'FileHash', type: 'String', length: 255, origin: 'documented', of: 'item', description: 'Equals Sha1.' },
  { name: 'CommandLine', type: 'String', length: 4000, origin: 'documented', of: 'item', description: 'Command line of the process.', arcsight: [{ field: 'deviceCustomString3', as: 'text', label: 'Command Line' }] },
  { name: 'ProcessId', type: 'Long', length: 'id', origin: 'bridge', of: 'item', description: 'Process id.' },
  { name: 'ProcessTime', type: 'String', length: 'id', origin: 'bridge', of: 'item', description: 'Creation time of the process (ISO-8601).' },
  { name: 'ParentProcessId', type: 'Long', length: 'id', origin: 'bridge', of: 'item', description: 'Parent process id.' },
  { name: 'ParentFileName', type: 'String', length: 1023, origin: 'bridge', of: 'item', description: 'Image name of the parent process.' },
  { name: 'ParentFilePath', type: 'String', length: 1023, origin: 'bridge', of: 'item', description: 'Full path of the parent image.' },
  {
    name: 'IpAddress',
    type: 'String',
    length: 'id',
    origin: 'documented',
    of: 'item',
    description: 'Remote address.',
    arcsight: [
      { field: 'sourceAddress', as: 'ipv4' },
      { field: 'deviceCustomIPv6Address2', as: 'ipv6', label: 'Source IPv6 Address' },
    ],
  },
  { name: 'Url', type: 'String', length: 1023, origin: 'documented', of: 'item', description: 'Remote URL or host.', arcsight: [{ field: 'requestUrl', as: 'text' }] },

  // ---- the user ----
  {
    name: 'UserName',
    type: 'String',
    length: 1023,
    origin: 'documented',
    of: 'user',
    description: 'Acting user.',
    arcsight: [
      { field: 'sourceUserName', as: 'text', layout: 'microsoft' },
      { field: 'destinationUserName', as: 'text', layout: 'esm' },
    ],
  },
  {
    name: 'UserDomain',
    type: 'String',
    length: 255,
    origin: 'documented',
    of: 'user',
    description: 'Domain of the acting user.',
    arcsight: [
      { field: 'sourceNtDomain', as: 'text', layout: 'microsoft' },
      { field: 'destinationNtDomain', as: 'text', layout: 'esm' },
    ],
  },
  { name: 'UserPrincipalName', type: 'String', length: 1023, origin: 'bridge', of: 'user', description: 'User principal name.' },
  { name: 'UserSid', type: 'String', length: 255, origin: 'bridge', of: 'user', description: 'Security identifier of the user.' },

  // ---- the device ----
  { name: 'ComputerDnsName', type: 'String', length: 1023, origin: 'documented', of: 'device', description: 'Fully qualified name of the device.' },
  {
    name: 'MachineName',
    type: 'String',
    length: 1023,
    origin: 'documented',
    of: 'device',
    description: 'Host name of the device.',
    arcsight: [
      { field: 'sourceHostName', as: 'text', layout: 'microsoft' },
      { field: 'destinationHostName', as: 'text', layout: 'esm' },
    ],
  },
  {
    name: 'MachineDomain',
    type: 'String',
    length: 255,
    origin: 'documented',
    of: 'device',
    description: 'DNS domain of the device.',
    arcsight: [
      { field: 'sourceDnsDomain', as: 'text', layout: 'microsoft' },
      { field: 'destinationDnsDomain', as: 'text', layout: 'esm' },
    ],
  },
  { name: 'DeviceID', type: 'String', length: 255, origin: 'documented', of: 'device', description: 'Defender device id.', arcsight: [{ field: 'deviceExternalId', as: 'text' }] },
  { name: 'MachineGroup', type: 'String', length: 1023, origin: 'documented', of: 'device', description: 'Device group.' },
  { name: 'OsPlatform', type: 'String', length: 63, origin: 'bridge', of: 'device', description: 'Operating system.' },
  {
    name: 'LogOnUsers',
    type: 'String',
    length: 1023,
    origin: 'documented',
    of: 'device',
    description: 'Logged-on users, domain\\user, "; " separated.',
    arcsight: [
      { field: 'sourceUserId', as: 'text', layout: 'microsoft' },
      { field: 'destinationUserId', as: 'text', layout: 'esm' },
    ],
  },
  { name: 'InternalIPv4List', type: 'String', length: 1023, origin: 'documented', of: 'device', description: 'IPv4 addresses of the device, "; " separated.', arcsight: [{ field: 'destinationAddress', as: 'ipv4', layout: 'esm' }] },
  { name: 'InternalIPv6List', type: 'String', length: 1023, origin: 'documented', of: 'device', description: 'IPv6 addresses of the device, "; " separated.', arcsight: [{ field: 'deviceCustomIPv6Address3', as: 'ipv6', label: 'Destination IPv6 Address', layout: 'esm' }] },
  { name: 'DeviceCreatedMachineTags', type: 'String', length: 1023, origin: 'documented', of: 'device', description: 'Device tags, "; " separated. Graph does not say where a tag was set, so both tag rows carry it.' },
  { name: 'CloudCreatedMachineTags', type: 'String', length: 1023, origin: 'documented', of: 'device', description: 'Device tags, "; " separated.' },

  // ---- put on when a page is sent: always the last member ----
  { name: 'FeedTime', type: 'Long', length: 'id', origin: 'bridge', of: 'event', description: 'Page stamp (epoch ms): the same for every event of a page, unique per page of a connector.', arcsight: [{ field: 'deviceReceiptTime', as: 'time', receiptTime: 'feed' }] },
] as const satisfies readonly Field[];

type FieldOf<Owner> = Extract<(typeof FIELDS)[number], { readonly of: Owner }>['name'];
/** Names whose values come from Microsoft. */
export type FactName = FieldOf<'alert' | 'item' | 'device' | 'user'>;
/** Levels of ArcSight severity that a parser file can give (arcsight-parser 6). */
export type ArcSightLevel = 'veryhigh' | 'high' | 'medium' | 'low';

/** Names the bridge writes when it renders an event. */
export type EventFieldName = FieldOf<'event'>;

/** Constants of every event. Published by Microsoft for this connector (defender-api 1.5). */
export const ARCSIGHT_CONSTANTS = [
  { field: 'deviceVendor', value: 'Microsoft' },
  { field: 'deviceProduct', value: 'Microsoft Defender ATP' },
  { field: 'deviceVersion', value: '2.0' },
] as const;

/** ArcSight severity by Severity word; every word of the feed has a level (arcsight-parser 6). */
export const SEVERITY_MAP = [
  { level: 'high', words: ['High'] },
  { level: 'medium', words: ['Medium'] },
  { level: 'low', words: ['Low', 'Informational', 'UnSpecified'] },
] as const;

/**
 * Evidence types that describe where something happened rather than what: folded into every detection of the alert,
 * standing alone only where the alert has nothing else.
 */
export const CONTEXT_EVIDENCE: ReadonlySet<string> = new Set(['device', 'user', 'mailbox', 'securityGroup', 'kubernetesCluster', 'kubernetesNamespace']);
