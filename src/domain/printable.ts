/** Line and paragraph separators, marks and overrides of direction, and the byte-order mark. */
const HOSTILE_FORMAT = new Set([
  0x2028, 0x2029, 0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069,
  0xfeff,
]);

/**
 * Text from outside as it may go to a terminal or a log: control characters and halves of surrogate pairs become
 * U+FFFD, the rest is kept. At most `maxLength` code points, the last an ellipsis where text was cut.
 */
export function printable(text: string, maxLength = 300): string {
  // Twice as many UTF-16 units hold more code points than are kept, or all of them.
  const characters = Array.from(text.slice(0, 2 * (maxLength + 1)).toWellFormed(), (character) =>
    isHostile(character.codePointAt(0) ?? 0) ? '\ufffd' : character,
  );
  return characters.length > maxLength ? `${characters.slice(0, maxLength - 1).join('')}…` : characters.join('');
}

function isHostile(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || HOSTILE_FORMAT.has(code);
}
