import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { newPosition, type Position } from '../domain/position.ts';
import type { Since } from '../domain/since.ts';
import type { DetectionStore } from '../store/detection-store.ts';
import type { FeedPage, TimedPage } from '../store/feed-pages.ts';
import { isUnwritable } from '../store/upkeep.ts';
import type { PageWish } from './next-page.ts';
import { plainAddress } from './parties.ts';
import type { PositionKeeper } from './position-keeper.ts';
import { remember } from './seen-polls.ts';

export interface TimedPoll extends PageWish {
  readonly feed: PageWish['feed'] & { readonly initialLookbackMs: number };
  readonly since: Since;
  readonly address: string;
}

/** Events younger than this wait: another one may still get the same StoredMs. */
const HELD_BACK_MS = 2000;

/**
 * `acknowledge: none`: what was stored after the connector's time, FeedTime being StoredMs. It is up to the connector to
 * ask again for what it did not get. The position is kept only to show that it polls and what its time proves.
 */
export async function pollByTime(
  poll: TimedPoll,
  deps: {
    readonly store: DetectionStore;
    readonly clock: Clock;
    readonly emit: Emit;
    readonly positions: PositionKeeper;
  },
): Promise<{ readonly page: FeedPage; readonly attempt: null }> {
  const { store, clock, emit, positions } = deps;
  const { connector, feed, since, maxEvents } = poll;
  const nowMs = clock.now();
  const untilMs = nowMs - HELD_BACK_MS - 1;
  const found = await positions.get(connector, feed.name);
  const page = await store.readStored({
    feed: feed.name,
    afterMs: since.kind === 'time' ? since.ms : nowMs - feed.initialLookbackMs,
    untilMs,
    unitMs: since.kind === 'time' ? since.unitMs : 1,
    limits: { ...feed.limits, maxEvents: Math.min(feed.limits.maxEvents, maxEvents ?? Infinity) },
    audience: { connector, updates: poll.updates, cutOver: found?.cutOver ?? null },
  });
  const proven = since.kind === 'time' ? await store.seqBefore(feed.name, Math.min(since.ms, untilMs) + 1) : 0;
  const before = found ?? newPosition(connector, feed.name, proven);
  // Somebody else was faster: then the other poll is what is shown.
  await positions.save(noted(before, poll, { proven, page, nowMs }));
  if (page.events > 0) {
    const { events, from, to } = page;
    emit({ name: 'pageSent', connector, feed: feed.name, events, from, to, tries: 1 });
    await noteServed(store, feed.name, to);
  }
  return { page, attempt: null };
}

function noted(
  before: Position,
  { since, address }: TimedPoll,
  { proven, page, nowMs }: { readonly proven: number; readonly page: TimedPage; readonly nowMs: number },
): Position {
  const text = since.kind === 'time' ? since.text : null;
  const moves = proven > before.acknowledged;
  const seen = { atMs: nowMs, since: text, address: plainAddress(address), stampMs: page.newestMs, afterBroken: false };
  return {
    ...before,
    revision: before.revision + 1,
    acknowledged: Math.max(before.acknowledged, proven),
    page: null,
    lastPollMs: nowMs,
    lastSince: text,
    lastDeliveredMs: moves ? nowMs : before.lastDeliveredMs,
    recent: remember(before.recent, seen),
  };
}

/** What was sent is not made anew when settings change; that it cannot be noted now costs a repeat at most. */
async function noteServed(store: DetectionStore, feed: string, seq: number): Promise<void> {
  try {
    await store.noteServed(feed, seq);
  } catch (thrown) {
    if (!isUnwritable(thrown)) throw thrown;
  }
}
