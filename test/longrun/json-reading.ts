export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectOf(value: unknown): Json {
  return isJson(value) ? value : {};
}

export function objectsOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** `2026-03-02T06:00:00.26Z` with seven digits, so that it compares as text. */
export function sevenDigits(time: unknown): string {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,7}))?Z$/.exec(textOf(time));
  return match === null ? '' : `${match[1] ?? ''}.${(match[2] ?? '').padEnd(7, '0')}Z`;
}

/** Without these members, as text. */
export function without(json: Json, members: ReadonlySet<string>): string {
  return JSON.stringify(Object.entries(json).filter(([name]) => !members.has(name)));
}
