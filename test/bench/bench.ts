/**
 * `npm run bench [-- --json] [-- --only NAME]`: what the bridge costs next to the least that the same work can cost.
 * Prints figures and judges none. Works offline, on loopback, in a temporary folder.
 *
 * This process only watches: the measuring one keeps a processor busy for long stretches and could not take a Ctrl-C.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MEASURE = fileURLToPath(new URL('./measure.ts', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'flexbridge-bench-'));
// A process group of its own: everything that it starts ends with it.
const measuring = fork(MEASURE, [folder, ...process.argv.slice(2)], { detached: true });
const ended = once(measuring, 'exit');
const signal = await Promise.race([ended.then(() => null), askedToStop()]);
if (signal !== null) {
  process.stderr.write('bench: stopped, cleaning up\n');
  killGroup(measuring.pid);
  await ended;
}
removeAll();
if (signal === null) {
  process.exitCode = measuring.exitCode ?? 1;
} else {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function askedToStop(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    // Listened to until the end: tsx may pass on a signal that the terminal has already sent to everybody.
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, resolve);
  });
}

/** Also when the measuring process has ended by itself: after a failure others of its group may be left. */
function removeAll(): void {
  killGroup(measuring.pid);
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}

function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody of it is left.
  }
}
