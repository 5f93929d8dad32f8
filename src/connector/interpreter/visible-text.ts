/**
 * Characters that move a terminal's cursor, end a line, or turn the direction of what follows: C0, DEL, C1, the line and
 * paragraph separators, bidirectional controls; and halves of surrogate pairs, which no UTF-8 can carry.
 */
const HIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text with every character of that kind written out as a backslash, `u` and four hex digits. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A value for a message: quoted, one line, at most about `length` characters. */
export function excerpt(text: string, length = 60): string {
  const cut = text.length > length ? `${text.slice(0, length)}...` : text;
  return `"${visibleText(cut)}"`;
}
