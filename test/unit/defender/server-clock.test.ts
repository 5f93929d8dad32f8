import { describe, expect, it } from 'vitest';
import { createServerClock } from '../../../src/defender/server-clock.ts';
import { steppedClock } from '../../support/clock.ts';

const DATE = 'Sun, 01 Mar 2026 12:00:00 GMT';

describe("Microsoft's clock", () => {
  it('is unknown before the first answer', () => {
    const serverClock = createServerClock({ clock: steppedClock(0) });
    serverClock.observe(undefined);
    serverClock.observe('yesterday');
    expect(serverClock.now()).toBeNull();
  });

  it('goes on with the time that has passed since the answer', () => {
    const clock = steppedClock(0);
    const serverClock = createServerClock({ clock });
    serverClock.observe(DATE);
    clock.step(1500);
    expect(serverClock.now()).toBe(Date.parse(DATE) + 1500);
  });

  it('counts from the arrival of an answer whose body took long', () => {
    const clock = steppedClock(0);
    const serverClock = createServerClock({ clock });
    const arrivedAt = clock.monotonic();
    clock.step(30_000);
    serverClock.observe(DATE, arrivedAt);
    expect(serverClock.now()).toBe(Date.parse(DATE) + 30_000);
  });

  it('does not follow the local wall clock when somebody sets it', () => {
    const clock = steppedClock('2030-01-01T00:00:00Z');
    const serverClock = createServerClock({ clock });
    serverClock.observe(DATE);
    clock.step(-3_600_000);
    expect(serverClock.now()).toBe(Date.parse(DATE));
  });

  it('is unknown again ten minutes after the last answer', () => {
    const clock = steppedClock(0);
    const serverClock = createServerClock({ clock });
    serverClock.observe(DATE);
    clock.step(600_000);
    expect(serverClock.now()).toBe(Date.parse(DATE) + 600_000);
    clock.step(1);
    expect(serverClock.now()).toBeNull();
  });
});
