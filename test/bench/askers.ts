import { CONNECTOR_SECRET } from './bridge-files.ts';
import type { Asker } from './load.ts';

export const FEED = '/v1/feeds/default/detections';
export const PAGE_EVENTS = 1000;
/** Reads from the beginning on. */
export const PEEK = `${FEED}?since=2000-01-01T00:00:00Z`;

export function basic(name: string, secret: string): string {
  return `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
}

/** The same request again and again. @param bytes size of the page that answers it */
export function sameAsker(path: string, login: string, pageBytes: number): Asker {
  return {
    next: () => ({ path, login }),
    took({ status, bytes, head }) {
      if (status !== 200 || bytes < pageBytes) throw new Error(`the answer is not the page: ${head.slice(0, 500)}`);
    },
  };
}

/**
 * Polls as the ArcSight connector is meant to: each request carries the FeedTime of the page before it and so
 * acknowledges it. After `pages` the next connector begins. Throws when a page does not follow the one before it.
 * @param before FeedSeq before the first event that a new connector gets
 */
export function pollingAsker(connectors: Iterator<string, undefined>, pages: number, before = 0): Asker {
  let login = '';
  let page = pages;
  let since = '';
  return {
    next() {
      if (page === pages) {
        const name = connectors.next().value;
        if (name === undefined) throw new Error('too few connectors for so many polls');
        login = basic(name, CONNECTOR_SECRET);
        since = String(Date.now() - 60_000);
        page = 0;
      }
      return { path: `${FEED}?since=${since}`, login };
    },
    took({ status, head, tail }) {
      const first = Number(/"FeedSeq":(\d+)/.exec(head)?.[1]);
      const stamp = /"FeedTime":(\d+)\}\]$/.exec(tail)?.[1];
      if (status !== 200 || first !== before + page * PAGE_EVENTS + 1 || stamp === undefined) {
        throw new Error(`page ${page + 1} begins with the event ${first}: ${head.slice(0, 500)}`);
      }
      since = stamp;
      page += 1;
    },
  };
}
