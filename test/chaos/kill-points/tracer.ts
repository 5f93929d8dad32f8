import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

/*
 * strace over the bridge's main thread, which alone writes to the database and to sockets. It lists the calls whose effect
 * others can see, and ends the process at one of them.
 */

const CALLS = [
  'pwrite64',
  'fdatasync',
  'fsync',
  'ftruncate',
  'rename',
  'unlink',
  'write',
  'writev',
  'shutdown',
] as const;
type CallName = (typeof CALLS)[number];

/** What a call goes to. `other`: the process itself, and the one that watches it. */
export type Target = 'log' | 'database' | 'file' | 'connector' | 'microsoft' | 'other';

export interface Call {
  readonly name: CallName;
  readonly target: Target;
  /** The how manieth of this name; from 1. */
  readonly number: number;
}

/** Where a process is to end. `before`: the call is not carried out any more; `after`: it is, and nothing else is done. */
export interface KillPlace {
  readonly call: Call;
  readonly side: 'before' | 'after';
}

/** Longer than anybody waits for the bridge: it is killed long before. */
const HELD_US = 60_000_000;
const HELD_MARK = '(DELAYED)';
const KILLED_MARK = '+++ killed by SIGKILL +++';
/** More than one line of the list. */
const TAIL_BYTES = 1_024;

/** Null when processes can be traced here, else why not. */
export function whyNotTraced(): string | null {
  const { error, status, stderr } = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true'], { encoding: 'utf8' });
  if (error !== undefined) return `strace cannot be run: ${error.message}`;
  return status === 0 ? null : `processes cannot be traced here: ${stderr.trim().split('\n').at(0) ?? ''}`;
}

/** What is put before the bridge's command. @param place null: the calls are only listed */
export function traced(listFile: string, place: KillPlace | null): readonly string[] {
  const noted = ['sh', '-c', 'echo $$ > "$0"; exec "$@"', pidFile(listFile)];
  // -D: the tracer is a grandchild, and the bridge the child that is signalled and ends. -yy: files and addresses.
  const strace = ['strace', '-D', '-qq', '-yy', '-s', '0', '-o', listFile, '-e', `trace=${CALLS.join(',')}`];
  const always = [...noted, ...strace];
  if (place === null) return always;
  const { call, side } = place;
  const what = side === 'before' ? 'signal=KILL' : `delay_exit=${HELD_US}`;
  return [...always, '-e', `inject=${call.name}:${what}:when=${call.number}`];
}

/** Kills the process if it is held behind its call. */
export function killIfHeld(listFile: string): void {
  if (!isHeld(listFile)) return;
  const pid = Number(readFileSync(pidFile(listFile), 'utf8'));
  const tracer = Number(/^TracerPid:\s*(\d+)$/m.exec(statusOf(pid))?.[1] ?? 0);
  if (tracer === 0) return;
  process.kill(pid, 'SIGKILL');
  // It waits for the delay to pass before it lets go of what is dead already.
  process.kill(tracer, 'SIGKILL');
}

/** What its list ends with says how it ended. */
export function wasKilled(listFile: string): boolean {
  return isHeld(listFile) || tailOf(listFile).includes(KILLED_MARK);
}

/** The calls of a run, in their order. @param bridgePort by which the connector's connections are known */
export function listCalls(listFile: string, bridgePort: number): readonly Call[] {
  const numbers = new Map<CallName, number>();
  const lines = existsSync(listFile) ? readFileSync(listFile, 'utf8').split('\n') : [];
  return lines.flatMap((line): readonly Call[] => {
    const name = CALLS.find((known) => line.startsWith(`${known}(`));
    if (name === undefined) return [];
    const number = (numbers.get(name) ?? 0) + 1;
    numbers.set(name, number);
    return [{ name, number, target: targetOf(line, bridgePort) }];
  });
}

function targetOf(line: string, bridgePort: number): Target {
  const place = /^\w+\(\d+<(.*?)>[,)]/.exec(line)?.[1] ?? /^\w+\("(.*?)"/.exec(line)?.[1] ?? '';
  if (place.endsWith('/flexbridge.db-wal')) return 'log';
  if (place.endsWith('/flexbridge.db')) return 'database';
  if (place.startsWith('/')) return 'file';
  if (!place.startsWith('TCP')) return 'other';
  const own = place.slice(0, place.indexOf('->'));
  return own.endsWith(`:${bridgePort}`) ? 'connector' : 'microsoft';
}

function isHeld(listFile: string): boolean {
  return tailOf(listFile).includes(HELD_MARK);
}

function tailOf(listFile: string): string {
  if (!existsSync(listFile)) return '';
  const file = openSync(listFile, 'r');
  try {
    const tail = Buffer.alloc(TAIL_BYTES);
    const bytes = readSync(file, tail, 0, TAIL_BYTES, Math.max(0, fstatSync(file).size - TAIL_BYTES));
    return tail.toString('latin1', 0, bytes);
  } finally {
    closeSync(file);
  }
}

function pidFile(listFile: string): string {
  return `${listFile}.pid`;
}

/** Empty when the process is gone. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
