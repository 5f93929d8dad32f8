import { CEF_FIELDS, labelOf } from './cef-dictionary.ts';
import { parseExpression, walk } from './expression.ts';
import { lintExpression, lintFieldType } from './lint-expression.ts';
import type { LintNotes } from './lint-notes.ts';
import type { ConditionalMap, Mapping, TokenType } from './parser-definition.ts';
import type { PropertiesFile } from './properties-reader.ts';

export interface MappingContext {
  readonly file: PropertiesFile;
  readonly notes: LintNotes;
  readonly tokenTypes: ReadonlyMap<string, TokenType>;
}

export const CONDITIONAL_KEY =
  /^conditionalmap(\.count|\[\d+\]\.(field|mappings\.count|mappings\[\d+\]\.(values|event\..+)))$/;

/** `event.<field>=<expression>`, in the order of the file. Unknown fields and malformed expressions are left out. */
export function parseMappings(context: MappingContext, prefix = 'event.'): readonly Mapping[] {
  const mappings: Mapping[] = [];
  for (const [key, value] of context.file.values) {
    if (!key.startsWith(prefix)) continue;
    const mapping = parseMapping(context, key, key.slice(prefix.length), value);
    if (mapping !== null) mappings.push(mapping);
  }
  return mappings;
}

/** `additionaldata.<name>=<expression>`; the names are free. */
export function parseAdditionalData({ file, notes, tokenTypes }: MappingContext): readonly Mapping[] {
  const mappings: Mapping[] = [];
  for (const [key, value] of file.values) {
    const name = /^additionaldata\.(.+)$/.exec(key)?.[1];
    if (name === undefined || name === 'enabled') continue;
    const parsed = parseExpression(value);
    if (parsed.kind === 'malformed') {
      notes.error('MALFORMED_EXPRESSION', key, parsed.reason);
      continue;
    }
    lintExpression(parsed.expression, { key, notes, tokenTypes });
    mappings.push({ field: name, expression: parsed.expression });
  }
  return mappings;
}

/** `conditionalmap[i]`: mappings chosen by the value of an event field (arcsight-parser 7). */
export function parseConditionalMaps(context: MappingContext): readonly ConditionalMap[] {
  const { file, notes } = context;
  const count = Number(file.values.get('conditionalmap.count') ?? 0);
  const maps: ConditionalMap[] = [];
  for (let index = 0; index < Math.min(count, 1000); index += 1) {
    const start = `conditionalmap[${index}]`;
    const field = /^event\.(.+)$/.exec(file.values.get(`${start}.field`)?.trim() ?? '')?.[1];
    if (field === undefined) {
      notes.error('CONDITION_WITHOUT_FIELD', `${start}.field`, `${start} names no event field`);
      continue;
    }
    const cases = Array.from(
      { length: Math.min(Number(file.values.get(`${start}.mappings.count`) ?? 0), 10_000) },
      (_, at) => {
        const part = `${start}.mappings[${at}]`;
        const values = (file.values.get(`${part}.values`) ?? '').split(',').map((value) => value.trim());
        return { values, mappings: parseMappings(context, `${part}.event.`) };
      },
    );
    maps.push({ field, cases });
  }
  return maps;
}

/** Names of the tokens that any of the mappings uses. */
export function usedTokens(mappings: readonly Mapping[]): ReadonlySet<string> {
  const used = new Set<string>();
  for (const { expression } of mappings) {
    for (const part of walk(expression)) if (part.kind === 'raw') used.add(part.text);
  }
  return used;
}

/** Notes custom fields that reach the console without a name. */
export function lintLabels(mappings: readonly Mapping[], notes: LintNotes): void {
  const mapped = new Set(mappings.map(({ field }) => field));
  for (const field of mapped) {
    const label = labelOf(field);
    if (label === null || mapped.has(label)) continue;
    notes.warning('FIELD_WITHOUT_LABEL', `event.${field}`, `${field} is mapped, ${label} is not`);
  }
}

function parseMapping(context: MappingContext, key: string, field: string, value: string): Mapping | null {
  const { notes, tokenTypes } = context;
  const row = CEF_FIELDS.get(field);
  if (row === undefined) {
    notes.error('UNKNOWN_EVENT_FIELD', key, `${field} is no event field that we know of`);
    return null;
  }
  const parsed = parseExpression(value);
  if (parsed.kind === 'malformed') {
    notes.error('MALFORMED_EXPRESSION', key, parsed.reason);
    return null;
  }
  lintExpression(parsed.expression, { key, notes, tokenTypes });
  lintFieldType(parsed.expression, row.type, { key, notes, tokenTypes });
  return { field, expression: parsed.expression };
}
