interface FieldRange {
  readonly min: number;
  readonly max: number;
  /** Names that stand for numbers, the first for `firstName`. */
  readonly names: readonly string[];
  readonly firstName: number;
}

const NO_NAMES = { names: [], firstName: 0 };
const SECOND: FieldRange = { min: 0, max: 59, ...NO_NAMES };
const MINUTE: FieldRange = { min: 0, max: 59, ...NO_NAMES };
const HOUR: FieldRange = { min: 0, max: 23, ...NO_NAMES };
const DAY: FieldRange = { min: 1, max: 31, ...NO_NAMES };
const MONTH: FieldRange = {
  min: 1,
  max: 12,
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  firstName: 1,
};
const WEEKDAY: FieldRange = {
  min: 0,
  max: 7,
  names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  firstName: 0,
};

/**
 * Whether the text is a cron schedule of five fields, or six with seconds first. A little stricter than node-cron,
 * which runs it: whatever passes here, node-cron takes (a test holds the two together).
 */
export function isCron(text: string): boolean {
  const fields = text.split(' ');
  const ranges = [MINUTE, HOUR, DAY, MONTH, WEEKDAY];
  if (fields.length === 6) ranges.unshift(SECOND);
  return fields.length === ranges.length && ranges.every((range, index) => isField(fields[index] ?? '', range));
}

function isField(field: string, range: FieldRange): boolean {
  return field.split(',').every((part) => {
    const [span = '', step, ...rest] = part.split('/');
    if (rest.length > 0 || (step !== undefined && !isStep(step, range))) return false;
    // A step needs a span to walk: `5/10` means different things to different schedulers.
    return span === '*' || (step === undefined && numberOf(span, range) !== null) || isSpan(span, range);
  });
}

function isSpan(span: string, range: FieldRange): boolean {
  const [from, to, ...rest] = span.split('-');
  if (from === undefined || to === undefined || rest.length > 0) return false;
  const first = numberOf(from, range);
  const last = numberOf(to, range);
  return first !== null && last !== null && first <= last;
}

function isStep(step: string, range: FieldRange): boolean {
  return /^\d{1,2}$/.test(step) && Number(step) >= 1 && Number(step) <= range.max;
}

function numberOf(word: string, range: FieldRange): number | null {
  const named = range.names.indexOf(word.toLowerCase());
  if (named >= 0) return named + range.firstName;
  if (!/^\d{1,2}$/.test(word)) return null;
  const value = Number(word);
  return value >= range.min && value <= range.max ? value : null;
}
