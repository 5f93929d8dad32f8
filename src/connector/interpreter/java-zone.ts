export interface ParsedZone {
  /** East of Greenwich. */
  readonly minutes: number;
  /** Index behind the zone. */
  readonly end: number;
}

/** Letters `z` and `Z`: `+hhmm`, `GMT`, `GMT+hh:mm`, `UTC`. Other zone names, which Java knows, give null. */
export function parseZone(text: string, at: number): ParsedZone | null {
  if (text[at] === '+' || text[at] === '-') return parseNumericZone(text, at, 0, false);
  const name = text.slice(at, at + 3).toUpperCase();
  if (name === 'UTC') return { minutes: 0, end: at + 3 };
  if (name !== 'GMT') return null;
  const sign = text[at + 3];
  return sign === '+' || sign === '-' ? parseNumericZone(text, at + 3, 0, true) : { minutes: 0, end: at + 3 };
}

/** A signed offset at its sign: with `count` 1 hours only, else minutes too. Only `GMT+h:mm` may have one hour digit. */
export function parseNumericZone(text: string, at: number, count: number, hasColon: boolean): ParsedZone | null {
  const hours = hasColon && count === 0 ? '([0-9]{1,2})' : '([0-9]{2})';
  const minutes = count === 1 ? '' : `${hasColon ? ':' : ''}([0-5][0-9])`;
  const match = new RegExp(`^[+-]${hours}${minutes}`).exec(text.slice(at));
  if (match === null || Number(match[1]) > 23) return null;
  const total = Number(match[1]) * 60 + Number(match[2] ?? 0);
  return { minutes: text[at] === '-' ? -total : total, end: at + match[0].length };
}
