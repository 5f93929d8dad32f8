import { type Instant, instantFromMs, instantToMs, parseInstant } from './instant.ts';

/** The next instant that Microsoft can tell from this one: 100 ns later. */
export function justAfter(instant: Instant): Instant {
  return instantAt(ticksOf(instant) + 1n);
}

/**
 * The instant in the middle of a stretch (`from` inclusive, `to` exclusive); null when it is a single instant, or not
 * longer than `shortestMs`.
 */
export function halfway(from: Instant, to: Instant, shortestMs = 0): Instant | null {
  const [start, end] = [ticksOf(from), ticksOf(to)];
  const isLonger = end - start > 1n && end - start > BigInt(shortestMs) * 10_000n;
  return isLonger ? instantAt(start + (end - start) / 2n) : null;
}

/** The end of a stretch that begins where this one ends and is so many times as long. */
export function endOfNext(from: Instant, to: Instant, times: bigint): Instant {
  return instantAt(ticksOf(to) + (ticksOf(to) - ticksOf(from)) * times);
}

/** Steps of 100 ns since 1970; too many for the digits of a number. */
function ticksOf(instant: Instant): bigint {
  return BigInt(instantToMs(instant)) * 10_000n + BigInt(instant.slice(23, 27));
}

function instantAt(ticks: bigint): Instant {
  const milliseconds = instantFromMs(Number(ticks / 10_000n)).slice(0, 23);
  const instant = parseInstant(`${milliseconds}${String(ticks % 10_000n).padStart(4, '0')}Z`);
  if (instant === null) throw new RangeError(`no instant has ${ticks} steps`);
  return instant;
}
