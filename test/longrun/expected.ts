import type { Snapshot, Thing } from './snapshot.ts';
import { changeText } from './told.ts';

/** What one state of an alert has to be told of, after those before it. */
export interface Expected {
  /** Things never seen before, in no order. */
  readonly fresh: readonly Thing[];
  /** How many of them get an event of their own; the others are told of together. */
  readonly room: number;
  readonly alertChanges: readonly string[];
  /** By thing. */
  readonly changes: ReadonlyMap<string, readonly string[]>;
}

/** Past so many an alert folds the rest into one event (design: Domain). */
const MOST_DETECTIONS = 100;

export interface Expectations {
  /** Takes the states of one alert in the order in which they were seen. */
  next(snapshot: Snapshot): Expected;
}

/** Follows one alert by the rules of the design. */
export function createExpectations(): Expectations {
  const known = new Map<string, Thing>();
  const images = new Set<string>();
  let last: Snapshot | null = null;
  return {
    next(snapshot) {
      for (const image of snapshot.images) images.add(image);
      const isKnown = (thing: Thing) =>
        known.has(keyOf(thing)) || (thing.type === 'file' && images.has(thing.file ?? ''));
      const fresh = snapshot.things.filter((thing) => !isKnown(thing));
      const room = Math.max(0, MOST_DETECTIONS - known.size);
      const changes = new Map<string, readonly string[]>();
      for (const thing of snapshot.things) {
        const before = known.get(keyOf(thing));
        const changed = before === undefined ? [] : changesOf(before, thing);
        if (changed.length > 0) changes.set(keyOf(thing), changed);
        if (before !== undefined || fresh.includes(thing)) known.set(keyOf(thing), thing);
      }
      const alertChanges = last === null ? [] : alertChangesOf(last, snapshot);
      last = snapshot;
      return { fresh, room: Math.min(room, fresh.length), alertChanges, changes };
    },
  };
}

export function keyOf({ type, name }: Pick<Thing, 'type' | 'name'>): string {
  return `${type} ${name}`;
}

function changesOf(before: Thing, after: Thing): readonly string[] {
  return [
    ...(before.remediation === after.remediation
      ? []
      : [changeText('remediationaction', before.remediation, after.remediation)]),
    ...(before.verdict === after.verdict ? [] : [changeText('verdict', before.verdict, after.verdict)]),
  ].toSorted();
}

function alertChangesOf({ significant: before }: Snapshot, { significant: after }: Snapshot): readonly string[] {
  return Object.keys(after)
    .filter((name) => before[name] !== after[name])
    .map((name) => changeText(name, before[name] ?? '', after[name] ?? ''))
    .toSorted();
}
