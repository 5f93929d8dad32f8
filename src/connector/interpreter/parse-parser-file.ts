import { parseLocation, type Step } from './json-location.ts';
import type { LintNote } from './lint-note.ts';
import { createLintNotes, type LintNotes } from './lint-notes.ts';
import {
  CONDITIONAL_KEY,
  lintLabels,
  type MappingContext,
  parseAdditionalData,
  parseConditionalMaps,
  parseMappings,
} from './parse-mappings.ts';
import { parseTokens, TOKEN_KEY } from './parse-tokens.ts';
import type { ParserDefinition } from './parser-definition.ts';
import type { PropertiesFile } from './properties-reader.ts';
import { parseSeverityMap, SEVERITY_KEY } from './severity-map.ts';

/** Keys of a JSON parser that this reader takes in; `replace.defaults` and the like change nothing for one file. */
const READ_KEYS = [
  TOKEN_KEY,
  SEVERITY_KEY,
  CONDITIONAL_KEY,
  /^(token\.count|trigger\.node\.location|event\..+)$/,
  /^additionaldata\..+$/,
];
const HARMLESS_KEYS = /^(replace\.defaults|ipv6\.aware)$/;
const UNEVALUATED_KEYS =
  /^(extraprocessor|submessage|trim|contains\.empty\.tokens|do\.unparsed\.events|comments\.start\.with|text\.qualifier|source\.field)\b/;

/** A parser file's properties as a definition, and everything in it that looks wrong. Lenient: one bad line costs itself. */
export function parseParserFile(file: PropertiesFile): { definition: ParserDefinition; lint: readonly LintNote[] } {
  const notes = createLintNotes(file);
  const tokens = parseTokens(file, notes);
  const tokenTypes = new Map(tokens.map(({ name, type }) => [name, type]));
  const context: MappingContext = { file, notes, tokenTypes };
  const definition: ParserDefinition = {
    trigger: parseTrigger(file, notes),
    tokens,
    mappings: parseMappings(context),
    conditionalMaps: parseConditionalMaps(context),
    severityRules: parseSeverityMap(file, notes),
    additionalData: {
      isEnabled: file.values.get('additionaldata.enabled')?.trim().toLowerCase() === 'true',
      mappings: parseAdditionalData(context),
    },
  };
  lintLabels([...definition.mappings, ...definition.conditionalMaps.flatMap(caseMappings)], notes);
  lintSeverity(definition, notes);
  lintKeys(file, notes);
  return { definition, lint: notes.all };
}

function parseTrigger(file: PropertiesFile, notes: LintNotes): readonly Step[] {
  const location = file.values.get('trigger.node.location');
  if (location === undefined) notes.error('NO_TRIGGER', null, 'trigger.node.location is missing; the root is taken');
  return parseLocation(location ?? '/');
}

function caseMappings(map: ParserDefinition['conditionalMaps'][number]): ParserDefinition['mappings'] {
  return map.cases.flatMap(({ mappings }) => mappings);
}

function lintSeverity(definition: ParserDefinition, notes: LintNotes): void {
  const mapsDeviceSeverity = definition.mappings.some(({ field }) => field === 'deviceSeverity');
  if (!mapsDeviceSeverity)
    notes.warning('NO_DEVICE_SEVERITY', null, 'no event.deviceSeverity: every severity is Unknown');
  else if (definition.severityRules.length === 0) {
    notes.warning('NO_SEVERITY_MAP', 'event.deviceSeverity', 'no severity.map line: every severity is Unknown');
  }
}

function lintKeys(file: PropertiesFile, notes: LintNotes): void {
  for (const key of file.values.keys()) {
    if (HARMLESS_KEYS.test(key) || READ_KEYS.some((known) => known.test(key))) continue;
    if (UNEVALUATED_KEYS.test(key)) notes.warning('KEY_NOT_EVALUATED', key, `${key} is not evaluated by this reader`);
    else notes.warning('UNKNOWN_KEY', key, `${key} is no key of a JSON parser that we know of`);
  }
}
