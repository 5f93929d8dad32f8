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

  it('does not follow a single answer with a wrong date, ahead or behind', () => {
    const clock = steppedClock(0);
    const serverClock = createServerClock({ clock });
    serverClock.observe(DATE);
    for (const wrong of ['Sun, 01 Mar 2026 13:00:00 GMT', 'Sun, 01 Mar 2026 11:00:00 GMT']) {
      serverClock.observe(wrong);
      serverClock.observe(DATE);
      expect(serverClock.now()).toBe(Date.parse(DATE));
    }
  });

  it('follows a clock that was set as soon as most answers say so', () => {
    const serverClock = createServerClock({ clock: steppedClock(0) });
    for (let answer = 0; answer < 5; answer += 1) serverClock.observe(DATE);
    for (let answer = 0; answer < 3; answer += 1) serverClock.observe('Sun, 01 Mar 2026 13:00:00 GMT');
    expect(serverClock.now()).toBe(Date.parse('Sun, 01 Mar 2026 13:00:00 GMT'));
  });

  it('believes the earlier one of two that differ', () => {
    const serverClock = createServerClock({ clock: steppedClock(0) });
    serverClock.observe('Sun, 01 Mar 2026 13:00:00 GMT');
    serverClock.observe(DATE);
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
