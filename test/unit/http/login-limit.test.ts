import { describe, expect, it } from 'vitest';
import { createLoginLimit } from '../../../src/http/login-limit.ts';
import { steppedClock } from '../../support/clock.ts';

function fail(
  limit: ReturnType<typeof createLoginLimit>,
  times: number,
  address: string,
  name: (turn: number) => string,
) {
  return Array.from({ length: times }, (_, turn) => limit.failed(address, name(turn)));
}

describe('the limit of wrong logins', () => {
  it('lets ten of one name pass in a minute, then says how long to wait', () => {
    const clock = steppedClock(0);
    const limit = createLoginLimit(clock);
    expect(fail(limit, 10, '192.0.2.1', () => 'arcsight-01')).toEqual(Array(10).fill(null));
    clock.step(20_000);
    expect(limit.failed('192.0.2.1', 'arcsight-01')).toBe(40);
    clock.step(40_000);
    expect(limit.failed('192.0.2.1', 'arcsight-01')).toBeNull();
  });

  it('counts each name and each address for itself', () => {
    const limit = createLoginLimit(steppedClock(0));
    fail(limit, 11, '192.0.2.1', () => 'arcsight-01');
    expect(limit.failed('192.0.2.1', 'arcsight-02')).toBeNull();
    expect(limit.failed('192.0.2.2', 'arcsight-01')).toBeNull();
  });

  it('stops an address that tries many names', () => {
    const limit = createLoginLimit(steppedClock(0));
    const waits = fail(limit, 51, '192.0.2.1', (turn) => `name-${turn}`);
    expect(waits.slice(0, 50)).toEqual(Array(50).fill(null));
    expect(waits[50]).toBe(60);
  });

  it('keeps a bounded memory of strangers', () => {
    const limit = createLoginLimit(steppedClock(0));
    fail(limit, 11, '192.0.2.1', () => 'arcsight-01');
    for (let stranger = 0; stranger < 10_000; stranger += 1) limit.failed(`198.51.100.${stranger}`, 'x');
    expect(limit.failed('192.0.2.1', 'arcsight-01')).toBeNull();
  });

  it('counts what nobody can name for the address alone, and tells the wait without counting', () => {
    const limit = createLoginLimit(steppedClock(0));
    for (let turn = 0; turn < 50; turn += 1) expect(limit.failed('192.0.2.1', null)).toBeNull();
    for (let turn = 0; turn < 5; turn += 1) expect(limit.wait('192.0.2.1', 'arcsight-01')).toBeNull();
    expect(limit.failed('192.0.2.1', null)).toBe(60);
    expect(limit.wait('192.0.2.1', 'arcsight-01')).toBe(60);
    expect(limit.wait('192.0.2.2', 'arcsight-01')).toBeNull();
  });
});
