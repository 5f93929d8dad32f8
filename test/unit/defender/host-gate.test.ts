import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHostGate } from '../../../src/defender/host-gate.ts';
import type { RequestLimit } from '../../../src/defender/request-pace.ts';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { steppedClock } from '../../support/clock.ts';
import { calm, containing, failureOf } from './loopback.ts';

const PER_MINUTE: RequestLimit = { requests: 100, perMs: 60_000 };
const PER_HOUR: RequestLimit = { requests: 1500, perMs: 3_600_000 };

function aGate({ limits = [], random = 0 }: { limits?: readonly RequestLimit[]; random?: number } = {}) {
  const clock = steppedClock('2026-03-01T12:00:00Z');
  const events: BridgeEvent[] = [];
  const gate = createHostGate({
    tenant: 'contoso',
    host: 'graph.example',
    limits,
    clock,
    emit: (event) => events.push(event),
    random: () => random,
  });
  /** How long a request waits at the gate. */
  const waited = async () => {
    const before = clock.monotonic();
    await gate.pass(calm());
    return clock.monotonic() - before;
  };
  return { gate, clock, events, waited };
}

describe('a host that asks to slow down', () => {
  it.each([429, 503])('gets nothing before the time of its %s, and then at once', async (status) => {
    const { gate, waited } = aGate();
    gate.observe({ status, retryAfterMs: 17_000 });
    expect(await waited()).toBe(17_000);
    expect(await waited()).toBe(0);
  });

  it('is not kept waiting for: a caller comes back when it takes longer', async () => {
    const { gate, clock } = aGate();
    gate.observe({ status: 429, retryAfterMs: 7_200_000 });
    expect(await failureOf(gate.pass(calm()))).toMatchObject({
      code: 'UPSTREAM_THROTTLED',
      kind: 'transient',
      retryAfterMs: 7_200_000,
      message: containing('graph.example asked to slow down; nothing is sent to it before 2026-03-01T14:00:00.000Z'),
    });
    expect(clock.monotonic()).toBe(0);
    clock.step(7_200_000);
    await gate.pass(calm());
  });

  it('is told of once, whoever comes while it lasts', async () => {
    const { gate, events } = aGate();
    gate.observe({ status: 429, retryAfterMs: 100_000 });
    gate.observe({ status: 429, retryAfterMs: 50_000 });
    await failureOf(gate.pass(calm()));
    await failureOf(gate.pass(calm()));
    expect(events).toEqual([
      { name: 'hostGated', tenant: 'contoso', host: 'graph.example', waitMs: 100_000, reason: 'asked' },
    ]);
  });

  it('is never asked earlier for a shorter time or a success that comes after', async () => {
    const { gate, waited } = aGate();
    gate.observe({ status: 429, retryAfterMs: 30_000 });
    gate.observe({ status: 429, retryAfterMs: 5_000 });
    gate.observe({ status: 200 });
    expect(await waited()).toBe(30_000);
  });

  it('is given twice as long after each 429 that names no time, up to ten minutes, and less again after an answer', () => {
    const { gate, clock, events } = aGate();
    const waits = Array.from({ length: 9 }, () => {
      gate.observe({ status: 429 });
      const event = events.at(-1);
      clock.step(600_000);
      return event?.name === 'hostGated' ? event.waitMs / 1000 : null;
    });
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600]);
    gate.observe({ status: 200 });
    gate.observe({ status: 429 });
    expect(events.at(-1)).toMatchObject({ waitMs: 10_000 });
  });

  it('is not hammered for a Retry-After of nothing', async () => {
    const { gate, waited } = aGate();
    gate.observe({ status: 429, retryAfterMs: 0 });
    expect(await waited()).toBe(1000);
  });

  it('is not closed by a 503 or 500 that asks for nothing', async () => {
    const { gate, waited } = aGate();
    gate.observe({ status: 503 });
    gate.observe({ status: 500 });
    expect(await waited()).toBe(0);
  });

  it('gets the time it asked for and at most a tenth more, by chance', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 10_000_000 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (asked, random) => {
          const { gate, events } = aGate({ random });
          gate.observe({ status: 429, retryAfterMs: asked });
          const [event] = events;
          const waitMs = event?.name === 'hostGated' ? event.waitMs : 0;
          expect(waitMs).toBeGreaterThanOrEqual(asked);
          expect(waitMs).toBeLessThanOrEqual(asked + Math.min(asked / 10, 30_000) + 1);
        },
      ),
    );
  });

  it('lets a caller go who gives up', async () => {
    const { gate, clock } = aGate();
    gate.observe({ status: 429, retryAfterMs: 30_000 });
    const caller = new AbortController();
    caller.abort(new Error('shutting down'));
    expect(await failureOf(gate.pass(caller.signal))).toHaveProperty('message', 'shutting down');
    expect(clock.monotonic()).toBe(0);
  });
});

describe('a published limit', () => {
  it('makes the request after the last one wait until the first is a minute old', async () => {
    const { clock, waited, events } = aGate({ limits: [PER_MINUTE] });
    for (let sent = 0; sent < 100; sent += 1) {
      expect(await waited()).toBe(0);
      clock.step(100);
    }
    expect(await waited()).toBe(60_000 + 1000 - 10_000);
    expect(events).toMatchObject([{ name: 'hostGated', reason: 'limit' }]);
  });

  it('of an hour sends the caller away with the time of the next request', async () => {
    const { gate, clock } = aGate({ limits: [PER_MINUTE, PER_HOUR] });
    const from = clock.monotonic();
    for (let sent = 0; sent < 1500; sent += 1) await gate.pass(calm());
    const passed = clock.monotonic() - from;
    expect(await failureOf(gate.pass(calm()))).toMatchObject({
      code: 'UPSTREAM_PACED',
      kind: 'transient',
      retryAfterMs: 3_601_000 - passed,
      message: containing('graph.example'),
    });
  });

  it('counts no request that was given up before it was sent', async () => {
    const { gate, clock, waited } = aGate({ limits: [{ requests: 1, perMs: 60_000 }] });
    await gate.pass(calm());
    const caller = new AbortController();
    const given = failureOf(gate.pass(caller.signal));
    caller.abort(new Error('gone'));
    expect(await given).toHaveProperty('message', 'gone');
    clock.step(61_000);
    expect(await waited()).toBe(0);
  });

  it('is never passed in any stretch of time, whenever requests come and whatever the host answers', async () => {
    const limits = [
      { requests: 3, perMs: 1000 },
      { requests: 7, perMs: 10_000 },
    ];
    const comings = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 0, max: 3000 }),
        answer: fc.constantFrom({ status: 200 }, { status: 429, retryAfterMs: 2000 }, { status: 429 }),
      }),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(comings, async (list) => {
        const { gate, clock } = aGate({ limits });
        const sent: number[] = [];
        for (const { afterMs, answer } of list) {
          clock.step(afterMs);
          // More than one at a time, as the sources of a tenant come.
          await Promise.all(
            [1, 2].map(async () => {
              await gate.pass(calm()).then(
                () => sent.push(clock.monotonic()),
                () => undefined,
              );
            }),
          );
          gate.observe(answer);
        }
        for (const { requests, perMs } of limits) {
          const crowded = sent.filter((at, index) => at - (sent[index - requests] ?? Number.NEGATIVE_INFINITY) < perMs);
          expect(crowded).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
