import { prettyFactory } from 'pino-pretty';
import { printable } from '../domain/printable.ts';

/** Members that stand elsewhere in the line, or say the same as its message. */
const ELSEWHERE = new Set(['level', 'time', 'msg', 'event', 'error']);
/** Characters of one value, and of the words of an error. */
const LONGEST_VALUE = 300;
const LONGEST_WORDS = 600;

/**
 * Makes a line for people of a JSON line: time, level, message, `name=value`; an error with its remedy in lines below.
 * Every text is made harmless once more here, whatever wrote it: a terminal obeys what it is shown.
 */
export function createPrettyLine({ color }: { readonly color: boolean }): (jsonLine: string) => string {
  const format = prettyFactory({
    colorize: color,
    translateTime: 'SYS:HH:MM:ss.l',
    hideObject: true,
    messageKey: 'msg',
    // Its own treatment of errors turns written escapes back into line ends.
    errorLikeObjectKeys: [],
    messageFormat: (log) => [`${textOf(log['msg'])}${membersOf(log)}`, ...errorLines(log['error'])].join('\n      '),
  });
  return (line) => format(line);
}

function membersOf(log: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(log).filter(([name]) => !ELSEWHERE.has(name));
  if (members.length === 0) return '';
  return `  ${members.map(([name, value]) => `${textOf(name)}=${valueText(value)}`).join(' ')}`;
}

function valueText(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value)) return textOf(value);
  return printable(JSON.stringify(value), LONGEST_VALUE);
}

function errorLines(error: unknown): readonly string[] {
  if (typeof error !== 'object' || error === null) return [];
  const [code, message, hint, stack] = ['code', 'message', 'hint', 'stack'].map((name): unknown =>
    Reflect.get(error, name),
  );
  const frames = Array.isArray(stack) ? stack.map((frame: unknown) => textOf(frame)) : [];
  return [`${textOf(code)}: ${textOf(message)}`, `-> ${textOf(hint)}`, ...frames];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? printable(value, LONGEST_WORDS) : '';
}
