import { type CatchUp, estimateCatchUp, type Remaining } from '../domain/catch-up-estimate.ts';

/** Watches how what is left of many things becomes less, from one look at the status page to the next. */
export interface Pace {
  /** Notes how much is left of a thing now, and answers when nothing will be left. */
  note(thing: string, now: Remaining): CatchUp;
}

/** The pace of the last minutes is the one that counts. */
const REMEMBERED_MS = 600_000;
/** Of one thing; looks in between are left out. */
const MOST_LOOKS = 60;
const MOST_THINGS = 2000;

/** In memory: after a restart, and where nobody has looked for long, it begins anew. */
export function createPace(): Pace {
  const seen = new Map<string, readonly Remaining[]>();
  return {
    note(thing, now) {
      const before = (seen.get(thing) ?? []).filter(({ atMs }) => atMs > now.atMs - REMEMBERED_MS && atMs <= now.atMs);
      seen.delete(thing);
      if (now.left === 0) return { kind: 'done' };
      const looks = [...before, now];
      const spacing = REMEMBERED_MS / MOST_LOOKS;
      const previous = before.at(-1);
      // The newest look is used now, and remembered only when it is far enough from the one before.
      seen.set(thing, previous === undefined || now.atMs - previous.atMs >= spacing ? looks : before);
      const [oldest] = seen.keys();
      if (seen.size > MOST_THINGS && oldest !== undefined) seen.delete(oldest);
      return estimateCatchUp(looks);
    },
  };
}
