import { type ChildProcess, fork, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A process that runs a module of this folder. */
export interface Helper {
  readonly pid: number;
  /** What it told when it was ready. */
  readonly told: Readonly<Record<string, string>>;
  end(): Promise<void>;
}

/** Where a benchmark gets its folders and processes. What it leaves behind is taken away at the end of the bench. */
export interface Workspace {
  /** An empty folder of its own. */
  folder(name: string): string;
  remove(folder: string): void;
  spawn(file: string, args: readonly string[], options: SpawnOptions): ChildProcess;
  /**
   * Starts a module of this folder and waits until it has sent a message of texts.
   * @param node further options for node itself
   */
  helper(module: string, args: readonly string[], node?: readonly string[]): Promise<Helper>;
}

export function createWorkspace(root: string): Workspace {
  return {
    folder: (name) => mkdtempSync(join(root, `${name}-`)),
    remove: (folder) => {
      rmSync(folder, { recursive: true, force: true });
    },
    spawn: (file, args, options) => spawn(file, args, options),
    helper: async (module, args, node = []) => {
      const file = fileURLToPath(new URL(module, import.meta.url));
      const execArgv = [...process.execArgv, ...node];
      const child = fork(file, args, { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      const told = await ready(child, module);
      return { pid: child.pid ?? 0, told, end: () => end(child, 'SIGKILL') };
    },
  };
}

/** Ends a process and waits for its end. */
export async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

function ready(child: ChildProcess, module: string): Promise<Readonly<Record<string, string>>> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`${module} ended before it was ready (${signal ?? `exit code ${code}`})`));
    });
    child.once('message', (message) => {
      const told = typeof message === 'object' ? Object.entries(message) : [];
      resolve(Object.fromEntries(told.map(([name, value]) => [name, String(value)])));
    });
  });
}
