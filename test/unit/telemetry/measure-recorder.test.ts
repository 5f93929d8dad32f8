import { beforeEach, describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
import type { LoginFailure } from '../../../src/store/login-failures.ts';
import type { Measure } from '../../../src/store/measures.ts';
import { createMeasureRecorder, type MeasureRecorder } from '../../../src/telemetry/measure-recorder.ts';
import { type HeldClock, heldClock } from '../../support/held-clock.ts';

const NOON = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;
const SOURCE = { tenant: 'contoso', source: 'graph-alerts' };
const COUNTS = {
  ...{ pages: 1, fetched: 3, fresh: 2, changed: 1, duplicate: 4, stale: 5, rejected: 6, events: 7, cut: 8 },
};
const POLL: BridgeEvent = { name: 'pollFinished', ...SOURCE, ...COUNTS, durationMs: 1 };
const BASIC = { kind: 'basic', secretHashes: [] } as const;
const CONNECTORS = [
  { name: 'arcsight-01', auth: BASIC },
  {
    name: 'arcsight-02',
    auth: {
      kind: 'oauth2',
      clientId: 'client-2',
      secretHashes: [],
      redirectUris: [],
      acceptsBasic: false,
      rotatesRefreshTokens: false,
    },
  },
] as const;

let clock: HeldClock;
let emitted: BridgeEvent[];
let writes: (readonly Measure[])[];
let notes: (readonly LoginFailure[])[];
let failure: Error | null;
let recorder: MeasureRecorder;

beforeEach(() => {
  clock = heldClock(NOON);
  emitted = [];
  writes = [];
  notes = [];
  failure = null;
  recorder = createMeasureRecorder({
    store: {
      addMeasures: (minutes) => kept(writes, minutes),
      noteLoginFailures: (failures) => kept(notes, failures),
    },
    clock,
    emit: (event) => emitted.push(event),
    connectors: () => CONNECTORS,
  });
});

function kept<Row>(into: (readonly Row[])[], rows: readonly Row[]): Promise<void> {
  if (failure !== null) return Promise.reject(failure);
  into.push(rows);
  return Promise.resolve();
}

function acknowledged(events: number): BridgeEvent {
  return { name: 'pageAcknowledged', feed: 'default', connector: 'arcsight-01', by: 'progress', to: events, events };
}

function refused(login: string, by: Extract<BridgeEvent, { name: 'loginFailed' }>['by'] = 'basic'): BridgeEvent {
  return { name: 'loginFailed', login, address: '192.0.2.7', by };
}

const storeError = (code: string) =>
  new BridgeError({ code, kind: 'operator', message: 'the disk', hint: 'look at the disk' });

/** Wakes the one who sleeps and lets it do its work. */
async function pass(ms: number): Promise<void> {
  clock.step(ms);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

describe('the recorder of measures', () => {
  it('sums alerts, deliveries and delays by the minute', async () => {
    recorder.record(POLL);
    recorder.record({ name: 'pollFailed', ...SOURCE, error: storeError('X'), attempt: 1, stored: COUNTS });
    recorder.record({ name: 'pollFailed', ...SOURCE, error: storeError('X'), attempt: 1 });
    recorder.record({ name: 'alertsArrived', ...SOURCE, delaysMs: [900, 200.4] });
    recorder.record({ name: 'alertsArrived', ...SOURCE, delaysMs: [-5000] });
    clock.step(MINUTE + 1);
    recorder.record(acknowledged(5));
    recorder.record(acknowledged(2));
    await recorder.stop();
    expect(writes).toEqual([
      [
        { fromMs: NOON, alerts: 6, delivered: 0, arrivals: { count: 3, sumMs: 1100, maxMs: 900 } },
        { fromMs: NOON + MINUTE, alerts: 0, delivered: 7, arrivals: { count: 0, sumMs: 0, maxMs: 0 } },
      ],
    ]);
  });

  it('writes every half minute while something happens, and nothing otherwise', async () => {
    recorder.start();
    await pass(0);
    recorder.record(POLL);
    await pass(29_999);
    expect(writes).toHaveLength(0);
    await pass(1);
    expect(writes).toHaveLength(1);
    recorder.record({ ...POLL, fresh: 0, changed: 0 });
    await pass(30_000);
    await recorder.stop();
    expect(writes).toHaveLength(1);
  });

  it('writes what is left when it stops', async () => {
    recorder.start();
    recorder.record(POLL);
    recorder.record(refused('arcsight-01'));
    await recorder.stop();
    expect([writes.length, notes.length]).toEqual([1, 1]);
  });

  it('keeps what could not be written and adds what comes meanwhile', async () => {
    recorder.start();
    await pass(0);
    failure = storeError('STORE_FULL');
    recorder.record(acknowledged(5));
    recorder.record(refused('arcsight-01'));
    await pass(30_000);
    recorder.record(acknowledged(2));
    recorder.record(refused('arcsight-01'));
    failure = null;
    await pass(30_000);
    await recorder.stop();
    expect(writes.map((rows) => rows.map(({ delivered }) => delivered))).toEqual([[7]]);
    expect(notes).toMatchObject([[{ failures: 2, firstMs: NOON, lastMs: NOON + 30_000 }]]);
    expect(emitted).toEqual([]);
  });

  it('keeps two hours at most, the last ones', async () => {
    failure = storeError('STORE_FULL');
    recorder.start();
    await pass(0);
    for (let minute = 0; minute < 200; minute += 1) {
      recorder.record(acknowledged(1));
      await pass(MINUTE);
    }
    failure = null;
    await recorder.stop();
    expect(writes[0]?.map(({ fromMs }) => fromMs)).toEqual(
      Array.from({ length: 120 }, (_, one) => NOON + (80 + one) * MINUTE),
    );
  });

  it('tells a failure that nobody else tells, once', async () => {
    recorder.start();
    await pass(0);
    failure = new Error('a defect');
    for (let turn = 0; turn < 3; turn += 1) {
      recorder.record(acknowledged(1));
      await pass(30_000);
    }
    failure = null;
    await recorder.stop();
    expect(emitted.map(({ name }) => name)).toEqual(['upkeepFailed']);
  });

  it('keeps the names of connectors and no others', async () => {
    recorder.record(refused('arcsight-01'));
    recorder.record(refused('client-2', 'clientSecret'));
    for (const login of ['nobody', '<script>', 'client-2', '']) recorder.record(refused(login));
    recorder.record(refused('arcsight-02', 'clientSecret'));
    recorder.record(refused('ops', 'signIn'));
    await recorder.stop();
    expect(notes[0]?.map(({ connector, failures }) => [connector, failures])).toEqual([
      ['arcsight-01', 1],
      ['arcsight-02', 1],
      ['', 5],
    ]);
    expect(JSON.stringify(notes)).not.toContain('script');
  });
});
