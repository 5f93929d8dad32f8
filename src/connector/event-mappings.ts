import { BridgeError } from '../domain/errors.ts';
import type { Field, Layout, ReceiptTime, Target } from '../domain/field.ts';

/** The two settings of a feed that change where a value goes in ArcSight. */
export interface MappingSettings {
  readonly layout: Layout;
  readonly receiptTime: ReceiptTime;
}

/** One `event.<field>=<expression>` line. */
export interface EventMapping {
  /** ArcSight field without the `event.` prefix. */
  readonly field: string;
  readonly expression: string;
}

/**
 * The event mappings of a table of fields, each custom field followed by its label. Throws when an ArcSight field is
 * assigned twice, or a custom field has no label.
 */
export function eventMappings(fields: readonly Field[], settings: MappingSettings): readonly EventMapping[] {
  const mappings = fields.flatMap(({ name, arcsight = [] }) =>
    arcsight.filter((target) => applies(target, settings)).flatMap((target) => mappingsOf(name, target)),
  );
  requireOnce(mappings);
  return mappings;
}

function applies(target: Target, { layout, receiptTime }: MappingSettings): boolean {
  return (target.layout ?? layout) === layout && (target.receiptTime ?? receiptTime) === receiptTime;
}

function mappingsOf(token: string, target: Target): readonly EventMapping[] {
  const value = { field: target.field, expression: expressionOf(token, target.as) };
  if (target.label === undefined) {
    if (CUSTOM_FIELD.test(target.field)) throw withoutLabel(target.field);
    return [value];
  }
  return [value, { field: `${target.field}Label`, expression: stringConstant(target.label) }];
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
