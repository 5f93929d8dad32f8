import type { BridgeEvent, Emit, LoginWay } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import type { ConnectorAuth } from '../domain/connector-auth.ts';
import { toBridgeError } from '../domain/errors.ts';
import type { LoginFailure, LoginFailureStore } from '../store/login-failures.ts';
import type { Measure, MeasureStore } from '../store/measures.ts';
import { isUnwritable } from '../store/upkeep.ts';

/** Sums what happens by the minute and writes it down, for the charts and for `doctor`. */
export interface MeasureRecorder {
  /** Takes note of an event; never throws and waits for nothing. */
  record(event: BridgeEvent): void;
  start(): void;
  /** Writes what is still in memory; resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

export interface MeasureRecorderDeps {
  readonly store: Pick<MeasureStore, 'addMeasures'> & Pick<LoginFailureStore, 'noteLoginFailures'>;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Asked at every wrong login: connectors come and go. */
  readonly connectors: () => readonly { readonly name: string; readonly auth: ConnectorAuth }[];
}

const MINUTE_MS = 60_000;
const FLUSH_MS = 30_000;
/** While the store cannot be written: older minutes are a gap in the charts. */
const MOST_MINUTES = 120;

export function createMeasureRecorder({ store, clock, emit, connectors }: MeasureRecorderDeps): MeasureRecorder {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let minutes = new Map<number, Measure>();
  let failures = new Map<string, LoginFailure>();
  let isFailing = false;

  const measure = (added: Partial<Measure>): void => {
    const fromMs = clock.now() - (clock.now() % MINUTE_MS);
    addMinute(minutes, { ...EMPTY, ...added, fromMs });
  };
  const refused = ({ login, address, by }: Extract<BridgeEvent, { name: 'loginFailed' }>): void => {
    const nowMs = clock.now();
    const connector = nameOf(login, by, connectors());
    addFailure(failures, { connector, address, by, failures: 1, firstMs: nowMs, lastMs: nowMs });
  };

  const write = async (work: () => Promise<void>, back: () => void): Promise<void> => {
    try {
      await work();
      isFailing = false;
    } catch (thrown) {
      back();
      const error = toBridgeError(thrown);
      // That the store cannot be written at all is told by the store.
      if (!isFailing && !isUnwritable(error)) emit({ name: 'upkeepFailed', error });
      isFailing = true;
    }
  };

  const flush = async (): Promise<void> => {
    const [taken, refusals] = [minutes, failures];
    minutes = new Map();
    failures = new Map();
    if (taken.size > 0)
      await write(
        () => store.addMeasures([...taken.values()]),
        () => {
          minutes = merged(taken, minutes, addMinute);
        },
      );
    if (refusals.size > 0)
      await write(
        () => store.noteLoginFailures([...refusals.values()]),
        () => {
          failures = merged(refusals, failures, addFailure);
        },
      );
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(FLUSH_MS, stopping.signal);
      await flush();
    }
  };

  return {
    record(event) {
      if (event.name === 'pollFinished') measure({ alerts: event.fresh + event.changed });
      else if (event.name === 'pollFailed')
        measure({ alerts: (event.stored?.fresh ?? 0) + (event.stored?.changed ?? 0) });
      else if (event.name === 'alertsArrived') measure({ arrivals: arrivalsOf(event.delaysMs) });
      else if (event.name === 'pageAcknowledged') measure({ delivered: event.events });
      // A person at the form is no connector.
      else if (event.name === 'loginFailed' && event.by !== 'signIn') refused(event);
    },
    start() {
      running = loop().catch((thrown: unknown) => {
        if (!stopping.signal.aborted) emit({ name: 'upkeepFailed', error: toBridgeError(thrown) });
      });
    },
    async stop() {
      stopping.abort();
      await running;
      await flush();
    },
  };
}

const EMPTY: Omit<Measure, 'fromMs'> = { alerts: 0, delivered: 0, arrivals: { count: 0, sumMs: 0, maxMs: 0 } };

function isNothing({ alerts, delivered, arrivals }: Measure): boolean {
  return alerts === 0 && delivered === 0 && arrivals.count === 0;
}

function addMinute(minutes: Map<number, Measure>, added: Measure): void {
  if (isNothing(added)) return;
  const before = minutes.get(added.fromMs) ?? { ...EMPTY, fromMs: added.fromMs };
  minutes.set(added.fromMs, {
    fromMs: added.fromMs,
    alerts: before.alerts + added.alerts,
    delivered: before.delivered + added.delivered,
    arrivals: {
      count: before.arrivals.count + added.arrivals.count,
      sumMs: before.arrivals.sumMs + added.arrivals.sumMs,
      maxMs: Math.max(before.arrivals.maxMs, added.arrivals.maxMs),
    },
  });
  const [oldest] = minutes.keys();
  if (minutes.size > MOST_MINUTES && oldest !== undefined) minutes.delete(oldest);
}

/** Keys are names of connectors, so there are no more than of these. */
function addFailure(failures: Map<string, LoginFailure>, added: LoginFailure): void {
  const before = failures.get(added.connector);
  failures.set(
    added.connector,
    before === undefined ? added : { ...added, failures: before.failures + added.failures, firstMs: before.firstMs },
  );
}

/** What could not be written goes before what came since. */
function merged<Key, Value>(
  before: ReadonlyMap<Key, Value>,
  since: ReadonlyMap<Key, Value>,
  add: (into: Map<Key, Value>, added: Value) => void,
): Map<Key, Value> {
  const both = new Map(before);
  for (const value of since.values()) add(both, value);
  return both;
}

/** An alert cannot arrive before it was updated: that is a clock that is not right. */
function arrivalsOf(delaysMs: readonly number[]): Measure['arrivals'] {
  let [sumMs, maxMs] = [0, 0];
  for (const delayMs of delaysMs) {
    const waitedMs = Math.max(0, Math.round(delayMs));
    sumMs += waitedMs;
    maxMs = Math.max(maxMs, waitedMs);
  }
  return { count: delaysMs.length, sumMs, maxMs };
}

/** The connector's own name, also for its client id; empty for every other login: hostile text is not kept. */
function nameOf(login: string, by: LoginWay, connectors: ReturnType<MeasureRecorderDeps['connectors']>): string {
  const known = connectors.find(({ name, auth }) =>
    by === 'clientSecret' ? auth.kind === 'oauth2' && auth.clientId === login : name === login,
  );
  return known?.name ?? '';
}
