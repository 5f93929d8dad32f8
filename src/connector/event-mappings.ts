import { type ChosenMapping, keptTargets, type MappingSettings, targetKind } from '../domain/arcsight-choices.ts';
import { ARCSIGHT_FIELDS, type ArcSightField } from '../domain/arcsight-fields.ts';
import { BridgeError } from '../domain/errors.ts';
import type { Field, Target } from '../domain/field.ts';

/** One `event.<field>=<expression>` line. */
export interface EventMapping {
  /** ArcSight field without the `event.` prefix. */
  readonly field: string;
  readonly expression: string;
}

/**
 * The event mappings of a table of fields, as far as nothing else was chosen, each custom field followed by its label.
 * Throws when an ArcSight field is assigned twice, or a custom field has no label.
 */
export function eventMappings(fields: readonly Field[], settings: MappingSettings): readonly EventMapping[] {
  const mappings = keptTargets(fields, settings).flatMap(({ name, target }) => mappingsOf(name, target));
  requireOnce(mappings);
  return mappings;
}

/** The mappings that were chosen for the feed, likewise. Throws `MAPPING_CHOICE` for what the configuration refuses. */
export function chosenMappings(
  fields: readonly Field[],
  { choices }: Pick<MappingSettings, 'choices'>,
): readonly EventMapping[] {
  const mappings = choices.mappings.flatMap((chosen) => mappingsOfChoice(fields, chosen));
  requireOnce(mappings);
  return mappings;
}

function mappingsOfChoice(fields: readonly Field[], { field, from, label }: ChosenMapping): readonly EventMapping[] {
  const into = ARCSIGHT_FIELDS.get(field);
  if (into === undefined) throw unfit(field);
  if (from.kind === 'nothing') return [];
  if (from.kind === 'constant')
    return labelled({ field, expression: constantExpression(into, from.text) }, label ?? undefined);
  const member = fields.find(({ name }) => name === from.name);
  const as = member === undefined ? null : targetKind(into, member);
  if (as === null) throw unfit(field);
  return mappingsOf(from.name, { field, as, ...(label !== null && { label }) });
}

function constantExpression({ name, type }: ArcSightField, text: string): string {
  switch (type) {
    case 'text':
      return stringConstant(text);
    case 'long':
      return `__safeToLong("${text}")`;
    case 'integer':
      return `__integerConstant(${text})`;
    case 'double':
    case 'time':
    case 'ipv4':
    case 'ipv6':
    case 'mac':
      throw unfit(name);
  }
}

function mappingsOf(token: string, target: Target): readonly EventMapping[] {
  return labelled({ field: target.field, expression: expressionOf(token, target.as) }, target.label);
}

function labelled(value: EventMapping, label: string | undefined): readonly EventMapping[] {
  if (label === undefined) {
    if (CUSTOM_FIELD.test(value.field)) throw withoutLabel(value.field);
    return [value];
  }
  return [value, { field: `${value.field}Label`, expression: stringConstant(label) }];
}

const CUSTOM_FIELD = /^(?:deviceCustom|flex)/;

const OCTET = '\\d\\d?\\d?';
const IPV4 = `${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}`;
const HEX = '[0-9A-Fa-f]';
/** Eight groups; or fewer with one `::`; or an IPv4 address in its IPv6 form. No group is longer than four digits. */
const IPV6 = [
  `(?:${HEX}+:){7}${HEX}+`,
  `(?!:*(?:${HEX}+:+){7}${HEX})(?:${HEX}+(?::${HEX}+)*)?::(?:${HEX}+(?::${HEX}+)*)?`,
  `::(?:[Ff]{4}:)?${IPV4}`,
].join('|');

/**
 * Patterns over the whole value that take the first address of a list ("a; b"), without an IPv6 zone ("%eth0"), and
 * nothing from a value of the other family. They hold no comma: that one is data inside a quoted argument is inferred only (arcsight-parser 4).
 */
const ADDRESS_PATTERNS = {
  ipv4: `^(${IPV4})(?:;.*)?$`,
  ipv6: `^(?![^;%]*${HEX}{5})(${IPV6})(?:[;%].*)?$`,
} as const;

function expressionOf(token: string, as: Target['as']): string {
  switch (as) {
    case 'text':
    case 'number':
      return token;
    case 'time':
      return `__longToTimeStamp(${token})`;
    case 'ipv4':
    case 'ipv6':
      return `__regexTokenAsAddress(${token},"${ADDRESS_PATTERNS[as]}")`;
  }
}

/** A literal. Text between the quotes reaches the connector as it is, so a quote needs its one backslash here. */
export function stringConstant(text: string): string {
  if (text.includes('\\')) throw unquotable(text);
  return `__stringConstant("${text.replaceAll('"', '\\"')}")`;
}

/** Throws when two mappings assign the same ArcSight field: the later line would win in silence. */
export function requireOnce(mappings: readonly EventMapping[]): void {
  const seen = new Set<string>();
  for (const { field } of mappings) {
    if (seen.has(field)) throw mappedTwice(field);
    seen.add(field);
  }
}

function mappedTwice(field: string): BridgeError {
  return catalogueError('MAPPING_FIELD_TWICE', `the ArcSight field ${field} is assigned twice in one layout`);
}

function withoutLabel(field: string): BridgeError {
  return catalogueError('MAPPING_LABEL_MISSING', `the custom field ${field} has no label`);
}

function unfit(field: string): BridgeError {
  return catalogueError('MAPPING_CHOICE', `what was chosen for the ArcSight field ${field} does not fit it`);
}

function unquotable(text: string): BridgeError {
  return catalogueError(
    'MAPPING_LITERAL',
    `the literal ${JSON.stringify(text)} holds a backslash, whose meaning to the connector is not known`,
  );
}

function catalogueError(code: string, what: string): BridgeError {
  return new BridgeError({
    code,
    kind: 'bug',
    message: `generating the parser file: ${what}`,
    hint: 'This is a defect of the field catalogue. Please report it.',
  });
}
