import { CUTOVER_YEAR, epochMsOf, type ParsedFields } from './java-calendar.ts';
import { type DateElement, readDateElements } from './java-date-pattern.ts';
import { parseNumericZone, parseZone } from './java-zone.ts';

interface JavaDateFormat {
  /** Epoch milliseconds, or null where `SimpleDateFormat.parse` throws. Text after the pattern's end is ignored. */
  parse(text: string): number | null;
}

export type CompiledDateFormat =
  | { readonly kind: 'usable'; readonly format: JavaDateFormat }
  | { readonly kind: 'refused'; readonly reason: string; readonly isInvalid: boolean };

/**
 * `SimpleDateFormat` (lenient, Locale.US, UTC where the text has no zone) for the letters y Y M L d D E a H k h K m s S
 * z Z X. Refused: `y`, `yy`, `Y`, `YY` (their century depends on today), week numbers and eras. Years before 1583 give
 * null: Java counts them in the Julian calendar. It keeps Java's traps: SSS reads every digit as milliseconds, YYYY is
 * the week year.
 */
export function compileDateFormat(pattern: string): CompiledDateFormat {
  const read = readDateElements(pattern);
  if (read.kind === 'refused') return read;
  const { elements } = read;
  return { kind: 'usable', format: { parse: (text) => parseWith(elements, text) } };
}

function parseWith(elements: readonly DateElement[], text: string): number | null {
  const fields: ParsedFields = new Map();
  let at = 0;
  for (const [index, element] of elements.entries()) {
    const next = elements[index + 1];
    const end =
      element.kind === 'literal' ? literalEnd(element.text, text, at) : readField(element, next, text, at, fields);
    if (end === null) return null;
    at = end;
  }
  const year = fields.get('y') ?? fields.get('Y') ?? 1970;
  return year < CUTOVER_YEAR ? null : epochMsOf(fields);
}

function literalEnd(literal: string, text: string, at: number): number | null {
  return text.startsWith(literal, at) ? at + literal.length : null;
}

function readField(
  element: Extract<DateElement, { kind: 'field' }>,
  next: DateElement | undefined,
  text: string,
  start: number,
  fields: ParsedFields,
): number | null {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  if (at >= text.length) return null;
  const { letter, count } = element;
  if (letter === 'X') return readIsoZone(text, at, count, fields);
  if (letter === 'Z' || letter === 'z') return keepZone(parseZone(text, at), fields);
  if (letter === 'E') return readName(DAYS, letter, text, at, fields);
  if (letter === 'a') return readName(['AM', 'PM'], letter, text, at, fields);
  if (letter === 'M' && count > 2) return readName(MONTHS, letter, text, at, fields);
  // Digits that abut the next field are counted, from before the skipped blanks.
  const isCounted = next?.kind === 'field' && next.isNumber;
  if (isCounted && start + count > text.length) return null;
  return readNumber(letter, isCounted ? text.slice(0, start + count) : text, at, fields);
}

function readNumber(letter: string, text: string, at: number, fields: ParsedFields): number | null {
  const digits = /^-?[0-9]+/.exec(text.slice(at))?.[0];
  if (digits === undefined) return null;
  const number = Number(BigInt.asIntN(32, BigInt(digits)));
  // Set anew, so that the order of the keys is that in which Java saw the fields.
  fields.delete(letter);
  fields.set(letter, letter === 'M' ? number - 1 : number);
  return at + digits.length;
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
].concat('November', 'December');
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Full or three-letter English name in any case, the longest that fits. */
function readName(
  names: readonly string[],
  letter: string,
  text: string,
  at: number,
  fields: ParsedFields,
): number | null {
  const rest = text.slice(at).toLowerCase();
  const index = names.findIndex((name) => rest.startsWith(name.slice(0, 3).toLowerCase()));
  const name = names[index];
  if (name === undefined) return null;
  fields.delete(letter);
  fields.set(letter, index);
  return at + (rest.startsWith(name.toLowerCase()) ? name.length : 3);
}

function readIsoZone(text: string, at: number, count: number, fields: ParsedFields): number | null {
  const char = text[at];
  if (char === 'Z') return keepZone({ minutes: 0, end: at + 1 }, fields);
  if (char !== '+' && char !== '-') return null;
  return keepZone(parseNumericZone(text, at, count, count === 3), fields);
}

function keepZone(zone: { minutes: number; end: number } | null, fields: ParsedFields): number | null {
  if (zone === null) return null;
  fields.set('zone', zone.minutes);
  return zone.end;
}
