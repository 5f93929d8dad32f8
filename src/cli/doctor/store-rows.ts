import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { BridgeError } from '../../domain/errors.ts';
import { type Finding, ok } from '../../domain/finding.ts';
import { probeStore } from '../../store/probe-store.ts';
import type { Observations } from '../../telemetry/observations.ts';
import { account } from '../account.ts';
import { lockHolders, type OtherProcess } from './file-locks.ts';

/** Whether the store can be written and is whole, tried out. */
export function storeRows({ store: { path } }: Pick<Config, 'store'>, seen: Observations): readonly Finding[] {
  const { damage, unwritable } = probeStore(path);
  const rows = damage === null ? [] : [failed('store', `${upper(damage.message)}.`, damage.hint)];
  if (unwritable !== null) return [...rows, unwritableRow(unwritable, path)];
  // What the running bridge says of its own writes counts for more than one that went well here.
  const isTold = seen.store.kind === 'read' && seen.store.unwritable != null;
  if (isTold || damage !== null) return rows;
  return [ok('store.writable', 'store', wellWords(dirname(path)))];
}

function wellWords(folder: string): string {
  if (!existsSync(folder)) return `There is no folder ${folder} yet; serve makes it.`;
  return `A file and a transaction were tried in ${folder}: it can be written.`;
}

function unwritableRow({ code, message, hint }: BridgeError, path: string): Finding {
  const waits =
    'Collection waits, the feed goes on with what is stored, and nothing is lost; a bridge that is not running cannot start.';
  if (code === 'STORE_BUSY') {
    const holders = lockHolders([path, `${path}-wal`, `${path}-shm`]);
    return failed(
      'store.writable',
      `Nothing can be written: ${path} is locked by ${holders.length === 0 ? 'another program' : holders.map(named).join(' and ')}. ${waits}`,
      'End that program, or let it finish: a database browser, a copy or virus scanner, a second FlexBridge, a backup tool. fuser -v FILE or lsof FILE names it where this row does not. All resumes by itself.',
    );
  }
  const who = `(tried by the account ${account()})`;
  const isRight = ['STORE_READ_ONLY', 'STORE_CANNOT_OPEN', 'STORE_FAILED', 'STORE_WRITE_FAILED'].includes(code);
  const remedy = isRight
    ? `${hint} Run doctor as the account that runs the bridge: another account may lack rights that this one has. If the folder is that account's: chown -R ACCOUNT ${dirname(path)}, and mount -o remount,rw where its file system went read-only.`
    : hint;
  return failed('store.writable', `Nothing can be written ${who}: ${message}. ${waits}`, remedy);
}

function named({ name, pid }: OtherProcess): string {
  return `${name} (pid ${pid})`;
}

function failed(id: 'store' | 'store.writable', meaning: string, remedy: string): Finding {
  return { id, state: 'failed', subject: 'store', sinceMs: null, meaning, remedy };
}

function upper(message: string): string {
  return message.slice(0, 1).toUpperCase() + message.slice(1);
}
