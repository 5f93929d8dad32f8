/** Field values by pattern letter, in the order Java set them; `M` counts from 0, `zone` is minutes east. */
export type ParsedFields = Map<string, number>;

/** First whole year of the Gregorian calendar in Java's default one. */
export const CUTOVER_YEAR = 1583;

const DAY_MS = 86_400_000;

/** Epoch milliseconds as a lenient GregorianCalendar (US weeks) computes them: values beyond their range carry over. */
export function epochMsOf(fields: ParsedFields): number | null {
  const time = ((hourOf(fields) * 60 + of(fields, 'm')) * 60 + of(fields, 's')) * 1000 + of(fields, 'S');
  const epochMs = dayMsOf(fields) + time - of(fields, 'zone') * 60_000;
  return Number.isFinite(epochMs) ? epochMs : null;
}

function dayMsOf(fields: ParsedFields): number {
  const weekYear = fields.get('Y');
  if (weekYear !== undefined) return firstWeekDay(weekYear, fields.get('E') ?? 0);
  const year = of(fields, 'y', 1970);
  if (isDayOfYear(fields)) return Date.UTC(year, 0, of(fields, 'D', 1));
  return Date.UTC(year, of(fields, 'M'), of(fields, 'd', 1));
}

/** A week year without a week is its first week, and without a weekday the Sunday on which that begins. */
function firstWeekDay(weekYear: number, weekday: number): number {
  const newYear = Date.UTC(weekYear, 0, 1);
  return newYear + (weekday - new Date(newYear).getUTCDay()) * DAY_MS;
}

/** Of day of month and day of year, the one set later counts. */
function isDayOfYear(fields: ParsedFields): boolean {
  const order = [...fields.keys()];
  return order.indexOf('D') > order.indexOf('d');
}

function hourOf(fields: ParsedFields): number {
  const whole = fields.get('H') ?? fields.get('k');
  if (whole !== undefined) return fields.has('k') && whole === 24 ? 0 : whole;
  const half = fields.get('K') ?? fields.get('h') ?? 0;
  return (fields.has('h') && half === 12 ? 0 : half) + 12 * of(fields, 'a');
}

function of(fields: ParsedFields, letter: string, absent = 0): number {
  return fields.get(letter) ?? absent;
}
