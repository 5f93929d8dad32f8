import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/domain/errors.ts';
import { readEventsQuery } from '../../../src/http/events-query.ts';
import { readLegacyQuery } from '../../../src/http/legacy-query.ts';
import type { Query } from '../../../src/http/query.ts';

const NOW = Date.parse('2026-11-20T12:00:00.000Z');

function failure(work: () => unknown): BridgeError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof BridgeError) return thrown;
  }
  throw new Error('it did not fail as it should');
}

describe("the old API's parameters", () => {
  const read = (query: Query) => readLegacyQuery(query, NOW);

  it.each([
    [{ sinceTimeUtc: '2026-11-20T10:00:00.000' }],
    [{ sincetimeutc: '2026-11-20T10:00:00.000' }],
    [{ SinceTimeUtc: '2026-11-20T10:00:00.000' }],
    [{ SINCETIMEUTC: '2026-11-20T10:00:00.000' }],
  ])('are known in any case: %j', (query) => {
    expect(read(query)).toMatchObject({ since: { kind: 'time', ms: NOW - 7_200_000 }, maxEvents: null });
  });

  it.each([[{}], [{ sinceTimeUtc: '' }], [{ sinceTimeUtc: '$START_AT_TIME' }]])('may carry no time: %j', (query) => {
    expect(read(query)).toEqual({ since: { kind: 'none' }, maxEvents: null });
  });

  it.each([
    ['PT10M', 600_000],
    ['pt10m', 600_000],
    ['P1DT2H', 93_600_000],
    ['P2W', 1_209_600_000],
    ['PT1H30M15.5S', 5_415_500],
    ['PT0S', 0],
    ['P3D', 259_200_000],
    ['PT999999999H', NOW],
  ])('may say how long ago: %s', (ago, agoMs) => {
    const { since } = read({ Ago: ago });
    expect(since).toMatchObject({ kind: 'time', ms: NOW - agoMs, text: new Date(NOW - agoMs).toISOString() });
  });

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    '10M',
    'PT10',
    '-PT10M',
    'P1Y',
    'P1M',
    'PT1.5H',
    'PT1H 2M',
    'PT١M',
    'x'.repeat(5000),
  ])('refuse %j as a duration', (ago) => {
    expect(failure(() => read({ ago }))).toMatchObject({ code: 'PARAMETER_INVALID' });
  });

  it('refuse a time and a duration together, even where one of them is empty', () => {
    for (const sinceTimeUtc of ['2026-11-20T10:00:00Z', '', '$START_AT_TIME'])
      expect(failure(() => read({ sinceTimeUtc, ago: 'PT1H' }))).toMatchObject({ code: 'PARAMETER_INVALID' });
  });

  it.each([
    [{ sinceTimeUtc: ['a', 'b'] }, 'SINCE_INVALID'],
    [{ sinceTimeUtc: 'a', SINCETIMEUTC: 'b' }, 'SINCE_INVALID'],
    [{ limit: ['1', '2'] }, 'PARAMETER_INVALID'],
    [{ limit: '1', Limit: '1' }, 'PARAMETER_INVALID'],
  ])('are sent once: %j is refused', (query, code) => {
    const error = failure(() => read(query));
    expect(error.code).toBe(code);
    expect(error.message).toContain('more than once');
  });

  it.each([
    'untilTimeUtc',
    '$filter',
    'ioc',
    'machinegroups',
    'DeviceCreatedMachineTags',
    'CloudCreatedMachineTags',
    'since',
    '__proto__',
    'sinceTimeUtc[]',
    '',
  ])('refuse the filter %j by name, and say where to filter', (name) => {
    const query = Object.fromEntries([
      ['sinceTimeUtc', ''],
      [name, 'x'],
    ]);
    const error = failure(() => read(query));
    expect(error.code).toBe('FILTER_UNSUPPORTED');
    expect(error.message).toContain(JSON.stringify(name));
    expect(error.hint).toContain('filter.minSeverity');
  });

  it('repeat of very many or very long names only a part, and no control character', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`name${at}`, '']));
    expect(failure(() => read(many)).message).toContain('and 495 more');
    const { message } = failure(() => read({ [`${'x'.repeat(5000)}\r\nSet-Cookie: a=b\u0000`]: '' }));
    expect(message.length).toBeLessThan(300);
    expect(failure(() => read({ '\r\n\u0000': '' })).message).toContain('"\ufffd\ufffd\ufffd"');
  });
});

describe('a limit', () => {
  it.each([
    ['1', 1],
    ['007', 7],
    ['9'.repeat(400), Infinity],
  ])('may be %s', (limit, maxEvents) => {
    expect(readLegacyQuery({ limit }, NOW).maxEvents).toBe(maxEvents);
  });

  it.each(['0', '-1', '+1', ' 1', '1.5', '1e3', '0x10', 'ten', '', '١'])('may not be %j', (limit) => {
    expect(failure(() => readEventsQuery({ limit }, undefined))).toMatchObject({ code: 'PARAMETER_INVALID' });
  });
});

describe('the parameters of the cursor feed', () => {
  it('begin with a cursor, with a time, or with neither', () => {
    expect(readEventsQuery({ after: 'abc' }, undefined).start).toEqual({ kind: 'cursor', text: 'abc' });
    expect(readEventsQuery({ since: '1795176000' }, undefined).start).toMatchObject({
      since: { ms: 1_795_176_000_000 },
    });
    const none = { kind: 'since', since: { kind: 'none' } };
    for (const query of [{}, { after: '' }, { since: '' }, { after: '', since: '$START_AT_TIME' }])
      expect(readEventsQuery(query, undefined).start).toEqual(none);
    expect(readEventsQuery({ after: 'abc', since: '' }, undefined).start).toEqual({ kind: 'cursor', text: 'abc' });
  });

  it('refuse a cursor and a time together', () => {
    expect(failure(() => readEventsQuery({ after: 'abc', since: '1795176000' }, undefined))).toMatchObject({
      code: 'PARAMETER_INVALID',
    });
  });

  it.each(['After', 'cursor', 'after[]', 'minSeverity', '\u0000'])('refuse the unknown %j by name', (name) => {
    const error = failure(() => readEventsQuery({ [name]: 'x' }, undefined));
    expect(error).toMatchObject({
      code: 'PARAMETER_UNKNOWN',
      message: expect.stringContaining('after, since') as string,
    });
  });

  it.each(['json', 'NDJSON', '', 'csv'])('refuse the format %j by name', (format) => {
    const error = failure(() => readEventsQuery({ format }, undefined));
    expect(error).toMatchObject({ code: 'PARAMETER_INVALID', hint: 'Send one of object, array, ndjson.' });
    expect(error.message).toContain(JSON.stringify(format));
  });

  it.each([
    [undefined, 'object'],
    ['*/*', 'object'],
    ['application/json', 'object'],
    ['text/html, image/png;q=0.1', 'object'],
    ['application/x-ndjson', 'ndjson'],
    ['Application/X-NDJSON ; q=0.5', 'ndjson'],
    ['application/ndjson', 'ndjson'],
    ['application/json;q=0.5, application/x-ndjson', 'ndjson'],
    ['application/json, application/x-ndjson', 'ndjson'],
    ['application/json, application/x-ndjson;q=0.9', 'object'],
    ['application/x-ndjson;q=0', 'object'],
    ['application/x-ndjson;q=x', 'object'],
    [',;,q=', 'object'],
  ])('take the form from Accept: %s gives %s', (accept, form) => {
    expect(readEventsQuery({}, accept).form).toBe(form);
    expect(readEventsQuery({ format: 'array' }, accept).form).toBe('array');
  });
});
