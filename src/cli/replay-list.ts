import type { Config } from '../config/config.ts';
import { BridgeError } from '../domain/errors.ts';
import { isEnded, type StoredCommand } from '../store/errands.ts';
import { account } from './account.ts';
import type { Console } from './console.ts';
import { withStore } from './open-store.ts';
import { endText, replayRow, replayTable } from './replay-view.ts';

/** The last requests that are looked through. */
const LOOKED_AT = 200;

/** Replays, newest first. */
export async function listReplays(
  config: Config,
  { json }: { readonly json?: boolean },
  { out }: Console,
): Promise<number> {
  const commands = await withStore(config, 'read', (store) => store.commands(LOOKED_AT));
  const rows = commands.filter(({ kind }) => kind === 'replay').map(replayRow);
  out(json ? `${JSON.stringify(rows, null, 2)}\n` : replayTable(rows));
  return 0;
}

/** Ends a replay: what it has appended stays. */
export async function cancelReplay(
  config: Config,
  text: string,
  { json }: { readonly json?: boolean },
  { out }: Console,
): Promise<number> {
  const commandId = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  const found = await withStore(config, 'read', (store) => store.command(commandId));
  requireOpen(found, text);
  const command = await withStore(config, 'write', async (store) => {
    await store.updateCommand(commandId, { state: 'cancelled' });
    const now = await store.command(commandId);
    // The server may have been faster.
    if (now?.state !== 'cancelled') return now;
    await store.addAudit({ who: account(), action: 'replay', details: { step: 'cancel', command: commandId } });
    return now;
  });
  if (command?.state !== 'cancelled') throw ended(text, command?.state ?? 'gone');
  const row = replayRow(command);
  out(`${json ? JSON.stringify(row, null, 2) : endText(row)}\n`);
  return 0;
}

function requireOpen(command: StoredCommand | null, text: string): void {
  if (command?.kind === 'replay' && !isEnded(command)) return;
  if (command?.kind === 'replay') throw ended(text, command.state);
  throw new BridgeError({
    code: 'REPLAY_UNKNOWN',
    kind: 'operator',
    message: `there is no replay ${JSON.stringify(text.slice(0, 40))}`,
    hint: 'flexbridge replay --list shows them, the number in the first column.',
  });
}

function ended(text: string, state: string): BridgeError {
  return new BridgeError({
    code: 'REPLAY_ENDED',
    kind: 'operator',
    message: `the replay ${text} is ${state} already`,
    hint: 'There is nothing to cancel. What it has put into the feed is delivered.',
  });
}
