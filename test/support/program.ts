import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The built program (`npm test` builds it). */
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface ProgramPlace {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** User and group id to run it as; only root may name another one. */
  readonly account?: number;
}

/** Starts the program as its user would; only the given variables are added to the environment. */
export function startProgram(args: readonly string[], { cwd, env = {}, account }: ProgramPlace = {}) {
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
    ...(cwd !== undefined && { cwd }),
    ...(account !== undefined && { uid: account, gid: account }),
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('started without pipes');
  const lines: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  stdout.on('data', (chunk: Buffer) => {
    const [last = '', ...done] = (rest + chunk.toString()).split('\n').toReversed();
    rest = last;
    for (const line of done.toReversed())
      if (line.startsWith('{"')) lines.push(JSON.parse(line) as Record<string, unknown>);
    for (const look of waiting) look();
  });
  const ended = Promise.all([
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
    text(stdout),
    text(stderr),
  ]).then(([code, out, err]): Ended => {
    const secret = env['FLEXBRIDGE_CLIENT_SECRET'];
    if (secret !== undefined && `${out}${err}`.includes(secret)) throw new Error('the client secret was printed');
    return { code, out, err };
  });
  return {
    child,
    ended,
    /** The first log line with that event, and with these members; rejects when the program ends without it. */
    logged: (event: string, members: Readonly<Record<string, unknown>> = {}) =>
      new Promise<Record<string, unknown>>((resolve, reject) => {
        const look = (): void => {
          const wanted = Object.entries({ ...members, event });
          const line = lines.find((candidate) => wanted.every(([name, value]) => candidate[name] === value));
          if (line !== undefined) resolve(line);
        };
        waiting.add(look);
        look();
        ended.then(({ err }) => {
          reject(new Error(`ended without ${event}: ${err}`));
        }, reject);
      }),
  };
}
