import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createSiemDetections, siemBase } from '../../../src/defender/siem-detections.ts';
import type { Page } from '../../../src/defender/source.ts';
import { instant } from '../../support/alerts.ts';
import { apiRig, aWindow, readAll, readUntilFailure } from './api-rig.ts';
import { type CannedAnswer, calm, type Loopback, type SeenRequest, startLoopback, startRaw } from './loopback.ts';

let server: Loopback | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function startSiem(answer: CannedAnswer | ((request: SeenRequest) => CannedAnswer)) {
  server = await startLoopback(typeof answer === 'function' ? answer : () => answer);
  return createSiemDetections(apiRig(server, 'siem-detections'));
}

function aDetection(name: string, overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    AlertId: `da-${name}`,
    FullId: `da-${name}:ioc`,
    AlertTime: '2026-03-01T09:00:00.12345Z',
    AlertTitle: 'Suspicious activity',
    LastProcessedTimeUtc: '2026-03-01T11:00:00.1234567Z',
    ...overrides,
  };
}

function namesOf(pages: readonly Page[]): readonly string[] {
  return pages.flatMap(({ records }) => records.map(({ alertId }) => alertId.replace('da-', '')));
}

describe('a window of detections', () => {
  it('is asked for in milliseconds without a zone, a little wider than wanted, and never with a limit', async () => {
    const source = await startSiem({ status: 200, body: '[]' });
    const to = instant('2026-03-01T12:00:00.0000001Z');
    const pages = await readAll(source.pages(aWindow({ from: instant('2026-03-01T10:00:00.1239999Z'), to }), calm()));
    const { pathname, searchParams } = new URL(server?.requests[0]?.url ?? '', server?.url);
    expect(pathname).toBe('/api/alerts');
    expect(Object.fromEntries(searchParams)).toEqual({
      sinceTimeUtc: '2026-03-01T10:00:00.122',
      untilTimeUtc: '2026-03-01T12:00:00.002',
    });
    expect(pages).toEqual([{ records: [], rejected: [], progress: to, isLast: true }]);
  });

  it('holds what was processed from its beginning on and before its end, to the last digit', async () => {
    const times = {
      before: '2026-03-01T09:59:59.9999999Z',
      first: '2026-03-01T10:00:00Z',
      last: '2026-03-01T11:59:59.9999999Z',
      after: '2026-03-01T12:00:00.0000000Z',
    };
    const body = Object.entries(times).map(([name, time]) => aDetection(name, { LastProcessedTimeUtc: time }));
    const source = await startSiem({ status: 200, body: JSON.stringify(body) });
    expect(namesOf(await readAll(source.pages(aWindow(), calm())))).toEqual(['first', 'last']);
  });

  it('finds the time under a name spelled otherwise, and hands on what has none for the quarantine', async () => {
    const { LastProcessedTimeUtc: _, ...timeless } = aDetection('timeless');
    const body = [
      { ...timeless, lastProcessedTimeUTC: '2026-03-01T08:00:00Z' },
      { ...aDetection('b'), LastProcessedTimeUtc: undefined, LASTPROCESSEDTIMEUTC: '2026-03-01T11:00:00Z' },
      timeless,
      null,
    ];
    const source = await startSiem({ status: 200, body: JSON.stringify(body) });
    const pages = await readAll(source.pages(aWindow(), calm()));
    expect(namesOf(pages)).toEqual(['b']);
    expect(pages.flatMap(({ rejected }) => rejected.map(({ code }) => code))).toEqual([
      'no-update-time',
      'not-an-object',
    ]);
  });

  it('comes in pages, of which only the last has a progress', async () => {
    const body = JSON.stringify(Array.from({ length: 5 }, (_, index) => aDetection(String(index))));
    const source = await startSiem({ status: 200, headers: { 'content-encoding': 'gzip' }, body: gzipSync(body) });
    const pages = await readAll(source.pages(aWindow(), calm(), { pageSize: 2 }));
    expect(pages.map(({ records, progress, isLast }) => [records.length, progress, isLast])).toEqual([
      [2, null, false],
      [2, null, false],
      [1, aWindow().to, true],
    ]);
  });

  it('may be one detection without a list', async () => {
    const source = await startSiem({ status: 200, body: JSON.stringify(aDetection('alone')) });
    expect(namesOf(await readAll(source.pages(aWindow(), calm())))).toEqual(['alone']);
  });

  it.each([
    ['an error', '{"error":{"code":"x","message":"y"}}'],
    ['an OData envelope', '{"value":[]}'],
  ])('is not taken for empty when the answer is %s', async (_name, body) => {
    const source = await startSiem({ status: 200, body });
    const { read, failure } = await readUntilFailure(source.pages(aWindow(), calm()));
    expect(read).toEqual([]);
    expect(failure).toMatchObject({ code: 'UPSTREAM_BAD_ENVELOPE', answer: body });
  });

  it('that is cut off gives what came before, without a progress and without an end', async () => {
    const body = JSON.stringify(Array.from({ length: 6 }, (_, index) => aDetection(String(index))));
    server = await startRaw([], (_request, response) => {
      response.writeHead(200, { 'content-length': String(body.length) });
      response.write(body.slice(0, -100), () => setImmediate(() => response.destroy()));
    });
    const source = createSiemDetections(apiRig(server, 'siem-detections'));
    const { read, failure } = await readUntilFailure(source.pages(aWindow(), calm(), { pageSize: 2 }));
    expect(failure).toMatchObject({ code: 'NETWORK_CUT' });
    expect(read.every(({ progress, isLast }) => progress === null && !isLast)).toBe(true);
  });

  it('whose JSON ends too early throws after the pages that were whole', async () => {
    const body = JSON.stringify(Array.from({ length: 5 }, (_, index) => aDetection(String(index))));
    const source = await startSiem({ status: 200, body: body.slice(0, -1) });
    const { read, failure } = await readUntilFailure(source.pages(aWindow(), calm(), { pageSize: 2 }));
    expect(failure).toMatchObject({ code: 'UPSTREAM_BAD_JSON' });
    expect(read.map(({ records, progress, isLast }) => [records.length, progress, isLast])).toEqual([
      [2, null, false],
      [2, null, false],
    ]);
  });

  it('that answers with a web page is named', async () => {
    const source = await startSiem({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' });
    expect((await readUntilFailure(source.pages(aWindow(), calm()))).failure).toMatchObject({
      code: 'UPSTREAM_NOT_JSON',
    });
  });

  it('asks the clock with one small request', async () => {
    const source = await startSiem({ status: 200, headers: { date: 'Sun, 01 Mar 2026 12:00:00 GMT' }, body: '[]' });
    expect(await source.serverNow(calm())).toBe(Date.parse('2026-03-01T12:00:00Z'));
    expect(server?.requests.map(({ url }) => url)).toEqual(['/api/alerts?limit=1']);
  });
});

describe('the base of the SIEM API', () => {
  it.each([
    'https://siem.example',
    'https://siem.example/',
    'https://siem.example/api/alerts',
    'https://siem.example/api/alerts/',
    'https://siem.example/api/Alerts',
    'https://siem.example/api/alert',
  ])('of %s is its host', (url) => {
    expect(siemBase(url)).toBe('https://siem.example');
  });
});

it('reads a detection again that was set aside, alone or in an answer', async () => {
  const source = await startSiem({ status: 200 });
  expect(source.normalise(JSON.stringify(aDetection('a'))).records).toHaveLength(1);
  expect(source.normalise(JSON.stringify([aDetection('a'), aDetection('b')])).records).toHaveLength(2);
  expect(source.normalise('[{"AlertId":').rejected).toMatchObject([{ code: 'unreadable', raw: '[{"AlertId":' }]);
  expect(source.single).toBeNull();
});
