import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';

export interface ShellPlace {
  readonly cwd: string;
  /** The whole environment, but for what earlier scripts have exported. */
  readonly env: Readonly<Record<string, string>>;
  /** File that carries what was exported from script to script. */
  readonly exported: string;
}

export type ShellProgram = ReturnType<typeof startShell>;

/** Runs a script as a reader would type it, in a shell that knows what the scripts before have exported. */
export function startShell(script: string, { cwd, env, exported }: ShellPlace) {
  const known = existsSync(exported) ? `. '${exported}'\n` : '';
  const child: ChildProcess = spawn('sh', ['-c', `set -eu\n${known}${script}\nexport -p > '${exported}'`], {
    cwd,
    env,
    // A process group of its own, so that Ctrl-C can be sent to all that the shell has started.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('started without pipes');
  const ended = Promise.all([
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
    text(stdout),
    text(stderr),
  ]).then(([code, out, err]) => ({ code, out, err }));
  return {
    ended,
    signal: (name: 'SIGINT' | 'SIGKILL') => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, name);
    },
    /** Resolves when the program has written that; rejects when it ends without. */
    wrote: (part: string) =>
      new Promise<void>((resolve, reject) => {
        let seen = '';
        stdout.on('data', (chunk: Buffer) => {
          seen += chunk.toString();
          if (seen.includes(part)) resolve();
        });
        ended.then(({ out, err }) => {
          reject(new Error(`"${script}" ended without ${part}:\n${out}${err}`));
        }, reject);
      }),
  };
}
