import { printable } from './printable.ts';
import { parseSince } from './since.ts';

/** A time in a request: how it was written, and what was read. */
export interface WrittenTime {
  /** As it was sent, cut and masked. */
  readonly text: string;
  /** Null: it is no time. */
  readonly ms: number | null;
  readonly unitMs: number | null;
  /** In the letters of Java's SimpleDateFormat where it is a date. */
  readonly pattern: string;
  /** `Z`, an offset, or `none`. */
  readonly zone: string;
  /** Colons and the like came as % and two digits. */
  readonly escaped: boolean;
}

const LONGEST = 64;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}([T ])\d{2}:\d{2}(:\d{2})?(?:([.,])(\d{1,9}))?(\s)?(Z|[+-]?\d{2}:?\d{2})?$/i;
/** What follows one of these words in a value is a login that was written into the wrong place. */
const SECRET = /((?:key|token|secret|password|code)(?:=|%3d))[^&]*/gi;

/** @param raw the parameter's value as it stands in the URL, not decoded */
export function writtenTime(raw: string): WrittenTime {
  const decoded = decode(raw);
  const text = printable(raw.replaceAll(SECRET, '$1***'), LONGEST);
  const escaped = raw.includes('%');
  const read = readOrNull(decoded);
  if (read === 'unreadable') return { text, ms: null, unitMs: null, pattern: 'not readable', zone: 'none', escaped };
  if (read === null) {
    const pattern = decoded.trim() === '' ? 'empty' : 'the placeholder itself';
    return { text, ms: null, unitMs: null, pattern, zone: 'none', escaped };
  }
  return { text, ms: read.ms, unitMs: read.unitMs, ...formOf(decoded.trim()), escaped };
}

function readOrNull(text: string): { readonly ms: number; readonly unitMs: number } | 'unreadable' | null {
  try {
    const since = parseSince(text);
    return since.kind === 'none' ? null : since;
  } catch {
    return 'unreadable';
  }
}

function formOf(text: string): Pick<WrittenTime, 'pattern' | 'zone'> {
  const match = DATE_TIME.exec(text);
  if (match === null) {
    return { pattern: text.length > 11 ? 'epoch milliseconds' : 'epoch seconds', zone: 'none' };
  }
  const [, middle = '', seconds, point = '', fraction = '', blank = '', sent] = match;
  // A + that was not escaped is decoded as a blank.
  const isPlus = blank !== '' && sent !== undefined && /^\d/.test(sent);
  const zone = isPlus ? `+${sent}` : sent;
  const day = `yyyy-MM-dd${middle === ' ' ? ' ' : "'T'"}HH:mm${seconds === undefined ? '' : ':ss'}`;
  return {
    pattern: `${day}${point}${'S'.repeat(fraction.length)}${isPlus ? '' : blank}${letters(zone)}`,
    zone: zone ?? 'none',
  };
}

function letters(zone: string | undefined): string {
  if (zone === undefined) return '';
  if (zone.toUpperCase() === 'Z') return "'Z'";
  return zone.includes(':') ? 'XXX' : 'XX';
}

/** As a form is decoded: `+` is a blank. What is no encoding stays as it is. */
function decode(raw: string): string {
  return new URLSearchParams(`since=${raw.replaceAll('&', '%26')}`).get('since') ?? '';
}
