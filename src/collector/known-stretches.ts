import type { Instant } from '../domain/instant.ts';
import type { DetectionStore, SourceKey } from '../store/detection-store.ts';

/** A stretch of update times: `from` inclusive, `to` exclusive. */
export interface Range {
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * The stretches of one source that lie in the quarantine. The overlap and the look backs come by them again and again;
 * they are passed over, and read anew when their own next try is due.
 */
export interface KnownStretches {
  /** Reads them from the store. */
  load(): Promise<void>;
  isLoaded(): boolean;
  add(stretches: readonly Range[]): void;
  /** What is left of a stretch without them, oldest first. */
  gaps(range: Range): readonly Range[];
}

export function createKnownStretches(store: DetectionStore, key: SourceKey): KnownStretches {
  let known: readonly Range[] | null = null;
  return {
    async load() {
      const entries = await store.quarantine();
      const own = entries.filter(({ tenantId, source }) => tenantId === key.tenantId && source === key.source);
      known = inOrder(own.flatMap(({ stretch }) => (stretch === null ? [] : [stretch])));
    },
    isLoaded: () => known !== null,
    add(stretches) {
      known = inOrder([...(known ?? []), ...stretches]);
    },
    gaps({ from, to }) {
      const gaps: Range[] = [];
      let start = from;
      for (const stretch of known ?? []) {
        if (stretch.to <= start || stretch.from >= to) continue;
        if (stretch.from > start) gaps.push({ from: start, to: stretch.from });
        start = stretch.to;
      }
      if (start < to) gaps.push({ from: start, to });
      return gaps;
    },
  };
}

function inOrder(ranges: readonly Range[]): readonly Range[] {
  return ranges.toSorted((a, b) => (a.from < b.from ? -1 : 1));
}
