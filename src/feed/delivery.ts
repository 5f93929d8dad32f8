import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import type { DetectionStore, FeedPage, PageLimits, PageTry, Position, TryOutcome } from '../store/detection-store.ts';
import { type AcknowledgeMode, judge, judgeClosed } from './acknowledge.ts';
import type { Since } from './since.ts';

export interface FeedSettings {
  readonly name: string;
  readonly limits: PageLimits;
  readonly acknowledge: AcknowledgeMode;
  readonly initialLookbackMs: number;
  readonly maxLookbackMs: number;
}

export interface PollRequest {
  readonly connector: string;
  readonly feed: FeedSettings;
  readonly since: Since;
  /** Stamp of the try that went out last on the same socket. */
  readonly socketStampMs: number | null;
}

/** A page to send; `attempt` is null when nothing is pending. */
export interface Answer {
  readonly page: FeedPage;
  readonly attempt: { readonly stampMs: number } | null;
}

export interface Delivery {
  /** One poll of a connector: acknowledges what the request proves, then gives the next page or the same one again. */
  poll(request: PollRequest): Promise<Answer>;
  /** How the sending of a try went on. */
  outcome(connector: string, feed: FeedSettings, stampMs: number, outcome: TryOutcome): Promise<void>;
  /** Reads without moving a position: for operators and HEAD. FeedTime is each event's StoredMs. */
  peek(feed: FeedSettings, since: Since): Promise<FeedPage>;
}

/** Stamps of one connector lie at least this far apart, so that whole seconds tell pages apart. */
const STAMP_STEP_MS = 1000;
const KEPT_TRIES = 20;
const RACES = 5;

export function createDelivery(deps: {
  readonly store: DetectionStore;
  readonly clock: Clock;
  readonly emit: Emit;
}): Delivery {
  const { store, clock, emit } = deps;

  const attemptPoll = async (request: PollRequest): Promise<Answer | null> => {
    const { connector, feed, since, socketStampMs } = request;
    const nowMs = clock.now();
    const found = (await store.position(connector, feed.name)) ?? (await firstContact(request, nowMs));
    const judged = judge(found, { since, mode: feed.acknowledge, socketStampMs });
    const stampMs = Math.max(nowMs, (await store.lastStamp(connector)) + STAMP_STEP_MS);
    const page = await nextPage(judged.position, feed, stampMs);
    const sinceText = since.kind === 'time' ? since.text : null;
    const attempt: PageTry | null =
      page.events === 0 ? null : { stampMs, to: page.to, since: sinceText, outcome: 'open', atMs: nowMs };
    const next: Position = {
      ...judged.position,
      revision: found.revision + 1,
      page: attempt && {
        from: page.from,
        to: page.to,
        tries: [...(judged.position.page?.tries ?? []), attempt].slice(-KEPT_TRIES),
      },
      lastStampMs: attempt ? stampMs : judged.position.lastStampMs,
      lastPollMs: nowMs,
      lastSince: sinceText,
      lastDeliveredMs: judged.by === null ? judged.position.lastDeliveredMs : nowMs,
    };
    if (!(await store.savePosition(next))) return null;
    const names = { connector, feed: feed.name };
    if (judged.by !== null) emit({ name: 'pageAcknowledged', ...names, by: judged.by, to: next.acknowledged });
    if (attempt)
      emit({
        name: 'pageSent',
        ...names,
        events: page.events,
        from: page.from,
        to: page.to,
        tries: next.page?.tries.length ?? 1,
      });
    return { page, attempt };
  };

  /** The page that is still unacknowledged under a new stamp, half as large after a broken try; else the next one. */
  const nextPage = (position: Position, feed: FeedSettings, stampMs: number): Promise<FeedPage> => {
    const stamp = { kind: 'page', feedTimeMs: stampMs } as const;
    const { page } = position;
    if (page === null) return store.readAfter(feed.name, position.acknowledged, feed.limits, stamp);
    const last = page.tries.at(-1);
    const halve = last?.outcome === 'broken';
    const to = halve ? page.from + Math.max(1, Math.floor((page.to - page.from + 1) / 2)) - 1 : page.to;
    return store.readRange(feed.name, page.from, to, stamp);
  };

  const firstContact = async ({ connector, feed, since }: PollRequest, nowMs: number): Promise<Position> => {
    const asked = since.kind === 'time' ? since.ms : nowMs;
    const start = Math.max(Math.min(asked, nowMs - feed.initialLookbackMs), nowMs - feed.maxLookbackMs);
    return {
      connector,
      feed: feed.name,
      revision: 0,
      acknowledged: await store.seqBefore(feed.name, start),
      page: null,
      lastStampMs: 0,
      confirmedStampMs: null,
      confirmedRun: 0,
      strayed: null,
      lastPollMs: nowMs,
      lastSince: null,
      lastDeliveredMs: null,
    };
  };

  const attemptOutcome = async (
    connector: string,
    feed: FeedSettings,
    stampMs: number,
    outcome: TryOutcome,
  ): Promise<boolean> => {
    const found = await store.position(connector, feed.name);
    const attempt = found?.page?.tries.find((candidate) => candidate.stampMs === stampMs);
    if (!found?.page || attempt === undefined || attempt.outcome === 'closed' || attempt.outcome === 'broken')
      return true;
    const tries = found.page.tries.map((candidate) => (candidate === attempt ? { ...candidate, outcome } : candidate));
    const marked: Position = { ...found, revision: found.revision + 1, page: { ...found.page, tries } };
    const judged =
      outcome === 'closed' ? judgeClosed(marked, attempt, feed.acknowledge) : { position: marked, by: null };
    const position = judged.by === null ? judged.position : { ...judged.position, lastDeliveredMs: clock.now() };
    if (!(await store.savePosition(position))) return false;
    if (judged.by !== null)
      emit({ name: 'pageAcknowledged', connector, feed: feed.name, by: judged.by, to: position.acknowledged });
    return true;
  };

  return {
    poll: (request) => untilWon(() => attemptPoll(request)),
    async outcome(connector, feed, stampMs, outcome) {
      await untilWon(async () => ((await attemptOutcome(connector, feed, stampMs, outcome)) ? true : null));
    },
    async peek(feed, since) {
      const nowMs = clock.now();
      const start = since.kind === 'time' ? since.ms : nowMs - feed.initialLookbackMs;
      return store.readAfter(feed.name, await store.seqBefore(feed.name, start), feed.limits, { kind: 'stored' });
    },
  };
}

/** Positions are changed by compare-and-set: whoever loses the race looks again. */
async function untilWon<Result>(work: () => Promise<Result | null>): Promise<Result> {
  for (let race = 0; race < RACES; race += 1) {
    const result = await work();
    if (result !== null) return result;
  }
  throw new BridgeError({
    code: 'POSITION_CONTENDED',
    kind: 'transient',
    message: 'several requests of this connector changed its position at the same time',
    hint: 'Poll one feed with one connector at a time; give every connector its own login.',
  });
}
