import type { AlertRecord, Detection, Evidence, Facts } from './detection.ts';
import { factsHash } from './digest.ts';
import { CONTEXT_EVIDENCE, FIELDS } from './fields.ts';
import { agree, isNamed } from './natural-key.ts';

export interface Folded {
  /** One per actionable evidence item, alert, device and user folded in. */
  readonly detections: readonly Detection[];
  /** The alert with its device and user: what an event about the alert as a whole carries. */
  readonly alertFacts: Facts;
  /** Details of the alert and its context that make a change when they change. */
  readonly alertOwn: readonly Facts[];
}

/** An alert as detections (Microsoft: one suspicious event on a machine plus the details of its alert). */
export function fold(alert: AlertRecord): Folded {
  const identified = latest(alert.evidence.filter(({ id }) => id !== undefined));
  const others = alert.evidence.filter(({ id }) => id === undefined);
  const context = distinct(others.filter(({ type }) => CONTEXT_EVIDENCE.has(type)));
  const items = [...identified, ...distinct(joinImages(others.filter(({ type }) => !CONTEXT_EVIDENCE.has(type))))];
  const standing = items.length > 0 ? items : standAlone(context);
  const detections = standing.map((item) => toDetection(alert, item, context));
  return {
    detections: detections.length > 0 ? detections : [bareAlert(alert)],
    alertFacts: {
      ...alert.facts,
      ...subjects(identified),
      ...contextFacts(undefined, context),
      ...userFacts(undefined, context),
    },
    alertOwn: [withoutTimes(alert.facts), ...context.map(({ facts }) => facts)],
  };
}

/**
 * What has a key of Microsoft's own is a detection as it is: never context, never another's image, never the same as one
 * with another key. Of one key the state that was processed last.
 */
function latest(identified: readonly Evidence[]): readonly Evidence[] {
  if (identified.length < 2) return identified;
  const byId = new Map<string | undefined, Evidence>();
  for (const item of identified) {
    const other = byId.get(item.id);
    if (other === undefined || (item.processedAt ?? '') > (other.processedAt ?? '')) byId.set(item.id, item);
  }
  return [...byId.values()];
}

/** Device and user of the detection that was processed last: such a record names them nowhere else. */
function subjects(identified: readonly Evidence[]): Facts {
  if (identified.length === 0) return {};
  const [last] = identified.toSorted((a, b) => ((a.processedAt ?? '') > (b.processedAt ?? '') ? -1 : 1));
  const facts = { ...last?.facts, ...last?.telemetry };
  return { ...onlyOf('device', facts), ...onlyOf('user', facts) };
}

function toDetection(alert: AlertRecord, item: Evidence, context: readonly Evidence[]): Detection {
  const others = context.filter((evidence) => evidence !== item);
  return {
    ...(item.id !== undefined && { id: item.id }),
    ...(item.processedAt !== undefined && { processedAt: item.processedAt }),
    type: item.type,
    family: item.family,
    key: item.key,
    ...(item.image && { image: item.image }),
    ...(item.deviceId && { deviceId: item.deviceId }),
    createdAt: item.createdAt,
    own: item.facts,
    facts: {
      ...alert.facts,
      ...contextFacts(item, others),
      ...userFacts(item, others),
      ...item.facts,
      ...item.telemetry,
      ...details(item, others),
    },
  };
}

/** An alert without any evidence is still an event. */
function bareAlert(alert: AlertRecord): Detection {
  return { type: 'alert', family: 'alert', key: [], createdAt: null, own: {}, facts: alert.facts };
}

/** The device the evidence names, else the only one, else the first attacked or compromised one. */
function contextFacts(item: Evidence | undefined, context: readonly Evidence[]): Facts {
  if (item?.type === 'device') return {};
  const devices = context.filter(({ type }) => type === 'device');
  const named = devices.find(({ deviceId }) => deviceId !== undefined && deviceId === item?.deviceId);
  const device = named ?? oneOf(devices);
  return onlyOf('device', { ...device?.facts, ...device?.telemetry });
}

/** The user the evidence names itself, else the only one of the alert, else the first attacked or compromised one. */
function userFacts(item: Evidence | undefined, context: readonly Evidence[]): Facts {
  if (item?.facts.UserName !== undefined || item?.facts.UserPrincipalName !== undefined) return {};
  const users = context.filter(({ type }) => type === 'user');
  return onlyOf(
    'user',
    oneOf(users.length > 0 ? users : context.filter(({ type }) => type === 'mailbox'))?.facts ?? {},
  );
}

/** Roles, verdict and remediation of a device or user are its own: they say nothing about the item it is folded into. */
function onlyOf(owner: 'device' | 'user', facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => NAMES[owner].has(name)));
}

const NAMES: Readonly<Record<'device' | 'user', ReadonlySet<string>>> = {
  device: namesOf('device'),
  user: namesOf('user'),
};

function namesOf(owner: 'device' | 'user'): ReadonlySet<string> {
  return new Set(FIELDS.filter((field) => field.of === owner).map(({ name }) => name));
}

function oneOf(evidence: readonly Evidence[]): Evidence | undefined {
  if (evidence.length === 1) return evidence[0];
  return evidence.find(({ roles }) => roles.includes('attacked') || roles.includes('compromised'));
}

/** Details of the item, then of context that has no fields of its own (groups, clusters). */
function details(item: Evidence, context: readonly Evidence[]): Facts {
  const lists = [item, ...context.filter(({ type }) => type !== 'device' && type !== 'user')];
  const all = lists.flatMap(({ facts }) => facts.EvidenceDetails ?? []).map(String);
  return all.length > 0 ? { EvidenceDetails: all } : {};
}

/** Without actionable evidence the people stand alone with their device, else the devices. */
function standAlone(context: readonly Evidence[]): readonly Evidence[] {
  const people = context.filter(({ type }) => type !== 'device');
  return people.length > 0 ? people : context;
}

/** A process and its image file are one item: the file fills what the process leaves open. */
function joinImages(items: readonly Evidence[]): readonly Evidence[] {
  const processes = items.filter(({ image }) => image !== undefined);
  const files = items.filter(({ type }) => type === 'file');
  if (processes.length === 0 || files.length === 0) return items;
  const joined = new Set<Evidence>();
  const filled = items.map((item) => {
    const { image } = item;
    if (image === undefined) return item;
    const own = files.filter((file) => agree(image, file.key, file.deviceId));
    for (const file of own) joined.add(file);
    return own.length === 0 ? item : { ...item, facts: { ...together(own), ...item.facts } };
  });
  return filled.filter((item) => !joined.has(item));
}

/** Microsoft repeats evidence now and then, once more and once less filled: the same thing twice is one item. */
function distinct(items: readonly Evidence[]): readonly Evidence[] {
  if (items.length < 2) return items;
  const groups = new Map<string, Evidence[]>();
  for (const item of items) {
    const id = isNamed(item.key) ? [item.type, item.key] : [item.type, item.createdAt, factsHash([item.facts])];
    groups.set(JSON.stringify(id), [...(groups.get(JSON.stringify(id)) ?? []), item]);
  }
  const merged = [...groups.values()].flatMap(([first, ...again]) =>
    first === undefined ? [] : [again.length === 0 ? first : { ...first, facts: together([first, ...again]) }],
  );
  const fuller = new Map<Evidence, Evidence>();
  for (const item of merged) {
    const [full, ...others] = item.key.includes('') ? merged.filter((other) => isPartOf(item, other)) : [];
    if (full !== undefined && others.length === 0) fuller.set(item, full);
  }
  return merged
    .filter((item) => !fuller.has(item))
    .map((item) => {
      const parts = [...fuller].flatMap(([bare, full]) => (full === item ? [bare] : []));
      return parts.length === 0 ? item : { ...item, facts: { ...together(parts), ...item.facts } };
    });
}

/** A bare sight of the same thing: nothing in it that the other does not say too. */
function isPartOf(bare: Evidence, full: Evidence): boolean {
  return (
    bare.type === full.type &&
    bare.key.every((part, index) => part === '' || part === full.key[index]) &&
    bare.key.some((part, index) => part !== full.key[index]) &&
    agree(bare.key, full.key, bare.deviceId)
  );
}

/** Facts of several sights of one thing, the latest last; the order of the list must not decide. */
function together(sights: readonly Evidence[]): Facts {
  const rank = ({ createdAt, facts }: Evidence) => `${createdAt ?? ''} ${factsHash([facts])}`;
  const ordered = sights.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return Object.assign({}, ...ordered.map(({ facts }) => facts)) as Facts;
}

/** The update time moves with every change and makes none of its own. */
function withoutTimes(facts: Facts): Facts {
  const { LastUpdateMs: _updated, ...rest } = facts;
  return rest;
}
