import { describe, expect, it } from 'vitest';
import type { AlertRecord, Emission, Evidence } from '../../../src/domain/detection.ts';
import { type AlertState, type IntakeAbout, takeIn } from '../../../src/domain/intake.ts';
import { aDevice, aFile, anAlert, anEvidence, aProcess, aUser, instant } from '../../support/alerts.ts';

const ABOUT: IntakeAbout = {
  tenantId: '11111111-2222-3333-4444-555555555555',
  source: 'graph-alerts',
  sources: ['graph-alerts', 'defender-alerts'],
};

function first(record: AlertRecord): { state: AlertState; emissions: readonly Emission[] } {
  const intake = takeIn(null, record, ABOUT);
  if (intake.outcome !== 'fresh') throw new Error(`expected fresh, got ${intake.outcome}`);
  return intake;
}

function then(state: AlertState, record: AlertRecord) {
  return takeIn(state, record, ABOUT);
}

function later(record: AlertRecord, overrides: Partial<AlertRecord>): AlertRecord {
  return { ...record, lastUpdate: instant('2026-01-01T12:00:00Z'), ...overrides };
}

function kinds(emissions: readonly Emission[]): readonly string[] {
  return emissions.map(({ kind }) => kind);
}

describe('an alert seen for the first time', () => {
  it('gives one new event per actionable item, with device and user folded in', () => {
    const { emissions } = first(
      anAlert({ evidence: [aDevice('dev-1'), aUser('kim'), aProcess('a.exe', 7), anEvidence()] }),
    );
    expect(emissions.map(({ family, kind }) => [family, kind])).toEqual([
      ['process', 'new'],
      ['ip', 'new'],
    ]);
    for (const { facts } of emissions)
      expect(facts).toMatchObject({ MachineName: 'host-dev-1', UserName: 'kim', AlertId: 'da-1' });
  });

  it('leaves roles, verdict and remediation of a device and a user where they belong', () => {
    const own = {
      EvidenceRoles: ['attacked'],
      Verdict: 'malicious',
      RemediationAction: 'remediated',
      RemediationIsSuccess: 1,
    };
    const device = aDevice('dev-1', { facts: { ...aDevice('dev-1').facts, ...own } });
    const user = aUser('kim', { facts: { ...aUser('kim').facts, ...own } });
    const { emissions } = first(anAlert({ evidence: [device, user, anEvidence()] }));
    for (const name of Object.keys(own)) expect(emissions[0]?.facts).not.toHaveProperty(name);
    expect(emissions[0]?.facts).toMatchObject({ EvidenceType: 'ip', MachineName: 'host-dev-1', UserName: 'kim' });
  });

  it('takes a process and its image file as one item, the file filling what the process leaves open', () => {
    const { emissions } = first(anAlert({ evidence: [aFile('a.exe'), aProcess('a.exe', 7)] }));
    expect(emissions).toHaveLength(1);
    expect(emissions[0]?.facts).toMatchObject({ EvidenceType: 'process', ProcessId: 7, Md5: 'md5-a.exe' });
  });

  it('keeps a file that only shares its folder or device with a process', () => {
    const { emissions } = first(anAlert({ evidence: [aFile('b.dll'), aProcess('a.exe', 7)] }));
    expect(emissions).toHaveLength(2);
  });

  it('gives the device named by the item before any other', () => {
    const devices = [aDevice('dev-2', { roles: ['compromised'] }), aDevice('dev-1')];
    const { emissions } = first(anAlert({ evidence: [...devices, aProcess('a.exe', 7), anEvidence()] }));
    expect(emissions.map(({ facts }) => facts.MachineName)).toEqual(['host-dev-1', 'host-dev-2']);
  });

  it('lets context stand alone only where there is nothing else', () => {
    expect(first(anAlert({ evidence: [aDevice('dev-1')] })).emissions.map(({ family }) => family)).toEqual(['device']);
    const people = first(anAlert({ evidence: [aDevice('dev-1'), aUser('kim')] })).emissions;
    expect(people.map(({ family, facts }) => [family, facts.MachineName])).toEqual([['user', 'host-dev-1']]);
  });

  it('gives one event for an alert without evidence', () => {
    expect(first(anAlert({ evidence: [] })).emissions.map(({ family, kind }) => [family, kind])).toEqual([
      ['alert', 'new'],
    ]);
  });

  it('folds everything past 100 detections into one overflow event', () => {
    const evidence = Array.from({ length: 130 }, (_, index) =>
      anEvidence({ key: [`192.0.2.${index}`], facts: { IpAddress: `192.0.2.${index}` } }),
    );
    const { emissions, state } = first(anAlert({ evidence }));
    expect(kinds(emissions).filter((kind) => kind === 'new')).toHaveLength(100);
    expect(emissions.at(-1)).toMatchObject({ kind: 'overflow', reason: 'overflow: 30 further evidence items' });
    expect(emissions.at(-1)?.facts.EvidenceDetails).toHaveLength(30);
    expect(then(state, later(anAlert({ evidence }), { evidence: evidence.toReversed() })).outcome).toBe('duplicate');
  });
});

describe('an alert seen again', () => {
  const evidence = [aProcess('a.exe', 7), anEvidence()];

  it('is a duplicate when nothing changed but the order of evidence, and only its update time moves', () => {
    const { state } = first(anAlert({ evidence }));
    const again = then(state, later(anAlert(), { evidence: evidence.toReversed() }));
    expect(again).toMatchObject({ outcome: 'duplicate', state: { lastUpdate: '2026-01-01T12:00:00.0000000Z' } });
    expect(then(state, anAlert({ evidence }))).toEqual({ outcome: 'duplicate', state: null });
  });

  it('is stale when Microsoft serves an older version', () => {
    const { state } = first(anAlert({ evidence }));
    const older = anAlert({
      evidence,
      lastUpdate: instant('2026-01-01T08:59:59.9999999Z'),
      facts: { ...anAlert().facts, Severity: 'High' },
    });
    expect(then(state, older)).toEqual({ outcome: 'stale' });
  });

  it('gives one update event when the severity or status changed, and again when it changes back', () => {
    const { state } = first(anAlert({ evidence }));
    const high = then(
      state,
      later(anAlert({ evidence }), { facts: { ...anAlert().facts, Severity: 'High', Status: 'resolved' } }),
    );
    if (high.outcome !== 'changed') throw new Error(high.outcome);
    expect(high.emissions.filter(({ change }) => change !== 'admitted')).toHaveLength(1);
    expect(high.emissions[0]).toMatchObject({
      kind: 'update',
      change: 'significant',
      reason: 'update: Severity Medium -> High; Status new -> resolved',
    });
    const back = then(high.state, later(anAlert({ evidence }), { lastUpdate: instant('2026-01-01T13:00:00Z') }));
    expect(back.outcome === 'changed' && back.emissions[0]?.reason).toBe(
      'update: Severity High -> Medium; Status resolved -> new',
    );
  });

  it('gives one update of the detection whose remediation changed, under the same DetectionId', () => {
    const { state, emissions } = first(anAlert({ evidence }));
    const healed = aProcess('a.exe', 7, { facts: { ...aProcess('a.exe', 7).facts, RemediationAction: 'remediated' } });
    const next = then(state, later(anAlert(), { evidence: [anEvidence(), healed] }));
    if (next.outcome !== 'changed') throw new Error(next.outcome);
    expect(next.emissions).toHaveLength(1);
    expect(next.emissions[0]).toMatchObject({ kind: 'update', reason: 'update: RemediationAction none -> remediated' });
    expect(next.emissions[0]?.detectionId).toBe(emissions[0]?.detectionId);
  });

  it('does not emit evidence again whose empty key was filled since', () => {
    const bare = aProcess('a.exe', 7, { key: ['dev-1', '7', ''] });
    const { state } = first(anAlert({ evidence: [bare, anEvidence()] }));
    const next = then(state, later(anAlert(), { evidence: [anEvidence(), aProcess('a.exe', 7)] }));
    expect(next.outcome).toBe('duplicate');
    const other = then(state, later(anAlert(), { evidence: [anEvidence(), aProcess('a.exe', 8)] }));
    expect(other.outcome === 'changed' && kinds(other.emissions)).toEqual(['new']);
  });

  it('recognises evidence by its creation time when the key says nothing', () => {
    const at = instant('2026-01-01T08:00:00.1234567Z');
    const vague = anEvidence({ type: 'blob', key: ['', ''], createdAt: at, facts: { EvidenceType: 'blob' } });
    const { state } = first(anAlert({ evidence: [vague] }));
    const named = { ...vague, key: ['x', ''], facts: { ...vague.facts, EvidenceDetails: ['name=x'] } };
    const next = then(state, later(anAlert(), { evidence: [named] }));
    expect(next.outcome === 'changed' && next.emissions.map(({ kind, change }) => [kind, change])).toEqual([
      ['update', 'other'],
    ]);
  });

  it('takes evidence that appears later as new, with the next ordinal for good', () => {
    const { state } = first(anAlert({ evidence: [anEvidence()] }));
    const second = anEvidence({ key: ['198.51.100.9'], facts: { IpAddress: '198.51.100.9' } });
    const next = then(state, later(anAlert(), { evidence: [second, anEvidence()] }));
    if (next.outcome !== 'changed') throw new Error(next.outcome);
    expect(next.emissions.map(({ kind, facts }) => [kind, facts.IpAddress])).toEqual([['new', '198.51.100.9']]);
    expect(next.state.items.map(({ ordinal }) => ordinal)).toEqual([1, 2]);
  });

  it('does not call the image file of a known process new when it is listed on its own', () => {
    const { state } = first(anAlert({ evidence: [aProcess('a.exe', 7)] }));
    const next = then(state, later(anAlert(), { evidence: [aFile('a.exe')] }));
    expect(next.outcome === 'changed' ? next.emissions : []).toEqual([]);
  });

  it('makes no change of device telemetry', () => {
    const quiet = aDevice('dev-1', { telemetry: { LogOnUsers: ['CONTOSO\\kim'] } });
    const { state } = first(anAlert({ evidence: [quiet, anEvidence()] }));
    const moved = aDevice('dev-1', { telemetry: { LogOnUsers: ['CONTOSO\\lee'] } });
    expect(then(state, later(anAlert(), { evidence: [moved, anEvidence()] })).outcome).toBe('duplicate');
  });

  it('makes no change of repeated evidence that comes in another order', () => {
    const sights = [
      anEvidence({ facts: { EvidenceType: 'ip', IpAddress: '192.0.2.1', Verdict: 'suspicious' } }),
      anEvidence({ facts: { EvidenceType: 'ip', IpAddress: '192.0.2.1', Verdict: 'malicious' } }),
      aProcess('a.exe', 7),
      aFile('a.exe', { facts: { FileName: 'a.exe', Md5: 'one' } }),
      aFile('a.exe', { facts: { FileName: 'a.exe', Md5: 'two' }, key: ['dev-1', 'other', 'sha-a.exe', 'a.exe', ''] }),
      aDevice('dev-1'),
      aDevice('dev-1'),
    ];
    const { state, emissions } = first(anAlert({ evidence: sights }));
    expect(emissions).toHaveLength(2);
    expect(then(state, anAlert({ evidence: sights.toReversed() }))).toEqual({ outcome: 'duplicate', state: null });
  });

  it('takes a bare and a full sight of one thing, and the same nameless thing twice, as one', () => {
    const bare = aProcess('a.exe', 7, { key: ['dev-1', '7', ''] });
    const nameless = anEvidence({ type: 'blob', key: ['', ''], facts: { EvidenceType: 'blob' } });
    const { state, emissions } = first(anAlert({ evidence: [bare, aProcess('a.exe', 7), nameless, nameless] }));
    expect(emissions).toHaveLength(2);
    expect(then(state, later(anAlert(), { evidence: [nameless, aProcess('a.exe', 7), bare] })).outcome).toBe(
      'duplicate',
    );
    const two = [bare, aProcess('a.exe', 7), aProcess('a.exe', 7, { key: ['dev-1', '7', 'another start'] })];
    expect(first(anAlert({ evidence: two })).emissions).toHaveLength(3);
  });

  it('says of every event whether the alert itself is new', () => {
    const { state, emissions } = first(anAlert({ evidence }));
    expect(emissions.map(({ alertIsNew }) => alertIsNew)).toEqual([true, true]);
    const more = [...evidence, aFile('b.dll')];
    const next = then(state, later(anAlert({ facts: { Status: 'resolved' } }), { evidence: more }));
    expect(next.outcome === 'changed' && next.emissions.map(({ alertIsNew }) => alertIsNew)).toEqual([false, false]);
  });

  it('keeps its identity in another incident, which is no significant change', () => {
    const links = (incident: number) => ({
      IncidentId: incident,
      IncidentLinkToMTP: `https://security.example/incidents/${incident}`,
      IncidentLinkToWDATP: `https://security.example/incidents/${incident}`,
    });
    const { state } = first(anAlert({ evidence, facts: links(1) }));
    const merged = then(state, later(anAlert({ evidence, facts: links(2) }), {}));
    if (merged.outcome !== 'changed') throw new Error(merged.outcome);
    expect(merged.emissions).toMatchObject([
      { kind: 'update', change: 'other', reason: 'update: alert details', facts: { IncidentId: 2 } },
    ]);
    expect(merged.state.items).toEqual(state.items);
  });

  it('is High, Low and High again in three states', () => {
    const severity = (word: string, time: string) =>
      anAlert({ evidence, lastUpdate: instant(time), facts: { Severity: word } });
    let { state } = first(severity('High', '2026-01-01T09:00:00Z'));
    const reasons: string[] = [];
    for (const record of [severity('Low', '2026-01-01T10:00:00Z'), severity('High', '2026-01-01T11:00:00Z')]) {
      const next = then(state, record);
      if (next.outcome !== 'changed') throw new Error(next.outcome);
      reasons.push(...next.emissions.map(({ reason }) => reason));
      state = next.state;
    }
    expect(reasons).toEqual(['update: Severity High -> Low', 'update: Severity Low -> High']);
  });

  it('tells once of what changed past the hundredth item', () => {
    const many = (facts: (index: number) => Evidence['facts']) =>
      Array.from({ length: 130 }, (_, index) =>
        anEvidence({ key: [`192.0.2.${index}`], facts: { IpAddress: `192.0.2.${index}`, ...facts(index) } }),
      );
    const { state, emissions } = first(anAlert({ evidence: many(() => ({})) }));
    const evidence = many((index) => {
      if (index < 110) return {};
      return index < 129 ? { Verdict: 'malicious' } : { EvidenceRoles: ['attacker'] };
    });
    const next = then(state, later(anAlert(), { evidence }));
    if (next.outcome !== 'changed') throw new Error(next.outcome);
    expect(next.emissions).toMatchObject([
      { kind: 'update', change: 'significant', reason: 'update: Verdict none -> malicious' },
    ]);
    expect(next.emissions[0]?.detectionId).toBe(emissions.at(-1)?.detectionId);
    expect(next.emissions[0]?.facts.EvidenceDetails).toHaveLength(20);
    expect(then(next.state, later(anAlert(), { evidence: evidence.toReversed() })).outcome).toBe('duplicate');
  });

  it('does not take two named things for one because neither has a time', () => {
    const file = (name: string, key: readonly string[]) => aFile(name, { key, createdAt: null });
    const { state } = first(anAlert({ evidence: [file('a.exe', ['dev-1', '', 'sha-a', '', ''])] }));
    const next = then(state, later(anAlert(), { evidence: [file('b.exe', ['dev-1', '', '', 'b.exe', ''])] }));
    expect(next.outcome === 'changed' && kinds(next.emissions)).toEqual(['new']);
  });
});
