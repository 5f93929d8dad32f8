import { type ArcSightChoices, type MappingSettings, severityLevels } from '../domain/arcsight-choices.ts';
import type { Field } from '../domain/field.ts';
import { ARCSIGHT_CONSTANTS, FIELDS, MAPPING_VERSION } from '../domain/fields.ts';
import { describeChoices } from './describe-choices.ts';
import { chosenMappings, type EventMapping, eventMappings, requireOnce, stringConstant } from './event-mappings.ts';
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
  const { choices } = settings;
  const constants = constantMappings(choices);
  const mapped = eventMappings(FIELDS, settings);
  const chosen = chosenMappings(FIELDS, settings);
  requireOnce([...constants, ...mapped, ...chosen, ...VERSION_MAPPINGS]);
  return writeProperties([
    ...header(settings),
    BLANK,
    comment('Each element of the JSON array is one event.'),
    entry('trigger.node.location', '/'),
    comment('Members without a field of their own are kept as additional data.'),
    entry('additionaldata.enabled', 'true'),
    ...tokens(FIELDS.filter(({ name }) => !choices.leftOut.includes(name))),
    ...section('Constants of every event.', constants),
    ...section('The mapping. Every custom field has its label.', mapped),
    ...(chosen.length === 0 ? [] : section('Chosen for this feed (feeds[].arcsight.mappings).', chosen)),
    ...section(
      'Version of this file. An event whose flexNumber2 is lower came through an older file.',
      VERSION_MAPPINGS,
    ),
    BLANK,
    comment('ArcSight severity. Every word of the feed is listed; nothing in Defender equals Very-High.'),
    ...severities(choices),
  ]);
}

/** What was chosen for a constant stands in its place or, as a mapping of the feed, behind the others. */
function constantMappings({ deviceVendor, deviceProduct, mappings }: ArcSightChoices): readonly EventMapping[] {
  const own: Readonly<Partial<Record<string, string>>> = { deviceVendor, deviceProduct };
  return ARCSIGHT_CONSTANTS.filter(({ field }) => mappings.every((chosen) => chosen.field !== field)).map(
    ({ field, value }) => ({ field, expression: stringConstant(own[field] ?? value) }),
  );
}

const VERSION_MAPPINGS: readonly EventMapping[] = [
  { field: 'flexNumber2', expression: `__safeToLong("${PARSER_VERSION}")` },
  { field: 'flexNumber2Label', expression: stringConstant('Parser Version') },
];

function header({ feed, layout, receiptTime, choices }: ParserSettings): readonly PropertyLine[] {
  const file = `${feed}.jsonparser.properties`;
  const chosen = describeChoices(choices);
  return [
    comment(`${file}: parser of the FlexBridge feed "${feed}" for the ArcSight FlexConnector REST.`),
    comment(
      `Mapping version ${MAPPING_VERSION}, parser version ${PARSER_VERSION}, layout ${layout}, receiptTime ${receiptTime}.`,
    ),
    ...(chosen.length === 0 ? [] : [comment("Chosen for this feed, in place of FlexBridge's own mapping:")]),
    ...chosen.map((line) => comment(`- ${line}`)),
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

function severities(choices: ArcSightChoices): readonly PropertyLine[] {
  return severityLevels(choices).map(({ level, words }) =>
    entry(`severity.map.${level}.if.deviceSeverity`, words.flatMap((word) => [word, word.toLowerCase()]).join(',')),
  );
}
