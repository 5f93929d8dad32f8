import { describe, expect, it } from 'vitest';
import { normalisePayload } from '../../../../src/defender/map/payload.ts';

const GRAPH = { id: 'g', title: 'A title', lastUpdateDateTime: '2026-03-01T10:05:00Z' };
const DEFENDER = { id: 'd', title: 'A title', lastUpdateTime: '2026-03-01T10:05:00Z', status: 'New' };
const SIEM = { AlertId: 's', AlertTitle: 'A title', FullId: 's:1', LastProcessedTimeUtc: '2026-03-01T10:05:00Z' };

function read(json: unknown) {
  return normalisePayload(json).records.map(({ alertId, scope, facts }) => [alertId, scope, facts.AlertTitle]);
}

describe('a saved payload of any API', () => {
  const wholeGraph = ['g', 'whole', 'A title'];
  const wholeDefender = ['d', 'whole', 'A title'];
  const part = ['s', 'part', 'A title'];

  it.each([
    ['an OData envelope of Graph', { value: [GRAPH] }, [wholeGraph]],
    ['one alert of Graph', GRAPH, [wholeGraph]],
    ['incidents with their alerts', { value: [{ id: '1', alerts: [GRAPH] }] }, [wholeGraph]],
    ['an OData envelope of Defender for Endpoint', { value: [DEFENDER] }, [wholeDefender]],
    ['one alert of Defender for Endpoint', { '@odata.context': 'x', ...DEFENDER }, [wholeDefender]],
    ['an array of detections', [SIEM], [part]],
    ['one bare detection, as in 2018', SIEM, [part]],
    [
      'detections in another spelling',
      [{ alertid: 's', alerttitle: 'A title', fullid: 's:1', LASTPROCESSEDTIMEUTC: '2026-03-01T10:05:00Z' }],
      [part],
    ],
    ['a mixture', [SIEM, DEFENDER, GRAPH], [wholeDefender, wholeGraph, part]],
    ['an empty list', [], []],
    ['an empty envelope', { value: [] }, []],
  ])('may be %s', (_name, json, records) => {
    expect(read(json)).toEqual(records);
    expect(normalisePayload(json).rejected).toEqual([]);
  });

  it('has detections of one alert in one record, wherever they stand', () => {
    const { records } = normalisePayload([SIEM, GRAPH, { ...SIEM, FullId: 's:2' }]);
    expect(records.map(({ evidence }) => evidence.length)).toEqual([0, 2]);
  });

  it.each([
    [{ id: 'd', status: 'New', alertCreationTime: 'x' }, 'd', 'lastUpdateTime'],
    [{ id: 'g', createdDateTime: 'x' }, 'g', 'lastUpdateDateTime'],
    [{ AlertId: 's', FullId: 's:1' }, 's', 'LastProcessedTimeUtc'],
  ])('is told by any of its members: %o', (json, id, named) => {
    const { rejected } = normalisePayload(json);
    expect(rejected).toMatchObject([{ id, code: 'no-update-time', raw: JSON.stringify(json) }]);
    expect(rejected[0]?.reason).toContain(named);
  });

  it.each([
    [{ error: { code: 'Forbidden', message: 'no' } }, 'no-id', 'three APIs'],
    [{}, 'no-id', 'three APIs'],
    ['text', 'not-an-object', 'object'],
    [null, 'not-an-object', 'object'],
  ])('that is none is set aside: %o', (json, code, named) => {
    const { records, rejected } = normalisePayload(json);
    expect(records).toEqual([]);
    expect(rejected).toMatchObject([{ id: null, code, raw: JSON.stringify(json) }]);
    expect(rejected[0]?.reason).toContain(named);
  });
});
