import type { Emission, FactValue } from '../../src/domain/detection.ts';
import { factsHash } from '../../src/domain/digest.ts';

/** An emission, in the words that the truth is written in. */
export interface Told {
  readonly kind: string;
  readonly change: string;
  readonly detectionId: string;
  /** Of the thing it is about: what names it, by the emission's own fields. */
  readonly type: string;
  readonly name: string;
  /** Microsoft's own key of it, where the API has one. */
  readonly ioc: string;
  readonly device: string;
  /** `severity medium>high`, one each; none for what is new. */
  readonly changes: readonly string[];
  /** What an event about several things lists. */
  readonly listing: readonly string[];
  /** Of everything it says. */
  readonly hash: string;
}

export function toTold(emission: Emission): Told {
  const { facts, reason } = emission;
  const details = listOf(facts.EvidenceDetails);
  const type = textOf(facts.EvidenceType) || 'alert';
  const naming = NAMES[type];
  const isAboutThing = emission.family !== 'alert' || emission.kind === 'new';
  return {
    kind: emission.kind,
    change: emission.change,
    detectionId: emission.detectionId,
    type,
    name: isAboutThing && naming !== undefined ? naming(facts, details).join('|') : 'alert',
    ioc: detail('IocUniqueId')(facts, details).join(''),
    device: textOf(facts.DeviceID),
    changes: emission.kind === 'update' ? changesIn(reason) : [],
    listing: emission.kind === 'overflow' || !isAboutThing ? details : [],
    hash: factsHash([facts]),
  };
}

type Naming = (facts: Emission['facts'], details: readonly string[]) => readonly string[];

const detail =
  (...members: readonly string[]): Naming =>
  (_facts, details) =>
    members.map((member) => details.find((entry) => entry.startsWith(`${member}=`))?.slice(member.length + 1) ?? '');

/** The same values as the readers of Microsoft's JSON name a thing by. */
const NAMES: Readonly<Record<string, Naming>> = {
  process: ({ ProcessId, ProcessTime }) => [textOf(ProcessId), textOf(ProcessTime)],
  file: ({ Sha1, FileName }) => [textOf(Sha1), textOf(FileName)],
  ip: ({ IpAddress }) => [textOf(IpAddress)],
  url: ({ Url }) => [textOf(Url)],
  user: ({ UserSid }) => [textOf(UserSid)],
  device: ({ DeviceID }) => [textOf(DeviceID)],
  mailbox: detail('primaryAddress'),
  securityGroup: detail('securityGroupId'),
  analyzedMessage: detail('networkMessageId'),
  mailCluster: detail('urn'),
  cloudApplication: detail('appId'),
  oauthApplication: detail('appId'),
  cloudLogonSession: detail('sessionId'),
  azureResource: detail('resourceId'),
  kubernetesPod: detail('name'),
  networkConnection: detail('sourcePort', 'destinationAddress.ipAddress'),
  dns: ({ Url }) => [textOf(Url)],
  registryKey: detail('registryKey'),
  registryValue: detail('registryKey', 'registryValueName'),
};

/** `update: Severity Medium -> High; Status new -> inProgress`; nothing where no values are named. */
function changesIn(reason: string): readonly string[] {
  return reason
    .replace(/^update: /, '')
    .split('; ')
    .flatMap((text) => {
      const match = /^(\w+) (\S+) -> (\S+)$/.exec(text);
      return match === null ? [] : [changeText(match[1] ?? '', match[2] ?? '', match[3] ?? '')];
    })
    .toSorted();
}

export function changeText(name: string, before: string, after: string): string {
  return `${name} ${before === '' ? 'none' : before}>${after === '' ? 'none' : after}`.toLowerCase();
}

function listOf(value: FactValue | undefined): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

function textOf(value: FactValue | undefined): string {
  return value === undefined ? '' : String(value);
}
