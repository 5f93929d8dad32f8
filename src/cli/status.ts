import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { parseDuration } from '../config/quantity.ts';
import { BridgeError, toBridgeError } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';
import { toSnapshot } from '../telemetry/status-snapshot.ts';
import type { Console } from './console.ts';
import { exitCodeOf } from './findings-report.ts';
import { look } from './look.ts';
import { openScreen } from './status-screen.ts';
import { statusLines } from './status-view.ts';
import { watchLines } from './status-watch.ts';

/** How often a view may read the store, so that looking on costs the bridge nothing. */
const SHORTEST_MS = 500;
const LONGEST_MS = 3_600_000;

/**
 * How the bridge is doing: on a terminal a view that updates itself until q or Ctrl-C (exit code 0), otherwise, and with
 * `json`, one snapshot with the exit code of `doctor`.
 */
export async function status(
  options: { readonly config?: string; readonly json?: boolean; readonly interval: string },
  { out, isTerminal }: Console,
): Promise<number> {
  const intervalMs = parseInterval(options.interval);
  const config = await loadConfig({ argvPath: options.config });
  if (isTerminal && !options.json) {
    await watch(config, out, intervalMs);
    return 0;
  }
  const snapshot = toSnapshot(await look(config));
  const text = options.json ? JSON.stringify(snapshot, null, 2) : statusLines(snapshot, Infinity).join('\n');
  out(`${text}\n`);
  return exitCodeOf(snapshot.findings);
}

async function watch(config: Config, out: Console['out'], intervalMs: number): Promise<void> {
  const screen = openScreen(out);
  const lines = async (width: number): Promise<readonly string[]> => {
    try {
      return statusLines(toSnapshot(await look(config)), width);
    } catch (thrown) {
      return trouble(thrown).map((line) => printable(line, width));
    }
  };
  try {
    await watchLines(lines, screen, intervalMs);
  } finally {
    screen.close();
  }
}

/** A bridge that starts or stops may be in the way for a moment: the view goes on and says so. */
function trouble(thrown: unknown): readonly string[] {
  const error = toBridgeError(thrown);
  if (error.kind === 'bug') throw error;
  return [`FlexBridge: ${error.message} [${error.code}]`, `-> ${error.hint}`, 'Trying again ...'];
}

function parseInterval(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms >= SHORTEST_MS && ms <= LONGEST_MS) return ms;
  throw new BridgeError({
    code: 'INTERVAL',
    kind: 'operator',
    message: `${JSON.stringify(text)} is no interval`,
    hint: 'Give a number and a unit from 500ms to 1h, such as 2s.',
  });
}
