import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collector, type CollectorDeps, createCollector } from '../../../src/collector/collector.ts';
import type { Page, Source } from '../../../src/defender/source.ts';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { BridgeError, type ErrorFacts } from '../../../src/domain/errors.ts';
import type { Window } from '../../../src/domain/window.ts';
import type { DetectionStore, SourceStatus } from '../../../src/store/detection-store.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aFeed } from '../../contract/detection-store.ts';
import { anAlert, instant } from '../../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../../support/clock.ts';
import { readAfter } from '../../support/read-after.ts';

const TENANT = { tenantId: '11111111-2222-3333-4444-555555555555', name: 'contoso' };
export const KEY = { tenantId: TENANT.tenantId, source: 'graph-alerts' } as const;
export const REF = { tenant: 'contoso', source: 'graph-alerts' } as const;
/** One window is enough for a day, and nothing looks back, unless a test wants it otherwise. */
const SETTINGS = {
  overlapMs: 900_000,
  settleMs: 30_000,
  initialLookbackMs: 86_400_000,
  sliceMs: 100_000_000,
  rescan: null,
  budgetPages: 100,
};
export type RigSettings = CollectorDeps['settings'];
const NOON = '2026-01-01T12:00:00Z';

type Step = Page | (() => unknown);

/** Gives the pages it was handed, window by window; a step that is a function is run, and may throw. */
interface FakeSource extends Source {
  readonly windows: Window[];
  next(...steps: readonly Step[]): void;
  failNow(error: Error | null): void;
}

function fakeSource(clock: SteppedClock): FakeSource {
  const windows: Window[] = [];
  let steps: readonly Step[] = [];
  let failing: Error | null = null;
  return {
    name: 'graph-alerts',
    windows,
    next: (...wanted) => {
      steps = wanted;
    },
    failNow: (error) => {
      failing = error;
    },
    serverNow: () => (failing === null ? Promise.resolve(clock.now()) : Promise.reject(failing)),
    async *pages(window, signal) {
      windows.push(window);
      for (const step of steps) {
        signal.throwIfAborted();
        if (typeof step === 'function') await step();
        else yield step;
      }
    },
    single: null,
    blurMs: 0,
    normalise: () => ({ records: [], rejected: [] }),
    tokenProblem: () => null,
  };
}

export function aPage(overrides: Partial<Page> = {}): Page {
  return { records: [], rejected: [], progress: null, isLast: true, ...overrides };
}

export function page(alertId: string, time: string, isLast = false): Page {
  const lastUpdate = instant(time);
  return aPage({ records: [anAlert({ alertId, lastUpdate })], progress: lastUpdate, isLast });
}

export function failure(overrides: Partial<ErrorFacts> = {}): BridgeError {
  return new BridgeError({
    code: 'UPSTREAM_503',
    kind: 'transient',
    message: 'Microsoft is busy',
    hint: 'Wait.',
    ...overrides,
  });
}

/** A step of a source that fails. */
export function failing(error: Error): () => never {
  return () => {
    throw error;
  };
}

/** A collector of a source that the test plays, on a real store in a folder of its own. */
export interface CollectorRig {
  readonly clock: SteppedClock;
  readonly source: FakeSource;
  /** What this process emitted. */
  readonly events: readonly BridgeEvent[];
  readonly store: DetectionStore;
  tick(signal?: AbortSignal): Promise<void>;
  /** The same database in a new process, which remembers nothing. */
  restart(): Promise<void>;
  /** Lets methods of the store fail from now on. */
  breakStore(broken: Partial<DetectionStore>): void;
  status(): Promise<SourceStatus | undefined>;
  /** Alert ids in the order of the feed. */
  stored(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** @param played what the collector reads in the place of `rig.source` */
export async function createCollectorRig(
  settings: Partial<RigSettings> = {},
  played?: (clock: SteppedClock) => Source,
): Promise<CollectorRig> {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-collector-'));
  const clock = steppedClock(NOON);
  const source = fakeSource(clock);
  const read = played?.(clock) ?? source;
  const open = async () => {
    const store = createSqliteStore({ path: join(folder, 'events.db'), clock });
    await store.ensureFeeds([aFeed()]);
    const events: BridgeEvent[] = [];
    return { store, events, collector: collect(store, events) };
  };
  const collect = (store: DetectionStore, events: BridgeEvent[]): Collector =>
    createCollector({
      tenant: TENANT,
      source: read,
      sources: ['graph-alerts'],
      settings: { ...SETTINGS, ...settings },
      store,
      clock,
      emit: (event) => {
        events.push(event);
      },
      random: () => 0.5,
    });
  let process = await open();

  return {
    clock,
    source,
    get events() {
      return process.events;
    },
    get store() {
      return process.store;
    },
    tick: (signal = new AbortController().signal) => process.collector.tick(signal),
    async restart() {
      await process.store.close();
      process = await open();
    },
    breakStore(broken) {
      process = { ...process, collector: collect({ ...process.store, ...broken }, process.events) };
    },
    status: async () => (await process.store.statuses()).find(({ tenantId }) => tenantId === KEY.tenantId),
    async stored() {
      const limits = { maxEvents: 10_000, maxBytes: 1e8 };
      const { body } = await readAfter(process.store, 'default', 0, limits, { kind: 'stored' });
      return (JSON.parse(body.toString()) as { AlertId: string }[]).map(({ AlertId }) => AlertId);
    },
    async close() {
      await process.store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
