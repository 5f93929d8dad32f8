import type { Config } from '../config/config.ts';
import { systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import { span } from '../domain/time-words.ts';
import { isEnded, type StoredCommand } from '../store/errands.ts';
import { runningInstance } from '../store/instance-lock.ts';
import type { Console } from './console.ts';
import { followCommand } from './follow-command.ts';
import { onInterrupt } from './interrupt.ts';
import { withStore } from './open-store.ts';
import { openProgress } from './progress-line.ts';
import { type Considered, durationMs, endText, outlook, type ReplayRow, replayRow } from './replay-view.ts';

/** A replay that was asked for: says what becomes of it, and with `wait` stays until it has ended or Ctrl-C. */
export async function watchReplay(
  config: Config,
  replay: Considered & { readonly commandId: number },
  { json = false, wait }: { readonly json?: boolean; readonly wait: boolean },
  console: Console,
): Promise<number> {
  const { commandId } = replay;
  const shown: Console = json ? { ...console, out: () => undefined } : console;
  shown.out(`Replay ${commandId}: ${outlook(replay, systemClock.now()).join('\n')}\n`);
  const isServing = (): boolean => runningInstance(config.store.path) !== null;
  const serves = isServing();
  if (!serves) shown.out('FlexBridge is not running: the replay begins once flexbridge serve is started.\n');
  else if (!wait) shown.out('The running FlexBridge does it. To see how far it is: flexbridge replay --list\n');
  const command =
    serves && wait
      ? await follow(config, replay, isServing, shown)
      : await withStore(config, 'read', (store) => store.command(commandId));
  const row = command && replayRow(command);
  if (json) console.out(`${JSON.stringify(row, null, 2)}\n`);
  return row === null ? 1 : conclude(row, shown);
}

function conclude(row: ReplayRow, { out }: Console): number {
  const { problem } = row;
  if (problem !== null) throw new BridgeError({ ...problem, kind: 'operator' });
  if (isEnded(row)) out(`${endText(row)}\n`);
  return row.state === 'cancelled' ? 1 : 0;
}

async function follow(
  config: Config,
  { commandId, args }: Considered & { readonly commandId: number },
  isServing: () => boolean,
  console: Console,
): Promise<StoredCommand> {
  const interrupt = onInterrupt();
  const progress = openProgress(console);
  const show = (now: StoredCommand): void => {
    const left = isEnded(now) ? '' : `about ${span(durationMs(args, now.total - now.done))} left`;
    if (now.total > 0) progress.show(now.done, now.total, left);
  };
  try {
    const command = await withStore(config, 'read', (store) =>
      followCommand({ store, commandId, clock: systemClock, signal: interrupt.signal, isServing, show }),
    );
    progress.end();
    if (!isEnded(command))
      progress.say(`The running FlexBridge goes on with it. To end it: flexbridge replay --cancel ${commandId}`);
    return command;
  } finally {
    progress.end();
    interrupt.close();
  }
}
