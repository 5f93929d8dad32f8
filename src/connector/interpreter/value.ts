import { isIPv4, isIPv6 } from 'node:net';

/** What a token holds and an operation returns. Null stands beside it for "nothing". */
export type Value =
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'integer'; readonly number: number }
  | { readonly kind: 'long'; readonly number: bigint }
  | { readonly kind: 'address'; readonly text: string; readonly version: 4 | 6 }
  | { readonly kind: 'mac'; readonly text: string }
  | { readonly kind: 'timestamp'; readonly epochMs: number };

export type ValueKind = Value['kind'];

/** A date beyond this is none in Java's or JavaScript's calendars that we can print. */
const LAST_EPOCH_MS = 8_640_000_000_000_000;

export function stringValue(text: string): Value {
  return { kind: 'string', text };
}

/** `Integer.parseInt`: a sign and decimal digits, 32 bits. Only ASCII digits, where Java takes those of every script. */
export function parseInteger(text: string): Value | null {
  const number = parseDigits(text, 32);
  return number === null ? null : { kind: 'integer', number: Number(number) };
}

/** `Long.parseLong`: likewise with 64 bits. */
export function parseLong(text: string): Value | null {
  const number = parseDigits(text, 64);
  return number === null ? null : { kind: 'long', number };
}

function parseDigits(text: string, bits: number): bigint | null {
  if (!/^[+-]?[0-9]+$/.test(text)) return null;
  const number = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(bits, number) === number ? number : null;
}

/** A dotted quad or an IPv6 address without zone; never a host name. The text stays as it was written. */
export function parseAddress(text: string): Value | null {
  if (isIPv4(text)) return { kind: 'address', text, version: 4 };
  if (isIPv6(text) && !text.includes('%')) return { kind: 'address', text, version: 6 };
  return null;
}

/** Six hex pairs with colons or dashes; upper case with dashes, as connectors print it. */
export function parseMac(text: string): Value | null {
  if (!/^[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}$/i.test(text)) return null;
  return { kind: 'mac', text: text.replaceAll(':', '-').toUpperCase() };
}

/** Epoch milliseconds as a point in time; null beyond the calendar. */
export function timestampOf(epochMs: number | bigint): Value | null {
  const number = Number(epochMs);
  return Math.abs(number) <= LAST_EPOCH_MS ? { kind: 'timestamp', epochMs: number } : null;
}

/** The value as a String field shows it. How Java prints a date there is not known; this is ISO-8601. */
export function textOf(value: Value): string {
  switch (value.kind) {
    case 'string':
    case 'address':
    case 'mac':
      return value.text;
    case 'integer':
    case 'long':
      return value.number.toString();
    case 'timestamp':
      return new Date(value.epochMs).toISOString();
  }
}
