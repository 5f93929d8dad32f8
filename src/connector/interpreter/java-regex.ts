import { RegexRefusal } from './java-regex-atoms.ts';
import { translateJavaRegex } from './translate-java-regex.ts';

/** What `group(1)` gave: `captured` holds null when the pattern matched without its first group. */
type FirstGroup = { readonly kind: 'captured'; readonly text: string | null } | { readonly kind: 'no-match' };

export interface JavaRegex {
  readonly groups: number;
  /** `matches()`, then `group(1)`. */
  matchWhole(text: string): FirstGroup;
  /** `find()`, then `group(1)`. */
  find(text: string): FirstGroup;
  /** `String.replaceAll`; null when the replacement names a group there is not, where Java throws. */
  replaceAll(text: string, replacement: string): string | null;
  /** `String.split(regex)`: trailing empty pieces are dropped. */
  split(text: string): string[];
}

export type CompiledRegex =
  | { readonly kind: 'usable'; readonly regex: JavaRegex }
  | { readonly kind: 'refused'; readonly reason: string; readonly isInvalid: boolean };

/** Compiles a Java pattern; `refused` says whether Java refuses it too or only this reader. Never throws. */
export function compileJavaRegex(pattern: string): CompiledRegex {
  try {
    const { source, groups } = translateJavaRegex(pattern);
    const whole = new RegExp(`^(?:${source})$`, 'u');
    const anywhere = new RegExp(source, 'u');
    const everywhere = new RegExp(source, 'gu');
    const regex: JavaRegex = {
      groups,
      matchWhole: (text) => firstGroup(whole.exec(text)),
      find: (text) => firstGroup(anywhere.exec(text)),
      replaceAll: (text, replacement) => replaceEach(text, everywhere, groups, replacement),
      split: (text) => splitAt(text, everywhere),
    };
    return { kind: 'usable', regex };
  } catch (thrown) {
    if (thrown instanceof RegexRefusal) {
      return { kind: 'refused', reason: thrown.message, isInvalid: thrown.isInvalid };
    }
    if (thrown instanceof SyntaxError) return { kind: 'refused', reason: thrown.message, isInvalid: false };
    throw thrown;
  }
}

function firstGroup(match: RegExpExecArray | null): FirstGroup {
  return match === null ? { kind: 'no-match' } : { kind: 'captured', text: match[1] ?? null };
}

function replaceEach(text: string, regex: RegExp, groups: number, replacement: string): string | null {
  let out = '';
  let from = 0;
  for (const match of text.matchAll(regex)) {
    const expanded = expand(match, groups, replacement);
    if (expanded === null) return null;
    out += text.slice(from, match.index) + expanded;
    from = match.index + match[0].length;
  }
  return out + text.slice(from);
}

/** Java's replacement text: `$n` with as many digits as name a group, a backslash before any literal character. */
function expand(match: RegExpExecArray, groups: number, replacement: string): string | null {
  let out = '';
  for (let at = 0; at < replacement.length; at += 1) {
    const char = replacement.charAt(at);
    if (char === '\\') {
      at += 1;
      if (at >= replacement.length) return null;
      out += replacement.charAt(at);
    } else if (char === '$') {
      const digits = groupDigits(replacement.slice(at + 1), groups);
      if (digits === null) return null;
      out += match[Number(digits)] ?? '';
      at += digits.length;
    } else {
      out += char;
    }
  }
  return out;
}

function groupDigits(rest: string, groups: number): string | null {
  const run = /^\d+/.exec(rest)?.[0];
  if (run === undefined || Number(run.charAt(0)) > groups) return null;
  let length = 1;
  while (length < run.length && Number(run.slice(0, length + 1)) <= groups) length += 1;
  return run.slice(0, length);
}

function splitAt(text: string, regex: RegExp): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (const match of text.matchAll(regex)) {
    const end = match.index + match[0].length;
    // An empty match at the very beginning gives no empty first piece (Java 8 and later).
    if (end > 0) pieces.push(text.slice(from, match.index));
    from = end;
  }
  if (from === 0 && pieces.length === 0) return [text];
  pieces.push(text.slice(from));
  while (pieces.length > 0 && pieces.at(-1) === '') pieces.pop();
  return pieces;
}
