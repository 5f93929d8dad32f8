import { createExpectations, type Expected, keyOf } from './expected.ts';
import type { Snapshot } from './snapshot.ts';
import type { StoredRecord } from './stored.ts';
import type { Told } from './told.ts';
import type { History } from './witness.ts';

export interface Discrepancy {
  readonly alertId: string;
  readonly kind: 'missing' | 'twice' | 'wrong';
  readonly what: string;
}

type Finding = Omit<Discrepancy, 'alertId'>;

/** Holds what is stored of an alert against what was seen of it, state by state. For APIs that give alerts as a whole. */
export function judgeAlert({ sightings }: History, stored: readonly StoredRecord[]): readonly Finding[] {
  const findings: Finding[] = [];
  const expectations = createExpectations();
  const told = new Map<string, string>();
  let at = 0;
  for (const { snapshot, version } of sightings) {
    const expected = expectations.next(snapshot);
    const found = stored.findIndex((record, index) => index >= at && record.snapshot?.digest === snapshot.digest);
    if (found < 0) {
      findings.push({ kind: 'missing', what: `the version ${version} is not stored` });
      continue;
    }
    for (; at < found; at += 1)
      findings.push({ kind: 'twice', what: `record ${at} is none of what was shown, or is there again` });
    at = found + 1;
    const record = stored[found];
    if (record !== undefined) findings.push(...judgeRecord(record, snapshot, expected, told));
  }
  for (; at < stored.length; at += 1)
    findings.push({ kind: 'twice', what: `record ${at} is stored beyond what was shown` });
  return findings;
}

/** @param told DetectionId by thing */
function judgeRecord(
  { told: emissions }: StoredRecord,
  snapshot: Snapshot,
  expected: Expected,
  told: Map<string, string>,
): readonly Finding[] {
  const significant = emissions.filter(({ change }) => change !== 'other');
  const fresh = significant.filter(({ kind }) => kind === 'new');
  const overflows = significant.filter(({ kind }) => kind === 'overflow');
  const updates = significant.filter(({ kind }) => kind === 'update');
  return [
    ...judgeFresh(fresh, overflows, snapshot, expected, told),
    ...judgeUpdates(updates, expected, told),
    ...(fresh.length + overflows.length + updates.length === significant.length ? [] : [wrong('an event of no kind')]),
  ];
}

function judgeFresh(
  fresh: readonly Told[],
  overflows: readonly Told[],
  { devices }: Snapshot,
  expected: Expected,
  told: Map<string, string>,
): readonly Finding[] {
  const findings: Finding[] = [];
  const waiting = new Map(expected.fresh.map((thing) => [keyOf(thing), thing]));
  for (const emission of fresh) {
    const key = keyOf(emission);
    if (!waiting.delete(key)) findings.push({ kind: 'twice', what: `${key} is told as new once too often` });
    told.set(key, emission.detectionId);
    const [device, ...others] = devices;
    if (device !== undefined && others.length === 0 && emission.device !== device)
      findings.push(wrong(`${key} is told without its device`));
  }
  const beyond = expected.fresh.length - expected.room;
  if (waiting.size !== beyond)
    findings.push({ kind: 'missing', what: `not told as new: ${[...waiting.keys()].slice(0, 3).join(', ')}` });
  if (overflows.length !== Math.min(1, beyond)) findings.push(wrong(`${overflows.length} overflow events`));
  const listed = new Set(overflows.flatMap(({ listing }) => listing));
  const unlisted = [...waiting.values()].filter(({ type, name }) => beyond > 0 && !isListed(listed, type, name));
  if (unlisted.length > 0) findings.push({ kind: 'missing', what: `not in the overflow: ${unlisted[0]?.name ?? ''}` });
  return findings;
}

function isListed(listed: ReadonlySet<string>, type: string, name: string): boolean {
  const parts = name.toLowerCase().split('|');
  return [...listed].some((entry) => entry.startsWith(`${type}=`) && parts.every((part) => entry.includes(part)));
}

function judgeUpdates(
  updates: readonly Told[],
  expected: Expected,
  told: ReadonlyMap<string, string>,
): readonly Finding[] {
  const waiting = new Map<string, string>();
  if (expected.alertChanges.length > 0) waiting.set('alert', expected.alertChanges.join('; '));
  const beyond = new Set<string>();
  for (const [key, changes] of expected.changes) {
    if (told.has(key)) waiting.set(key, changes.join('; '));
    else for (const change of changes) beyond.add(change);
  }
  if (beyond.size > 0) waiting.set('beyond', [...beyond].toSorted().join('; '));
  const findings: Finding[] = [];
  for (const update of updates) {
    const key = aboutOf(update, told);
    const text = update.changes.join('; ');
    if (waiting.get(key) === text) waiting.delete(key);
    else findings.push({ kind: 'twice', what: `update of ${key} that nobody expects: ${text}` });
  }
  for (const [key, text] of waiting) findings.push({ kind: 'missing', what: `no update of ${key}: ${text}` });
  return findings;
}

/** An item's update must bear the DetectionId that the item was told as new with. */
function aboutOf(update: Told, told: ReadonlyMap<string, string>): string {
  const key = keyOf(update);
  if (told.get(key) === update.detectionId) return key;
  const isAboutItems = update.changes.some((change) => /^(verdict|remediationaction) /.test(change));
  return isAboutItems ? 'beyond' : 'alert';
}

function wrong(what: string): Finding {
  return { kind: 'wrong', what };
}
