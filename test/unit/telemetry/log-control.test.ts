import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { createLogControl } from '../../../src/telemetry/log-control.ts';
import { heldClock } from '../../support/held-clock.ts';

function rig() {
  const clock = heldClock(0);
  const logger: { level: string } = { level: 'info' };
  const events: BridgeEvent[] = [];
  const control = createLogControl({ logger, level: 'info', clock, emit: (event) => events.push(event) });
  const pass = async (ms: number): Promise<void> => {
    clock.step(ms);
    await setImmediate();
  };
  return { logger, events, control, pass };
}

describe('the level of the log', () => {
  it('goes back by itself after the time that was asked for, and says so', async () => {
    const { logger, events, control, pass } = rig();
    control.change('debug', 60_000);
    expect(logger.level).toBe('debug');
    await pass(59_999);
    expect(logger.level).toBe('debug');
    await pass(1);
    expect(logger.level).toBe('info');
    expect(events).toEqual([
      { name: 'logLevelChanged', to: 'debug', forMs: 60_000 },
      { name: 'logLevelChanged', to: 'info', forMs: null },
    ]);
  });

  it('stays as asked while the configuration changes, and goes back to what that says then', async () => {
    const { logger, control, pass } = rig();
    control.change('debug', 60_000);
    control.configure('warn');
    expect(logger.level).toBe('debug');
    await pass(60_000);
    expect(logger.level).toBe('warn');
  });

  it('counts the time of the last request only', async () => {
    const { logger, control, pass } = rig();
    control.change('debug', 60_000);
    await pass(30_000);
    control.change('warn', 60_000);
    await pass(30_000);
    expect(logger.level).toBe('warn');
    await pass(30_000);
    expect(logger.level).toBe('info');
  });

  it('without a time stays until the configuration says another level', async () => {
    const { logger, control, pass } = rig();
    control.change('error', null);
    await pass(86_400_000);
    control.configure('info');
    expect(logger.level).toBe('error');
    control.configure('warn');
    expect(logger.level).toBe('warn');
  });
});
