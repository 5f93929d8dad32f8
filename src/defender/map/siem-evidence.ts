import type { Evidence, Facts } from '../../domain/detection.ts';
import type { EvidenceFamily } from '../../domain/event-class.ts';
import type { Instant } from '../../domain/instant.ts';
import { flag, instant, type JsonObject, text } from '../schema.ts';
import { epochMs } from './epoch-ms.ts';
import { deviceFacts, fileFacts, fileKey, processKey } from './evidence-facts.ts';
import { type DraftFacts, knownFacts } from './known-facts.ts';
import { keyPartAt } from './natural-key-part.ts';
import type { SiemMember } from './siem-members.ts';

/**
 * One detection as one piece of evidence. `members` are those of `siemMembers`. All that belongs to the detection is the
 * item's own, its time and device too: detections of one alert come from different moments.
 */
export function toSiemEvidence(members: JsonObject, id: string, processedAt: Instant): Evidence {
  const kind = KINDS.find(({ applies }) => applies(members)) ?? WHOLE_ALERT;
  const deviceId = text(members, 'DeviceID');
  return {
    id,
    processedAt,
    type: kind.type,
    family: kind.family,
    key: kind.key(members),
    createdAt: instant(members, 'AlertTime') ?? null,
    ...(deviceId !== undefined && { deviceId }),
    roles: [],
    facts: knownFacts({ ...detectionFacts(members), ...thingFacts(members), EvidenceType: kind.type }),
    telemetry: telemetry(members, processedAt),
  };
}

interface Kind {
  readonly type: string;
  readonly family: EvidenceFamily;
  readonly applies: (members: JsonObject) => boolean;
  /** In the order of Graph's own key for the type. */
  readonly key: (members: JsonObject) => readonly string[];
}

const WHOLE_ALERT: Kind = { type: 'alert', family: 'alert', applies: () => true, key: () => [] };

/**
 * What a detection is about, the first that fits. The API does not say it; inferred from when each field is filled
 * (defender-api 1.4: a detector id or an acting user means behaviour, so the file is that of a process).
 */
const KINDS: readonly Kind[] = [
  { type: 'process', family: 'process', applies: isProcess, key: (members) => processKey(inGraphShape(members)) },
  {
    type: 'file',
    family: 'file',
    applies: isFile,
    key: (members) => fileKey(text(members, 'DeviceID'), file(members)),
  },
  {
    type: 'ip',
    family: 'ip',
    applies: (members) => has(members, 'IpAddress'),
    key: (members) => [keyPartAt(members, 'IpAddress')],
  },
  {
    type: 'url',
    family: 'url',
    applies: (members) => has(members, 'Url'),
    key: (members) => [keyPartAt(members, 'Url')],
  },
  {
    type: 'user',
    family: 'user',
    applies: (members) => has(members, 'UserName'),
    key: (members) => ['', '', '', keyPartAt(members, 'UserDomain'), keyPartAt(members, 'UserName')],
  },
];

function isProcess(members: JsonObject): boolean {
  if (has(members, 'CommandLine')) return true;
  const isBehaviour = has(members, 'IoaDefinitionId', 'UserName') || flag(members, 'WasExecutingWhileDetected') === 1;
  return isBehaviour && isFile(members);
}

function isFile(members: JsonObject): boolean {
  return has(members, 'FileName', 'FilePath', 'Sha1', 'Sha256', 'Md5', 'FileHash');
}

function has(members: JsonObject, ...names: readonly SiemMember[]): boolean {
  return names.some((name) => text(members, name) !== undefined);
}

function inGraphShape(members: JsonObject): JsonObject {
  return {
    mdeDeviceId: members['DeviceID'],
    imageFile: file(members),
    processCommandLine: members['CommandLine'],
  };
}

function file(members: JsonObject): JsonObject {
  return {
    fileName: members['FileName'],
    filePath: members['FilePath'],
    sha1: members['Sha1'],
    sha256: members['Sha256'],
    md5: members['Md5'],
  };
}

function detectionFacts(members: JsonObject): DraftFacts {
  const time = instant(members, 'AlertTime');
  return {
    AlertTime: time,
    AlertTimeMs: epochMs(time),
    // AlertTime is when it happened; a detection is one event (defender-api 1.1, 1.4).
    FirstActivityMs: epochMs(time),
    LastActivityMs: epochMs(time),
    Source: text(members, 'Source'),
    IoaDefinitionId: text(members, 'IoaDefinitionId'),
    ThreatName: text(members, 'ThreatName'),
    ThreatFamily: text(members, 'ThreatFamily'),
    ThreatCategory: text(members, 'ThreatCategory'),
    RemediationAction: text(members, 'RemediationAction'),
    RemediationIsSuccess: flag(members, 'RemediationIsSuccess'),
    WasExecutingWhileDetected: flag(members, 'WasExecutingWhileDetected'),
    EvidenceDetails: WITHOUT_FIELD.flatMap((name) => detail(name, members[name])),
  };
}

/** Obsolete, or without a successor (defender-api 2): readable, but no field of their own. */
const WITHOUT_FIELD = [
  'IocName',
  'IocValue',
  'CreatorIocName',
  'CreatorIocValue',
  'IocUniqueId',
  'AlertPart',
  'ReportID',
  'ExternalId',
] as const satisfies readonly SiemMember[];

function detail(name: string, value: unknown): readonly string[] {
  return typeof value === 'string' || typeof value === 'number' ? [`${name}=${value}`] : [];
}

function thingFacts(members: JsonObject): DraftFacts {
  const fromFile = fileFacts(file(members));
  return {
    ...fromFile,
    FileHash: text(members, 'FileHash') ?? fromFile.FileHash,
    CommandLine: text(members, 'CommandLine'),
    IpAddress: text(members, 'IpAddress'),
    Url: text(members, 'Url'),
    UserName: text(members, 'UserName'),
    UserDomain: text(members, 'UserDomain'),
    ...deviceFacts({
      deviceDnsName: members['ComputerDnsName'],
      hostName: members['MachineName'],
      dnsDomain: members['MachineDomain'],
      mdeDeviceId: members['DeviceID'],
      rbacGroupName: members['MachineGroup'],
    }),
    DeviceCreatedMachineTags: text(members, 'DeviceCreatedMachineTags'),
    CloudCreatedMachineTags: text(members, 'CloudCreatedMachineTags'),
  };
}

/** Of the moment of processing: a detection that is only processed again has not changed. */
function telemetry(members: JsonObject, processedAt: Instant): Facts {
  return knownFacts({
    LastProcessedTimeUtc: processedAt,
    LastUpdateMs: epochMs(processedAt),
    LogOnUsers: split(text(members, 'LogOnUsers')),
    InternalIPv4List: split(text(members, 'InternalIPv4List')),
    InternalIPv6List: split(text(members, 'InternalIPv6List')),
  });
}

/** Addresses are separated by ", " and users by "; " (defender-api 1.4); neither holds the other's separator. */
function split(joined: string | undefined): readonly string[] {
  return (joined ?? '')
    .split(/[,;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
