import type { Field } from '../domain/field.ts';
import { ARCSIGHT_CONSTANTS, FIELDS, MAPPING_VERSION, SEVERITY_MAP } from '../domain/fields.ts';
import {
  type EventMapping,
  eventMappings,
  type MappingSettings,
  requireOnce,
  stringConstant,
} from './event-mappings.ts';
import { BLANK, comment, entry, type PropertyLine, writeProperties } from './properties-text.ts';

/**
 * Version of the generated parser file, in every event as flexNumber2: rises, once released, with every change of the
 * text this file writes, so that events parsed by an outdated copy can be found. Never below MAPPING_VERSION.
 */
export const PARSER_VERSION = 1;

export interface ParserSettings extends MappingSettings {
  /** Name of the feed; also the file name without its suffix. */
  readonly feed: string;
}

/** Text of `<feed>.jsonparser.properties`: how the connector turns an object of the feed into an ArcSight event. */
export function renderParserFile(settings: ParserSettings): string {
  const constants = ARCSIGHT_CONSTANTS.map(({ field, value }) => ({ field, expression: stringConstant(value) }));
  const mapped = eventMappings(FIELDS, settings);
  requireOnce([...constants, ...mapped, ...VERSION_MAPPINGS]);
  return writeProperties([
    ...header(settings),
    BLANK,
    comment('Each element of the JSON array is one event.'),
    entry('trigger.node.location', '/'),
    comment('Members without a field of their own are kept as additional data.'),
    entry('additionaldata.enabled', 'true'),
    ...tokens(FIELDS),
    ...section('Constants of every event.', constants),
    ...section('The mapping. Every custom field has its label.', mapped),
    ...section(
      'Version of this file. An event whose flexNumber2 is lower came through an older file.',
      VERSION_MAPPINGS,
    ),
    BLANK,
    comment('ArcSight severity. Every word of the feed is listed; nothing in Defender equals Very-High.'),
    ...severities(),
  ]);
}

const VERSION_MAPPINGS: readonly EventMapping[] = [
  { field: 'flexNumber2', expression: `__safeToLong("${PARSER_VERSION}")` },
  { field: 'flexNumber2Label', expression: stringConstant('Parser Version') },
];

function header({ feed, layout, receiptTime }: ParserSettings): readonly PropertyLine[] {
  const file = `${feed}.jsonparser.properties`;
  return [
    comment(`${file}: parser of the FlexBridge feed "${feed}" for the ArcSight FlexConnector REST.`),
    comment(
      `Mapping version ${MAPPING_VERSION}, parser version ${PARSER_VERSION}, layout ${layout}, receiptTime ${receiptTime}.`,
    ),
    comment(`Made by "flexbridge generate". Do not edit: what you change here no longer matches the feed.`),
    BLANK,
    comment(`Where it goes: $ARCSIGHT_HOME/user/agent/flexagent/${file}`),
    comment(`($ARCSIGHT_HOME is the install folder with "current".) In the wizard, Configuration File is: ${feed}`),
    BLANK,
    comment('Inferred from published parser files, not stated by the vendor, and not yet seen on a connector:'),
    ...INFERRED.map((line) => comment(`- ${line}`)),
  ];
}

const INFERRED = [
  'a trigger at / over a JSON array gives one event per element;',
  'a member that is absent leaves its ArcSight field unset (its label is still set);',
  'a pattern of __regexTokenAsAddress must match the whole value, and no match leaves the field unset;',
  '__regexTokenAsAddress also takes IPv6 text, into deviceCustomIPv6Address2;',
  '__safeToLong takes a quoted literal;',
  'severity words may be compared with or without case, so both spellings are listed.',
];

function tokens(fields: readonly Field[]): readonly PropertyLine[] {
  return [
    BLANK,
    comment('Tokens: the members of an event, by name.'),
    entry('token.count', String(fields.length)),
    ...fields.flatMap(({ name, type }, index) => [
      entry(`token[${index}].name`, name),
      entry(`token[${index}].type`, type),
      entry(`token[${index}].location`, name),
    ]),
  ];
}

function section(title: string, mappings: readonly EventMapping[]): readonly PropertyLine[] {
  return [BLANK, comment(title), ...mappings.map(({ field, expression }) => entry(`event.${field}`, expression))];
}

function severities(): readonly PropertyLine[] {
  return SEVERITY_MAP.map(({ level, words }) =>
    entry(`severity.map.${level}.if.deviceSeverity`, words.flatMap((word) => [word, word.toLowerCase()]).join(',')),
  );
}
