import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { steppedClock } from '../../support/clock.ts';
import { createErrandRig, type ErrandRig } from './errand-rig.ts';

let rig: ErrandRig;
beforeEach(() => {
  rig = createErrandRig();
});
afterEach(() => {
  rig.remove();
});

const add = (at: string, who: string, action: string, details: Record<string, string | number | null>) =>
  rig.withStore((store) => store.addAudit({ who, action, details }), steppedClock(at));

describe('flexbridge audit', () => {
  it('shows who did what, newest first, safe for a terminal', async () => {
    await add('2026-01-01T12:00:00Z', 'kim', 'replay', { command: 1, connector: null, events: 12 });
    await add('2026-01-02T12:00:00Z', 'l\u001b[31mee', 'cut-over', { connector: 'arcsight-01' });
    const { code, out, err } = await rig.command('audit');
    expect([code, err]).toEqual([0, '']);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['time', 'who', 'what', 'details'],
      ['2026-01-02T12:00:00Z', 'l\ufffd[31mee', 'cut-over', 'connector=arcsight-01'],
      ['2026-01-01T12:00:00Z', 'kim', 'replay', 'command=1 events=12'],
    ]);
  });

  it('gives as many as are asked for, also as JSON', async () => {
    await add('2026-01-01T12:00:00Z', 'kim', 'replay', {});
    await add('2026-01-02T12:00:00Z', 'lee', 'replay', {});
    const { out } = await rig.command('audit', '--limit', '1', '--json');
    expect(JSON.parse(out)).toEqual([
      { atMs: Date.parse('2026-01-02T12:00:00Z'), who: 'lee', action: 'replay', details: {} },
    ]);
    const { code, err } = await rig.command('audit', '--limit', 'all');
    expect([code, err.includes('AUDIT_LIMIT')]).toEqual([1, true]);
  });

  it('says that there is nothing yet', async () => {
    await rig.store(1);
    expect((await rig.command('audit')).out).toBe('Nothing was done so far.\n');
  });
});
