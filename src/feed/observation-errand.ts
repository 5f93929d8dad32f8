import type { Clock } from '../domain/clock.ts';
import { connectorTime } from '../domain/connector-time.ts';
import { BridgeError } from '../domain/errors.ts';
import { newObservation, type Observation, type ObservedFeed, readObservation } from '../domain/observation.ts';
import { type ErrandStore, isEnded, type StoredCommand } from '../store/errands.ts';
import type { ObserveArgs } from './command-args.ts';
import type { LiveObservation, Observations } from './observation.ts';
import type { PositionKeeper } from './position-keeper.ts';
import type { Errand } from './replay.ts';

export interface ObserveDeps {
  readonly store: ErrandStore;
  readonly clock: Clock;
  readonly observations: Observations;
  readonly positions: Pick<PositionKeeper, 'get'> | null;
}

/** While nothing is asked, the record is written this often, so that whoever waits sees that it goes on. */
const EVERY_MS = 5000;

/**
 * An observation as long as it takes. What was seen is kept in the command turn by turn: a process that takes the command
 * over goes on with it, and what was missed meanwhile is the time between two requests.
 */
export function createObserveErrand(command: StoredCommand, args: ObserveArgs, deps: ObserveDeps): Errand {
  const { store, clock, observations, positions } = deps;
  const { commandId } = command;
  let live: LiveObservation | null = null;
  let written: Observation | null = null;
  let writtenMs = 0;

  const begin = async (signal: AbortSignal): Promise<LiveObservation> => {
    if (observations.current() !== null) throw busy(observations.current()?.connector ?? '');
    const kept = readObservation(command.progress);
    // The line before the first probe: nothing is answered differently that nobody can find out about.
    if (kept === null) await note(command, args, store);
    const begun =
      kept === null
        ? newObservation({ ...args, startedMs: clock.now(), feeds: await feedsNow(null) })
        : { ...kept, restarts: kept.restarts + 1 };
    const begins = observations.begin(begun);
    const end = (): void => {
      observations.end();
    };
    signal.addEventListener('abort', end, { once: true });
    return begins;
  };

  /** @param before null: at the beginning */
  const feedsNow = (before: readonly ObservedFeed[] | null): Promise<readonly ObservedFeed[]> =>
    Promise.all(
      args.feeds.map(async ({ feed, acknowledge }): Promise<ObservedFeed> => {
        const position = (await positions?.get(args.connector, feed)) ?? null;
        const hasPolled = position !== null && position.lastPollMs > 0;
        const polledBefore = before?.find((one) => one.feed === feed)?.polledBefore ?? hasPolled;
        if (position === null || !hasPolled) return { feed, acknowledge, polledBefore, time: null };
        const {
          meaning,
          says,
          precision,
          clock: off,
          steppedBack,
          parties,
          guarantee,
        } = connectorTime(position, clock.now(), acknowledge);
        const time = {
          meaning,
          says,
          precision,
          clock: off === null ? null : off.kind === 'right' ? 'right' : `${off.kind} ${off.aheadMs}`,
          steppedBackMs: steppedBack?.byMs ?? null,
          twoParties: parties !== null,
          guarantee: guarantee.text,
        };
        return { feed, acknowledge, polledBefore, time };
      }),
    );

  const save = async (state: 'running' | 'done', record: Observation): Promise<void> => {
    const done = Math.min(args.forMs, Math.max(0, clock.now() - record.startedMs));
    await store.updateCommand(commandId, { state, done: seconds(done), total: seconds(args.forMs), progress: record });
    [written, writtenMs] = [record, clock.monotonic()];
  };

  return {
    async work(signal) {
      live ??= await begin(signal);
      const now = await store.command(commandId);
      if (now === null || isEnded(now)) {
        observations.end();
        return true;
      }
      const isOver = live.isOver();
      const record = live.record();
      if (!isOver && record === written && clock.monotonic() - writtenMs < EVERY_MS) return false;
      live.told(await feedsNow(record.feeds));
      const latest = live.record();
      await save(isOver ? 'done' : 'running', isOver ? { ...latest, endedMs: clock.now() } : latest);
      if (!isOver) written = live.record();
      if (isOver) observations.end();
      return isOver;
    },
  };
}

async function note({ requestedBy, commandId }: StoredCommand, args: ObserveArgs, store: ErrandStore): Promise<void> {
  if (args.probes.length === 0) return;
  await store.addAudit({
    who: requestedBy,
    action: 'observe',
    details: {
      step: 'started',
      command: commandId,
      connector: args.connector,
      probes: args.probes.join(','),
      seconds: seconds(args.forMs),
    },
  });
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

function busy(connector: string): BridgeError {
  return new BridgeError({
    code: 'OBSERVE_BUSY',
    kind: 'operator',
    message: `the connector ${connector} is being observed already`,
    hint: 'One observation runs at a time. Wait for its end, or end it with Ctrl-C where it was started.',
  });
}
