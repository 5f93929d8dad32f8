import { type Instant, instantFromMs, instantToMs, parseInstant } from '../domain/instant.ts';

/** Units of 100 ns since 1970, the precision of an Instant; more than a number can count. */
export type Ticks = bigint;

export const TICKS_PER_MS = 10_000n;

export function toTicks(instant: Instant): Ticks {
  return BigInt(instantToMs(instant)) * TICKS_PER_MS + BigInt(instant.slice(23, 27));
}

export function fromTicks(ticks: Ticks): Instant {
  const below = ((ticks % TICKS_PER_MS) + TICKS_PER_MS) % TICKS_PER_MS;
  const whole = instantFromMs(Number((ticks - below) / TICKS_PER_MS));
  const instant = parseInstant(`${whole.slice(0, 23)}${String(below).padStart(4, '0')}Z`);
  if (instant === null) throw new RangeError('ticks beyond what a date can hold');
  return instant;
}
