/**
 * A UTC instant in Microsoft's own precision: `yyyy-MM-ddTHH:mm:ss.fffffffZ`, always seven fraction digits, so that
 * comparing two as strings compares them in time. `Date` keeps three digits and would merge or skip records
 * (Microsoft sends 0 to 7 digits: defender-api 0).
 */
export type Instant = string & { readonly __brand: 'Instant' };

const FORM = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})?$/i;

/** Reads ISO-8601 with 0 to 9 fraction digits; no zone means UTC. Null when it is no real instant. */
export function parseInstant(text: string): Instant | null {
  const match = FORM.exec(text.trim());
  if (match === null) return null;
  const [, seconds = '', fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${seconds.toUpperCase()}${zone.toUpperCase()}`);
  if (Number.isNaN(ms) || !isRealDate(seconds)) return null;
  return build(ms, fraction.padEnd(7, '0').slice(0, 7));
}

/** V8 rolls `02-30` over to March; a date that does not exist is refused instead. */
function isRealDate(seconds: string): boolean {
  const ms = Date.parse(`${seconds.toUpperCase()}Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(seconds.slice(0, 10));
}

/** @param ms epoch milliseconds */
export function instantFromMs(ms: number): Instant {
  const whole = Math.floor(ms);
  return build(
    whole - (((whole % 1000) + 1000) % 1000),
    `${String(((whole % 1000) + 1000) % 1000).padStart(3, '0')}0000`,
  );
}

/** Epoch milliseconds, rounded down. */
export function instantToMs(instant: Instant): number {
  return Date.parse(`${instant.slice(0, 23)}Z`);
}

/** The instant `ms` milliseconds later (or earlier when negative); digits below the millisecond stay. */
export function shiftInstant(instant: Instant, ms: number): Instant {
  const shifted = instantFromMs(instantToMs(instant) + ms);
  return `${shifted.slice(0, 23)}${instant.slice(23, 27)}Z` as Instant;
}

function build(secondsMs: number, sevenDigits: string): Instant {
  return `${new Date(secondsMs).toISOString().slice(0, 19)}.${sevenDigits}Z` as Instant;
}
