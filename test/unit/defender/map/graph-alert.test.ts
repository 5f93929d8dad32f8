import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toAlertRecord } from '../../../../src/defender/map/graph-alert.ts';
import { normaliseGraphPayload } from '../../../../src/defender/map/graph-payload.ts';

const PAGE: unknown = JSON.parse(
  readFileSync(new URL('../../../fixtures/graph/alerts-page.json', import.meta.url), 'utf8'),
);

function anAlert(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return { id: 'da1', lastUpdateDateTime: '2026-03-01T10:05:00Z', ...overrides };
}

function factsOf(overrides: Record<string, unknown>) {
  return toAlertRecord(anAlert(overrides)).record?.facts;
}

describe('an alert of Graph', () => {
  it('becomes facts under the documented field names', () => {
    const [record] = normaliseGraphPayload(PAGE).records;
    expect(record?.facts).toEqual({
      AlertId: 'da900000000000000001_-77',
      AlertTime: '2026-03-01T10:00:00.1234567Z',
      AlertTimeMs: Date.parse('2026-03-01T10:00:00.123Z'),
      FirstActivityMs: Date.parse('2026-03-01T09:58:00Z'),
      LastActivityMs: Date.parse('2026-03-01T09:59:30.250Z'),
      LastUpdateMs: Date.parse('2026-03-01T10:05:00.500Z'),
      LastProcessedTimeUtc: '2026-03-01T09:59:30.2500000Z',
      AlertTitle: 'Credential dumping tool was blocked',
      Description: 'First line\r\n\tsecond line',
      Severity: 'High',
      Category: 'CredentialAccess',
      Source: 'antivirus',
      ServiceSource: 'microsoftDefenderForEndpoint',
      Status: 'new',
      IncidentId: 4711,
      MitreTechniques: ['T1003.001', 'T1059'],
      ThreatCategory: ['T1003.001', 'T1059'],
      ThreatName: 'HackTool:Win32/Example',
      ThreatFamily: 'Example',
      IoaDefinitionId: '00000000-0000-4000-8000-000000000001',
      LinkToWDATP: 'https://security.microsoft.com/alerts/da900000000000000001_-77',
      LinkToMTP: 'https://security.microsoft.com/alerts/da900000000000000001_-77',
      IncidentLinkToWDATP: 'https://security.microsoft.com/incidents/4711',
      IncidentLinkToMTP: 'https://security.microsoft.com/incidents/4711',
    });
    expect(record?.evidence.map(({ type }) => type)).toEqual(['device', 'process']);
  });

  it('keeps update times in seven digits and the record as it was sent', () => {
    const sent = anAlert({ lastUpdateDateTime: '2026-03-01T10:05:00.12Z', somethingNew: { a: [1] } });
    const { record } = toAlertRecord(sent);
    expect(record?.lastUpdate).toBe('2026-03-01T10:05:00.1200000Z');
    expect(record?.raw).toBe(JSON.stringify(sent));
  });

  it('needs nothing but an id and an update time', () => {
    const { record, rejected } = toAlertRecord(anAlert());
    expect(rejected).toEqual([]);
    expect(record?.facts).toEqual({
      AlertId: 'da1',
      Severity: 'UnSpecified',
      LastUpdateMs: Date.parse('2026-03-01T10:05:00Z'),
    });
  });

  it.each([
    ['a text', 'alert', null, 'not-an-object', 'object'],
    ['null', null, null, 'not-an-object', 'object'],
    ['no id', { lastUpdateDateTime: '2026-03-01T10:05:00Z' }, null, 'no-id', 'no id'],
    ['an empty id', anAlert({ id: '' }), null, 'no-id', 'no id'],
    ['no update time', { id: 'da1' }, 'da1', 'no-update-time', 'lastUpdateDateTime'],
    [
      'an update time that is none',
      anAlert({ lastUpdateDateTime: '2026-02-30T10:05:00Z' }),
      'da1',
      'no-update-time',
      'lastUpdateDateTime',
    ],
  ])('is rejected with code, reason and raw text when it is or has %s', (_name, json, id, code, named) => {
    const { record, rejected } = toAlertRecord(json);
    expect(record).toBeNull();
    expect(rejected).toMatchObject([{ id, code, raw: JSON.stringify(json) }]);
    expect(rejected[0]?.reason).toContain(named);
  });

  it.each([
    ['null', null],
    ['an empty text', ''],
    ['the text null', 'null'],
    ['another type', { nested: true }],
  ])('has no member where Microsoft sent %s', (_name, value) => {
    const facts = factsOf({
      title: value,
      createdDateTime: value,
      incidentId: value,
      mitreTechniques: value,
      status: value,
    });
    expect(Object.keys(facts ?? {}).toSorted()).toEqual(['AlertId', 'LastUpdateMs', 'Severity']);
  });

  it('has no state for the words that mean not known, but keeps a word that is new', () => {
    const { record } = toAlertRecord(
      anAlert({ status: 'unknownFutureValue', classification: 'unknown', determination: 'somethingNew' }),
    );
    expect(record?.facts).toMatchObject({ Severity: 'UnSpecified', Determination: 'somethingNew' });
    expect(record?.facts).not.toHaveProperty('Status');
    expect(record?.facts.Determination).toBe('somethingNew');
  });

  it.each([
    ['compromisedUser', 'compromisedAccount'],
    ['clean', 'notMalicious'],
    ['insufficientData', 'notEnoughDataToValidate'],
    ['confirmedUserActivity', 'confirmedActivity'],
  ])('has the newer of two names for a determination: %s is %s', (determination, expected) => {
    expect(factsOf({ determination })?.Determination).toBe(expected);
  });

  it('is known as a whole', () => {
    expect(toAlertRecord(anAlert()).record?.scope).toBe('whole');
  });

  it('takes the first of several categories when there is no single one', () => {
    expect(factsOf({ category: null, categories: ['Execution', 'Impact'] })?.Category).toBe('Execution');
  });

  it.each([
    ['28282', 28282],
    [28282, 28282],
    ['9007199254740993', undefined],
    ['28282a', undefined],
    [1.5, undefined],
  ])('reads incident %s as %s', (incidentId, expected) => {
    expect(factsOf({ incidentId })?.IncidentId).toBe(expected);
  });

  it('leaves out list elements that are no text', () => {
    expect(factsOf({ mitreTechniques: ['T1', 2, null, '', 'T3'] })?.MitreTechniques).toEqual(['T1', 'T3']);
  });

  it('stays when a piece of its evidence cannot be read, and the piece is set aside', () => {
    const ip = { '@odata.type': '#microsoft.graph.security.ipEvidence', ipAddress: '192.0.2.9' };
    const { record, rejected } = toAlertRecord(anAlert({ evidence: [7, ip, null] }));
    expect(record?.evidence).toHaveLength(1);
    expect(rejected).toEqual([
      { id: 'da1', code: 'evidence-not-an-object', reason: 'evidence 0 is not an object', raw: '7' },
      { id: 'da1', code: 'evidence-not-an-object', reason: 'evidence 2 is not an object', raw: 'null' },
    ]);
  });

  it('stays when its evidence is no list at all', () => {
    const { record, rejected } = toAlertRecord(anAlert({ evidence: { a: 1 } }));
    expect(record?.evidence).toEqual([]);
    expect(rejected).toEqual([
      { id: 'da1', code: 'evidence-not-a-list', reason: 'evidence is not a list', raw: '{"a":1}' },
    ]);
  });

  it('may have null for evidence', () => {
    expect(toAlertRecord(anAlert({ evidence: null })).rejected).toEqual([]);
  });
});
