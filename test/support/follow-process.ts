import type { ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard output holds the text; rejects when the program ends without it. */
  wrote(part: string): Promise<void>;
}

/** Collects what a process with piped output writes. */
export function followProcess(child: ChildProcess): Running {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('started without pipes');
  let written = '';
  stdout.on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  const code = new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
  const ended = Promise.all([code, text(stdout), text(stderr)]).then(
    ([exitCode, out, err]): Ended => ({ code: exitCode, out, err }),
  );
  return {
    child,
    ended,
    wrote: (part) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (written.includes(part)) resolve();
        };
        stdout.on('data', look);
        look();
        ended.then(({ err }) => {
          reject(new Error(`ended without ${part}: ${err}`));
        }, reject);
      }),
  };
}
