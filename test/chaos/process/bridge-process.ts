import { createBridge } from '../../../src/bridge.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { toBridgeError } from '../../../src/domain/errors.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { readOrder, type Told, type Word } from './messages.ts';

/**
 * The bridge under test: what `serve` runs, with a clock that its parent moves. Nothing else is replaced.
 *
 *   bridge-process CONFIG AHEAD_MS
 */
const [configFile = '', aheadMs = '0'] = process.argv.slice(2);
/** As `serve`: after this long, open answers are cut. */
const STOP_LIMIT_MS = 10_000;

// Its parent is gone: nobody is left to end it. First of all, or it could go unheard.
process.once('disconnect', () => process.exit(1));
if (!process.connected) process.exit(1);

const say = (word: Word): void => {
  if (process.connected) process.send?.(word);
};
const clock = movedClock(Number(aheadMs));
process.on('message', (message) => {
  const order = readOrder(message);
  if (order === null) return;
  if (order.kind === 'pass') clock.pass(order.ms);
  else clock.set(order.ms);
  say({ kind: 'moved', number: order.number });
});

const config = await loadConfig({ argvPath: configFile, env: {} });
const emit = (event: BridgeEvent): void => {
  say({ kind: 'told', event: told(event) });
};
const bridge = createBridge(config, { emit, version: '0.0.0-chaos', pid: process.pid, clock });

const end = async (): Promise<void> => {
  const limit = new Promise((resolve) => setTimeout(resolve, STOP_LIMIT_MS).unref());
  await Promise.race([bridge.stop(), limit]);
  process.exit(0);
};
process.once('SIGTERM', () => void end());

try {
  say({ kind: 'started', url: (await bridge.start()).url });
} catch (thrown) {
  const { code, message } = toBridgeError(thrown);
  say({ kind: 'refused', problem: `${code}: ${message}` });
  process.disconnect();
}

function told(event: BridgeEvent): Told {
  return 'error' in event ? { name: event.name, code: event.error.code } : { name: event.name };
}
