import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import type { Position, TryOutcome } from '../../../src/domain/position.ts';
import { parseSince } from '../../../src/domain/since.ts';
import { type Answer, createDelivery, type FeedSettings, type PollRequest } from '../../../src/feed/delivery.ts';
import { createPositionKeeper, type PositionKeeper } from '../../../src/feed/position-keeper.ts';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aBatch, aFeed } from '../../contract/detection-store.ts';
import { aNotice } from '../../contract/errands.ts';
import { anAlert, instant } from '../../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../../support/clock.ts';
import { someFeedSettings } from '../../support/feed-settings.ts';

export const SECOND = 1000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const CONNECTOR = 'arcsight-01';

/** How one poll is made. */
export interface PollOptions {
  /** How its try ends. Default `sent`. */
  readonly outcome?: TryOutcome;
  /** How long after the poll before. Default half a minute. */
  readonly stepMs?: number;
  readonly connector?: string;
  readonly address?: string;
  readonly updates?: boolean;
  readonly maxEvents?: number;
  readonly socketStampMs?: number;
}

/** A time as text, or epoch ms; undefined: none. */
export type SinceText = string | number | undefined;

/** One delivery over a real store; nothing happens but what is asked for. */
export interface DeliveryRig {
  readonly clock: SteppedClock;
  readonly store: DetectionStore;
  readonly positions: PositionKeeper;
  readonly events: BridgeEvent[];
  /** Settings of its feed, two events a page; may be changed. */
  settings: FeedSettings;
  /** Stores so many new events. */
  put(count: number): Promise<void>;
  /** Stores a change of an alert that `put` stored, counted from 1. */
  change(alert: number): Promise<void>;
  /** Stores an event for one connector. */
  noticeFor(recipient: string): Promise<void>;
  request(since: SinceText, options?: PollOptions): PollRequest;
  /** One poll, whose try ends as the options say. */
  poll(since: SinceText, options?: PollOptions): Promise<Answer>;
  /** The connector's clock, which is not ours to the millisecond, as it asks half a minute from now. */
  wall(): number;
  position(connector?: string): Promise<Position>;
  /** Another process on the same file, with the same clock. */
  another(): Promise<DeliveryRig>;
  close(): Promise<void>;
}

export async function createDeliveryRig(
  wrap: (store: DetectionStore) => DetectionStore = (store) => store,
  /** Where its file lies. */
  parent = tmpdir(),
): Promise<DeliveryRig> {
  const folder = mkdtempSync(join(parent, 'flexbridge-delivery-'));
  const clock = steppedClock('2026-01-01T12:00:00.250Z');
  return openRig(join(folder, 'events.db'), clock, wrap, () => {
    rmSync(folder, { recursive: true });
  });
}

async function openRig(
  path: string,
  clock: SteppedClock,
  wrap: (store: DetectionStore) => DetectionStore,
  whenClosed: () => void,
): Promise<DeliveryRig> {
  const real = createSqliteStore({ path, clock });
  await real.ensureFeeds([aFeed()]);
  const store = wrap(real);
  const events: BridgeEvent[] = [];
  const emit = (event: BridgeEvent) => events.push(event);
  const positions = createPositionKeeper({ store, clock, emit });
  const delivery = createDelivery({ store, clock, emit, positions });
  let stored = 0;

  const rig: DeliveryRig = {
    clock,
    store,
    positions,
    events,
    settings: someFeedSettings({ limits: { maxEvents: 2, maxBytes: 1e6 } }),
    async put(count) {
      const records = Array.from({ length: count }, (_, index) => anAlert({ alertId: `da-${stored + index + 1}` }));
      stored += count;
      await store.append(aBatch({ records }));
    },
    async change(alert) {
      const alertId = `da-${alert}`;
      const changed = anAlert({ alertId, lastUpdate: instant('2026-01-01T11:00:00Z'), facts: { Severity: 'High' } });
      await store.append(aBatch({ records: [{ ...changed, raw: `{"changed":"${alertId}"}` }] }));
    },
    async noticeFor(recipient) {
      await store.appendNotice(aNotice({ kind: 'test', recipient }));
    },
    request: (since, { connector = CONNECTOR, address = '10.0.0.1', updates = true, ...options } = {}) => ({
      connector,
      feed: rig.settings,
      since: parseSince(typeof since === 'number' ? new Date(since).toISOString() : since),
      address,
      updates,
      maxEvents: options.maxEvents ?? null,
      socketStampMs: options.socketStampMs ?? null,
    }),
    async poll(since, options = {}) {
      clock.step(options.stepMs ?? 30 * SECOND);
      const request = rig.request(since, options);
      const answer = await delivery.poll(request);
      const { outcome = 'sent' } = options;
      if (answer.attempt && outcome !== 'open')
        await delivery.outcome(request.connector, rig.settings, answer.attempt.stampMs, outcome);
      return answer;
    },
    wall: () => clock.now() + 30 * SECOND + 7,
    async position(connector = CONNECTOR) {
      const found = await positions.get(connector, 'default');
      if (found === null) throw new Error(`${connector} has no position`);
      return found;
    },
    another: () =>
      openRig(
        path,
        clock,
        (other) => other,
        () => undefined,
      ),
    async close() {
      await store.close();
      whenClosed();
    },
  };
  return rig;
}

export function seqsOf({ page }: Answer): readonly number[] {
  const events = JSON.parse(page.body.toString()) as { FeedSeq: number }[];
  return events.map(({ FeedSeq }) => FeedSeq);
}

export function stampOf({ attempt }: Answer): number {
  return attempt?.stampMs ?? 0;
}

/** Whole seconds, as a connector that keeps no more sends them. */
export function inSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
