/** The next of 2, 4, 10, 20, 40, 100 ... that is not below the value: the upper end of an axis, with a whole number at its half. */
export function axisEnd(value: number): number {
  if (value <= 2) return 2;
  const size = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 10].find((factor) => factor * size >= value) ?? 10) * size;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Lengths of time that an axis may end at, so that its half is a round number, too. */
const TIMES_MS: readonly number[] = [
  ...[1, 2, 4, 10, 20, 40].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 4, 10, 20, 40].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 4, 8, 12, 24].map((hours) => hours * HOUR_MS),
];
const DAY_MS = 24 * HOUR_MS;

/** The same for milliseconds: ends at whole seconds, minutes, hours or days. */
export function timeAxisEnd(ms: number): number {
  return TIMES_MS.find((end) => end >= ms) ?? axisEnd(ms / DAY_MS) * DAY_MS;
}
