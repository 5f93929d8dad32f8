import type { Operation, Place } from './operation.ts';
import { parseInteger, parseLong, stringValue, textOf, timestampOf, type Value, type ValueKind } from './value.ts';
import { excerpt } from './visible-text.ts';

/** One text in, one value out; nothing in, nothing out. */
function ofText(place: Place, result: ValueKind, apply: (text: string) => Value | null): Operation {
  return { places: [place], result, apply: ([value]) => (value ? apply(textOf(value)) : null) };
}

/** The first argument that is there and not empty. */
function firstOf(result: ValueKind): Operation {
  const isThere = (value: Value | null): boolean => value !== null && value.kind === result && textOf(value) !== '';
  return { places: ['value'], rest: 'value', result, apply: (args) => args.find(isThere) ?? null };
}

const concatenate: Operation = {
  places: ['value'],
  rest: 'value',
  result: 'string',
  // What Java does with a null among them is not known; here it adds nothing, and nothing at all stays nothing.
  apply: (args) => (args.every((value) => value === null) ? null : stringValue(args.map(textOrEmpty).join(''))),
};

const ifThenElse: Operation = {
  places: ['value', 'value', 'value', 'value'],
  result: 'string',
  apply: ([left = null, right = null, then = null, otherwise = null]) => {
    const isEqual = left === null || right === null ? left === right : textOf(left) === textOf(right);
    const chosen = isEqual ? then : otherwise;
    return chosen === null ? null : stringValue(textOf(chosen));
  },
};

const simpleMap: Operation = {
  places: ['value', 'text'],
  rest: 'text',
  result: 'string',
  apply: ([key, ...pairs]) => {
    if (!key) return null;
    const start = `${textOf(key)}=`;
    const hit = pairs.map(textOrEmpty).find((pair) => pair.startsWith(start));
    return hit === undefined ? null : stringValue(hit.slice(start.length));
  },
};

const longToTimeStamp: Operation = {
  places: ['value'],
  result: 'timestamp',
  apply: ([value], tools) => {
    if (!value) return null;
    const isNumber = value.kind === 'long' || value.kind === 'integer';
    const timestamp = isNumber ? timestampOf(value.number) : null;
    if (timestamp === null) tools.warn(`${excerpt(textOf(value))} is no Long of epoch milliseconds`);
    return timestamp;
  },
};

const integerToLong: Operation = {
  places: ['value'],
  result: 'long',
  apply: ([value]) => (value?.kind === 'integer' ? { kind: 'long', number: BigInt(value.number) } : null),
};

const longToInteger: Operation = {
  places: ['value'],
  result: 'integer',
  apply: ([value]) => (value?.kind === 'long' ? parseInteger(textOf(value)) : null),
};

/** `"UTC"`, `"-08:00"`, `"Europe/Rome"`: the text itself, if it names a zone. */
const getTimeZone: Operation = {
  places: ['value'],
  result: 'string',
  apply: ([value], tools) => {
    if (!value) return null;
    const zone = textOf(value);
    if (isTimeZone(zone)) return stringValue(zone);
    tools.warn(`${excerpt(zone)} is no time zone`);
    return null;
  },
};

function isTimeZone(zone: string): boolean {
  if (/^(?:GMT|UTC)?[+-](?:[01]?\d|2[0-3]):?[0-5]\d$/.test(zone)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** `String.trim`: everything up to U+0020, which is not what JavaScript trims. */
function javaTrim(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && text.charCodeAt(start) <= 0x20) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end -= 1;
  return text.slice(start, end);
}

function textOrEmpty(value: Value | null): string {
  return value === null ? '' : textOf(value);
}

export const TEXT_OPERATIONS: readonly (readonly [name: string, operation: Operation])[] = [
  ['__stringConstant', ofText('constant', 'string', stringValue)],
  ['__getVendor', ofText('constant', 'string', stringValue)],
  ['__integerConstant', ofText('constant', 'integer', parseInteger)],
  ['__concatenate', concatenate],
  ['__oneOf', firstOf('string')],
  ['__oneOfInteger', firstOf('integer')],
  ['__oneOfLong', firstOf('long')],
  ['__oneOfAddress', firstOf('address')],
  ['__oneOfMac', firstOf('mac')],
  ['__oneOfDateTime', firstOf('timestamp')],
  ['__ifThenElse', ifThenElse],
  ['__simpleMap', simpleMap],
  ['__safeToInteger', ofText('value', 'integer', parseInteger)],
  ['__safeToLong', ofText('value', 'long', parseLong)],
  ['__integerToLong', integerToLong],
  ['__longToInteger', longToInteger],
  ['__longToString', ofText('value', 'string', stringValue)],
  ['__longToTimeStamp', longToTimeStamp],
  ['__toLowerCase', ofText('value', 'string', (text) => stringValue(text.toLowerCase()))],
  ['__toUpperCase', ofText('value', 'string', (text) => stringValue(text.toUpperCase()))],
  ['__stringTrim', ofText('value', 'string', (text) => stringValue(javaTrim(text)))],
  ['__length', ofText('value', 'integer', (text) => ({ kind: 'integer', number: text.length }))],
  ['__getTimeZone', getTimeZone],
];
