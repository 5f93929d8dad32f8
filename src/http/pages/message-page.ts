import { html } from './html.ts';
import type { Page, Viewer } from './layout.ts';

export interface Message {
  readonly title: string;
  /** What happened. */
  readonly detail: string;
  /** What to do about it. */
  readonly hint: string;
  /** Where a person goes on from here, on this server. */
  readonly link?: { readonly to: string; readonly text: string };
}

/** An error, or anything else to be told, in words. */
export function messagePage({ title, detail, hint, link }: Message, viewer: Viewer | null = null): Page {
  return {
    title,
    viewer,
    content: html`<p>${detail}</p>
<p>${hint}</p>
${link === undefined ? null : html`<p><a href="${link.to}">${link.text}</a></p>`}`,
  };
}
