import { afterEach, describe, expect, it } from 'vitest';
import { createGraphAlerts } from '../../../src/defender/graph-alerts.ts';
import type { Page } from '../../../src/defender/source.ts';
import { instant } from '../../support/alerts.ts';
import { apiRig, aWindow, readAll, readUntilFailure } from './api-rig.ts';
import { type CannedAnswer, calm, failureOf, type Loopback, type SeenRequest, startLoopback } from './loopback.ts';

function timeAt(minute: number): string {
  return `2026-03-01T10:${String(minute).padStart(2, '0')}:00.0000000Z`;
}

describe('a window of alerts over the network', () => {
  let server: Loopback | undefined;

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  interface Row {
    readonly id: string;
    lastUpdateDateTime: string;
  }

  /** Graph with live nextLinks: each is a place in the list as it is when it is followed. */
  function graphOf(rows: readonly Row[]) {
    return ({ url }: SeenRequest): CannedAnswer => {
      const { searchParams, pathname } = new URL(url, 'https://graph.example');
      const filter = searchParams.get('$filter') ?? '';
      const [, from = '', to = ''] = /^lastUpdateDateTime ge (\S+) and lastUpdateDateTime lt (\S+)$/.exec(filter) ?? [];
      const found = rows
        .filter(({ lastUpdateDateTime }) => lastUpdateDateTime >= from && lastUpdateDateTime < to)
        .toSorted((a, b) => (a.lastUpdateDateTime < b.lastUpdateDateTime ? -1 : 1));
      const skip = Number(searchParams.get('$skip') ?? 0);
      const next = skip + Number(searchParams.get('$top'));
      searchParams.set('$skip', String(next));
      const nextLink = next < found.length && {
        '@odata.nextLink': `${server?.url ?? ''}${pathname}?${searchParams.toString()}`,
      };
      return { status: 200, body: JSON.stringify({ value: found.slice(skip, next), ...nextLink }) };
    };
  }

  function rowsAt(...minutes: readonly number[]): Row[] {
    return minutes.map((minute, index) => ({ id: `r${index}`, lastUpdateDateTime: timeAt(minute) }));
  }

  async function startGraph(answer: (request: SeenRequest) => CannedAnswer) {
    server = await startLoopback(answer);
    return createGraphAlerts(apiRig(server, 'graph-alerts'));
  }

  function idsOf(pages: readonly Page[]): readonly string[] {
    return [...new Set(pages.flatMap(({ records }) => records.map(({ alertId }) => alertId)))].toSorted();
  }

  it('every alert of a window is read, ties included, whatever the size of a page', async () => {
    const rows = rowsAt(1, 2, 2, 2, 2, 3, 4, 4, 4, 5);
    const source = await startGraph(graphOf(rows));
    for (const pageSize of [1, 2, 3, 50]) {
      const pages = await readAll(source.pages(aWindow(), calm(), { pageSize }));
      expect(idsOf(pages)).toEqual(rows.map(({ id }) => id));
      expect(pages.at(-1)?.isLast).toBe(true);
    }
  });

  it('an alert updated while its window is read pushes no other out of sight', async () => {
    const rows = rowsAt(...Array.from({ length: 30 }, (_, index) => index));
    const source = await startGraph(graphOf(rows));
    const read = new Set<string>();
    for await (const page of source.pages(aWindow(), calm(), { pageSize: 5 })) {
      const [moving] = rows;
      if (read.size === 0 && moving !== undefined) moving.lastUpdateDateTime = '2026-03-01T12:30:00.0000000Z';
      for (const { alertId } of page.records) read.add(alertId);
    }
    expect(rows.filter(({ id }) => !read.has(id))).toEqual([]);
  });

  it('an alert that is shown as newer than it was found hides nothing behind the page it ends', async () => {
    for (const shownAt of [timeAt(50), '2026-03-01T12:30:00.0000000Z']) {
      const rows = rowsAt(...Array.from({ length: 20 }, (_, index) => index));
      const graph = graphOf(rows);
      const source = await startGraph((request) => {
        const { status, body = '' } = graph(request);
        return {
          status,
          body: String(body).replace(
            `"r4","lastUpdateDateTime":"${timeAt(4)}`,
            `"r4","lastUpdateDateTime":"${shownAt}`,
          ),
        };
      });
      const pages = await readAll(source.pages(aWindow(), calm(), { pageSize: 5 }));
      expect(idsOf(pages)).toEqual(rows.map(({ id }) => id).toSorted());
      await server?.close();
    }
  });

  it('a list that comes newest first hides nothing behind a page of one instant', async () => {
    const rows = rowsAt(1, 2, 3, 4, 50, 50, 50);
    const newestFirst = rows.toReversed();
    const source = await startGraph(({ url }) => {
      const skip = Number(new URL(url, 'https://graph.example').searchParams.get('$skip') ?? 0);
      const nextLink = skip + 2 < rows.length && { '@odata.nextLink': `${server?.url ?? ''}/v1.0/x?$skip=${skip + 2}` };
      const from = /ge (\S+) and/.exec(decodeURIComponent(url))?.[1] ?? '';
      const found = newestFirst.filter(({ lastUpdateDateTime }) => lastUpdateDateTime >= from);
      return { status: 200, body: JSON.stringify({ value: found.slice(skip, skip + 2), ...nextLink }) };
    });
    expect(idsOf(await readAll(source.pages(aWindow(), calm())))).toEqual(rows.map(({ id }) => id));
  });

  it('a token that is refused in the middle is replaced, and nothing is left out', async () => {
    const rows = rowsAt(1, 2, 3, 4, 5, 6);
    const graph = graphOf(rows);
    const source = await startGraph((request) => {
      const isLate = (server?.requests.length ?? 0) > 2;
      return isLate && request.headers['authorization'] === 'Bearer token-1' ? { status: 401 } : graph(request);
    });
    expect(idsOf(await readAll(source.pages(aWindow(), calm(), { pageSize: 2 })))).toEqual(rows.map(({ id }) => id));
  });

  it.each<[string, CannedAnswer, string]>([
    ['a redirect', { status: 307, headers: { location: 'https://evil.example/' } }, 'UPSTREAM_REDIRECT'],
    [
      'a part of the data',
      { status: 206, headers: { warning: '199 - "V/P/504/1"' }, body: '{"value":[]}' },
      'UPSTREAM_PARTIAL',
    ],
    ['JSON that is cut off', { status: 200, body: '{"value":[{"id":' }, 'UPSTREAM_BAD_JSON'],
    ['another envelope', { status: 200, body: '{"alerts":[]}' }, 'UPSTREAM_BAD_ENVELOPE'],
    ['a web page', { status: 200, body: '<html>' }, 'UPSTREAM_NOT_JSON'],
    ['too many requests', { status: 429, headers: { 'retry-after': '17' } }, 'UPSTREAM_THROTTLED'],
  ])('%s in the middle ends the window after the pages that were whole', async (_name, broken, code) => {
    const graph = graphOf(rowsAt(1, 2, 3, 4));
    const source = await startGraph((request) => ((server?.requests.length ?? 0) > 1 ? broken : graph(request)));
    const { read, failure } = await readUntilFailure(source.pages(aWindow(), calm(), { pageSize: 2 }));
    expect(failure).toMatchObject({ code });
    expect(read.map(({ progress, isLast }) => [progress, isLast])).toEqual([[timeAt(1), false]]);
    expect(server?.requests).toHaveLength(2);
  });

  it('a nextLink to another host gets no token', async () => {
    const other = await startLoopback(() => ({ status: 200, body: '{"value":[]}' }));
    const body = JSON.stringify({ value: [], '@odata.nextLink': `${other.url}/v1.0/security/alerts_v2` });
    const source = await startGraph(() => ({ status: 200, body }));
    const { failure } = await readUntilFailure(source.pages(aWindow(), calm()));
    await other.close();
    expect(failure).toMatchObject({ code: 'UPSTREAM_FOREIGN_LINK' });
    expect(other.requests).toEqual([]);
  });

  it('rows that are repeated, and an older version after a newer one, lead to the end without a false progress', async () => {
    const pages = [rowsAt(1, 2), rowsAt(2, 2), [{ id: 'r0', lastUpdateDateTime: timeAt(1) }], rowsAt(7)];
    const source = await startGraph(() => {
      const index = (server?.requests.length ?? 1) - 1;
      const nextLink = index < 3 && { '@odata.nextLink': `${server?.url ?? ''}/v1.0/x?$skiptoken=${index}` };
      return { status: 200, body: JSON.stringify({ value: pages[index], ...nextLink }) };
    });
    const read = await readAll(source.pages(aWindow(), calm()));
    expect(read.map(({ progress }) => progress)).toEqual([timeAt(1), timeAt(1), null, null]);
    expect(read.at(-1)?.isLast).toBe(true);
  });

  it('one record of an instant is given by its place, and null past the last one', async () => {
    const source = await startGraph(graphOf(rowsAt(1, 2, 2)));
    const moment = aWindow({ from: instant(timeAt(2)), to: instant('2026-03-01T10:02:00.0000001Z') });
    const single = async (index: number) => (await source.single?.(moment, index, calm()))?.records[0]?.alertId ?? null;
    expect([await single(0), await single(1), await single(2)]).toEqual(['r1', 'r2', null]);
    expect(server?.requests[1]?.url).toContain('&$top=1&$skip=1');
    expect(await failureOf(single(501))).toMatchObject({ code: 'UPSTREAM_CROWDED' });
  });

  it('what was set aside is read again, and what is wrong with the token is told', async () => {
    server = await startLoopback(() => ({ status: 200 }));
    const problem = { code: 'role', meaning: 'a role is missing', remedy: 'grant it' } as const;
    const source = createGraphAlerts(apiRig(server, 'graph-alerts', { problem }));
    expect(source.normalise(JSON.stringify({ value: rowsAt(1, 2) })).records).toHaveLength(2);
    expect(source.normalise('{"id":').rejected).toMatchObject([{ code: 'unreadable' }]);
    expect(source.tokenProblem()).toBe(problem);
  });
});
