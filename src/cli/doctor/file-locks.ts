import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { printable } from '../../domain/printable.ts';

/** Another process, as far as this system tells. */
export interface OtherProcess {
  readonly pid: number;
  /** Name of its program. */
  readonly name: string;
}

/**
 * Who holds a lock on one of these files (Linux: /proc/locks, proc(5)); empty where the system does not tell, or not this
 * account. This process is left out.
 */
export function lockHolders(paths: readonly string[]): readonly OtherProcess[] {
  const inodes = new Set(paths.flatMap((path) => statSync(path, { throwIfNoEntry: false })?.ino ?? []));
  const pids = new Set(
    linesOf('/proc/locks').flatMap((line) => {
      const [, pid = '', , inode = ''] = /WRITE\s+(-?\d+)\s+(\w+:\w+):(\d+)/.exec(line) ?? [];
      return inodes.has(Number(inode)) ? [Number(pid)] : [];
    }),
  );
  return [...pids].filter((pid) => pid > 0 && pid !== process.pid).map((pid) => ({ pid, name: nameOf(pid) }));
}

/** TCP_LISTEN in /proc/net/tcp (proc(5)). */
const LISTEN = '0A';

/** Who listens on this TCP port of this machine; null where the system does not tell, or not this account. */
export function portHolder(port: number): OtherProcess | null {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const sockets = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(linesOf).flatMap((line) => {
      const cells = line.trim().split(/\s+/);
      return cells[1]?.endsWith(`:${hex}`) && cells[3] === LISTEN ? [`socket:[${cells[9] ?? ''}]`] : [];
    }),
  );
  if (sockets.size === 0) return null;
  const pid = namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((name) => namesIn(`/proc/${name}/fd`).some((fd) => sockets.has(targetOf(`/proc/${name}/fd/${fd}`))));
  return pid === undefined ? null : { pid: Number(pid), name: nameOf(Number(pid)) };
}

function nameOf(pid: number): string {
  const [name = ''] = linesOf(`/proc/${pid}/comm`);
  return name === '' ? 'a program' : printable(name, 60);
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
