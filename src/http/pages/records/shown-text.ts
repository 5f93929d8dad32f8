import { visibleText } from '../../../connector/interpreter/visible-text.ts';

/** Of one text, in characters: a record may have megabytes. */
export const MOST_SHOWN = 200_000;
/** Deeper levels are not moved in further: a text of nothing but brackets would grow without end. */
const DEEPEST = 30;

/** A text from outside as it may stand on a page; `isCut` where the end of it is left out. */
export interface ShownText {
  readonly text: string;
  readonly isCut: boolean;
}

/**
 * JSON with a member on each line, any other text as it is. Nothing is read and printed anew: numbers and escapes stay as
 * they were received. What would hide or turn text is written out as `\u202e`.
 */
export function shownText(text: string): ShownText {
  const laidOut = isJson(text) ? jsonLines(text) : text.slice(0, MOST_SHOWN + 1);
  const lines = laidOut.slice(0, MOST_SHOWN).split(/\r?\n/);
  return {
    text: lines.map((line) => visibleText(line.replaceAll('\t', '    '))).join('\n'),
    isCut: laidOut.length > MOST_SHOWN,
  };
}

/** The same in one line, for a list; the last character is an ellipsis where text was cut. */
export function shortText(text: string, longest = 120): string {
  const characters = Array.from(text.slice(0, 2 * (longest + 1)));
  return visibleText(
    characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : characters.join(''),
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Of a text that is JSON; ends a little beyond what is shown. */
function jsonLines(text: string): string {
  const parts: string[] = [];
  let length = 0;
  let depth = 0;
  const put = (part: string): void => {
    if (part === '') return;
    parts.push(part);
    length += part.length;
  };
  const line = (): string => `\n${'  '.repeat(Math.min(depth, DEEPEST))}`;
  for (let at = 0; at < text.length && length <= MOST_SHOWN; ) {
    const token = tokenAt(text, at);
    at += token.length;
    switch (token) {
      case '{':
      case '[':
        depth += 1;
        put(token + line());
        break;
      case '}':
      case ']':
        depth -= 1;
        // Nothing was in it.
        if (/^[{[]\n *$/.test(parts.at(-1) ?? '')) put(`${(parts.pop() ?? '').slice(0, 1)}${token}`);
        else put(line() + token);
        break;
      case ',':
        put(token + line());
        break;
      case ':':
        put(': ');
        break;
      default:
        put(token.trim());
    }
  }
  return parts.join('');
}

/** A string, a mark, or whatever else stands up to the next one of these. */
function tokenAt(text: string, at: number): string {
  const first = text.charAt(at);
  if (first === '"') return text.slice(at, endOfString(text, at));
  if ('{}[],:'.includes(first)) return first;
  let end = at + 1;
  while (end < text.length && !'{}[],:"'.includes(text.charAt(end))) end += 1;
  return text.slice(at, end);
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') at += 1;
    else if (character === '"') return at + 1;
  }
  return text.length;
}
