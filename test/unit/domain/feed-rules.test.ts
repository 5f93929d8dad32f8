import { describe, expect, it } from 'vitest';
import { DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import type { Emission } from '../../../src/domain/detection.ts';
import { type FeedRules, forFeed } from '../../../src/domain/feed-rules.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';

function rules(overrides: Partial<FeedRules> = {}): FeedRules {
  return {
    name: 'default',
    tenantIds: new Set([TENANT]),
    detections: 'perEvidence',
    changes: 'significant',
    layout: 'microsoft',
    receiptTime: 'feed',
    arcsight: DEFAULT_CHOICES,
    minSeverity: 'UnSpecified',
    categories: new Set(),
    initialLookbackMs: 0,
    ...overrides,
  };
}

function anEmission(overrides: Partial<Emission> = {}): Emission {
  return {
    detectionId: 'd1',
    alertId: 'da-1',
    alertIsNew: true,
    kind: 'new',
    change: 'first',
    reason: 'new',
    family: 'process',
    facts: { Severity: 'Medium', Category: 'Execution' },
    ...overrides,
  };
}

const NEW = anEmission();
const LATER = anEmission({ alertIsNew: false });
const SIGNIFICANT = anEmission({
  kind: 'update',
  change: 'significant',
  alertIsNew: false,
  reason: 'update: Status new -> resolved',
});
const OTHER = anEmission({ kind: 'update', change: 'other', alertIsNew: false, reason: 'update: alert details' });

describe('what a feed gets of a record', () => {
  it('is what its `changes` asks for, without a word about the rest', () => {
    const all = [LATER, SIGNIFICANT, OTHER];
    expect(forFeed(rules({ changes: 'first' }), TENANT, all)).toEqual({ events: [LATER], filtered: 0 });
    expect(forFeed(rules(), TENANT, all)).toEqual({ events: [LATER, SIGNIFICANT], filtered: 0 });
    expect(forFeed(rules({ changes: 'all' }), TENANT, all)).toEqual({ events: all, filtered: 0 });
  });

  it('is nothing of a tenant it does not take, which is no filter', () => {
    const strict = rules({ minSeverity: 'High' });
    expect(forFeed(strict, 'another tenant', [NEW])).toEqual({ events: [], filtered: 0 });
  });

  it('leaves out and counts what is below its severity, but nothing of an unknown severity', () => {
    const of = (severity: string) => anEmission({ facts: { Severity: severity } });
    const all = [of('High'), of('Medium'), of('Low'), of('UnSpecified'), of('brand new word')];
    const { events, filtered } = forFeed(rules({ minSeverity: 'Medium' }), TENANT, all);
    expect(events.map(({ facts }) => facts.Severity)).toEqual(['High', 'Medium', 'UnSpecified', 'brand new word']);
    expect(filtered).toBe(1);
  });

  it('leaves out and counts what is of another category, written in any case', () => {
    const all = [NEW, anEmission({ facts: { Category: 'Malware' } }), anEmission({ facts: {} })];
    const { events, filtered } = forFeed(rules({ categories: new Set(['malware']) }), TENANT, all);
    expect(events).toEqual([all[1]]);
    expect(filtered).toBe(2);
  });

  it('counts as filtered only what its `changes` asked for', () => {
    const strict = rules({ minSeverity: 'High', changes: 'first' });
    expect(forFeed(strict, TENANT, [LATER, SIGNIFICANT, OTHER])).toEqual({ events: [], filtered: 1 });
  });
});

describe('a feed with one event per alert', () => {
  const perAlert = rules({ detections: 'perAlert' });

  it('gets one event of a record, or none', () => {
    expect(forFeed(perAlert, TENANT, [NEW, NEW, NEW]).events).toHaveLength(1);
    expect(forFeed(perAlert, TENANT, [])).toEqual({ events: [], filtered: 0 });
    expect(forFeed(perAlert, TENANT, [OTHER])).toEqual({ events: [], filtered: 0 });
  });

  it('counts that event once when a filter keeps it out', () => {
    expect(forFeed({ ...perAlert, minSeverity: 'High' }, TENANT, [NEW, NEW])).toEqual({ events: [], filtered: 1 });
  });

  it('gets only new alerts with `changes: first`, not their later evidence', () => {
    const first = { ...perAlert, changes: 'first' } as const;
    expect(forFeed(first, TENANT, [NEW]).events).toMatchObject([{ kind: 'new', detectionId: 'da-1' }]);
    expect(forFeed(first, TENANT, [LATER, SIGNIFICANT])).toEqual({ events: [], filtered: 0 });
  });

  it('gets new evidence as a significant update, and other changes only when it asks for all', () => {
    expect(forFeed(perAlert, TENANT, [LATER, OTHER]).events).toMatchObject([
      { kind: 'update', change: 'significant', reason: 'update: 1 new evidence item' },
    ]);
    expect(forFeed({ ...perAlert, changes: 'all' }, TENANT, [OTHER]).events).toMatchObject([
      { kind: 'update', change: 'other', reason: 'update: alert details' },
    ]);
  });
});
