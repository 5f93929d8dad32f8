import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import { type AcknowledgeMode, newPosition, type PageTry, type Position, type TryOutcome } from '../domain/position.ts';
import type { Since } from '../domain/since.ts';
import type { DetectionStore } from '../store/detection-store.ts';
import type { FeedPage, PageLimits } from '../store/feed-pages.ts';
import { type AcknowledgedBy, earliestStamp, judgeClosed } from './acknowledge.ts';
import { createClockSteps, inNewTime } from './clock-steps.ts';
import { readNextPage } from './next-page.ts';
import { plainAddress } from './parties.ts';
import { pollByTime } from './poll-by-time.ts';
import { createPositionKeeper, type PositionKeeper } from './position-keeper.ts';
import { remember } from './seen-polls.ts';
import { type Turn, takeTurn } from './turn.ts';

export interface FeedSettings {
  readonly name: string;
  readonly limits: PageLimits;
  readonly acknowledge: AcknowledgeMode;
  /** `update` events under the old API's address too. */
  readonly legacyUpdates: boolean;
  readonly initialLookbackMs: number;
  readonly maxLookbackMs: number;
}

export interface PollRequest {
  readonly connector: string;
  readonly feed: FeedSettings;
  readonly since: Since;
  /** Peer of the socket: two that take turns are two parties on one login. */
  readonly address: string;
  /** False on the old API's form, unless the feed says `legacyUpdates`. */
  readonly updates: boolean;
  /** Only ever lowers the feed's own limit; null: not given. */
  readonly maxEvents: number | null;
  /** Stamp of the try that went out last on the same socket. */
  readonly socketStampMs: number | null;
}

/** A page to send; `attempt` is null when nothing is pending, and when the feed keeps no position. */
export interface Answer {
  readonly page: FeedPage;
  readonly attempt: { readonly stampMs: number } | null;
}

export interface Delivery {
  /** One poll of a connector: acknowledges what the request proves, then gives the next page or the same one again. */
  poll(request: PollRequest): Promise<Answer>;
  /** How the sending of a try went on. Without effect for `acknowledge: none`. */
  outcome(connector: string, feed: FeedSettings, stampMs: number, outcome: TryOutcome): Promise<void>;
  /** Reads without moving a position: for operators and HEAD. FeedTime is each event's StoredMs. */
  peek(feed: FeedSettings, since: Since, updates: boolean): Promise<FeedPage>;
}

export interface DeliveryDeps {
  readonly store: DetectionStore;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Default: one of its own. */
  readonly positions?: PositionKeeper;
}

/** A page that is sent, with its stamp. */
interface Sent {
  readonly stampMs: number;
  readonly page: FeedPage;
}

const KEPT_TRIES = 20;
const RACES = 5;

export function createDelivery(deps: DeliveryDeps): Delivery {
  const { store, clock, emit, positions = createPositionKeeper(deps) } = deps;

  const steps = createClockSteps(clock);

  const attemptPoll = async (request: PollRequest, setMs: number): Promise<Answer | null> => {
    const { connector, feed, since } = request;
    const nowMs = clock.now();
    const known = (await positions.get(connector, feed.name)) ?? (await firstContact(request, nowMs));
    const found = inNewTime(known, setMs);
    const turn = takeTurn(found, request, feed.acknowledge, nowMs);
    const stamp = await positions.reserveStamp(connector, earliestStamp(turn.position, since, nowMs));
    const { page, position } = await readNextPage(store, turn.position, request, stamp.stampMs);
    if (page.events === 0) stamp.release();
    const sent: Sent | null = page.events === 0 ? null : { stampMs: stamp.stampMs, page };
    const next = noted(withTry(position, sent, since, nowMs), found, { ...request, nowMs, by: turn.by, sent });
    if (!(await positions.save(next))) return null;
    await tell(turn, found, next, sent?.page ?? null);
    return { page, attempt: sent && { stampMs: sent.stampMs } };
  };

  const firstContact = async ({ connector, feed, since }: PollRequest, nowMs: number): Promise<Position> => {
    const asked = since.kind === 'time' ? since.ms : nowMs;
    const start = Math.max(Math.min(asked, nowMs - feed.initialLookbackMs), nowMs - feed.maxLookbackMs);
    return newPosition(connector, feed.name, await store.seqBefore(feed.name, start));
  };

  /** Only once it is saved: of two that race, one tells. */
  const tell = async (turn: Turn, found: Position, next: Position, page: FeedPage | null): Promise<void> => {
    const { by, passedOver, partiesBegan, position } = turn;
    const names = { connector: next.connector, feed: next.feed };
    if (partiesBegan) emit({ name: 'twoParties', ...names, addresses: next.parties?.addresses ?? [] });
    if (by !== null) emit({ name: 'pageAcknowledged', ...names, by, ...taken(found, position) });
    if (passedOver !== null) {
      emit({ name: 'eventPassedOver', ...names, ...passedOver });
      await positions.audit({ who: 'flexbridge', action: 'passed-over', details: { ...names, ...passedOver } });
    }
    if (page === null) return;
    const { events, from, to } = page;
    emit({ name: 'pageSent', ...names, events, from, to, tries: next.page?.sent ?? 1 });
  };

  const attemptOutcome = async (
    connector: string,
    feed: FeedSettings,
    stampMs: number,
    outcome: TryOutcome,
  ): Promise<boolean> => {
    const found = await positions.get(connector, feed.name);
    const attempt = found?.page?.tries.find((candidate) => candidate.stampMs === stampMs);
    if (!found?.page || attempt === undefined || attempt.outcome === 'closed' || attempt.outcome === 'broken')
      return true;
    const tries = found.page.tries.map((candidate) => (candidate === attempt ? { ...candidate, outcome } : candidate));
    const marked: Position = { ...found, revision: found.revision + 1, page: { ...found.page, tries } };
    const judged =
      outcome === 'closed' ? judgeClosed(marked, attempt, feed.acknowledge) : { position: marked, by: null };
    const position = judged.by === null ? judged.position : { ...judged.position, lastDeliveredMs: clock.now() };
    if (!(await positions.save(position))) return false;
    if (judged.by !== null)
      emit({ name: 'pageAcknowledged', connector, feed: feed.name, by: judged.by, ...taken(found, position) });
    return true;
  };

  return {
    poll(request) {
      if (request.feed.acknowledge === 'none') return pollByTime(request, { store, clock, emit, positions });
      const setMs = steps.since(`${request.connector}\n${request.feed.name}`);
      return untilWon(() => attemptPoll(request, setMs));
    },
    async outcome(connector, feed, stampMs, outcome) {
      await untilWon(async () => ((await attemptOutcome(connector, feed, stampMs, outcome)) ? true : null));
    },
    async peek(feed, since, updates) {
      const nowMs = clock.now();
      const start = since.kind === 'time' ? since.ms : nowMs - feed.initialLookbackMs;
      return store.readPage({
        feed: feed.name,
        after: await store.seqBefore(feed.name, start),
        upTo: null,
        limits: feed.limits,
        audience: { connector: null, updates, cutOver: null },
        stamp: { kind: 'stored' },
      });
    },
  };
}

/** A try may have been a shorter page; between two events there may be numbers that are not for this connector. */
function taken(
  { page, acknowledged: before }: Position,
  { acknowledged: to }: Position,
): { to: number; events: number } {
  const upTo = Math.max(to - before, 0);
  return { to, events: page === null ? upTo : Math.min(page.events, upTo) };
}

function withTry(position: Position, sent: Sent | null, since: Since, atMs: number): Position {
  if (sent === null) return position;
  const { stampMs, page } = sent;
  const { from, to, events } = page;
  const attempt: PageTry = { stampMs, to, since: textOf(since), outcome: 'open', atMs };
  const { firstTryMs = atMs, sent: before = 0, alone = false, tries = [] } = position.page ?? {};
  const kept = [...tries, attempt].slice(-KEPT_TRIES);
  return {
    ...position,
    lastStampMs: stampMs,
    page: { from, to, events, firstTryMs, sent: before + 1, alone, tries: kept },
  };
}

/** What a poll leaves behind besides the page. */
function noted(
  position: Position,
  found: Position,
  { since, address, nowMs, by, sent }: PollRequest & { nowMs: number; by: AcknowledgedBy | null; sent: Sent | null },
): Position {
  const seen = {
    atMs: nowMs,
    since: textOf(since),
    address: plainAddress(address),
    stampMs: sent?.stampMs ?? null,
    afterBroken: found.page?.tries.at(-1)?.outcome === 'broken',
  };
  return {
    ...position,
    revision: found.revision + 1,
    lastPollMs: nowMs,
    lastSince: seen.since,
    lastDeliveredMs: by === null ? position.lastDeliveredMs : nowMs,
    recent: remember(found.recent, seen),
  };
}

function textOf(since: Since): string | null {
  return since.kind === 'time' ? since.text : null;
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
