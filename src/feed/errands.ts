import { setImmediate } from 'node:timers/promises';
import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { BridgeError, toBridgeError } from '../domain/errors.ts';
import type { ErrandStore, StoredCommand } from '../store/errands.ts';
import { isUnwritable } from '../store/upkeep.ts';
import { readLogLevelArgs, readObserveArgs, readReplayArgs, readTestEventArgs } from './command-args.ts';
import { createHeartbeat, type HeartbeatFeed } from './heartbeat.ts';
import { type ChangeLogLevel, createLogLevelErrand } from './log-level.ts';
import { createObservations, type Observations } from './observation.ts';
import { createObserveErrand } from './observation-errand.ts';
import type { PositionKeeper } from './position-keeper.ts';
import { createReplay, type Errand } from './replay.ts';
import { createTestEvent } from './test-event.ts';

export interface Errands {
  start(): void;
  /** Ends the turn that is under way and no more; a replay goes on where it was once a process serves again. */
  stop(): Promise<void>;
  /** What is due by now: commands that were left by others, replays, heartbeats. */
  turn(): Promise<void>;
}

export interface ErrandsDeps {
  readonly store: ErrandStore;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly feeds: readonly HeartbeatFeed[];
  /** Those in memory are written when that is possible, also when no connector asks any more. */
  readonly positions?: Pick<PositionKeeper, 'flush' | 'get'>;
  /** Default: one of its own, to which nothing is told. */
  readonly observations?: Observations;
  /** Default: there is no log whose level could be changed. */
  readonly changeLogLevel?: ChangeLogLevel;
  /** Time between two turns, in milliseconds; default one second. */
  readonly everyMs?: number;
}

const EVERY_MS = 1000;

/**
 * What the server does besides polls: commands that other processes leave in the store, a slice of each turn by turn, and
 * heartbeats. One that fails does not stop the others, and none is given up because the store cannot be written.
 */
export function createErrands(given: ErrandsDeps): Errands {
  const { store, clock, emit, feeds, positions, everyMs = EVERY_MS } = given;
  const observations = given.observations ?? createObservations(clock);
  const running = new Map<number, Running>();
  const heartbeats = feeds.map((feed) => createHeartbeat(feed, { store, clock, emit }));
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let turning: Promise<void> | null = null;
  let isReleased = false;
  let lastTrouble: string | null = null;

  const begin = (command: StoredCommand): Errand => {
    const deps = { store, clock, emit, breathe: () => setImmediate() };
    switch (command.kind) {
      case 'replay': {
        const args = readReplayArgs(command.args);
        requireFeed(args.feed, feeds);
        return createReplay(command, args, deps);
      }
      case 'test-event': {
        const args = readTestEventArgs(command.args);
        requireFeed(args.feed, feeds);
        return createTestEvent(command, args, deps);
      }
      case 'log-level':
        return createLogLevelErrand(command, readLogLevelArgs(command.args), {
          store,
          change: given.changeLogLevel ?? ignore,
        });
      case 'observe':
        return createObserveErrand(command, readObserveArgs(command.args), {
          store,
          clock,
          observations,
          positions: positions ?? null,
        });
    }
  };

  /** Commands that this process left running when it ended, and those that came since. */
  const take = async (): Promise<void> => {
    if (!isReleased) await store.releaseCommands();
    isReleased = true;
    for (;;) {
      const command = await store.takeCommand();
      if (command === null) return;
      try {
        running.set(command.commandId, { command, errand: begin(command) });
      } catch (thrown) {
        running.set(command.commandId, { command, errand: failing(toBridgeError(thrown)) });
      }
    }
  };

  const work = async ({ command, errand }: Running): Promise<void> => {
    try {
      if (!(await errand.work(stopping.signal))) return;
    } catch (thrown) {
      // Kept as it is where the store cannot be written: the next turn tries again.
      if (isUnwritable(thrown)) return;
      await fail(command, toBridgeError(thrown));
    }
    running.delete(command.commandId);
  };

  const fail = async ({ commandId, kind, requestedBy }: StoredCommand, error: BridgeError): Promise<void> => {
    const { code, message, hint } = error;
    await store.updateCommand(commandId, { state: 'failed', problem: { code, message, hint } });
    await store.addAudit({ who: requestedBy, action: kind, details: { step: 'failed', command: commandId, code } });
    emit({ name: 'commandFailed', command: commandId, error });
  };

  const turn = async (): Promise<void> => {
    const troubles: BridgeError[] = [];
    const attempt = async (part: () => Promise<void>): Promise<void> => {
      if (stopping.signal.aborted) return;
      await part().catch((thrown: unknown) => {
        // That the store cannot be written is told by others.
        if (!isUnwritable(thrown)) troubles.push(toBridgeError(thrown));
      });
    };
    await attempt(take);
    for (const one of running.values()) await attempt(() => work(one));
    for (const heartbeat of heartbeats) await attempt(() => heartbeat.beat());
    if (positions !== undefined) await attempt(() => positions.flush());
    tell(troubles[0] ?? null);
  };

  /** Once, not every second. */
  const tell = (trouble: BridgeError | null): void => {
    if (trouble !== null && trouble.code !== lastTrouble) emit({ name: 'upkeepFailed', error: trouble });
    lastTrouble = trouble?.code ?? null;
  };

  return {
    start() {
      const next = (): void => {
        turning ??= turn().finally(() => {
          turning = null;
        });
      };
      // A timer of its own and not the clock's sleep: how often is looked is not a matter of what time it is.
      timer = setInterval(next, everyMs);
      next();
    },
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await turning;
    },
    turn,
  };
}

interface Running {
  readonly command: StoredCommand;
  readonly errand: Errand;
}

/** For a command that cannot even begin: what it is marked with must survive a store that cannot be written now. */
function failing(error: BridgeError): Errand {
  return { work: () => Promise.reject(error) };
}

function ignore(): void {}

function requireFeed(name: string, feeds: readonly HeartbeatFeed[]): void {
  if (feeds.some((feed) => feed.name === name)) return;
  throw new BridgeError({
    code: 'FEED_UNKNOWN',
    kind: 'operator',
    message: `the running FlexBridge has no feed ${JSON.stringify(name)}`,
    hint: `It was started with these: ${feeds.map((feed) => feed.name).join(', ')}. Restart it after a change of the configuration.`,
  });
}
