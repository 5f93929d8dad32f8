import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { createErrands, type Errands } from '../../../src/feed/errands.ts';
import type { HeartbeatFeed } from '../../../src/feed/heartbeat.ts';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import type { ReplaySelection } from '../../../src/store/errands.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aBatch, aFeed } from '../../contract/detection-store.ts';
import { EVERYTHING } from '../../contract/errands.ts';
import { anAlert } from '../../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../../support/clock.ts';

export const START_MS = Date.parse('2026-01-01T12:00:00Z');

/** The errands of one process over a real store; every turn is asked for. */
export interface ErrandsRig {
  readonly clock: SteppedClock;
  readonly path: string;
  readonly store: DetectionStore;
  readonly events: readonly BridgeEvent[];
  /** Of a process that starts now on this store. */
  errands(options?: { readonly feeds?: readonly HeartbeatFeed[]; readonly store?: DetectionStore }): Errands;
  appendAlerts(count: number): Promise<void>;
  askReplay(overrides?: {
    readonly rate?: number;
    readonly feed?: string;
    readonly connector?: string | null;
    readonly selection?: Partial<ReplaySelection>;
  }): Promise<number>;
  askTest(args?: object): Promise<number>;
  /** The event's kind, oldest first. */
  kinds(): Promise<readonly unknown[]>;
  steps(): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

export async function createErrandsRig(): Promise<ErrandsRig> {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-errands-'));
  const clock = steppedClock(START_MS);
  const path = join(folder, 'events.db');
  const store = createSqliteStore({ path, clock });
  await store.ensureFeeds([aFeed()]);
  const events: BridgeEvent[] = [];
  let alerts = 0;
  return {
    clock,
    path,
    store,
    events,
    errands: (options = {}) =>
      createErrands({
        store: options.store ?? store,
        clock,
        emit: (event) => events.push(event),
        feeds: options.feeds ?? [{ name: 'default', heartbeatMs: null }],
        everyMs: 1,
      }),
    async appendAlerts(count) {
      const records = Array.from({ length: count }, (_, index) => anAlert({ alertId: `da-${alerts + index}` }));
      alerts += count;
      await store.append(aBatch({ records }));
    },
    askReplay: ({ rate = 200, feed = 'default', connector = null, selection = {} } = {}) =>
      store.addCommand({
        kind: 'replay',
        args: { feed, connector, rate, selection: { ...EVERYTHING, ...selection } },
        requestedBy: 'kim',
      }),
    askTest: (args = { feed: 'default', connector: null }) =>
      store.addCommand({ kind: 'test-event', args, requestedBy: 'kim' }),
    async kinds() {
      const page = await store.readPage({
        feed: 'default',
        after: 0,
        upTo: null,
        limits: { maxEvents: 100_000, maxBytes: 1e9 },
        audience: { connector: 'arcsight-01', updates: true, cutOver: null },
        stamp: { kind: 'stored' },
      });
      return (JSON.parse(page.body.toString()) as Record<string, unknown>[]).map((event) => event['EventKind']);
    },
    steps: async () =>
      (await store.audit(100)).toReversed().map(({ who, action, details }) => `${who} ${action} ${details['step']}`),
    async close() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
