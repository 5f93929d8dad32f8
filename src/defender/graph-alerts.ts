import { BridgeError } from '../domain/errors.ts';
import type { Instant } from '../domain/instant.ts';
import type { Window } from '../domain/window.ts';
import type { ApiClient } from './client.ts';
import { normaliseAlerts } from './map/graph-payload.ts';
import { readEnvelope } from './odata-envelope.ts';
import { reread } from './reread.ts';
import type { Page, Source } from './source.ts';

const PATH = '/v1.0/security/alerts_v2';
const PAGE_SIZE = 200;
/** Beyond it `$skip` is a 400, `$top` is cut (defender-api 4). */
const MOST_SKIPPED = 500;
const LARGEST_PAGE = 1000;
/** Empty pages with a nextLink are legal; this many in a row lead nowhere. */
const EMPTY_PAGES = 1000;

/**
 * Alerts of Microsoft Graph (`security/alerts_v2`) by their update time, oldest first.
 *
 * A nextLink may be an offset into a list that moves (defender-api 4): an alert that is updated while its window is
 * read leaves the list, everything behind it moves up, and the record at the page boundary would be skipped. So while
 * the order holds and the time moves on, the next page is asked for by the time that is proven, that instant included
 * (the store knows what it has seen); only a page full of one instant, or out of order, goes on by its nextLink.
 */
export function createGraphAlerts({ client }: { client: ApiClient }): Source {
  return {
    name: 'graph-alerts',
    serverNow: (signal) => client.serverNow(signal),
    tokenProblem: () => client.tokenProblem(),
    blurMs: 0,
    normalise: (raw) => reread(raw, normaliseAlerts),
    async *pages(window, signal, { pageSize = PAGE_SIZE } = {}) {
      const top = Math.min(pageSize, LARGEST_PAGE);
      const visited = new Set<string>();
      let asked = window.progress ?? window.from;
      let order = createOrder(window, asked, window.progress);
      let empty = 0;
      for (let link: string | null = pageFrom(asked, window, top); link !== null; ) {
        if (visited.has(link) || empty > EMPTY_PAGES) throw pageLoop(visited.size);
        visited.add(link);
        const { items, next } = readEnvelope(await client.get(link, signal));
        const { records, rejected } = normaliseAlerts(items);
        empty = items.length === 0 ? empty + 1 : 0;
        const progress = order.read(records.map(({ lastUpdate }) => lastUpdate));
        if (next !== null && progress !== null && progress > asked) {
          asked = progress;
          order = createOrder(window, asked, progress);
          link = pageFrom(asked, window, top);
        } else {
          link = next;
        }
        yield { records, rejected, progress, isLast: next === null } satisfies Page;
      }
    },
    async single(window, index, signal) {
      if (index > MOST_SKIPPED) throw crowded(window.from);
      const json = await client.get(`${pageFrom(window.from, window, 1)}&$skip=${index}`, signal);
      const { items } = readEnvelope(json);
      return items.length === 0 ? null : normaliseAlerts(items);
    },
  };
}

/** OData literals stand unquoted. `ge`, so that records of the same instant are not skipped. */
function pageFrom(from: Instant, { to }: Window, top: number): string {
  const filter = `lastUpdateDateTime ge ${from} and lastUpdateDateTime lt ${to}`;
  const orderBy = 'lastUpdateDateTime asc';
  return `${PATH}?$filter=${encodeURIComponent(filter)}&$orderby=${encodeURIComponent(orderBy)}&$top=${top}`;
}

/**
 * `$orderby` is not documented for this API (defender-api 4), so the order is checked: once it is broken, or what is
 * shown lies outside of what was asked for, nothing proves what is still to come. Proven is the last time but one: one
 * time alone shows no order, and the last record of a page may be shown with a later time than the one it was found by
 * (updated in between, inferred), which would skip all that lies before it.
 */
function createOrder({ to }: Window, asked: Instant, provenBefore: Instant | null) {
  let proven = provenBefore;
  let latest: Instant | null = null;
  let holds = true;
  return {
    read(times: readonly Instant[]): Instant | null {
      for (const time of times) {
        if (time < (latest ?? asked) || time >= to) holds = false;
        else if (latest !== null && time > latest) proven = latest;
        latest = time;
      }
      return holds ? proven : null;
    },
  };
}

function pageLoop(pages: number): BridgeError {
  return new BridgeError({
    code: 'UPSTREAM_PAGE_LOOP',
    kind: 'upstream',
    message: `Microsoft's pages do not come to an end: after ${pages} pages the next link leads back or nowhere.`,
    hint: 'FlexBridge starts the window again with the next poll. If it lasts, please report it.',
  });
}

function crowded(at: Instant): BridgeError {
  return new BridgeError({
    code: 'UPSTREAM_CROWDED',
    kind: 'upstream',
    message: `More than ${MOST_SKIPPED} alerts bear the update time ${at}, and Microsoft Graph gives no more of them one by one.`,
    hint: 'The position did not move. FlexBridge tries again by itself; if it lasts, please report it.',
  });
}
