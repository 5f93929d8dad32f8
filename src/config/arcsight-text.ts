import type { ArcSightField } from '../domain/arcsight-fields.ts';

interface Problem {
  readonly message: string;
  readonly remedy: string;
}

const LARGEST_INTEGER = 2 ** 31 - 1;

/** What keeps a text from standing between quotes in a parser file; null when nothing does. */
export function textProblem(text: string, maxLength: number): Problem | null {
  if (text.trim() === '') return { message: 'is empty', remedy: 'Write a text.' };
  if (text.includes('\\'))
    return {
      message: 'holds a backslash, and how the connector reads one is not known',
      remedy: 'Write it without a backslash.',
    };
  if (/[^ -~]/.test(text))
    return {
      message: 'holds a character that is not plain ASCII, or a line end',
      remedy: 'Use letters without accents, digits and signs of the ASCII table.',
    };
  if (text.length > maxLength)
    return { message: `has ${text.length} characters; the field holds ${maxLength}`, remedy: 'Shorten it.' };
  return null;
}

/** What keeps a constant from going into the field; null when nothing does. */
export function constantProblem(constant: string | number, { name, type, maxLength }: ArcSightField): Problem | null {
  switch (type) {
    case 'text':
      return textProblem(String(constant), maxLength ?? 0);
    case 'long':
    case 'integer':
      return numberProblem(String(constant), type === 'long' ? Number.MAX_SAFE_INTEGER : LARGEST_INTEGER);
    case 'double':
    case 'time':
    case 'ipv4':
    case 'ipv6':
    case 'mac':
      return {
        message: `${name} takes no constant`,
        remedy: 'A constant goes into fields for text and for whole numbers.',
      };
  }
}

function numberProblem(text: string, largest: number): Problem | null {
  if (/^-?\d{1,16}$/.test(text) && Math.abs(Number(text)) <= largest) return null;
  return {
    message: `must be a whole number from ${-largest} to ${largest}, not ${JSON.stringify(text.slice(0, 60))}`,
    remedy: 'Correct the value, or choose a field for text.',
  };
}
