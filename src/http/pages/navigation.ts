import { type Html, html } from './html.ts';

/** The pages that operators go about in, in this order. */
const PLACES = [
  { path: '/status', name: 'Status' },
  { path: '/status/events', name: 'Events' },
  { path: '/status/quarantine', name: 'Quarantine' },
  { path: '/status/audit', name: 'Audit' },
  { path: '/status/downloads', name: 'Downloads' },
] as const;

/** The path of one of the pages that the navigation leads to. */
export type Place = (typeof PLACES)[number]['path'];

/** @param here where the reader is; null: on a page that belongs to none of them */
export function navigation(here: Place | null): Html {
  const links = PLACES.map(({ path, name }) =>
    path === here
      ? html`<li><a href="${path}" aria-current="page">${name}</a></li>`
      : html`<li><a href="${path}">${name}</a></li>`,
  );
  return html`<nav aria-label="Pages"><ul>${links}</ul></nav>`;
}
