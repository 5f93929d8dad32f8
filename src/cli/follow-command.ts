import type { Clock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import { type ErrandStore, isEnded, type StoredCommand } from '../store/errands.ts';

export interface Following {
  readonly store: Pick<ErrandStore, 'command'>;
  readonly commandId: number;
  readonly clock: Clock;
  /** Aborted by whoever does not want to watch any longer. */
  readonly signal: AbortSignal;
  /** Whether a server runs that works on it. */
  readonly isServing: () => boolean;
  readonly show: (command: StoredCommand) => void;
}

const LOOK_MS = 250;
/** A server that is restarted is waited for. */
const PATIENCE_MS = 60_000;
/** Asking whether a server runs takes a tenth of a second. */
const ASK_MS = 2000;

/**
 * Watches a command until it has ended, or until somebody leaves: then it is answered as it is.
 * @throws BridgeError SERVE_STOPPED
 */
export async function followCommand(following: Following): Promise<StoredCommand> {
  const { clock, signal, show } = following;
  let servedMs = clock.monotonic();
  let askedMs = servedMs;
  for (;;) {
    const command = await read(following);
    show(command);
    if (isEnded(command) || signal.aborted) return command;
    await clock.sleep(LOOK_MS, signal).catch(nothing);
    const nowMs = clock.monotonic();
    if (nowMs - askedMs < ASK_MS) continue;
    askedMs = nowMs;
    if (following.isServing()) servedMs = nowMs;
    if (nowMs - servedMs > PATIENCE_MS) throw stopped(command);
  }
}

async function read({ store, commandId }: Following): Promise<StoredCommand> {
  const command = await store.command(commandId);
  if (command !== null) return command;
  throw new BridgeError({
    code: 'COMMAND_UNKNOWN',
    kind: 'operator',
    message: `the store has no request ${commandId} any more`,
    hint: 'The database was replaced meanwhile, by a backup for example. Ask again.',
  });
}

function stopped({ commandId, done, total }: StoredCommand): BridgeError {
  return new BridgeError({
    code: 'SERVE_STOPPED',
    kind: 'operator',
    message: `FlexBridge has not been running for a minute; request ${commandId} is at ${done} of ${total}`,
    hint: 'Start flexbridge serve: it goes on where it was. Nothing is done twice.',
  });
}

function nothing(): void {}
