import { type Instant, parseInstant } from '../domain/instant.ts';

/**
 * Lenient reading of Microsoft's JSON: only members that are used are looked at, and one of the wrong type counts as
 * absent. `null`, `""` and the text `"null"` all mean absent in Microsoft's answers (defender-api 1.4, 3).
 */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string member as sent, untrimmed. */
export function text(source: JsonObject, member: string): string | undefined {
  return present(source[member]);
}

/** Like `text`, but Microsoft's two words for "not known" are absent too. */
export function knownWord(source: JsonObject, member: string): string | undefined {
  const value = text(source, member);
  return value === undefined || isUnknownWord(value) ? undefined : value;
}

/** `unknownFutureValue` stands for an enum member that the request did not ask to see (defender-api 4). */
export function isUnknownWord(word: string): boolean {
  return word === 'unknown' || word === 'unknownFutureValue';
}

/** A whole number that JSON carried exactly, as number or as digits. */
export function integer(source: JsonObject, member: string): number | undefined {
  const value = source[member];
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

/** 1 or 0 of a boolean member; the old exporter's documents print it as a text as well (defender-api 1.4). */
export function flag(source: JsonObject, member: string): 1 | 0 | undefined {
  const value = source[member];
  const word = typeof value === 'string' ? value.toLowerCase() : value;
  if (word === true || word === 'true' || word === 1) return 1;
  return word === false || word === 'false' || word === 0 ? 0 : undefined;
}

export function instant(source: JsonObject, member: string): Instant | undefined {
  const value = text(source, member);
  return value === undefined ? undefined : (parseInstant(value) ?? undefined);
}

/** The strings of a list member; absent when none is left. */
export function texts(source: JsonObject, member: string): readonly string[] | undefined {
  const found = (list(source, member) ?? []).flatMap((item) => present(item) ?? []);
  return found.length === 0 ? undefined : found;
}

export function object(source: JsonObject, member: string): JsonObject | undefined {
  const value = source[member];
  return isObject(value) ? value : undefined;
}

export function objects(source: JsonObject, member: string): readonly JsonObject[] {
  return (list(source, member) ?? []).filter(isObject);
}

export function list(source: JsonObject, member: string): readonly unknown[] | undefined {
  const value = source[member];
  return Array.isArray(value) ? value : undefined;
}

function present(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value !== 'null' ? value : undefined;
}
