import type { CompiledDateFormat } from './java-date-format.ts';
import { isJsonObject, type JsonNode } from './json-location.ts';
import type { TokenDefinition } from './parser-definition.ts';
import { parseAddress, parseInteger, parseLong, parseMac, stringValue, timestampOf, type Value } from './value.ts';
import { excerpt } from './visible-text.ts';

export interface TokenOptions {
  /** The text of an object or array token is wrapped in its own name, as Group-IB's parsers expect (arcsight-parser 3.1). */
  readonly nodeTextHasName: boolean;
  readonly dateFormat: (pattern: string) => CompiledDateFormat;
  readonly warn: (message: string) => void;
}

/** The node as the token's type; null for JSON null, and with a warning for what cannot be converted. */
export function tokenValue(token: TokenDefinition, node: JsonNode, options: TokenOptions): Value | null {
  if (node.value === null || node.value === undefined) return null;
  const text = nodeText(node, options);
  const converted = convert(token, text, node.value, options);
  if (converted === null) options.warn(`${token.name}: ${excerpt(text)} is no ${token.type}`);
  return converted;
}

function convert(token: TokenDefinition, text: string, value: unknown, options: TokenOptions): Value | null {
  switch (token.type) {
    case 'String':
      return stringValue(text);
    case 'Integer':
      return typeof value === 'boolean' ? null : parseInteger(text);
    case 'Long':
      return typeof value === 'number' ? longOfNumber(value) : parseLong(text);
    case 'IPAddress':
      return parseAddress(text);
    case 'MacAddress':
      return parseMac(text);
    case 'TimeStamp': {
      const compiled = options.dateFormat(token.format ?? '');
      const epochMs = compiled.kind === 'usable' ? compiled.format.parse(text) : null;
      return epochMs === null ? null : timestampOf(epochMs);
    }
  }
}

/** Numbers that JSON writes with an exponent (1e21) are integers all the same. */
function longOfNumber(value: number): Value | null {
  return Number.isInteger(value) ? parseLong(BigInt(value).toString()) : null;
}

/** The node's text for a String: scalars as JSON writes them without quotes, the rest as JSON. */
function nodeText(node: JsonNode, options: TokenOptions): string {
  const { value, name } = node;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    options.warn(`${name}: the number ${value} is beyond 2^53, its last digits are lost; send it as a string`);
  }
  const hasName = options.nodeTextHasName && (isJsonObject(value) || Array.isArray(value)) && name !== '';
  return JSON.stringify(hasName ? { [name]: value } : value);
}
