import { createRandom, type Random, seedFor } from '../random.ts';
import { changeAlert, setSeverity } from './alert-change.ts';
import { createAlert } from './alert-factory.ts';
import type { ScheduledVersion, WorldOptions } from './alert-version.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Records that Microsoft shows minutes after their update time (defender-api 7). */
const LATE_SHARE = 0.15;
/** Backlog that is not late keeps this far from the start. */
const QUIET_BEFORE_START_MS = 2 * MINUTE_MS;
const USUAL_LATENCY_MS = 25_000;
/** One in so many arrivals is a burst: several alerts with one update time. */
const BURST_EVERY = 7;
/** Place of the alert with very many items. */
const LARGE_AT = 5;

/** Every version of a tenant's alerts, alert by alert. The same arguments give the same schedule. */
export function scheduleAlerts(seed: number, tenantId: string, options: WorldOptions): readonly ScheduledVersion[] {
  const random = createRandom(seedFor(seed, tenantId));
  const backlog = backlogTimes(random, options).map((updatedMs) => ({
    updatedMs,
    visibleAtMs: backlogVisibility(random, updatedMs, options.startMs),
  }));
  const live = liveTimes(random, options).map((updatedMs) => ({
    updatedMs,
    visibleAtMs: updatedMs + delay(random, updatedMs, options),
  }));
  return [...backlog, ...live].flatMap(({ updatedMs, visibleAtMs }, index) => {
    const large = index % (options.largeEvery ?? Infinity) === LARGE_AT;
    const first: ScheduledVersion = {
      alert: createAlert({ random, tenantId, index, updatedMs, large }),
      visibleAtMs,
      change: 'new',
    };
    const flips = options.flips !== undefined && random.chance(options.flips);
    return flips ? withFlip(random, first, updatedMs, options) : withUpdates(random, first, updatedMs, options);
  });
}

/** Severity there and back again: three states, each of which counts (design: Domain). */
function withFlip(random: Random, first: ScheduledVersion, updatedMs: number, options: WorldOptions) {
  const { severity = 'high' } = first.alert;
  const versions = [first];
  let [latest, atMs] = [first, updatedMs];
  for (const word of [severity === 'low' ? 'high' : 'low', severity]) {
    atMs += random.integer(20 * MINUTE_MS, 3 * HOUR_MS);
    const visibleAtMs = Math.max(latest.visibleAtMs + 1, atMs + delay(random, atMs, options));
    latest = { alert: setSeverity(latest.alert, word, atMs), change: 'severity', visibleAtMs };
    versions.push(latest);
  }
  return versions;
}

/** Zero to three updates, most of them hours later, some within the half hour that an automatic investigation takes. */
function withUpdates(random: Random, first: ScheduledVersion, updatedMs: number, options: WorldOptions) {
  const versions = [first];
  let [latest, atMs] = [first, updatedMs];
  for (let left = random.integer(0, 3); left > 0; left -= 1) {
    atMs += random.chance(0.25) ? random.integer(5 * MINUTE_MS, 30 * MINUTE_MS) : random.integer(HOUR_MS, 9 * HOUR_MS);
    const changed = changeAlert(latest.alert, random, atMs);
    latest = { ...changed, visibleAtMs: Math.max(latest.visibleAtMs + 1, atMs + delay(random, atMs, options)) };
    versions.push(latest);
  }
  return versions;
}

/** What happens before the start is never far too late: the backlog is visible when it begins. */
function delay(random: Random, updatedMs: number, { startMs, late }: WorldOptions): number {
  if (late === undefined || updatedMs < startMs || !random.chance(late.share)) return latency(random);
  return random.integer(late.fromMs, late.toMs);
}

function latency(random: Random): number {
  return random.chance(LATE_SHARE)
    ? random.integer(MINUTE_MS, 10 * MINUTE_MS)
    : random.integer(2_000, USUAL_LATENCY_MS);
}

function liveTimes(random: Random, { startMs, live, livePeriodMs }: WorldOptions): readonly number[] {
  let atMs = startMs;
  return inBursts(random, live, (burst) => {
    atMs += Math.max(1, Math.round(livePeriodMs * burst * (0.5 + random.next())));
    return atMs;
  });
}

function backlogTimes(random: Random, { startMs, backlog }: WorldOptions): readonly number[] {
  const latestMs = startMs - QUIET_BEFORE_START_MS - USUAL_LATENCY_MS;
  const times = inBursts(random, backlog, () => random.integer(startMs - 24 * HOUR_MS, latestMs));
  return times.toSorted((a, b) => a - b);
}

/** A late record of the backlog may show up just before the start, but not after it. */
function backlogVisibility(random: Random, updatedMs: number, startMs: number): number {
  return Math.min(updatedMs + latency(random), startMs - random.integer(0, 1_000));
}

function inBursts(random: Random, count: number, nextMs: (burst: number) => number): readonly number[] {
  const times: number[] = [];
  while (times.length < count) {
    const burst = random.integer(1, BURST_EVERY) === 1 ? random.integer(3, 5) : 1;
    const atMs = nextMs(burst);
    times.push(...Array.from({ length: Math.min(burst, count - times.length) }, () => atMs));
  }
  return times;
}
