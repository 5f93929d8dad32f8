import type { Instant } from '../../domain/instant.ts';
import type { AlertVersion } from './alert-version.ts';

/** Versions by update time; of equal times the one whose alert came first is first. */
export interface VersionList {
  /** Takes `old` out, when there is one, and puts `version` in. */
  replace(old: AlertVersion | undefined, version: AlertVersion): void;
  /** Both inclusive; null is open. */
  between(from: Instant | null, to: Instant | null): readonly AlertVersion[];
}

interface Entry {
  /** Update time and place of the alert among all; compares as text. */
  readonly key: string;
  readonly version: AlertVersion;
}

/** So many changes at once are sorted in together; fewer are put in one by one. */
const MANY = 500;
const PLACE_DIGITS = 9;
/** After every digit, so `time` + this is past all keys of that time. */
const LAST = '~';

export function createVersionList(): VersionList {
  const places = new Map<string, string>();
  const gone = new Set<string>();
  const waiting = new Map<string, AlertVersion>();
  let sorted: Entry[] = [];

  const keyOf = ({ alert, updatedAt }: AlertVersion): string => {
    const place = places.get(alert.id) ?? String(places.size).padStart(PLACE_DIGITS, '0');
    places.set(alert.id, place);
    return `${updatedAt ?? ''} ${place}`;
  };
  const settle = (): void => {
    const changes = waiting.size + gone.size;
    if (changes === 0) return;
    const added = [...waiting].map(([key, version]) => ({ key, version }));
    if (changes < MANY) {
      for (const key of gone) removeAt(sorted, key);
      for (const entry of added) sorted.splice(lowerBound(sorted, entry.key), 0, entry);
    } else {
      const kept = sorted.filter(({ key }) => !gone.has(key));
      sorted = [...kept, ...added].sort((a, b) => (a.key < b.key ? -1 : 1));
    }
    waiting.clear();
    gone.clear();
  };
  return {
    replace: (old, version) => {
      if (old !== undefined) {
        const key = keyOf(old);
        if (!waiting.delete(key)) gone.add(key);
      }
      waiting.set(keyOf(version), version);
    },
    between: (from, to) => {
      settle();
      const start = from === null ? 0 : lowerBound(sorted, from);
      const end = to === null ? sorted.length : lowerBound(sorted, `${to}${LAST}`);
      return sorted.slice(start, end).map(({ version }) => version);
    },
  };
}

function removeAt(sorted: Entry[], key: string): void {
  const at = lowerBound(sorted, key);
  if (sorted[at]?.key === key) sorted.splice(at, 1);
}

/** Index of the first entry whose key is not before this one. */
function lowerBound(sorted: readonly Entry[], key: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.key ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
