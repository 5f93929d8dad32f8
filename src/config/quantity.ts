/** The word for a setting that is not wanted. */
export const OFF = 'off';

const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/;
const DURATION_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Ten years: past that a time computed from now would be nonsense. */
const LONGEST_MS = 3650 * 86_400_000;

const SIZE = /^(\d{1,9})(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;
const SIZE_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** `500ms`, `30s`, `15m`, `24h`, `7d` in milliseconds; null for anything else and past ten years. */
export function parseDuration(text: string): number | null {
  const value = parse(DURATION, DURATION_MS, text);
  return value === null || value > LONGEST_MS ? null : value;
}

/** `5MB` (decimal: 5,000,000), `5MiB` (binary), `100B` in bytes; null for anything else. */
export function parseSize(text: string): number | null {
  return parse(SIZE, SIZE_BYTES, text);
}

/** Milliseconds of a duration that the schema has checked. */
export function durationMs(text: string): number {
  return parseDuration(text) ?? 0;
}

/** Bytes of a size that the schema has checked: a text, or their number. */
export function sizeBytes(size: string | number): number {
  return typeof size === 'number' ? size : (parseSize(size) ?? 0);
}

/** Of a value that may be `off`: null for that word. */
export function unlessOff<Value extends string | number>(value: Value, read: (value: Value) => number): number | null {
  return value === OFF ? null : read(value);
}

function parse(form: RegExp, units: Readonly<Record<string, number>>, text: string): number | null {
  const [, digits = '', unit = ''] = form.exec(text) ?? [];
  const factor = units[unit];
  return factor === undefined ? null : Number(digits) * factor;
}
