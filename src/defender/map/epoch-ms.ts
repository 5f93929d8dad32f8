import { type Instant, instantToMs } from '../../domain/instant.ts';

/** Epoch milliseconds of a time that may not be known. */
export function epochMs(time: Instant | undefined): number | undefined {
  return time === undefined ? undefined : instantToMs(time);
}
