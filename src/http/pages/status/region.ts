import { createHash } from 'node:crypto';
import { type Html, html, htmlText } from '../html.ts';

/** A part of the status page that the script replaces by itself. */
export interface Region {
  readonly id: string;
  readonly heading: string;
  readonly content: Html;
}

/**
 * A section with its version. How long ago something was changes all the time and is no change of the region: only the
 * moments themselves count. Escaped text holds no `<`, so nothing from outside can look like a time.
 */
export function region({ id, heading, content }: Region): Html {
  const lasting = htmlText(content).replaceAll(/(<time [^>]*>)[^<]*/g, '$1');
  const version = createHash('sha256').update(lasting).digest('hex').slice(0, 16);
  return html`<section id="${id}" class="region" aria-labelledby="${id}-heading" data-version="${version}">
<h2 id="${id}-heading">${heading}</h2>
${content}
</section>
`;
}
