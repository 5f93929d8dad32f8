import { describe, expect, it } from 'vitest';
import type { AlertRecord, Emission } from '../../../src/domain/detection.ts';
import { type AlertState, type IntakeAbout, takeIn } from '../../../src/domain/intake.ts';
import { perAlert } from '../../../src/domain/per-alert.ts';
import { aDevice, aFile, anAlert, anEvidence, aProcess, aUser, instant } from '../../support/alerts.ts';

const ABOUT: IntakeAbout = {
  tenantId: '11111111-2222-3333-4444-555555555555',
  source: 'graph-alerts',
  sources: ['graph-alerts'],
};
const EVIDENCE = [aDevice('dev-1'), aUser('kim'), aProcess('a.exe', 7), anEvidence()];

function read(state: AlertState | null, record: AlertRecord) {
  const intake = takeIn(state, record, ABOUT);
  if (intake.outcome !== 'fresh' && intake.outcome !== 'changed') throw new Error(intake.outcome);
  return intake;
}

function only(emissions: readonly Emission[]): Emission {
  const forAll = emissions.filter(({ change }) => change !== 'admitted');
  const [event, ...more] = perAlert(forAll, emissions[0]?.alertIsNew ?? false);
  if (event === undefined || more.length > 0) throw new Error(`expected one event, got ${more.length + 1}`);
  return event;
}

function ips(count: number) {
  return Array.from({ length: count }, (_, index) =>
    anEvidence({ key: [`10.0.0.${index}`], facts: { EvidenceType: 'ip', IpAddress: `10.0.0.${index}` } }),
  );
}

function later(overrides: Partial<AlertRecord>): AlertRecord {
  return anAlert({ lastUpdate: instant('2026-01-01T12:00:00Z'), ...overrides });
}

describe('a new alert as one event', () => {
  it('has the id of the alert, and the alert with its first item, its device and its user', () => {
    expect(only(read(null, anAlert({ evidence: EVIDENCE })).emissions)).toMatchObject({
      detectionId: 'da-1',
      alertId: 'da-1',
      alertIsNew: true,
      kind: 'new',
      change: 'first',
      reason: 'new',
      family: 'process',
      facts: { AlertTitle: 'Suspicious activity', FileName: 'a.exe', MachineName: 'host-dev-1', UserName: 'kim' },
    });
  });

  it('lists every item by its type and name', () => {
    const vault = anEvidence({
      type: 'azureResource',
      family: 'cloud-resource',
      key: ['/vaults/one'],
      facts: { EvidenceType: 'azureResource', EvidenceDetails: ['resourceId=/vaults/one', 'resourceName=one'] },
    });
    const unnamed = anEvidence({ type: 'blob', family: 'other', key: ['x'], facts: { EvidenceType: 'blob' } });
    const { emissions } = read(null, anAlert({ evidence: [vault, unnamed, ...EVIDENCE] }));
    expect(only(emissions).facts.EvidenceDetails).toEqual([
      'azureResource=/vaults/one',
      'blob',
      'process=a.exe (pid 7)',
      'ip=192.0.2.1',
      'resourceId=/vaults/one',
      'resourceName=one',
    ]);
  });

  it('shows the first malicious item before any other', () => {
    const bad = aFile('b.dll', { facts: { ...aFile('b.dll').facts, Verdict: 'malicious' } });
    const event = only(read(null, anAlert({ evidence: [...EVIDENCE, bad] })).emissions);
    expect(event).toMatchObject({ family: 'file', facts: { FileName: 'b.dll', Verdict: 'malicious' } });
  });

  it('counts what is past the hundredth item', () => {
    const event = only(read(null, anAlert({ evidence: ips(130) })).emissions);
    const { EvidenceDetails: details } = event.facts;
    expect(details).toHaveLength(101);
    expect(details).toContain('30 further evidence items');
    expect(event.reason).toBe('new');
  });

  it('that has no evidence has nothing to list', () => {
    const event = only(read(null, anAlert({ evidence: [] })).emissions);
    expect(event.family).toBe('alert');
    expect(event.facts).not.toHaveProperty('EvidenceDetails');
  });
});

describe('a changed alert as one event', () => {
  it('is one update that says what is new and what changed', () => {
    const { state } = read(null, anAlert({ evidence: EVIDENCE }));
    const evidence = [aFile('b.dll'), aFile('c.dll'), ...EVIDENCE];
    const { emissions } = read(state, later({ evidence, facts: { Status: 'resolved' } }));
    expect(only(emissions)).toMatchObject({
      detectionId: 'da-1',
      alertIsNew: false,
      kind: 'update',
      change: 'significant',
      reason: 'update: 2 new evidence items; Status new -> resolved',
      family: 'file',
      facts: { Status: 'resolved', FileName: 'b.dll', EvidenceDetails: ['file=b.dll', 'file=c.dll'] },
    });
  });

  it('says once what changed alike in several items', () => {
    const { state } = read(null, anAlert({ evidence: ips(3) }));
    const bad = ips(3).map((item) => ({ ...item, facts: { ...item.facts, Verdict: 'malicious' } }));
    expect(only(read(state, later({ evidence: bad })).emissions)).toMatchObject({
      reason: 'update: Verdict none -> malicious (3 evidence items)',
      facts: { EvidenceDetails: ['ip=10.0.0.0', 'ip=10.0.0.1', 'ip=10.0.0.2'] },
    });
  });

  it('is the alert with its device and user where no item changed', () => {
    const { state } = read(null, anAlert({ evidence: EVIDENCE }));
    const event = only(read(state, later({ evidence: EVIDENCE, facts: { Severity: 'High' } })).emissions);
    expect(event).toMatchObject({
      kind: 'update',
      family: 'alert',
      facts: { Severity: 'High', MachineName: 'host-dev-1' },
    });
    expect(event.facts).not.toHaveProperty('FileName');
    expect(event.facts).not.toHaveProperty('EvidenceDetails');
  });

  it('takes in what was added past the hundredth item, and lists it where there is nothing else', () => {
    const { state } = read(null, anAlert({ evidence: ips(100) }));
    const { emissions } = read(state, later({ evidence: ips(102) }));
    expect(only(emissions)).toMatchObject({
      kind: 'update',
      change: 'significant',
      reason: 'update: 2 further evidence items',
      facts: { EvidenceDetails: ['ip=10.0.0.100', 'ip=10.0.0.101'] },
    });
  });
});
