import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Order, Told } from './messages.ts';
import { readWord } from './messages.ts';

/** The bridge as a process of its own, ended and started again at will on the same files and port. */
export interface BridgeHandle {
  /** Resolves when it serves; rejects with what it said when it does not. */
  start(): Promise<void>;
  isRunning(): boolean;
  kill(): Promise<void>;
  /** SIGTERM, and waits for its end; answers how long that took, in milliseconds. */
  stop(): Promise<number>;
  /** SIGSTOP: its sockets stay, and nobody answers. */
  pause(): void;
  resume(): void;
  /** Lets time pass for it. */
  pass(ms: number): Promise<void>;
  /** Sets its wall clock. */
  set(byMs: number): Promise<void>;
  /** How often it has told something, over all its lives. */
  count(name: string): number;
  /** Codes of errors that it told of, with how often. */
  readonly codes: ReadonlyMap<string, number>;
  /** Resolves when it has told something so many times in all, or has ended, or after the time. */
  untilTold(name: string, count: number, limitMs: number): Promise<void>;
}

export interface BridgeHandleOptions {
  readonly entryFile: string;
  readonly configFile: string;
  /** How far its wall clock is ahead of the real one when it starts. */
  readonly aheadMs: () => number;
  /** Put before the program, for a start under another one. */
  readonly wrapper?: readonly string[];
}

const START_LIMIT_MS = 30_000;

interface Life {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  hasEnded: boolean;
}

export function createBridgeHandle(options: BridgeHandleOptions): BridgeHandle {
  const counts = new Map<string, number>();
  const codes = new Map<string, number>();
  const looks = new Set<() => void>();
  const waiting = new Map<number, () => void>();
  let life: Life | null = null;
  let orders = 0;

  const heed = ({ name, code }: Told): void => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (code !== undefined) codes.set(code, (codes.get(code) ?? 0) + 1);
    for (const look of [...looks]) look();
  };
  const release = (): void => {
    for (const done of waiting.values()) done();
    waiting.clear();
    for (const look of [...looks]) look();
  };

  const start = async (): Promise<void> => {
    const { wrapper = [], entryFile, configFile, aheadMs } = options;
    const line = [...wrapper, process.execPath];
    const command = line.shift() ?? process.execPath;
    const child = spawn(command, [...line, entryFile, configFile, String(aheadMs())], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { PATH: process.env['PATH'] },
    });
    const complaints = child.stderr === null ? Promise.resolve('') : text(child.stderr);
    const begun: Life = { child, hasEnded: false, ended: whenEnded(child) };
    life = begun;
    await new Promise<void>((resolve, reject) => {
      const refuse = (problem: string): void => {
        reject(new Error(`the bridge did not start: ${problem}`));
      };
      const timer = setTimeout(() => {
        refuse(`nothing came of it within ${START_LIMIT_MS} ms`);
      }, START_LIMIT_MS);
      child.on('message', (message) => {
        const word = readWord(message);
        if (word?.kind === 'started') resolve();
        if (word?.kind === 'refused') refuse(word.problem);
        if (word?.kind === 'told') heed(word.event);
        if (word?.kind === 'moved') {
          waiting.get(word.number)?.();
          waiting.delete(word.number);
        }
      });
      void begun.ended.then(async () => {
        begun.hasEnded = true;
        release();
        refuse(await complaints);
        clearTimeout(timer);
      });
      void begun.ended.finally(() => {
        clearTimeout(timer);
      });
    });
  };

  const running = (): Life | null => (life === null || life.hasEnded ? null : life);

  const order = (kind: Order['kind'], ms: number): Promise<void> => {
    const child = running()?.child;
    if (child === undefined || !child.connected) return Promise.resolve();
    orders += 1;
    const message: Order = { kind, number: orders, ms };
    return new Promise((resolve) => {
      waiting.set(message.number, resolve);
      child.send(message, (error) => {
        if (error === null) return;
        waiting.delete(message.number);
        resolve();
      });
    });
  };

  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const ending = running();
    if (ending === null) return;
    ending.child.kill(signal);
    await ending.ended;
  };

  return {
    start,
    isRunning: () => running() !== null,
    kill: () => end('SIGKILL'),
    async stop() {
      const began = performance.now();
      await end('SIGTERM');
      return performance.now() - began;
    },
    pause: () => {
      running()?.child.kill('SIGSTOP');
    },
    resume: () => {
      running()?.child.kill('SIGCONT');
    },
    pass: (ms) => order('pass', ms),
    set: (byMs) => order('set', byMs),
    count: (name) => counts.get(name) ?? 0,
    codes,
    untilTold: (name, count, limitMs) =>
      new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          looks.delete(look);
          resolve();
        };
        const look = (): void => {
          if ((counts.get(name) ?? 0) >= count || running() === null) finish();
        };
        const timer = setTimeout(finish, limitMs);
        looks.add(look);
        look();
      }),
  };
}

function whenEnded(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  });
}
