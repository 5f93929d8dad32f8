/** Attributes and elements that the pages are made of; whatever else is in one came from outside. */
const ELEMENTS = new Set(
  `html head meta title link script body a header strong nav ul ol li form input select option button label main h1 h2 h3 h4 h5
   section article div p span dl dt dd pre code table caption thead tbody tr th td time details summary figure figcaption
   svg desc path rect line g circle em`
    .split(/\s+/)
    .filter((name) => name !== ''),
);
const ATTRIBUTE = / ([a-zA-Z-]+)(?:="([^"<>]*)")?/g;
const TAG = /<(\/?)([a-z][a-z0-9]*)((?: [a-zA-Z-]+(?:="[^"<>]*")?)*) ?\/?>/g;
/** What would hide or turn text. */
const HIDDEN = /(?!\n)\p{Cc}|[\u2028-\u202e\u2066-\u2069]/u;

/** What is wrong with a page that shows text from outside; nothing: every bit of it is text. */
export function pageFaults(page: string): readonly string[] {
  const faults: string[] = [];
  const rest = page
    .replace('<!doctype html>', '')
    .replaceAll(TAG, (_, end: string, name: string, attributes: string) => {
      if (!ELEMENTS.has(name)) faults.push(`the element ${name}`);
      if (name === 'script' && end === '' && !attributes.includes('src="/assets/')) faults.push('a script of its own');
      for (const [, attribute = '', value = ''] of attributes.matchAll(ATTRIBUTE)) {
        if (attribute.toLowerCase().startsWith('on') || attribute === 'style')
          faults.push(`the attribute ${attribute}`);
        if (['href', 'src', 'action'].includes(attribute) && !/^[/#]/.test(value)) faults.push(`a link to ${value}`);
      }
      return '';
    });
  if (/[<>]/.test(rest)) faults.push(`a mark that is no tag: ${/.{0,30}[<>].{0,30}/s.exec(rest)?.[0] ?? ''}`);
  if (HIDDEN.test(page)) faults.push('a character that hides or turns text');
  return faults;
}

/** What a reader sees: tags gone, entities as the characters that they stand for. */
export function pageText(page: string): string {
  return page
    .replaceAll(TAG, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');
}
