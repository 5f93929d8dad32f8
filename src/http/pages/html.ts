const TEXT = Symbol('html');

/** A piece of HTML that `html` made; nothing else can make one. */
export interface Html {
  readonly [TEXT]: string;
}

type Part = Html | string | number | null | readonly Html[];

/**
 * Template tag. What is put in is text and is escaped, for content and for attributes in double quotes alike; only other
 * pieces of HTML go in as they are. Null is nothing.
 */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { [TEXT]: texts.map((text, index) => text + print(parts[index] ?? null)).join('') };
}

/** The text to send. */
export function htmlText(piece: Html): string {
  return piece[TEXT];
}

function print(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'map' in part ? part.map(htmlText).join('') : htmlText(part);
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Half a surrogate pair would not survive UTF-8, and NUL is no character of HTML. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\0', '\ufffd')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES.get(character) ?? '');
}
