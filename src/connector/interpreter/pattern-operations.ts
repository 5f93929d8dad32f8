import type { JavaRegex } from './java-regex.ts';
import type { Operation, Tools } from './operation.ts';
import {
  parseAddress,
  parseInteger,
  parseLong,
  stringValue,
  textOf,
  timestampOf,
  type Value,
  type ValueKind,
} from './value.ts';
import { excerpt } from './visible-text.ts';

interface RegexTokenBehaviour {
  readonly result: ValueKind;
  readonly convert: (text: string) => Value | null;
  /** The pattern may also match a part of the text. */
  readonly isSearching: boolean;
  /** No match is worth a warning. The typed forms serve to ask "is it one?", so there it is not. */
  readonly warnsOnMiss: boolean;
}

/** Group 1 of the pattern. Files use whole-text patterns and bare ones, so the whole match is tried first. */
function regexToken({ result, convert, isSearching, warnsOnMiss }: RegexTokenBehaviour): Operation {
  return {
    places: ['value', 'regex'],
    result,
    apply: ([value, pattern], tools) => {
      const regex = usableRegex(pattern, tools);
      if (!value || regex === null) return null;
      if (regex.groups === 0) return nothing(tools, `${excerpt(pattern ? textOf(pattern) : '')} has no group`);
      const text = textOf(value);
      const whole = regex.matchWhole(text);
      const found = whole.kind === 'no-match' && isSearching ? regex.find(text) : whole;
      if (found.kind === 'no-match') return warnsOnMiss ? nothing(tools, `no match in ${excerpt(text)}`) : null;
      if (found.text === null) return null;
      return convert(found.text) ?? nothing(tools, `${excerpt(found.text)} is no ${result}`);
    },
  };
}

const replaceAll: Operation = {
  places: ['value', 'regex', 'text'],
  result: 'string',
  apply: ([value, pattern, replacement], tools) => {
    const regex = usableRegex(pattern, tools);
    if (!value || regex === null) return null;
    const replaced = regex.replaceAll(textOf(value), replacement ? textOf(replacement) : '');
    return replaced === null ? nothing(tools, 'the replacement names a group there is not') : stringValue(replaced);
  },
};

/**
 * The n-th piece, from 1. Whether the delimiter is text or a pattern is not documented: a single character and an
 * escaped one (`\~`, as published files have it) are taken as text, anything longer as a pattern.
 */
const split: Operation = {
  places: ['value', 'text', 'text'],
  result: 'string',
  apply: ([value, delimiter, position], tools) => {
    if (!value || !delimiter || !position) return null;
    const wanted = parseInteger(textOf(position));
    if (wanted?.kind !== 'integer') return nothing(tools, `${excerpt(textOf(position))} is no position`);
    const piece = splitText(textOf(value), delimiter, tools)?.[wanted.number - 1];
    return piece === undefined ? null : stringValue(piece);
  },
};

function splitText(text: string, delimiter: Value, tools: Tools): readonly string[] | null {
  const single = /^\\?([\s\S])$/u.exec(textOf(delimiter))?.[1];
  return single === undefined ? (usableRegex(delimiter, tools)?.split(text) ?? null) : text.split(single);
}

/** Null and empty stay nothing; a text that no format reads is a warning and nothing. */
const timeStampFromString: Operation = {
  places: ['value', 'date-format'],
  rest: 'date-format',
  result: 'timestamp',
  apply: ([value, ...formats], tools) => {
    if (!value || textOf(value) === '') return null;
    for (const format of formats) {
      const compiled = tools.dateFormat(format ? textOf(format) : '');
      const epochMs = compiled.kind === 'usable' ? compiled.format.parse(textOf(value)) : null;
      if (epochMs !== null) return timestampOf(epochMs);
    }
    return nothing(tools, `${excerpt(textOf(value))} fits no date format given`);
  },
};

/** Text as published parsers feed it: `yyyy-MM-dd HH:mm:ss`. */
const safeToDate: Operation = {
  places: ['value'],
  result: 'timestamp',
  apply: ([value = null], tools) => timeStampFromString.apply([value, stringValue('yyyy-MM-dd HH:mm:ss')], tools),
};

const secondsSinceEpoch: Operation = {
  places: ['value'],
  result: 'timestamp',
  apply: ([value], tools) => {
    if (!value) return null;
    const seconds = parseLong(textOf(value));
    const timestamp = seconds?.kind === 'long' ? timestampOf(seconds.number * 1000n) : null;
    return timestamp ?? nothing(tools, `${excerpt(textOf(value))} is no number of seconds`);
  },
};

function usableRegex(pattern: Value | null | undefined, tools: Tools): JavaRegex | null {
  if (!pattern) return null;
  const compiled = tools.regex(textOf(pattern));
  if (compiled.kind === 'usable') return compiled.regex;
  tools.warn(`${excerpt(textOf(pattern))}: ${compiled.reason}`);
  return null;
}

function nothing(tools: Tools, message: string): null {
  tools.warn(message);
  return null;
}

export const PATTERN_OPERATIONS: readonly (readonly [name: string, operation: Operation])[] = [
  ['__regexToken', regexToken({ result: 'string', convert: stringValue, isSearching: true, warnsOnMiss: true })],
  [
    '__regexTokenNoWarning',
    regexToken({ result: 'string', convert: stringValue, isSearching: false, warnsOnMiss: false }),
  ],
  [
    '__regexTokenAsAddress',
    regexToken({ result: 'address', convert: parseAddress, isSearching: true, warnsOnMiss: false }),
  ],
  [
    '__regexTokenAsInteger',
    regexToken({ result: 'integer', convert: parseInteger, isSearching: true, warnsOnMiss: false }),
  ],
  ['__regexTokenAsLong', regexToken({ result: 'long', convert: parseLong, isSearching: true, warnsOnMiss: false })],
  ['__replaceAll', replaceAll],
  ['__split', split],
  ['__createOptionalTimeStampFromString', timeStampFromString],
  ['__parseMultipleTimeStamp', timeStampFromString],
  ['__safeToDate', safeToDate],
  ['__createLocalTimeStampFromSecondsSinceEpoch', secondsSinceEpoch],
];
