import { describe, expect, it } from 'vitest';
import type { AlertRecord, Emission } from '../../../src/domain/detection.ts';
import { type AlertState, type IntakeAbout, takeIn } from '../../../src/domain/intake.ts';
import { aDetection, aDevice, anAlert, aPart, instant } from '../../support/alerts.ts';

const ABOUT: IntakeAbout = {
  tenantId: '11111111-2222-3333-4444-555555555555',
  source: 'siem-detections',
  sources: ['siem-detections'],
};
const EIGHT = '2026-01-01T08:00:00Z';
const NINE = '2026-01-01T09:00:00Z';
const TEN = '2026-01-01T10:00:00Z';
const VERDICT = { facts: { ...aDetection('x', NINE).facts, Verdict: 'malicious' } };

function first(record: AlertRecord): { state: AlertState; emissions: readonly Emission[] } {
  const intake = takeIn(null, record, ABOUT);
  if (intake.outcome !== 'fresh') throw new Error(`expected fresh, got ${intake.outcome}`);
  return intake;
}

function changed(state: AlertState, record: AlertRecord): { state: AlertState; emissions: readonly Emission[] } {
  const intake = takeIn(state, record, ABOUT);
  if (intake.outcome !== 'changed') throw new Error(`expected changed, got ${intake.outcome}`);
  return intake;
}

function told(emissions: readonly Emission[]): readonly (readonly string[])[] {
  return emissions.map(({ kind, change, reason }) => [kind, change, reason]);
}

describe('detections that come one by one', () => {
  it('are each new once, though they look the same', () => {
    const { state, emissions } = first(aPart([aDetection('1', NINE), aDetection('2', NINE)]));
    expect(told(emissions)).toEqual([
      ['new', 'first', 'new'],
      ['new', 'first', 'new'],
    ]);
    expect(new Set(emissions.map(({ detectionId }) => detectionId)).size).toBe(2);
    expect(emissions.map(({ alertIsNew }) => alertIsNew)).toEqual([true, true]);
    const next = changed(state, aPart([aDetection('3', TEN)]));
    expect(told(next.emissions)).toEqual([['new', 'first', 'new']]);
    expect(next.emissions[0]?.alertIsNew).toBe(false);
    expect(next.state.items.map(({ ordinal, id }) => [ordinal, id])).toEqual([
      [1, 'da-1:1'],
      [2, 'da-1:2'],
      [3, 'da-1:3'],
    ]);
  });

  it('are never lost for being late', () => {
    const { state } = first(aPart([aDetection('1', TEN)]));
    const next = changed(state, aPart([aDetection('2', EIGHT)]));
    expect(told(next.emissions)).toEqual([['new', 'first', 'new']]);
    expect(next.state.lastUpdate).toBe(instant(TEN));
  });

  it('are a duplicate at the same time and stale at an older one', () => {
    const { state } = first(aPart([aDetection('1', NINE), aDetection('2', TEN)]));
    const same = takeIn(state, aPart([aDetection('2', TEN), aDetection('1', NINE)]), ABOUT);
    expect(same).toEqual({ outcome: 'duplicate', state: null });
    expect(takeIn(state, aPart([aDetection('1', EIGHT, VERDICT)]), ABOUT)).toEqual({ outcome: 'stale' });
    const mixed = takeIn(state, aPart([aDetection('1', EIGHT, VERDICT), aDetection('2', TEN)]), ABOUT);
    expect(mixed).toEqual({ outcome: 'duplicate', state: null });
  });

  it('are an update when processed again with other details, each by what changed', () => {
    const { state, emissions } = first(aPart([aDetection('1', NINE), aDetection('2', NINE)]));
    const next = changed(state, aPart([aDetection('1', TEN, VERDICT)]));
    expect(told(next.emissions)).toEqual([['update', 'significant', 'update: Verdict none -> malicious']]);
    expect(next.emissions[0]?.detectionId).toBe(emissions[0]?.detectionId);
    const other = { facts: { ...aDetection('x', NINE).facts, CommandLine: 'a.exe -y' } };
    expect(told(changed(next.state, aPart([aDetection('2', TEN, other)])).emissions)).toEqual([
      ['update', 'other', 'update: evidence details'],
    ]);
    expect(takeIn(next.state, aPart([aDetection('1', NINE)]), ABOUT)).toEqual({ outcome: 'stale' });
  });

  it('only move their time when processed again with the same details', () => {
    const { state } = first(aPart([aDetection('1', NINE)]));
    const again = takeIn(state, aPart([aDetection('1', TEN)]), ABOUT);
    expect(again).toMatchObject({ outcome: 'duplicate', state: { lastUpdate: instant(TEN) } });
    if (again.outcome !== 'duplicate' || again.state === null) throw new Error(again.outcome);
    expect(again.state.items.map(({ processedAt }) => processedAt)).toEqual([instant(TEN)]);
  });

  it('count once when one answer holds two states of them, as the later one', () => {
    const twice = [aDetection('1', TEN, VERDICT), aDetection('1', NINE)];
    for (const evidence of [twice, twice.toReversed()]) {
      const { state, emissions } = first(aPart(evidence));
      expect(emissions.map(({ facts }) => facts.Verdict)).toEqual(['malicious']);
      expect(state.items.map(({ processedAt }) => processedAt)).toEqual([instant(TEN)]);
    }
  });

  it('stand alone though they are of a type that is context elsewhere', () => {
    const device = aDevice('dev-1', { id: 'da-1:9', processedAt: instant(NINE) });
    const { emissions } = first(aPart([aDetection('1', NINE), device]));
    expect(emissions.map(({ family }) => family)).toEqual(['file', 'device']);
  });

  it('are compared without the context that comes with them', () => {
    const { state } = first(aPart([aDetection('1', NINE), aDevice('dev-1')]));
    expect(takeIn(state, aPart([aDetection('1', NINE), aDevice('dev-1')]), ABOUT)).toEqual({
      outcome: 'duplicate',
      state: null,
    });
    expect(takeIn(state, aPart([aDetection('1', EIGHT), aDevice('dev-1')]), ABOUT)).toEqual({ outcome: 'stale' });
  });

  it('past the hundredth are folded into an overflow event, part by part, and so are their changes', () => {
    const many = Array.from({ length: 101 }, (_, index) => aDetection(String(index), NINE));
    const { state, emissions } = first(aPart(many));
    expect(emissions.at(-1)).toMatchObject({ kind: 'overflow', reason: 'overflow: 1 further evidence items' });
    const more = changed(state, aPart([aDetection('a', NINE), aDetection('b', NINE)]));
    expect(told(more.emissions)).toEqual([['overflow', 'first', 'overflow: 2 further evidence items']]);
    const worse = changed(more.state, aPart([aDetection('a', TEN, VERDICT), aDetection('b', TEN, VERDICT)]));
    expect(told(worse.emissions)).toEqual([['update', 'significant', 'update: Verdict none -> malicious']]);
    expect(worse.emissions[0]?.detectionId).toBe(more.emissions[0]?.detectionId);
    expect(worse.emissions[0]?.facts.EvidenceDetails).toHaveLength(2);
  });
});

describe('the alert that comes in parts', () => {
  it('gives one update when a newer part says otherwise, with the device and user of its newest detection', () => {
    const { state } = first(aPart([aDetection('1', NINE)], { Severity: 'Low' }));
    const elsewhere = {
      facts: { EvidenceType: 'file', FileName: 'a.exe', MachineName: 'host-dev-2', UserName: 'lee' },
    };
    const part = [aDetection('2', TEN), aDetection('3', NINE, elsewhere)].toReversed();
    const next = changed(state, aPart(part, { Severity: 'High' }));
    expect(told(next.emissions)).toEqual([
      ['update', 'significant', 'update: Severity Low -> High'],
      ['new', 'first', 'new'],
      ['new', 'first', 'new'],
    ]);
    expect(next.emissions[0]?.facts).toMatchObject({ Severity: 'High', MachineName: 'host-dev-1', UserName: 'kim' });
    expect(next.emissions[0]?.facts).not.toHaveProperty('FileName');
  });

  it('keeps its severity when a late part still has an older one', () => {
    const { state } = first(aPart([aDetection('1', NINE)], { Severity: 'High' }));
    const late = changed(state, aPart([aDetection('2', EIGHT)], { Severity: 'Low' }));
    expect(told(late.emissions)).toEqual([['new', 'first', 'new']]);
    expect(late.state.significant).toMatchObject({ Severity: 'High' });
    expect(takeIn(late.state, aPart([aDetection('1', TEN)], { Severity: 'High' }), ABOUT).outcome).toBe('duplicate');
  });

  it('has not lost what a part does not say', () => {
    const { state } = first(aPart([aDetection('1', NINE)], { Status: 'new' }));
    const { Status: _status, ...facts } = aPart([aDetection('2', TEN)]).facts;
    const silent = { ...aPart([aDetection('2', TEN)]), facts };
    const next = changed(state, silent);
    expect(told(next.emissions)).toEqual([['new', 'first', 'new']]);
    expect(next.state.significant).toMatchObject({ Status: 'new' });
  });

  it('takes what has no key by what it names, and a part without any evidence as the alert', () => {
    const { state } = first(aPart([aDetection('1', NINE)]));
    const { id: _id, processedAt: _at, ...keyless } = aDetection('1', NINE);
    const elsewhere = { ...keyless, key: ['dev-2', '', 'sha-b', '', ''] };
    const record = { ...aPart([]), lastUpdate: instant(TEN), evidence: [elsewhere] };
    const next = changed(state, record);
    expect(told(next.emissions)).toEqual([['new', 'first', 'new']]);
    expect(takeIn(next.state, record, ABOUT)).toEqual({ outcome: 'duplicate', state: null });
    const bare = first({ ...anAlert({ evidence: [] }), scope: 'part' });
    expect(bare.emissions).toHaveLength(1);
    expect(takeIn(bare.state, { ...anAlert({ evidence: [] }), scope: 'part' }, ABOUT).outcome).toBe('duplicate');
  });
});
