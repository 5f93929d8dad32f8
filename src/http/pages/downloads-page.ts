import { type Html, html } from './html.ts';
import type { Page, Viewer } from './layout.ts';
import { number } from './moment.ts';

/** A file to download; `sha256` in hexadecimal. */
export interface Download {
  readonly name: string;
  readonly href: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** `failed`: why there is no pack now, and what to do. */
export type FeedDownloads =
  | { readonly kind: 'pack'; readonly feed: string; readonly zip: Download; readonly files: readonly Download[] }
  | { readonly kind: 'failed'; readonly feed: string; readonly message: string; readonly hint: string };

/** What an ArcSight administrator needs, feed by feed. */
export function downloadsPage(feeds: readonly FeedDownloads[], viewer: Viewer): Page {
  return {
    title: 'Downloads',
    viewer,
    here: '/status/downloads',
    isWide: true,
    content: html`<section class="region" aria-labelledby="how-heading"><h2 id="how-heading">The files for ArcSight</h2>
<p>Each feed has a pack: the files of the connector and INSTALL.md, which says where they go and what to answer in the connector's wizard. They are made now, from the running configuration, and hold no secret.</p>
<p>To see whether a file arrived whole, compare its SHA-256: <code>sha256sum FILE</code>, on Windows <code>certutil -hashfile FILE SHA256</code>.</p></section>
${feeds.map(feedSection)}`,
  };
}

function feedSection(downloads: FeedDownloads): Html {
  const { feed } = downloads;
  const heading = `feed-${feed}-heading`;
  return html`<section class="region" id="feed-${feed}" aria-labelledby="${heading}"><h2 id="${heading}">Feed ${feed}</h2>
${downloads.kind === 'pack' ? pack(downloads) : html`<p class="wrong">${downloads.message}</p><p>${downloads.hint}</p>`}</section>
`;
}

function pack({ zip, files }: Extract<FeedDownloads, { kind: 'pack' }>): Html {
  const rows = [zip, ...files].map(
    ({ name, href, bytes, sha256 }, index) =>
      html`<tr><th scope="row"><a href="${href}">${name}</a>${index === 0 ? html` <span class="faint">everything below in one file</span>` : null}</th><td data-label="Bytes" class="number">${number(bytes)}</td><td data-label="SHA-256"><code>${sha256}</code></td></tr>`,
  );
  return html`<table class="stacked"><thead><tr><th scope="col">File</th><th scope="col">Bytes</th><th scope="col">SHA-256</th></tr></thead><tbody>${rows}</tbody></table>`;
}
