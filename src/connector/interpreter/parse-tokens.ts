import { compileDateFormat } from './java-date-format.ts';
import { parseLocation } from './json-location.ts';
import type { LintNotes } from './lint-notes.ts';
import type { TokenDefinition, TokenType } from './parser-definition.ts';
import type { PropertiesFile } from './properties-reader.ts';

export const TOKEN_KEY = /^token\[(\d+)\]\.(name|type|format|location)$/;

const TYPES: ReadonlyMap<string, TokenType> = new Map(
  (['String', 'Integer', 'Long', 'IPAddress', 'TimeStamp', 'MacAddress'] as const).map((type) => [type, type]),
);

/** The tokens 0 to `token.count` - 1; a missing index or name drops one token, not the file. */
export function parseTokens(file: PropertiesFile, notes: LintNotes): readonly TokenDefinition[] {
  const indices = new Set<number>();
  for (const key of file.values.keys()) {
    const index = TOKEN_KEY.exec(key)?.[1];
    if (index !== undefined) indices.add(Number(index));
  }
  const count = declaredCount(file, notes, indices);
  for (const index of [...indices].filter((given) => given >= count).sort((a, b) => a - b)) {
    notes.error('TOKEN_BEYOND_COUNT', anyKeyOf(file, index), `token.count is ${count}, so token[${index}] is not read`);
  }
  const tokens: TokenDefinition[] = [];
  const names = new Set<string>();
  for (const index of [...indices].filter((given) => given < count).sort((a, b) => a - b)) {
    const token = parseToken(file, notes, index);
    if (token === null) continue;
    if (names.has(token.name)) {
      notes.error('DUPLICATE_TOKEN', `token[${index}].name`, `there is another token named ${token.name}`);
    }
    names.add(token.name);
    tokens.push(token);
  }
  return tokens;
}

function declaredCount(file: PropertiesFile, notes: LintNotes, indices: ReadonlySet<number>): number {
  const text = file.values.get('token.count')?.trim() ?? '';
  if (!/^\d{1,6}$/.test(text)) {
    notes.error(
      'BAD_TOKEN_COUNT',
      'token.count',
      `token.count must be a number, it is ${text === '' ? 'missing' : text}`,
    );
    return Math.max(-1, ...indices) + 1;
  }
  const count = Number(text);
  const missing = Array.from({ length: Math.min(count, 10_000) }, (_, index) => index).filter((at) => !indices.has(at));
  if (missing.length > 0) {
    const shown = missing.slice(0, 20).join(', ');
    notes.error('TOKEN_INDEX_GAP', 'token.count', `token.count is ${count}, but there is no token with index ${shown}`);
  }
  return count;
}

function parseToken(file: PropertiesFile, notes: LintNotes, index: number): TokenDefinition | null {
  const get = (part: string): string | undefined => file.values.get(`token[${index}].${part}`);
  const key = `token[${index}].name`;
  const name = get('name')?.trim() ?? '';
  if (name === '') {
    notes.error('TOKEN_WITHOUT_NAME', anyKeyOf(file, index), `token[${index}] has no name`);
    return null;
  }
  const location = get('location');
  if (location === undefined) notes.error('TOKEN_WITHOUT_LOCATION', key, `${name} has no location and stays empty`);
  if (location?.startsWith('/') === true) {
    const message = 'a location is relative to the trigger node; the leading slash is not known to reach the root';
    notes.warning('ABSOLUTE_LOCATION', `token[${index}].location`, message);
  }
  return {
    name,
    type: tokenType(notes, `token[${index}].type`, get('type')?.trim()),
    format: tokenFormat(notes, `token[${index}].format`, get('format'), get('type')?.trim()),
    location: location === undefined ? null : parseLocation(location),
  };
}

function tokenType(notes: LintNotes, key: string, text: string | undefined): TokenType {
  const type = TYPES.get(text ?? 'String');
  if (type !== undefined) return type;
  notes.error('UNKNOWN_TOKEN_TYPE', key, `${text ?? ''} is no token type of a JSON parser; it is read as String`);
  return 'String';
}

function tokenFormat(
  notes: LintNotes,
  key: string,
  format: string | undefined,
  type: string | undefined,
): string | null {
  if (type !== 'TimeStamp') {
    if (format !== undefined) notes.warning('FORMAT_NOT_EVALUATED', key, `${format} is not evaluated by this reader`);
    return null;
  }
  const compiled = compileDateFormat(format ?? '');
  if (format === undefined) notes.error('BAD_DATE_FORMAT', key.replace('format', 'type'), 'a TimeStamp needs a format');
  else if (compiled.kind === 'refused' && compiled.isInvalid) notes.error('BAD_DATE_FORMAT', key, compiled.reason);
  else if (compiled.kind === 'refused') notes.warning('DATE_FORMAT_NOT_EVALUATED', key, compiled.reason);
  return format ?? null;
}

function anyKeyOf(file: PropertiesFile, index: number): string {
  const start = `token[${index}].`;
  return [...file.values.keys()].find((key) => key.startsWith(start)) ?? `${start}name`;
}
