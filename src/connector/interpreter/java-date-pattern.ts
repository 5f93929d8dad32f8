export type DateElement =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'field'; readonly letter: FieldLetter; readonly count: number; readonly isNumber: boolean };

/** `L` is read as `M`. */
type FieldLetter = 'y' | 'Y' | 'M' | 'd' | 'D' | 'E' | 'a' | 'H' | 'k' | 'h' | 'K' | 'm' | 's' | 'S' | 'z' | 'Z' | 'X';

type ReadPattern =
  | { readonly kind: 'read'; readonly elements: readonly DateElement[] }
  | { readonly kind: 'refused'; readonly reason: string; readonly isInvalid: boolean };

const JAVA_LETTERS = 'GyMdkHmsSEDFwWahKzZYuXL';
const FIELDS: ReadonlyMap<string, FieldLetter> = new Map([
  ...(['y', 'Y', 'M', 'd', 'D', 'E', 'a', 'H', 'k', 'h', 'K', 'm', 's', 'S', 'z', 'Z', 'X'] as const).map(
    (letter) => [letter, letter] as const,
  ),
  ['L', 'M'] as const,
]);
const NAMES = 'EazZX';
const PIECE = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'/g;

/** Splits a SimpleDateFormat pattern into literals and fields. */
export function readDateElements(pattern: string): ReadPattern {
  const elements: DateElement[] = [];
  const lettersOf = new Set<FieldLetter>();
  for (const [piece, quoted, letter] of pattern.matchAll(PIECE)) {
    if (piece === "'") return refuse('a quote is not closed', true);
    if (letter === undefined) {
      elements.push({ kind: 'literal', text: literalOf(piece, quoted) });
      continue;
    }
    const field = FIELDS.get(letter);
    const refusal = refusalOf(letter, piece.length, field !== undefined);
    if (refusal !== null) return refusal;
    if (field === undefined) continue;
    lettersOf.add(field);
    const isNumber = !NAMES.includes(field) && (field !== 'M' || piece.length <= 2);
    elements.push({ kind: 'field', letter: field, count: piece.length, isNumber });
  }
  return ambiguity(lettersOf) ?? { kind: 'read', elements };
}

/** Combinations where the calendar weighs fields against each other in ways that are not worth repeating here. */
function ambiguity(letters: ReadonlySet<FieldLetter>): Extract<ReadPattern, { kind: 'refused' }> | null {
  if (letters.has('y') && letters.has('Y')) return refuse('both the year and the week year', false);
  const hours = (['H', 'k', 'h', 'K'] as const).filter((hour) => letters.has(hour));
  if (hours.length > 1) return refuse('more than one kind of hour', false);
  const hasDay = letters.has('d') || letters.has('D') || letters.has('Y');
  return letters.has('E') && !hasDay ? refuse('a weekday without a day', false) : null;
}

function literalOf(piece: string, quoted: string | undefined): string {
  if (quoted === undefined) return piece;
  return quoted === '' ? "'" : quoted.replaceAll("''", "'");
}

function refusalOf(letter: string, count: number, isKnown: boolean): Extract<ReadPattern, { kind: 'refused' }> | null {
  if (!JAVA_LETTERS.includes(letter)) return refuse(`"${letter}" is no pattern letter of SimpleDateFormat`, true);
  if (letter === 'X' && count > 3) return refuse('more than three X', true);
  if (!isKnown) return refuse(`the pattern letter "${letter}" is not evaluated`, false);
  if ((letter === 'y' || letter === 'Y') && count < 3) {
    return refuse(`"${letter.repeat(count)}" takes its century from the day it runs`, false);
  }
  return null;
}

function refuse(reason: string, isInvalid: boolean): Extract<ReadPattern, { kind: 'refused' }> {
  return { kind: 'refused', reason, isInvalid };
}
