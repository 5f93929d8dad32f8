const LONGEST = 300;

/** Somebody else's words for use in a message: no control characters, one line, at most 300 characters. */
export function plainText(words: string): string {
  const line = words
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]+/gu, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
  const points = Array.from(line);
  return points.length > LONGEST ? `${points.slice(0, LONGEST - 3).join('')}...` : line;
}
