import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Member, type Plan, type Step, type Told, violations } from '../support/delivery-world.ts';

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

type Meaning = Pick<Member, 'mode' | 'isPromised' | 'otherDate'>;

const here = { minutes: 120, written: false } as const;
const written = { minutes: -330, written: true } as const;

/** The first rows of the table in docs/delivery.md: at least once, whatever happens. */
const PROMISED: readonly Meaning[] = [
  { mode: { meaning: 'newest-event' }, isPromised: true },
  { mode: { meaning: 'newest-event', precision: 's' }, isPromised: true },
  { mode: { meaning: 'newest-event', zone: written }, isPromised: true },
  { mode: { meaning: 'newest-event', zone: here }, isPromised: true },
  { mode: { meaning: 'last-success' }, isPromised: true },
  { mode: { meaning: 'last-success', precision: 's' }, isPromised: true },
  { mode: { meaning: 'last-success', zone: here }, isPromised: true },
];
/** The others: up to the receipt by the peer. */
const OTHERS: readonly Meaning[] = [
  { mode: { meaning: 'wall-clock' }, isPromised: false },
  { mode: { meaning: 'wall-clock', precision: 's' }, isPromised: false },
  { mode: { meaning: 'wall-clock', zone: here }, isPromised: false },
  { mode: { meaning: 'wall-clock', clockErrorMs: HOUR }, isPromised: false },
  { mode: { meaning: 'wall-clock', stepBack: { everyPolls: 4, byMs: 90_000 } }, isPromised: false },
  { mode: { meaning: 'last-try' }, isPromised: false },
  { mode: { meaning: 'last-try', precision: 's' }, isPromised: false },
  { mode: { meaning: 'newest-event' }, otherDate: true, isPromised: false },
  { mode: { meaning: 'frozen' }, isPromised: false },
  { mode: { meaning: 'missing' }, isPromised: false },
];

const told = fc.oneof<fc.WeightedArbitrary<Told>[]>(
  { weight: 6, arbitrary: fc.constantFrom('sent', 'closed') },
  { weight: 3, arbitrary: fc.constantFrom('cut', 'broken', 'open') },
);
const who = fc.nat({ max: 1 });
const poll: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('poll'),
  who,
  waitMs: fc.constantFrom(30 * SECOND, 30 * SECOND, 30_417, 200, SECOND, MINUTE, 11 * MINUTE),
  got: fc.constantFrom('processed', 'processed', 'received', 'nothing'),
  told,
  retry: fc.option(fc.record({ told, atOnce: fc.boolean() }), { freq: 6 }),
  limit: fc.option(fc.integer({ min: 1, max: 3 }), { freq: 8 }),
});
const other: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('append'), count: fc.integer({ min: 1, max: 6 }) }) },
  fc.record({ kind: fc.constant('update'), alert: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('notice'), who: fc.nat({ max: 2 }) }),
  fc.record({ kind: fc.constant('late'), told }),
  fc.record({ kind: fc.constant('url'), who }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('full'), isFull: fc.boolean() }) },
  fc.record({ kind: fc.constant('unreadable'), who }),
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'restart' }) },
  fc.record({ kind: fc.constant('set-clock'), byMs: fc.constantFrom(-HOUR, -1500, 1500, HOUR) }),
);
const steps = fc.array(fc.oneof({ weight: 5, arbitrary: poll }, { weight: 2, arbitrary: other }), {
  minLength: 10,
  maxLength: 50,
  size: 'max',
});

function plans(meanings: readonly Meaning[]): fc.Arbitrary<Plan> {
  const member = fc.record({
    meaning: fc.constantFrom(...meanings),
    keepAlive: fc.boolean(),
    aheadMs: fc.constantFrom(0, 7, -700),
  });
  const members = fc.array(
    member.map(({ meaning, ...rest }) => ({ ...meaning, ...rest })),
    { minLength: 2, maxLength: 2 },
  );
  return fc.record({
    members,
    maxEvents: fc.integer({ min: 1, max: 4 }),
    acknowledge: fc.constant('progress'),
    steps: steps.map((some) => [{ kind: 'append', count: 12 } as const, ...some]),
  });
}

describe('the acknowledgement', () => {
  it('promised', async () => {
    await fc.assert(
      fc.asyncProperty(plans(PROMISED), async (plan) => {
        expect(await violations(plan)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
  it('others', async () => {
    await fc.assert(
      fc.asyncProperty(plans(OTHERS), async (plan) => {
        expect(await violations(plan)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
