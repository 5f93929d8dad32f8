import type { Clock } from '../domain/clock.ts';
import { type FeedRules, forFeed } from '../domain/feed-rules.ts';
import { instantToMs } from '../domain/instant.ts';
import type { Position } from '../domain/position.ts';
import type { DetectionStore } from '../store/detection-store.ts';
import type { AlertDelivery, AlertTelling } from '../store/history.ts';

/** A feed and who reads it. */
export interface ReconcileFeed {
  readonly rules: FeedRules;
  readonly connectors: readonly string[];
  /** False with `acknowledge: none`: nobody knows then what a connector took. */
  readonly keepsPosition: boolean;
}

/** What became of stored alerts in one feed. Numbers are alerts. */
export interface FeedDelivery {
  readonly feed: string;
  /** They have events there. */
  readonly told: number;
  /** The feed's filter, or its `changes`, kept them out. */
  readonly keptOut: number;
  /** Retention has deleted what was there, or the feed began after them. */
  readonly gone: number;
  /** Ids of alerts that the feed takes and that have no event there. */
  readonly untold: readonly string[];
  /** How many of those were told again. */
  readonly toldAgain: number;
  readonly connectors: readonly ConnectorDelivery[];
}

export interface ConnectorDelivery {
  readonly connector: string;
  /** `unknown`: nobody keeps its position; `never`: it has not asked for anything yet. */
  readonly state: 'known' | 'unknown' | 'never';
  /** All events of the alert are acknowledged. */
  readonly taken: number;
  readonly waiting: number;
  /** Left to the connector before this one (cut-over). */
  readonly leftOut: number;
  /** Ids of alerts an event of which was given up after many failed tries. */
  readonly passedOver: readonly string[];
}

export interface DeliveryDeps {
  readonly tenantId: string;
  readonly store: DetectionStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly feeds: readonly ReconcileFeed[];
  /** Tells in a feed what is stored and was never told there. */
  readonly tellAgain: boolean;
}

/** An event's time may be a little before that of what it tells: both were stored in one go. */
const EDGE_MS = 60_000;
/** Lines of the audit trail that are looked at for events that were given up. */
const AUDIT_LINES = 10_000;

/** Follows stored alerts into the feeds of their tenant and to the connectors. */
export async function followAlerts(alertIds: readonly string[], deps: DeliveryDeps): Promise<readonly FeedDelivery[]> {
  const { tenantId, store } = deps;
  const feeds = deps.feeds.filter(({ rules }) => rules.tenantIds.has(tenantId));
  const tallies = await Promise.all(feeds.map((feed) => createTally(feed, deps)));
  for (const alertId of alertIds) {
    const deliveries = await store.deliveries(tenantId, alertId);
    let tellings: readonly AlertTelling[] | null = null;
    for (const tally of tallies) {
      const delivery = deliveries.find(({ feed }) => feed === tally.feed);
      if (delivery !== undefined) await tally.told(alertId, delivery);
      else {
        tellings ??= await store.tellings(tenantId, alertId);
        await tally.untold(alertId, tellings);
      }
    }
  }
  return tallies.map((tally) => tally.result());
}

async function createTally(feed: ReconcileFeed, deps: DeliveryDeps) {
  const { tenantId, store, tellAgain } = deps;
  const { rules } = feed;
  const readers = await readersOf(feed, store);
  const counts = { told: 0, keptOut: 0, gone: 0, toldAgain: 0 };
  const untold: string[] = [];

  const told = async (alertId: string, delivery: AlertDelivery): Promise<void> => {
    counts.told += 1;
    const isCut = readers.some(({ position }) => position?.cutOver !== undefined && position.cutOver !== null);
    const stored = isCut ? (await store.storedAlerts(tenantId, [alertId])).get(alertId) : undefined;
    const updatedMs = stored === undefined ? null : instantToMs(stored.lastUpdate);
    for (const reader of readers) reader.count(alertId, delivery, updatedMs);
  };

  return {
    feed: rules.name,
    told,
    async untold(alertId: string, tellings: readonly AlertTelling[]): Promise<void> {
      const why = await whyUntold(rules, tellings, deps);
      if (why !== 'untold') {
        counts[why] += 1;
        return;
      }
      untold.push(alertId);
      if (!tellAgain || (await store.tellAgain(rules.name, tenantId, alertId)) === 0) return;
      counts.toldAgain += 1;
      const delivery = (await store.deliveries(tenantId, alertId)).find(({ feed: name }) => name === rules.name);
      if (delivery !== undefined) await told(alertId, delivery);
    },
    result: (): FeedDelivery => ({
      feed: rules.name,
      ...counts,
      untold,
      connectors: readers.map(({ result }) => result()),
    }),
  };
}

/** Why an alert that is stored has no event in a feed of its tenant. */
async function whyUntold(
  rules: FeedRules,
  tellings: readonly AlertTelling[],
  { tenantId, store, clock }: DeliveryDeps,
): Promise<'keptOut' | 'gone' | 'untold'> {
  if (tellings.length === 0) return 'gone';
  const last = tellings.findLast(({ emissions }) => forFeed(rules, tenantId, emissions).events.length > 0);
  if (last === undefined) return 'keptOut';
  const { hadSettings, nextMs, isPruned } = await store.feedAt(rules.name, last.storedMs - EDGE_MS);
  if (hadSettings) return 'untold';
  if (isPruned) return 'gone';
  // A feed begins, and begins again under other settings, with what was stored `initialLookback` before.
  return last.storedMs < (nextMs ?? clock.now()) - rules.initialLookbackMs ? 'gone' : 'untold';
}

async function readersOf({ rules, connectors, keepsPosition }: ReconcileFeed, store: DetectionStore) {
  const given = await passedOverSeqs(rules.name, store);
  return Promise.all(
    connectors.map(async (connector) => {
      const position = keepsPosition ? await store.position(connector, rules.name) : null;
      return createReader(connector, keepsPosition, position, given.get(connector) ?? new Set());
    }),
  );
}

function createReader(
  connector: string,
  keepsPosition: boolean,
  position: Position | null,
  given: ReadonlySet<number>,
) {
  const counts = { taken: 0, waiting: 0, leftOut: 0 };
  const passedOver: string[] = [];
  return {
    position,
    /** @param updatedMs of the alert; null where no cut-over asks for it */
    count(alertId: string, { seqs }: AlertDelivery, updatedMs: number | null): void {
      if (!keepsPosition) return;
      const last = seqs.at(-1) ?? 0;
      const cutOver = position?.cutOver ?? null;
      if (cutOver !== null && last <= cutOver.upTo && (updatedMs ?? 0) < cutOver.updatedBeforeMs) counts.leftOut += 1;
      else if (last > (position?.acknowledged ?? 0)) counts.waiting += 1;
      else if (seqs.some((seq) => given.has(seq))) passedOver.push(alertId);
      else counts.taken += 1;
    },
    result: (): ConnectorDelivery => ({
      connector,
      state: !keepsPosition ? 'unknown' : position === null ? 'never' : 'known',
      ...counts,
      passedOver,
    }),
  };
}

/** FeedSeq of events that were given up, by connector: the audit trail names them. */
async function passedOverSeqs(feed: string, store: DetectionStore): Promise<ReadonlyMap<string, Set<number>>> {
  const seqs = new Map<string, Set<number>>();
  for (const { action, details } of await store.audit(AUDIT_LINES)) {
    const { connector, seq } = { connector: details['connector'], seq: details['seq'] };
    if (action !== 'passed-over' || details['feed'] !== feed) continue;
    if (typeof connector !== 'string' || typeof seq !== 'number') continue;
    seqs.set(connector, (seqs.get(connector) ?? new Set()).add(seq));
  }
  return seqs;
}
