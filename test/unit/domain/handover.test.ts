import { describe, expect, it } from 'vitest';
import type { AlertRecord, Emission, SourceName } from '../../../src/domain/detection.ts';
import { type AlertState, takeIn } from '../../../src/domain/intake.ts';
import { aDetection, aDevice, aFile, anAlert, anEvidence, aPart, aProcess, instant } from '../../support/alerts.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const NINE = '2026-01-01T09:00:00Z';
const TEN = instant('2026-01-01T10:00:00Z');
const EIGHT = instant('2026-01-01T08:00:00Z');

/** Takes a record in from a source, which is the only one the tenant is read by unless others are named. */
function read(
  state: AlertState | null,
  record: AlertRecord,
  source: SourceName,
  sources: readonly SourceName[] = [source],
): { state: AlertState; emissions: readonly Emission[] } {
  const intake = takeIn(state, record, { tenantId: TENANT, source, sources });
  if (intake.outcome !== 'fresh' && intake.outcome !== 'changed') throw new Error(intake.outcome);
  return intake;
}

function told(emissions: readonly Emission[]): readonly (readonly string[])[] {
  return emissions.map(({ kind, reason }) => [kind, reason]);
}

describe('an alert that two APIs of a tenant deliver', () => {
  it('belongs to the first while the tenant is read by it: the other only confirms', () => {
    const { state } = read(null, anAlert(), 'graph-alerts');
    const about = {
      tenantId: TENANT,
      source: 'siem-detections',
      sources: ['siem-detections', 'graph-alerts'],
    } as const;
    const other = takeIn(state, aPart([aDetection('1', NINE)], { Severity: 'High' }), about);
    expect(other).toEqual({ outcome: 'duplicate', state: null });
  });

  it('is taken over once its owner is read no more, silently where it says the same in other words', () => {
    const { state, emissions } = read(
      null,
      aPart([
        aDetection('1', NINE, { facts: { EvidenceType: 'file', FileName: 'a.exe', RemediationAction: 'Quarantine' } }),
      ]),
      'siem-detections',
    );
    const graph = anAlert({
      lastUpdate: TEN,
      evidence: [
        aFile('a.exe', { facts: { FileName: 'A.EXE', RemediationAction: 'remediated', Verdict: 'malicious' } }),
      ],
      facts: { Severity: 'medium', Status: 'New', Classification: 'truePositive', AlertTitle: 'Said otherwise' },
    });
    const taken = read(state, graph, 'graph-alerts');
    expect(taken.emissions).toEqual([]);
    expect(taken.state).toMatchObject({ owner: 'graph-alerts', lastUpdate: TEN });
    const later = read(
      taken.state,
      anAlert({ ...graph, lastUpdate: instant('2026-01-01T11:00:00Z'), evidence: [] }),
      'graph-alerts',
    );
    expect(told(later.emissions)).not.toContainEqual(['update', expect.stringContaining('RemediationAction')]);
    const healed = anAlert({
      ...graph,
      evidence: [aFile('a.exe', { facts: { RemediationAction: 'blocked', Verdict: 'malicious' } })],
    });
    const next = read(taken.state, healed, 'graph-alerts');
    expect(told(next.emissions)).toEqual([['update', 'update: RemediationAction remediated -> blocked']]);
    expect(next.emissions[0]?.detectionId).toBe(emissions[0]?.detectionId);
  });

  it('tells what the new owner knows more or otherwise: new evidence, a changed severity', () => {
    const { state } = read(null, anAlert({ evidence: [anEvidence()] }), 'defender-alerts');
    const second = anEvidence({ key: ['198.51.100.9'], facts: { IpAddress: '198.51.100.9' } });
    const taken = read(
      state,
      anAlert({ lastUpdate: TEN, evidence: [second, anEvidence()], facts: { Severity: 'High' } }),
      'graph-alerts',
    );
    expect(told(taken.emissions)).toEqual([
      ['update', 'update: Severity Medium -> High'],
      ['new', 'new'],
      ['new', 'new: Severity Medium -> High'],
    ]);
    expect(taken.state.items.map(({ ordinal }) => ordinal)).toEqual([1, 2]);
    const again = takeIn(
      taken.state,
      anAlert({ lastUpdate: TEN, evidence: [second, anEvidence()], facts: { Severity: 'High' } }),
      {
        tenantId: TENANT,
        source: 'graph-alerts',
        sources: ['graph-alerts'],
      },
    );
    expect(again).toEqual({ outcome: 'duplicate', state: null });
  });

  it('takes back nothing that is known when the new owner first serves an older version', () => {
    const resolved = anAlert({ facts: { Status: 'resolved' } });
    const { state } = read(null, resolved, 'defender-alerts');
    const second = anEvidence({ key: ['198.51.100.9'], facts: { IpAddress: '198.51.100.9' } });
    const older = anAlert({ lastUpdate: EIGHT, evidence: [anEvidence(), second], facts: { Status: 'new' } });
    const taken = read(state, older, 'graph-alerts');
    expect(told(taken.emissions)).toEqual([['new', 'new']]);
    expect(taken.state.lastUpdate).toBe(EIGHT);
    const next = read(taken.state, { ...older, lastUpdate: TEN, facts: resolved.facts }, 'graph-alerts');
    expect(next.emissions.filter(({ change }) => change === 'significant')).toEqual([]);
    const reopened = read(next.state, { ...older, lastUpdate: instant('2026-01-01T11:00:00Z') }, 'graph-alerts');
    expect(told(reopened.emissions)).toEqual([['update', 'update: Status resolved -> new']]);
  });

  it('keeps the id and the detection ids it had, though the new owner writes its id with a prefix', () => {
    const [bare, prefixed] = ['637551227677560813_-961444813', 'da637551227677560813_-961444813'];
    const before = read(
      null,
      { ...aPart([aDetection('1', NINE)], { AlertId: bare }), alertId: bare },
      'siem-detections',
    );
    const graph = anAlert({ alertId: prefixed, lastUpdate: TEN, evidence: [aFile('a.exe')] });
    const taken = read(before.state, graph, 'graph-alerts');
    const changed = anAlert({
      ...graph,
      facts: { ...graph.facts, Status: 'resolved' },
      evidence: [aFile('b.exe'), ...graph.evidence],
    });
    const { emissions } = read(taken.state, changed, 'graph-alerts');
    expect(emissions.map(({ kind, alertId, facts }) => [kind, alertId, facts.AlertId])).toEqual([
      ['update', bare, bare],
      ['new', bare, bare],
    ]);
    const direct = read(null, { ...changed, alertId: bare }, 'graph-alerts').emissions;
    expect(emissions[1]?.detectionId).toBe(direct[1]?.detectionId);
  });

  it('knows a detection of a file in the process that the new owner tells of, and keeps following it', () => {
    const { state, emissions } = read(null, aPart([aDetection('1', NINE)]), 'siem-detections');
    const key = ['dev-1', '7', ''];
    const process = aProcess('a.exe', 7, { key });
    const graph = anAlert({ lastUpdate: TEN, evidence: [aDevice('dev-1'), process, aFile('a.exe')] });
    const taken = read(state, graph, 'graph-alerts');
    expect(taken.emissions).toEqual([]);
    expect(taken.state.items).toMatchObject([{ ordinal: 1, type: 'process', key }]);
    const worse = { ...process, facts: { ...process.facts, Verdict: 'malicious' } };
    const next = read(taken.state, { ...graph, evidence: [worse] }, 'graph-alerts');
    expect(next.emissions.filter(({ change }) => change === 'significant')).toMatchObject([
      { reason: 'update: Verdict none -> malicious', detectionId: emissions[0]?.detectionId },
    ]);
  });

  it('compares an item leniently when the new owner first tells of it later than of the alert', () => {
    const items = [aFile('a.exe'), aFile('b.exe', { facts: { FileName: 'b.exe', RemediationAction: 'Quarantine' } })];
    const { state } = read(null, anAlert({ evidence: items }), 'siem-detections');
    const taken = read(state, anAlert({ lastUpdate: TEN, evidence: [aFile('a.exe')] }), 'graph-alerts');
    const said = aFile('b.exe', { facts: { FileName: 'b.exe', RemediationAction: 'remediated' } });
    const next = read(taken.state, anAlert({ lastUpdate: TEN, evidence: [aFile('a.exe'), said] }), 'graph-alerts');
    expect(next.emissions).toEqual([]);
  });

  it('knows its items again by what they name, then by the keys of the API that delivers them in parts', () => {
    const { state } = read(null, anAlert({ evidence: [aFile('a.exe'), aFile('b.exe')] }), 'graph-alerts');
    const taken = read(state, aPart([aDetection('1', '2026-01-01T10:00:00Z')]), 'siem-detections');
    expect(taken.emissions).toEqual([]);
    expect(taken.state.items.map(({ id }) => id)).toEqual(['da-1:1', undefined]);
    const b = { key: aFile('b.exe').key, facts: aFile('b.exe').facts };
    const second = takeIn(taken.state, aPart([aDetection('2', NINE, b)]), {
      tenantId: TENANT,
      source: 'siem-detections',
      sources: ['siem-detections'],
    });
    expect(second).toMatchObject({ outcome: 'duplicate', state: { items: [{ id: 'da-1:1' }, { id: 'da-1:2' }] } });
    const alike = read(state, aPart([aDetection('1', NINE), aDetection('2', NINE)]), 'siem-detections');
    expect(told(alike.emissions)).toEqual([['new', 'new']]);
    const third = read(taken.state, aPart([aDetection('3', NINE)]), 'siem-detections');
    expect(told(third.emissions)).toEqual([['new', 'new']]);
  });

  it('remembers the keys of an API that it comes back from', () => {
    const before = read(null, aPart([aDetection('1', NINE)]), 'siem-detections');
    const between = read(before.state, anAlert({ lastUpdate: TEN, evidence: [aFile('a.exe')] }), 'graph-alerts');
    expect(between.state.items).toMatchObject([{ id: 'da-1:1', processedAt: instant(NINE) }]);
    const back = read(between.state, aPart([aDetection('1', NINE), aDetection('2', NINE)]), 'siem-detections');
    expect(told(back.emissions)).toEqual([['new', 'new']]);
    expect(back.state.items.map(({ id }) => id)).toEqual(['da-1:1', 'da-1:2']);
  });

  it('goes back and forth without a word when nothing changes', () => {
    const part = aPart([aDetection('1', NINE)]);
    const whole = anAlert({ lastUpdate: TEN, evidence: [aFile('a.exe')] });
    let { state } = read(null, part, 'siem-detections');
    for (const [record, source] of [
      [whole, 'graph-alerts'],
      [part, 'siem-detections'],
      [whole, 'defender-alerts'],
      [whole, 'graph-alerts'],
      [part, 'siem-detections'],
    ] as const) {
      const taken = read(state, record, source);
      expect(taken.emissions).toEqual([]);
      state = taken.state;
    }
    expect(state.items).toHaveLength(1);
  });
});

describe('a state that an older version stored', () => {
  const evidence = [aProcess('a.exe', 7), anEvidence()];
  const { state } = read(null, anAlert({ evidence }), 'graph-alerts');
  const { alertId: _alertId, ...old } = state;

  it('is read as it is, and the first known verdict is a change', () => {
    const worse = aProcess('a.exe', 7, { facts: { ...aProcess('a.exe', 7).facts, Verdict: 'malicious' } });
    const next = read(old, anAlert({ lastUpdate: TEN, evidence: [anEvidence(), worse] }), 'graph-alerts');
    expect(told(next.emissions)).toEqual([['update', 'update: Verdict none -> malicious']]);
    expect(next.state.alertId).toBe('da-1');
  });

  it('can be taken over in parts', () => {
    const ip = anEvidence({ id: 'da-1:1', processedAt: TEN });
    const taken = read(old, aPart([ip]), 'siem-detections');
    expect(taken.emissions).toEqual([]);
    expect(taken.state.items.map(({ id }) => id)).toEqual([undefined, 'da-1:1']);
  });
});
