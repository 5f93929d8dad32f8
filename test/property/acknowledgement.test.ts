import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exchange, Member, Plan, Step, Told } from '../support/delivery-plan.ts';
import { violations } from '../support/delivery-world.ts';

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

type Meaning = Pick<Member, 'mode' | 'otherDate'>;

const LOCAL = { minutes: 120, written: false } as const;
const WRITTEN = { minutes: -330, written: true } as const;

/** The first rows of the table in docs/delivery.md: at least once, whatever happens. */
const PROMISED: readonly Meaning[] = [
  { mode: { meaning: 'newest-event' } },
  { mode: { meaning: 'newest-event', precision: 's' } },
  { mode: { meaning: 'newest-event', zone: WRITTEN } },
  { mode: { meaning: 'newest-event', zone: LOCAL } },
  { mode: { meaning: 'last-success' } },
  { mode: { meaning: 'last-success', precision: 's' } },
  { mode: { meaning: 'last-success', zone: LOCAL } },
];
/** The others: up to the receipt by the peer. */
const OTHERS: readonly Meaning[] = [
  { mode: { meaning: 'wall-clock' } },
  { mode: { meaning: 'wall-clock', precision: 's' } },
  { mode: { meaning: 'wall-clock', zone: LOCAL } },
  { mode: { meaning: 'wall-clock', zone: WRITTEN } },
  { mode: { meaning: 'wall-clock', clockErrorMs: HOUR } },
  { mode: { meaning: 'wall-clock', stepBack: { everyPolls: 4, byMs: 90_000 } } },
  { mode: { meaning: 'last-try' } },
  { mode: { meaning: 'last-try', precision: 's' } },
  { mode: { meaning: 'newest-event' }, otherDate: true },
  { mode: { meaning: 'frozen' } },
  { mode: { meaning: 'missing' } },
];

const told = fc.oneof<fc.WeightedArbitrary<Told>[]>(
  { weight: 6, arbitrary: fc.constantFrom('sent', 'closed') },
  { weight: 3, arbitrary: fc.constantFrom('cut', 'broken', 'open') },
);
const who = fc.nat({ max: 1 });
const exchange: fc.Arbitrary<Exchange> = fc.record({
  who,
  // Like one another, unlike, faster than stamps may rise, and long enough for a page to be given up.
  waitMs: fc.constantFrom(30 * SECOND, 30 * SECOND, 30_417, 200, SECOND, MINUTE, 11 * MINUTE),
  got: fc.constantFrom('processed', 'processed', 'received', 'nothing'),
  told,
  retry: fc.option(fc.record({ told, atOnce: fc.boolean() }), { freq: 6 }),
  limit: fc.option(fc.integer({ min: 1, max: 3 }), { freq: 8 }),
});
const poll = exchange.map((step): Step => ({ kind: 'poll', ...step }));
const other = fc.oneof<fc.WeightedArbitrary<Step>[]>(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('append'), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('update'), alert: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('notice'), who: fc.nat({ max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('late'), told }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('url'), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('full'), isFull: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unreadable'), who }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'restart' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('set-clock'), byMs: fc.constantFrom(-HOUR, HOUR) }) },
);
const steps = fc.array(fc.oneof({ weight: 5, arbitrary: poll }, { weight: 2, arbitrary: other }), {
  minLength: 10,
  maxLength: 50,
  size: 'max',
});

/** Two connectors on one feed that has a backlog, and what happens to them. */
function plans(meanings: readonly Meaning[], isPromised: boolean): fc.Arbitrary<Plan> {
  const member: fc.Arbitrary<Member> = fc
    .record({
      meaning: fc.constantFrom(...meanings),
      keepAlive: fc.boolean(),
      // One of them is ours to the millisecond when a request comes.
      aheadMs: fc.constantFrom(0, 3, 7, -700),
    })
    .map(({ meaning, ...rest }) => ({ ...meaning, ...rest, isPromised }));
  return fc.record({
    members: fc.array(member, { minLength: 2, maxLength: 2 }),
    maxEvents: fc.integer({ min: 1, max: 4 }),
    steps: steps.map((some) => [{ kind: 'append', count: 12 }, ...some]),
  });
}

/** Polls of one connector, each as usual but for what is said. */
function aPlan(member: Meaning & { readonly isPromised: boolean }, some: readonly Partial<Exchange>[]): Plan {
  const usual = { who: 0, waitMs: 30_417, got: 'processed', told: 'closed', retry: null, limit: null } as const;
  return {
    members: [{ ...member, keepAlive: false, aheadMs: 7 }],
    maxEvents: 2,
    steps: [{ kind: 'append', count: 12 }, ...some.map((step): Step => ({ kind: 'poll', ...usual, ...step }))],
  };
}

describe('the acknowledgement', () => {
  const holds = (meanings: readonly Meaning[], isPromised: boolean, numRuns: number) =>
    fc.assert(
      fc.asyncProperty(plans(meanings, isPromised), async (plan) => {
        expect(await violations(plan)).toEqual([]);
      }),
      // The same histories each time; another seed tries others.
      { numRuns, seed: 11 },
    );

  it('never takes as delivered what a connector with a promised time has not processed, on any path', () =>
    holds(PROMISED, true, 70));

  it('never takes as delivered what was not handed over, whatever the time means', () => holds(OTHERS, false, 70));

  it('would lose with a clock what a proxy took, were that promised: the model can fail', async () => {
    const behindProxy = [{}, { got: 'nothing' }, {}] as const;
    const clock = { mode: { meaning: 'wall-clock' } } as const;
    expect(await violations(aPlan({ ...clock, isPromised: true }, behindProxy))).toEqual([
      'c0: 3 is acknowledged, but was not processed',
      'c0: 4 is acknowledged, but was not processed',
      'c0 never got 3,4',
    ]);
    expect(await violations(aPlan({ ...clock, isPromised: false }, behindProxy))).toEqual([]);
  });
});
