import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Instant, instantFromMs, parseInstant } from '../../../../src/domain/instant.ts';
import type { AlertVersion } from '../../../../src/simulator/world/alert-version.ts';
import { createTimeline } from '../../../../src/simulator/world/timeline.ts';
import { alert } from '../simulator-client.ts';

const version = fc.record({ id: fc.nat(5), updatedMs: fc.nat(20), visibleAtMs: fc.nat(20) });

function toVersion(made: { id: number; updatedMs: number; visibleAtMs: number }, place: number): AlertVersion {
  const lastUpdateDateTime = instantFromMs(made.updatedMs);
  return {
    alert: alert(`da${made.id}`, { lastUpdateDateTime, place }),
    visibleAtMs: made.visibleAtMs,
    change: 'put',
    createdAt: parseInstant('2026-01-01'),
    updatedAt: lastUpdateDateTime,
  };
}

/** The plain way: look at everything, each time. */
function visibleOf(versions: readonly AlertVersion[], atMs: number) {
  const latest = new Map<string, AlertVersion>();
  const before = new Map<string, AlertVersion>();
  for (const made of versions.toSorted((a, b) => a.visibleAtMs - b.visibleAtMs)) {
    if (made.visibleAtMs > atMs) break;
    const last = latest.get(made.alert.id);
    if (last !== undefined) before.set(made.alert.id, last);
    latest.set(made.alert.id, made);
  }
  return { latest: [...latest.values()], before: [...before.values()] };
}

function within(list: readonly AlertVersion[], from: Instant | null, to: Instant | null): readonly AlertVersion[] {
  return list.filter(
    ({ updatedAt }) => (from === null || (updatedAt ?? '') >= from) && (to === null || (updatedAt ?? '') <= to),
  );
}

it('shows at any time, forwards and backwards, what looking at every version shows', () => {
  const instant = fc.option(fc.nat(20).map(instantFromMs));
  const look = fc.record({ atMs: fc.nat(25), from: instant, to: instant });
  fc.assert(
    fc.property(
      fc.array(version, { maxLength: 30 }),
      fc.array(version, { maxLength: 5 }),
      fc.array(look, { minLength: 1 }),
      (first, later, looks) => {
        const all = first.map(toVersion);
        const timeline = createTimeline(all);
        looks.forEach(({ atMs, from, to }, n) => {
          const added = later[n];
          if (added !== undefined) {
            const made = toVersion(added, 100 + n);
            timeline.put(made);
            all.push(made);
          }
          const { latest, before } = visibleOf(all, atMs);
          expect(timeline.visible(atMs)).toEqual(latest);
          const updated = timeline.updated(atMs, { from, to });
          expect(updated.toSorted(byPlace)).toEqual(within(latest, from, to).toSorted(byPlace));
          expect(updated.map(({ updatedAt }) => updatedAt)).toEqual(
            updated.map(({ updatedAt }) => updatedAt).toSorted(),
          );
          expect(timeline.superseded(atMs, { from, to }).toSorted(byPlace)).toEqual(
            within(before, from, to).toSorted(byPlace),
          );
          expect(timeline.nextChangeMs(atMs)).toBe(
            all
              .map(({ visibleAtMs }) => visibleAtMs)
              .filter((ms) => ms > atMs)
              .toSorted((a, b) => a - b)[0] ?? null,
          );
        });
      },
    ),
  );
});

it('shows the same after thousands of changes at once as after one by one', () => {
  const count = 3000;
  const versions = Array.from({ length: count }, (_, n) =>
    toVersion({ id: n % 700, updatedMs: (n * 7919) % count, visibleAtMs: n }, n),
  );
  const [atOnce, inTwo, oneByOne] = [createTimeline(versions), createTimeline(versions), createTimeline(versions)];
  inTwo.updated(count / 2, { from: null, to: null });
  for (let atMs = 0; atMs < count; atMs += 1) oneByOne.updated(atMs, { from: null, to: null });
  const whole = atOnce.updated(count, { from: null, to: null });
  expect(whole).toHaveLength(700);
  expect(inTwo.updated(count, { from: null, to: null })).toEqual(whole);
  expect(oneByOne.updated(count, { from: null, to: null })).toEqual(whole);
  expect(within(visibleOf(versions, count).latest, null, null).toSorted(byPlace)).toEqual(whole.toSorted(byPlace));
});

function byPlace(a: AlertVersion, b: AlertVersion): number {
  return Number(a.alert['place']) - Number(b.alert['place']);
}
