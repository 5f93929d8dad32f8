import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../config/environment.ts';
import { isRecord } from '../../config/schema-node.ts';
import { BridgeError } from '../../domain/errors.ts';

/** A bridge that runs for a trial. */
export interface TrialBridge {
  /** Resolves once it serves. @throws BridgeError SETUP_BRIDGE_ENDED with what it said */
  readonly serving: Promise<void>;
  /** Resolves once every source, `tenant/api`, has been polled once, well or not; false when the signal comes first. */
  polled(sources: readonly string[], signal: AbortSignal): Promise<boolean>;
  stop(): Promise<void>;
}

export type StartBridge = (configFile: string, env: Environment) => TrialBridge;

/** Longer than the bridge itself gives open answers. */
const STOP_LIMIT_MS = 15_000;
const MOST_LINES = 20;
const POLLED: ReadonlySet<unknown> = new Set(['pollFinished', 'pollFailed']);

/** Starts `flexbridge serve` as a process of its own, as it will run later. */
export const startChildBridge: StartBridge = (configFile, env) => {
  const main = fileURLToPath(new URL('../../main.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'serve', '--config', configFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    // Ctrl-C of the terminal is for setup, which then ends it in order.
    detached: true,
  });
  // A terminal that is closed must not leave it behind; SIGHUP itself means something else to a bridge.
  const hangUp = (): void => {
    child.kill('SIGTERM');
  };
  process.once('SIGHUP', hangUp);
  const complaints: string[] = [];
  const done = new Set<string>();
  const waiting = new Set<() => void>();
  createInterface({ input: child.stderr }).on(
    'line',
    (line) => complaints.length < MOST_LINES && complaints.push(line),
  );
  const serving = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = readLine(text);
      if (line['event'] === 'started') resolve();
      if (POLLED.has(line['event'])) done.add(`${String(line['tenant'])}/${String(line['source'])}`);
      for (const look of waiting) look();
    });
    child.once('error', reject);
    child.once('exit', () => {
      reject(ended(complaints));
    });
  });
  serving.catch(() => undefined);
  return {
    serving,
    polled: (sources, signal) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (sources.every((source) => done.has(source))) settle(true);
        };
        const leave = (): void => {
          settle(false);
        };
        const settle = (isDone: boolean): void => {
          waiting.delete(look);
          signal.removeEventListener('abort', leave);
          resolve(isDone);
        };
        waiting.add(look);
        signal.addEventListener('abort', leave);
        child.once('exit', leave);
        if (signal.aborted) leave();
        look();
      }),
    stop: async () => {
      await stop(child);
      process.off('SIGHUP', hangUp);
    },
  };
};

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const limit = new AbortController();
  const late = sleep(STOP_LIMIT_MS, 'late', { signal: limit.signal }).catch(() => 'left');
  if ((await Promise.race([exited, late])) === 'late') child.kill('SIGKILL');
  limit.abort();
  await exited;
}

function readLine(text: string): Readonly<Record<string, unknown>> {
  try {
    const line: unknown = JSON.parse(text);
    return isRecord(line) ? line : {};
  } catch {
    return {};
  }
}

function ended(complaints: readonly string[]): BridgeError {
  return new BridgeError({
    code: 'SETUP_BRIDGE_ENDED',
    kind: 'operator',
    message: `the bridge does not start: ${complaints.join(' ')}`,
    hint: 'The files are written. Put right what the bridge says, then: flexbridge serve, and flexbridge doctor in another terminal.',
  });
}
