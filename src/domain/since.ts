import { BridgeError } from './errors.ts';

/**
 * The connector's time, as it was sent. How the connector forms it is not documented (flexconnector.md 2), so every
 * form that a Java or .NET program could plausibly print is read.
 */
export type Since =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'time';
      readonly text: string;
      /** Epoch ms, rounded down. */
      readonly ms: number;
      /**
       * Milliseconds per unit of the last digit that says something: 60000 without seconds, 1000 for whole seconds, 1 for
       * milliseconds and finer. Many programs print a fraction of zeros behind a time of which they keep whole seconds.
       */
      readonly unitMs: number;
    };

const DATE_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]?\d{2}:?\d{2})?$/i;
const EPOCH = /^\d{9,14}$/;
/** Epoch seconds have at most 11 digits until the year 5138. */
const SECONDS_DIGITS = 11;
const PLACEHOLDER = '$START_AT_TIME';

/**
 * Reads ISO-8601 (0 to 9 fraction digits; `Z`, an offset, an offset whose `+` arrived as a blank, or no zone = UTC),
 * `yyyy-MM-dd HH:mm:ss`, epoch seconds or milliseconds. Missing, empty or the literal placeholder is no time.
 * @throws BridgeError SINCE_INVALID that says what was read
 */
export function parseSince(raw: string | undefined): Since {
  const text = (raw ?? '').trim();
  if (text === '' || text === PLACEHOLDER) return { kind: 'none' };
  const since = EPOCH.test(text) ? fromEpoch(text) : fromDateTime(text);
  if (since === null) throw invalid(text);
  return since;
}

/** True when the time is the given stamp at the precision that was sent. */
export function isStamp(since: Since, stampMs: number): boolean {
  return since.kind === 'time' && Math.floor(stampMs / since.unitMs) === Math.floor(since.ms / since.unitMs);
}

function fromEpoch(text: string): Since {
  const inSeconds = text.length <= SECONDS_DIGITS;
  return {
    kind: 'time',
    text,
    ms: Number(text) * (inSeconds ? 1000 : 1),
    unitMs: inSeconds || text.endsWith('000') ? 1000 : 1,
  };
}

function fromDateTime(text: string): Since | null {
  const match = DATE_TIME.exec(text);
  if (match === null) return null;
  const [, date = '', hour = '', minute = '', second, fraction = '', zone = 'Z'] = match;
  const wall = Date.parse(`${date}T${hour}:${minute}:${second ?? '00'}Z`);
  const offset = offsetMs(zone);
  if (Number.isNaN(wall) || offset === null || !new Date(wall).toISOString().startsWith(date)) return null;
  const ms = wall - offset + Number(fraction.padEnd(3, '0').slice(0, 3));
  return { kind: 'time', text, ms, unitMs: second === undefined ? 60_000 : unitOf(fraction) };
}

function unitOf(fraction: string): number {
  return Number(fraction) === 0 ? 1000 : 10 ** (3 - Math.min(fraction.length, 3));
}

/** `Z`, `+0200`, `-02:00`, or `02:00` whose plus sign was decoded as a blank. */
function offsetMs(zone: string): number | null {
  if (zone.toUpperCase() === 'Z') return 0;
  const [hours, minutes] = zone.replace(/^[+-]/, '').replace(':', '').match(/\d{2}/g)?.map(Number) ?? [];
  if (hours === undefined || minutes === undefined || hours > 14 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function invalid(text: string): BridgeError {
  return new BridgeError({
    code: 'SINCE_INVALID',
    kind: 'operator',
    message: `cannot read ${JSON.stringify(text.slice(0, 64))} as a time`,
    hint: 'Send ISO-8601 such as 2026-01-31T12:00:00.000Z, "yyyy-MM-dd HH:mm:ss" (UTC), or epoch seconds or milliseconds; in the Events URL write $START_AT_TIME.',
  });
}
