import type { Instant } from '../../domain/instant.ts';
import type { AlertVersion } from './alert-version.ts';
import { createVersionList, type VersionList } from './version-list.ts';

/** `from` inclusive, `to` inclusive; null is open. */
export interface UpdateRange {
  readonly from: Instant | null;
  readonly to: Instant | null;
}

/** One tenant's versions, and what of them is visible at a time. Cheap while the time asked for moves forward. */
export interface Timeline {
  /** Every version, past and future, in order of visibility. */
  versions(): readonly AlertVersion[];
  put(version: AlertVersion): void;
  /** What is visible at that time, of each alert the version that became visible last, in order of first sight. */
  visible(atMs: number): readonly AlertVersion[];
  find(atMs: number, alertId: string): AlertVersion | null;
  /** The version before the visible one. */
  older(atMs: number, alertId: string): AlertVersion | null;
  /** The visible ones by update time, oldest first; those whose update time is no time come first when `from` is open. */
  updated(atMs: number, range: UpdateRange): readonly AlertVersion[];
  /** Of each alert the version before the visible one, where there is one; by update time. */
  superseded(atMs: number, range: UpdateRange): readonly AlertVersion[];
  /** When the next version becomes visible after that time; null when none will. */
  nextChangeMs(atMs: number): number | null;
}

export function createTimeline(scheduled: readonly AlertVersion[]): Timeline {
  // Stable, so of two versions that become visible together the one added later wins.
  let versions = scheduled.toSorted((a, b) => a.visibleAtMs - b.visibleAtMs);
  let view = createView();

  /** Index of the first version that becomes visible after that time. */
  const firstAfter = (atMs: number): number => {
    let [low, high] = [0, versions.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((versions[middle]?.visibleAtMs ?? Infinity) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const viewAt = (atMs: number): View => {
    const end = firstAfter(atMs);
    if (end < view.applied()) view = createView();
    view.apply(versions, end);
    return view;
  };
  return {
    versions: () => versions,
    put: (version) => {
      const at = firstAfter(version.visibleAtMs);
      versions = versions.toSpliced(at, 0, version);
      if (at < view.applied()) view = createView();
    },
    visible: (atMs) => [...viewAt(atMs).latest.values()],
    find: (atMs, alertId) => viewAt(atMs).latest.get(alertId) ?? null,
    older: (atMs, alertId) => viewAt(atMs).previous.get(alertId) ?? null,
    updated: (atMs, range) => viewAt(atMs).current.between(range.from, range.to),
    superseded: (atMs, range) => viewAt(atMs).before.between(range.from, range.to),
    nextChangeMs: (atMs) => versions[firstAfter(atMs)]?.visibleAtMs ?? null,
  };
}

/** What is visible at a time that only moves forward. */
interface View {
  readonly latest: ReadonlyMap<string, AlertVersion>;
  readonly previous: ReadonlyMap<string, AlertVersion>;
  readonly current: VersionList;
  readonly before: VersionList;
  /** How many versions it has taken in. */
  applied(): number;
  apply(versions: readonly AlertVersion[], end: number): void;
}

function createView(): View {
  const latest = new Map<string, AlertVersion>();
  const previous = new Map<string, AlertVersion>();
  const current = createVersionList();
  const before = createVersionList();
  let applied = 0;
  return {
    latest,
    previous,
    current,
    before,
    applied: () => applied,
    apply: (versions, end) => {
      for (const version of versions.slice(applied, end)) {
        const { id } = version.alert;
        const [last, older] = [latest.get(id), previous.get(id)];
        latest.set(id, version);
        current.replace(last, version);
        if (last === undefined) continue;
        previous.set(id, last);
        before.replace(older, last);
      }
      applied = Math.max(applied, end);
    },
  };
}
