import { describe, expect, it } from 'vitest';
import type { ApiClient } from '../../../src/defender/client.ts';
import { createGraphAlerts } from '../../../src/defender/graph-alerts.ts';
import type { Window } from '../../../src/domain/window.ts';
import { instant } from '../../support/alerts.ts';
import { aWindow, readAll } from './api-rig.ts';
import { calm, failureOf } from './loopback.ts';

/** Alerts updated in the given minutes after 10:00. */
function alertsAt(...minutes: readonly number[]) {
  return minutes.map((minute) => ({ id: `a${minute}`, lastUpdateDateTime: timeAt(minute) }));
}

function timeAt(minute: number): string {
  const [hour, rest] = [10 + Math.floor(minute / 60), minute % 60];
  return `2026-03-01T${hour}:${String(rest).padStart(2, '0')}:00.0000000Z`;
}

/** A client that answers page after page and keeps what it was asked. */
function pagedClient(...pages: readonly unknown[]) {
  const asked: string[] = [];
  const get: ApiClient['get'] = (address) => {
    asked.push(address);
    const page = pages[asked.length - 1];
    return page === undefined ? Promise.reject(new Error('asked for more')) : Promise.resolve(page);
  };
  return { source: createGraphAlerts({ client: aClient(get) }), asked };
}

function aClient(get: ApiClient['get']): ApiClient {
  return {
    host: 'graph.example',
    get,
    stream: () => {
      throw new Error('not used');
    },
    serverNow: () => Promise.resolve(42),
    tokenProblem: () => null,
  };
}

function link(name: string): string {
  return `https://graph.example/v1.0/security/alerts_v2?$skiptoken=${name}`;
}

describe('a window of alerts', () => {
  it('is asked for by update time, oldest first, in seven digits and unquoted', async () => {
    const { source, asked } = pagedClient({ value: [] });
    await readAll(source.pages(aWindow(), calm(), { pageSize: 50 }));
    const [path = '', query] = (asked[0] ?? '').split('?');
    expect(path).toBe('/v1.0/security/alerts_v2');
    expect(Object.fromEntries(new URLSearchParams(query))).toEqual({
      $filter:
        'lastUpdateDateTime ge 2026-03-01T10:00:00.0000000Z and lastUpdateDateTime lt 2026-03-01T12:00:00.0000000Z',
      $orderby: 'lastUpdateDateTime asc',
      $top: '50',
    });
  });

  it('goes on from its progress, that instant included', async () => {
    const { source, asked } = pagedClient({ value: [] });
    await readAll(source.pages(aWindow({ progress: instant('2026-03-01T11:00:00.1234567Z') }), calm()));
    expect(new URLSearchParams(asked[0]?.split('?')[1]).get('$filter')).toContain(
      'ge 2026-03-01T11:00:00.1234567Z and',
    );
  });

  it('goes on by time while the order holds, and by nextLink through a page of one instant', async () => {
    const { source, asked } = pagedClient(
      { value: alertsAt(1, 2), '@odata.nextLink': link('one') },
      { value: alertsAt(2), '@odata.nextLink': link('two') },
      { value: alertsAt(2, 3), '@odata.nextLink': link('three') },
      { value: alertsAt(3, 4), '@odata.nextLink': null },
    );
    const pages = await readAll(source.pages(aWindow(), calm()));
    const bounds = asked.map((address) => /ge (\S+)/.exec(decodeURIComponent(address))?.[1] ?? address);
    expect(bounds).toEqual(['2026-03-01T10:00:00.0000000Z', timeAt(1), link('two'), timeAt(2)]);
    expect(pages.map(({ isLast }) => isLast)).toEqual([false, false, false, true]);
  });

  it('follows nextLinks word for word where the order does not hold', async () => {
    const { source, asked } = pagedClient(
      { value: alertsAt(2, 1), '@odata.nextLink': link('one') },
      { value: alertsAt(3), '@odata.nextLink': link('two') },
      { value: alertsAt(4), '@odata.nextLink': null },
    );
    const pages = await readAll(source.pages(aWindow(), calm()));
    expect(asked.slice(1)).toEqual([link('one'), link('two')]);
    expect(pages.map(({ records, isLast }) => [records.map(({ alertId }) => alertId), isLast])).toEqual([
      [['a2', 'a1'], false],
      [['a3'], false],
      [['a4'], true],
    ]);
  });

  it('goes on after an empty page that has a nextLink', async () => {
    const { source } = pagedClient({ value: [], '@odata.nextLink': link('one') }, { value: alertsAt(1) });
    const pages = await readAll(source.pages(aWindow({ progress: instant(timeAt(0)) }), calm()));
    expect(pages.map(({ progress, isLast }) => [progress, isLast])).toEqual([
      [timeAt(0), false],
      [timeAt(0), true],
    ]);
  });

  it('ends with an error when a nextLink comes again', async () => {
    const { source, asked } = pagedClient(
      { value: [], '@odata.nextLink': link('one') },
      { value: [], '@odata.nextLink': link('two') },
      { value: [], '@odata.nextLink': link('one') },
    );
    expect(await failureOf(readAll(source.pages(aWindow(), calm())))).toMatchObject({ code: 'UPSTREAM_PAGE_LOOP' });
    expect(asked).toHaveLength(3);
  });

  it('ends with an error when empty pages do not come to an end', async () => {
    let count = 0;
    const client = aClient(() => {
      count += 1;
      return Promise.resolve({ value: [], '@odata.nextLink': link(String(count)) });
    });
    const pages = createGraphAlerts({ client }).pages(aWindow(), calm());
    expect(await failureOf(readAll(pages))).toMatchObject({ code: 'UPSTREAM_PAGE_LOOP' });
  });

  it.each([
    ['a list', []],
    ['no list', { value: {} }],
    ['an error', { error: { code: 'x' } }],
    ['a nextLink that is no text', { value: [], '@odata.nextLink': 7 }],
  ])('ends with an error when a page is %s', async (_name, page) => {
    const { source } = pagedClient(page);
    expect(await failureOf(readAll(source.pages(aWindow(), calm())))).toMatchObject({ code: 'UPSTREAM_BAD_ENVELOPE' });
  });

  it('goes on without a record that cannot be read', async () => {
    const { source } = pagedClient({ value: [{ id: 'bad' }, ...alertsAt(1)] });
    const [page] = await readAll(source.pages(aWindow(), calm()));
    expect(page?.records.map(({ alertId }) => alertId)).toEqual(['a1']);
    expect(page?.rejected).toMatchObject([{ id: 'bad', raw: '{"id":"bad"}' }]);
  });
});

describe('the progress of a window', () => {
  async function progressOf(window: Window, ...minutes: readonly (readonly number[])[]) {
    const last = minutes.length - 1;
    const { source } = pagedClient(
      ...minutes.map((list, index) => ({
        value: alertsAt(...list),
        ...(index < last && { '@odata.nextLink': link(String(index)) }),
      })),
    );
    return (await readAll(source.pages(window, calm()))).map(({ progress }) => progress);
  }

  it('is the last update time but one while everything came in order', async () => {
    expect(await progressOf(aWindow(), [1, 2, 2], [2, 5], [9])).toEqual([timeAt(1), timeAt(2), timeAt(2)]);
  });

  it('stays where it was through pages of one instant, and goes on with the first later one', async () => {
    expect(await progressOf(aWindow(), [3, 3], [3, 3], [3, 4], [5])).toEqual([null, null, timeAt(3), timeAt(3)]);
    const resumed = aWindow({ progress: instant(timeAt(2)) });
    expect(await progressOf(resumed, [3, 3], [3, 3], [3, 4], [5])).toEqual([2, 2, 3, 3].map(timeAt));
  });

  it('is unknown from the first record out of order on, for the whole window', async () => {
    expect(await progressOf(aWindow(), [1, 2], [5, 4], [6, 7])).toEqual([timeAt(1), null, null]);
  });

  it('is unknown when the order breaks between two pages', async () => {
    expect(await progressOf(aWindow(), [2, 3], [1])).toEqual([timeAt(2), null]);
  });

  it('is unknown from a record on that is shown with a time behind the end of the window', async () => {
    expect(await progressOf(aWindow(), [1, 2, 130], [3])).toEqual([null, null]);
  });

  it('is unknown when records come from before the progress that was asked for', async () => {
    expect(await progressOf(aWindow({ progress: instant(timeAt(5)) }), [1, 6], [7])).toEqual([null, null]);
  });

  it('is unknown before the first record', async () => {
    expect(await progressOf(aWindow(), [], [1, 2])).toEqual([null, timeAt(1)]);
  });
});
