import { moment } from '../../../domain/time-words.ts';
import { type Html, html } from '../html.ts';
import { shownText } from './shown-text.ts';

/** A moment, in UTC and to the second: these pages are compared with logs. */
export function at(ms: number): Html {
  const iso = moment(ms);
  const [date = '', time = ''] = iso.replace('Z', '').split('T');
  return html`<time datetime="${iso}"><span>${date}</span> <span>${time} UTC</span></time>`;
}

/** A text from outside in full, or as much of it as a page can hold. */
export function fullText(text: string): Html {
  const shown = shownText(text);
  return html`<pre>${shown.text}</pre>${shown.isCut ? html`<p class="faint">The end is left out here: it is longer than a page shows.</p>` : null}`;
}

/** A part of a page with its heading. */
export function region(id: string, heading: string, content: Html): Html {
  return html`<section class="region" aria-labelledby="${id}"><h2 id="${id}">${heading}</h2>
${content}</section>
`;
}
