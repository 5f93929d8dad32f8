import type { PollCounts } from '../domain/bridge-event.ts';

export const NOTHING: PollCounts = {
  pages: 0,
  fetched: 0,
  fresh: 0,
  changed: 0,
  duplicate: 0,
  stale: 0,
  rejected: 0,
  events: 0,
  cut: 0,
};

export function add(a: PollCounts, b: PollCounts): PollCounts {
  return {
    pages: a.pages + b.pages,
    fetched: a.fetched + b.fetched,
    fresh: a.fresh + b.fresh,
    changed: a.changed + b.changed,
    duplicate: a.duplicate + b.duplicate,
    stale: a.stale + b.stale,
    rejected: a.rejected + b.rejected,
    events: a.events + b.events,
    cut: a.cut + b.cut,
  };
}
