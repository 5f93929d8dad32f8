import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createDefenderAlerts } from '../../../src/defender/defender-alerts.ts';
import type { Page } from '../../../src/defender/source.ts';
import { fromTicks, toTicks } from '../../../src/defender/ticks.ts';
import { type Instant, instantToMs, parseInstant } from '../../../src/domain/instant.ts';
import type { Window } from '../../../src/domain/window.ts';
import { instant } from '../../support/alerts.ts';
import { apiRig, aWindow, readAll, readUntilFailure } from './api-rig.ts';
import { type CannedAnswer, calm, containing, failureOf, type Loopback, startLoopback } from './loopback.ts';

interface Asked {
  readonly from: Instant;
  readonly to: Instant;
  readonly top: number;
  readonly skip: number;
  readonly query: Readonly<Record<string, string>>;
}

const DAY = aWindow({ from: instant('2026-03-01T00:00:00Z'), to: instant('2026-03-02T00:00:00Z') });

let server: Loopback | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

function read(url: string): Asked {
  const { searchParams } = new URL(url, 'https://defender.example');
  const [, from = '', to = ''] =
    /^lastUpdateTime ge (\S+) and lastUpdateTime lt (\S+)$/.exec(searchParams.get('$filter') ?? '') ?? [];
  return {
    from: instant(from),
    to: instant(to),
    top: Number(searchParams.get('$top')),
    skip: Number(searchParams.get('$skip') ?? 0),
    query: Object.fromEntries(searchParams),
  };
}

/** Microsoft with these update times, in no order; the filter's literals are rounded as `round` says. */
function answerFor(times: readonly Instant[], round: (literal: Instant) => Instant = (literal) => literal) {
  return ({ from, to, top, skip }: Asked): CannedAnswer => {
    const value = times
      .map((lastUpdateTime, index) => ({ id: `da-${index}`, lastUpdateTime }))
      .filter(({ lastUpdateTime }) => lastUpdateTime >= round(from) && lastUpdateTime < round(to))
      .toReversed()
      .slice(skip, skip + top);
    return { status: 200, body: JSON.stringify({ value }) };
  };
}

async function startDefender(answer: (asked: Asked) => CannedAnswer) {
  server = await startLoopback(({ url }) => (url.includes('filter') ? answer(read(url)) : { status: 200, body: '{}' }));
  const source = createDefenderAlerts(apiRig(server, 'defender-alerts', { maxBytes: 20_000_000 }));
  return { source, asked: () => server?.requests.map(({ url }) => read(url)) ?? [] };
}

/** The same without a network, for many runs. */
function inMemory(answer: (asked: Asked) => CannedAnswer) {
  const asked: Asked[] = [];
  const source = createDefenderAlerts({
    client: {
      host: 'defender.example',
      get: (address) => {
        const wanted = read(address);
        asked.push(wanted);
        return Promise.resolve(JSON.parse(String(answer(wanted).body)));
      },
      stream: () => {
        throw new Error('not used');
      },
      serverNow: () => Promise.resolve(0),
      tokenProblem: () => null,
    },
  });
  return { source, asked };
}

function idsOf(pages: readonly Page[]): readonly string[] {
  return pages.flatMap(({ records }) => records.map(({ alertId }) => alertId));
}

function everyMinute(count: number): readonly Instant[] {
  const from = toTicks(DAY.from);
  return Array.from({ length: count }, (_, index) => fromTicks(from + BigInt(index) * 600_000_000n));
}

/** Every page tells how far the window is complete, each further than the one before. */
function expectProgress(pages: readonly Page[], { to }: Window): void {
  const progress = pages.map((page) => page.progress ?? '');
  expect(progress).toEqual([...new Set(progress)].toSorted());
  expect(pages.map(({ isLast }) => isLast)).toEqual(pages.map((_, index) => index === pages.length - 1));
  expect(progress.at(-1)).toBe(to);
}

describe('a window of alerts', () => {
  it('is asked for by update time with its evidence, unquoted and without a place to begin at', async () => {
    const { source, asked } = await startDefender(answerFor([]));
    await readAll(source.pages(aWindow({ to: instant('2026-03-01T10:30:00Z') }), calm()));
    expect(asked().map(({ query }) => query)).toEqual([
      {
        $filter: 'lastUpdateTime ge 2026-03-01T10:00:00.0000000Z and lastUpdateTime lt 2026-03-01T10:30:00.0000000Z',
        $expand: 'evidence',
        $top: '501',
      },
    ]);
  });

  it('goes on from its progress', async () => {
    const { source, asked } = await startDefender(answerFor([]));
    const progress = instant('2026-03-01T11:59:00.1234567Z');
    await readAll(source.pages(aWindow({ progress }), calm()));
    expect(asked().map(({ from }) => from)).toEqual([progress]);
  });

  it('is read whole and in stretches that each fit a page', async () => {
    const { source } = await startDefender(answerFor(everyMinute(1440)));
    const pages = await readAll(source.pages(DAY, calm(), { pageSize: 100 }));
    expect(idsOf(pages).toSorted()).toEqual(
      everyMinute(1440)
        .map((_, index) => `da-${index}`)
        .toSorted(),
    );
    expect(Math.max(...pages.map(({ records }) => records.length))).toBeLessThanOrEqual(100);
    expectProgress(pages, DAY);
  });

  it('takes a nextLink for a page that is not complete, and does not follow it', async () => {
    const times = everyMinute(10);
    const whole = answerFor(times);
    const { source, asked } = await startDefender((wanted) => {
      const { value } = JSON.parse(String(whole(wanted).body)) as { value: readonly unknown[] };
      const link = value.length > 3 && { '@odata.nextLink': `${server?.url ?? ''}/api/alerts?$filter=x&$skip=3` };
      return { status: 200, body: JSON.stringify({ value: value.slice(0, 3), ...link }) };
    });
    const pages = await readAll(source.pages(DAY, calm()));
    expect(idsOf(pages).toSorted()).toEqual(times.map((_, index) => `da-${index}`));
    expect(asked().every(({ skip }) => skip === 0)).toBe(true);
  });

  it('begins with a stretch of the length that fitted last time', async () => {
    const { source, asked } = inMemory(
      answerFor(Array.from({ length: 2000 }, (_, index) => fromTicks(toTicks(DAY.from) + BigInt(index) * 10_000_000n))),
    );
    await readAll(source.pages(aWindow({ ...DAY, to: instant('2026-03-01T00:30:00Z') }), calm()));
    const before = asked.length;
    await readAll(source.pages(aWindow({ ...DAY, to: instant('2026-03-01T00:30:00Z') }), calm()));
    const [first] = asked.slice(before);
    expect(instantToMs(first?.to ?? DAY.to) - instantToMs(DAY.from)).toBeLessThan(900_000);
  });

  it('of one instant that fills a page is asked for in larger pages', async () => {
    const at = instant('2026-03-01T10:00:00.1866667Z');
    const { source, asked } = await startDefender(answerFor(Array.from({ length: 700 }, () => at)));
    const pages = await readAll(source.pages(aWindow(), calm()));
    expect(new Set(idsOf(pages)).size).toBe(700);
    expect(Math.max(...asked().map(({ top }) => top))).toBe(2001);
    expectProgress(pages, aWindow());
  });

  it('of one instant that fills even the largest page is an error that says so', async () => {
    const at = instant('2026-03-01T10:00:00.1866667Z');
    const { source } = inMemory(answerFor(Array.from({ length: 10_000 }, () => at)));
    const { read: pages, failure } = await readUntilFailure(source.pages(aWindow(), calm()));
    expect(failure).toMatchObject({ code: 'UPSTREAM_CROWDED', message: containing(at) });
    expect(pages.every(({ isLast }) => !isLast)).toBe(true);
  });

  it('that is read already asks nothing', async () => {
    const { source, asked } = await startDefender(answerFor([]));
    const pages = await readAll(source.pages(aWindow({ progress: aWindow().to }), calm()));
    expect(pages).toMatchObject([{ records: [], progress: aWindow().to, isLast: true }]);
    expect(asked()).toEqual([]);
  });

  it.each([
    [{ status: 206, body: '{"value":[]}' }, 'UPSTREAM_PARTIAL'],
    [{ status: 200, body: '{"value":[' }, 'UPSTREAM_BAD_JSON'],
    [{ status: 200, body: '{"values":[]}' }, 'UPSTREAM_BAD_ENVELOPE'],
    [{ status: 302, headers: { location: 'https://evil.example' } }, 'UPSTREAM_REDIRECT'],
    [{ status: 500 }, 'UPSTREAM_FAILED'],
  ])('ends where an answer is %j', async (broken, code) => {
    const half = instant('2026-03-01T11:00:00Z');
    const { source } = await startDefender((asked) =>
      asked.from >= half ? broken : { status: 200, body: '{"value":[]}' },
    );
    const { read: pages, failure } = await readUntilFailure(source.pages(aWindow(), calm()));
    expect(failure).toMatchObject({ code });
    expect(pages.map(({ progress, isLast }) => [progress, isLast])).toEqual([[half, false]]);
  });

  it('goes on with a new token when the old one is refused in the middle', async () => {
    server = await startLoopback(({ url, headers }) => {
      const isLate = read(url).from >= instant('2026-03-01T11:00:00Z');
      if (isLate && headers['authorization'] === 'Bearer token-1') return { status: 401 };
      return answerFor(everyMinute(1440))(read(url));
    });
    const source = createDefenderAlerts(apiRig(server, 'defender-alerts'));
    expect(idsOf(await readAll(source.pages(aWindow(), calm())))).toHaveLength(120);
  });
});

describe('any distribution of update times', () => {
  /** Seconds with many ties, some 100 ns apart, and some on the grid of a coarse clock. */
  const offsets = fc.oneof(
    fc.integer({ min: 0, max: 40 }).map((second) => BigInt(second) * 10_000_000n),
    fc.bigInt({ min: 0n, max: 40n }),
    fc.bigInt({ min: 0n, max: 863_999_999_999n }),
  );
  const roundings: readonly ((literal: Instant) => Instant)[] = [
    (literal) => literal,
    (literal) => parseInstant(`${literal.slice(0, 23)}Z`) ?? literal,
    // 1/300 s, as an old SQL column has it.
    (literal) => fromTicks((((toTicks(literal) * 3n + 50_000n) / 100_000n) * 100_000n) / 3n),
  ];

  it('is read completely, whatever the size of a page and however Microsoft rounds the bounds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(offsets, { maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(...roundings),
        async (list, pageSize, round) => {
          const times = list.map((offset) => fromTicks(toTicks(DAY.from) + offset));
          const { source } = inMemory(answerFor(times, round));
          const pages = await readAll(source.pages(DAY, calm(), { pageSize }));
          const expected = times.flatMap((time, index) =>
            time >= round(DAY.from) && time < round(DAY.to) ? [`da-${index}`] : [],
          );
          expect([...idsOf(pages)].toSorted()).toEqual(expected.toSorted());
          expectProgress(pages, DAY);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('costs few requests more than it has pages', async () => {
    const { source, asked } = inMemory(answerFor([...everyMinute(1440), ...everyMinute(1440)]));
    const pages = await readAll(source.pages(DAY, calm()));
    expect(asked.length - pages.length).toBeLessThan(8);
    expect(pages.length).toBeLessThan(20);
  });
});

describe('one record of an instant', () => {
  const at = instant('2026-03-01T10:00:00.1866667Z');
  const moment = aWindow({ from: at, to: fromTicks(toTicks(at) + 1n) });

  it('is given by its place, and null past the last one', async () => {
    const { source, asked } = await startDefender(answerFor([at, at]));
    const single = source.single ?? (() => Promise.resolve(null));
    expect((await single(moment, 0, calm()))?.records).toHaveLength(1);
    expect((await single(moment, 1, calm()))?.records).toHaveLength(1);
    expect(await single(moment, 2, calm())).toBeNull();
    expect(asked().map(({ top, skip }) => [top, skip])).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
    ]);
  });

  it('is not looked for without end', async () => {
    const { source, asked } = await startDefender(answerFor([]));
    expect(await failureOf(Promise.resolve(source.single?.(moment, 10_000, calm())))).toMatchObject({
      code: 'UPSTREAM_CROWDED',
    });
    expect(asked()).toEqual([]);
  });
});
