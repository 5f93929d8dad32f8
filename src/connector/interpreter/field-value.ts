import type { CefField, FieldType } from './cef-dictionary.ts';
import { textOf, type Value, type ValueKind } from './value.ts';
import { excerpt } from './visible-text.ts';

/** Text, or a number: epoch milliseconds for times, a Long beyond 2^53 as its digits. */
export type FieldValue = string | number;

export interface FieldOptions {
  /** SmartConnectors 8 keep IPv6 in address fields; the CEF standard and older ones take IPv4 only. */
  readonly addressesTakeIpv6: boolean;
  readonly warn: (message: string) => void;
}

const ACCEPTED: Readonly<Record<FieldType, readonly ValueKind[]>> = {
  string: ['string', 'integer', 'long', 'address', 'mac', 'timestamp'],
  integer: ['integer', 'long'],
  long: ['integer', 'long'],
  double: ['integer', 'long'],
  timestamp: ['timestamp'],
  ipv4: ['address'],
  ipv6: ['address'],
  mac: ['mac'],
};

/** Whether a field of this type may take a value of that kind (arcsight-parser 5). */
export function acceptsKind(type: FieldType, kind: ValueKind): boolean {
  return ACCEPTED[type].includes(kind);
}

/** What the field keeps of the value; null, with a warning, for what does not fit. An empty text sets nothing. */
export function fieldValue(field: CefField, value: Value, options: FieldOptions): FieldValue | null {
  const problem = misfit(field, value, options);
  if (problem !== null) {
    options.warn(`${field.field}: ${excerpt(textOf(value))} ${problem}`);
    return null;
  }
  if (field.type !== 'string' && value.kind === 'timestamp') return value.epochMs;
  if (field.type !== 'string' && (value.kind === 'integer' || value.kind === 'long')) return exactNumber(value.number);
  const text = textOf(value);
  if (text === '') return null;
  return field.maxLength === null ? text : cut(field.field, text, field.maxLength, options);
}

function misfit(field: CefField, value: Value, options: FieldOptions): string | null {
  if (!acceptsKind(field.type, value.kind))
    return `is a ${value.kind}, the field takes ${ACCEPTED[field.type].join(' or ')}`;
  if (value.kind === 'address' && field.type === 'ipv6' && value.version === 4) return 'is no IPv6 address';
  if (value.kind === 'address' && field.type === 'ipv4' && value.version === 6 && !options.addressesTakeIpv6) {
    return 'is no IPv4 address';
  }
  const isNumber = value.kind === 'integer' || value.kind === 'long';
  if (!isNumber || field.type !== 'integer') return null;
  const number = Number(value.number);
  const isInRange = field.max === undefined ? number === (number | 0) : number >= 0 && number <= field.max;
  return isInRange ? null : `is beyond ${field.max ?? 'an Integer'}`;
}

function exactNumber(number: number | bigint): FieldValue {
  const plain = Number(number);
  return Number.isSafeInteger(plain) ? plain : number.toString();
}

/** Java counts UTF-16 units; a surrogate pair is not torn. */
function cut(field: string, text: string, maxLength: number, options: FieldOptions): string {
  if (text.length <= maxLength) return text;
  options.warn(`${field}: cut from ${text.length} to ${maxLength} characters`);
  const isTorn = /[\ud800-\udbff]/.test(text.charAt(maxLength - 1)) && /[\udc00-\udfff]/.test(text.charAt(maxLength));
  return text.slice(0, isTorn ? maxLength - 1 : maxLength);
}
