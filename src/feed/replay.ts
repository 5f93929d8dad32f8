import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { type ErrandStore, type ReplayProgress, replayProgress, type StoredCommand } from '../store/errands.ts';
import type { ReplayArgs } from './command-args.ts';

/** Events that one transaction appends: a longer one would hold up polls and new alerts. */
const SLICE_EVENTS = 200;
/** What a replay may make up for after a pause, in milliseconds of its rate. */
const MOST_ARREARS_MS = 2000;

/** A command that the server is at. */
export interface Errand {
  /** Does what is due by now; true once there is nothing left to do. */
  work(signal: AbortSignal): Promise<boolean>;
}

export interface ErrandDeps {
  readonly store: ErrandStore;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Gives the event loop to others. */
  readonly breathe: () => Promise<void>;
}

/**
 * Appends the chosen events again, a slice at a time, as many a second as was asked for: new events find their place
 * between the slices. How far it got is kept with each slice, so a process that takes the command over goes on there.
 */
export function createReplay(command: StoredCommand, args: ReplayArgs, deps: ErrandDeps): Errand {
  const { store, clock, emit, breathe } = deps;
  const { commandId } = command;
  const { feed, connector: recipient, selection, rate } = args;
  /** A second's worth at once, so that a small replay is there at once. */
  let due = rate;
  let lastMs = clock.monotonic();
  let hasBegun = false;

  const begin = async (): Promise<void> => {
    const known = replayProgress(command);
    if (known === null) {
      const { events, lastSeq } = await store.replayPreview(feed, selection);
      const progress: ReplayProgress = { toSeq: lastSeq ?? 0, afterSeq: 0, firstSeq: null, lastSeq: null };
      await note('started', events);
      await store.updateCommand(commandId, { total: events, progress });
      emit({ name: 'replayStarted', command: commandId, feed, events });
    } else emit({ name: 'replayStarted', command: commandId, feed, events: command.total - command.done });
    hasBegun = true;
  };

  const note = (step: string, events: number): Promise<void> =>
    store.addAudit({
      who: command.requestedBy,
      action: 'replay',
      details: { step, command: commandId, feed, connector: recipient, events },
    });

  const finish = async (): Promise<void> => {
    const now = await store.command(commandId);
    if (now === null) return;
    await note(now.state === 'done' ? 'finished' : now.state, now.done);
    emit({ name: 'replayFinished', command: commandId, feed, events: now.done });
  };

  let isEnded = false;
  return {
    async work(signal) {
      if (!hasBegun) await begin();
      const nowMs = clock.monotonic();
      due = Math.min(due + ((nowMs - lastMs) * rate) / 1000, (rate * MOST_ARREARS_MS) / 1000);
      lastMs = nowMs;
      while (!isEnded && due >= 1 && !signal.aborted) {
        const limit = Math.min(SLICE_EVENTS, Math.floor(due));
        const slice = await store.appendReplay({ commandId, feed, recipient, selection, limit });
        due -= slice.events;
        isEnded = slice.ended;
        await breathe();
      }
      if (isEnded) await finish();
      return isEnded;
    },
  };
}
