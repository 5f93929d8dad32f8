import { describe, expect, it } from 'vitest';
import { normaliseGraphPayload } from '../../../../src/defender/map/graph-payload.ts';

function anAlert(id: string) {
  return { id, title: 'A title', lastUpdateDateTime: '2026-03-01T10:05:00Z' };
}

function idsOf(json: unknown): readonly string[] {
  return normaliseGraphPayload(json).records.map(({ alertId }) => alertId);
}

describe('a saved payload of Graph', () => {
  it.each([
    ['an OData envelope', { '@odata.context': 'x', value: [anAlert('a'), anAlert('b')] }, ['a', 'b']],
    ['an array', [anAlert('a'), anAlert('b')], ['a', 'b']],
    ['one alert', anAlert('a'), ['a']],
    [
      'incidents with their alerts',
      {
        value: [
          { id: '1', alerts: [anAlert('a')] },
          { id: '2', alerts: [anAlert('b')] },
        ],
      },
      ['a', 'b'],
    ],
    ['one incident', { id: '1', alerts: [anAlert('a')] }, ['a']],
    ['an empty list', { value: [] }, []],
  ])('may be %s', (_name, json, ids) => {
    expect(idsOf(json)).toEqual(ids);
    expect(normaliseGraphPayload(json).rejected).toEqual([]);
  });

  it('says how to export incidents that come without their alerts', () => {
    const incident = { ...anAlert('1'), '@odata.type': '#microsoft.graph.security.incident' };
    const { records, rejected } = normaliseGraphPayload({ value: [incident] });
    expect(records).toEqual([]);
    expect(rejected[0]?.code).toBe('no-alerts');
    expect(rejected[0]?.reason).toContain('$expand=alerts');
  });

  it('sets aside one bad element and takes the rest', () => {
    const { records, rejected } = normaliseGraphPayload([anAlert('a'), 'junk', { id: 'b' }, anAlert('c')]);
    expect(records.map(({ alertId }) => alertId)).toEqual(['a', 'c']);
    expect(rejected.map(({ id, code, raw }) => [id, code, raw])).toEqual([
      [null, 'not-an-object', '"junk"'],
      ['b', 'no-update-time', '{"id":"b"}'],
    ]);
  });

  it.each([null, 'text', 7])('rejects %s as a whole', (json) => {
    expect(normaliseGraphPayload(json)).toMatchObject({ records: [], rejected: [{ id: null }] });
  });
});
