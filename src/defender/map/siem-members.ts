import type { JsonObject } from '../schema.ts';

/** The documented fields of a detection (defender-api 1.4). */
const MEMBERS = [
  'Actor',
  'AlertId',
  'AlertPart',
  'AlertTime',
  'AlertTitle',
  'Category',
  'CloudCreatedMachineTags',
  'CommandLine',
  'ComputerDnsName',
  'CreatorIocName',
  'CreatorIocValue',
  'Description',
  'DeviceCreatedMachineTags',
  'DeviceID',
  'ExternalId',
  'FileHash',
  'FileName',
  'FilePath',
  'FullId',
  'IncidentLinkToMTP',
  'IncidentLinkToWDATP',
  'InternalIPv4List',
  'InternalIPv6List',
  'IoaDefinitionId',
  'IocName',
  'IocUniqueId',
  'IocValue',
  'IpAddress',
  'LastProcessedTimeUtc',
  'LinkToMTP',
  'LinkToWDATP',
  'LogOnUsers',
  'MachineDomain',
  'MachineGroup',
  'MachineName',
  'Md5',
  'RemediationAction',
  'RemediationIsSuccess',
  'ReportID',
  'Severity',
  'Sha1',
  'Sha256',
  'Source',
  'ThreatCategory',
  'ThreatFamily',
  'ThreatName',
  'Url',
  'UserDomain',
  'UserName',
  'WasExecutingWhileDetected',
] as const;

export type SiemMember = (typeof MEMBERS)[number];

/** Other spellings than of capitals: the 2018 page, and the migration table. */
const ALIASES: Readonly<Record<string, SiemMember>> = {
  ioadefinitiondid: 'IoaDefinitionId',
  threatfamilyname: 'ThreatFamily',
};

const NAMES: ReadonlyMap<string, string> = new Map([
  ...MEMBERS.map((name) => [name.toLowerCase(), name] as const),
  ...Object.entries(ALIASES),
]);

/** The detection under the documented names, however its members are spelled: `ReportId`, `IPAddress`, `InternalIPV4List`. */
export function siemMembers(detection: JsonObject): JsonObject {
  const members: Record<string, unknown> = {};
  for (const [spelled, value] of Object.entries(detection)) {
    const name = NAMES.get(spelled.toLowerCase());
    if (name !== undefined && isFilled(value)) members[name] = value;
  }
  return members;
}

/** null, "" and a missing member are the same (defender-api 1.4); the text "null" too, as in the other APIs (3). */
function isFilled(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '' && value !== 'null';
}
