import { describe, expect, it } from 'vitest';
import { DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import type { AlertRecord, Emission, Evidence } from '../../../src/domain/detection.ts';
import { type FeedRules, forFeed } from '../../../src/domain/feed-rules.ts';
import { type AlertState, type IntakeAbout, takeIn } from '../../../src/domain/intake.ts';
import { alsoTold, commonTold, describeAdmission, isAdmitted, toldUnder } from '../../../src/domain/told.ts';
import { aFile, anAlert, anEvidence, instant } from '../../support/alerts.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const ABOUT: IntakeAbout = { tenantId: TENANT, source: 'graph-alerts', sources: ['graph-alerts'] };
const TWO = [anEvidence(), aFile('a.exe')];

function aFeed(overrides: Partial<FeedRules> = {}): FeedRules {
  return {
    name: 'high',
    tenantIds: new Set([TENANT]),
    detections: 'perEvidence',
    changes: 'significant',
    layout: 'microsoft',
    receiptTime: 'feed',
    arcsight: DEFAULT_CHOICES,
    minSeverity: 'High',
    categories: new Set(),
    initialLookbackMs: 0,
    ...overrides,
  };
}

function at(hour: number, facts: AlertRecord['facts'], evidence: readonly Evidence[] = TWO): AlertRecord {
  return anAlert({ lastUpdate: instant(`2026-01-01T${String(hour).padStart(2, '0')}:00:00Z`), evidence, facts });
}

function read(state: AlertState | null, record: AlertRecord, about: IntakeAbout = ABOUT) {
  const intake = takeIn(state, record, about);
  if (intake.outcome !== 'fresh' && intake.outcome !== 'changed') throw new Error(intake.outcome);
  return intake;
}

/** What the feed gets of each of the records, in words. */
function toldOf(feed: FeedRules, records: readonly AlertRecord[]): readonly (readonly string[])[] {
  let state: AlertState | null = null;
  return records.map((record) => {
    const intake = read(state, record);
    state = intake.state;
    return words(forFeed(feed, TENANT, intake.emissions).events);
  });
}

function words(events: readonly Emission[]): readonly string[] {
  return events.map(({ family, reason }) => `${family} ${reason}`);
}

describe('an alert whose severity rises into the filter of a feed', () => {
  const records = [at(9, { Severity: 'Low' }), at(10, { Severity: 'High' })];

  it('is new there with all its detections, and no update: nobody was told of it', () => {
    const fresh = ['ip new: Severity Low -> High', 'file new: Severity Low -> High'];
    for (const changes of ['first', 'significant', 'all'] as const) {
      expect(toldOf(aFeed({ changes }), records)).toEqual([[], fresh]);
    }
  });

  it('is one update where it was told before', () => {
    expect(toldOf(aFeed({ minSeverity: 'Low' }), records)).toEqual([
      ['ip new', 'file new'],
      ['alert update: Severity Low -> High'],
    ]);
    expect(toldOf(aFeed({ minSeverity: 'Low', changes: 'first' }), records)).toEqual([['ip new', 'file new'], []]);
  });

  it('is one new event in a feed by alert, which says what let it through', () => {
    const byAlert = aFeed({ detections: 'perAlert' });
    expect(toldOf(byAlert, records)).toEqual([[], ['ip new: Severity Low -> High']]);
    expect(toldOf({ ...byAlert, changes: 'first' }, records)).toEqual([[], ['ip new: Severity Low -> High']]);
    const { state } = read(null, at(9, { Severity: 'Low' }));
    const { events } = forFeed(byAlert, TENANT, read(state, at(10, { Severity: 'High' })).emissions);
    expect(events).toMatchObject([
      { kind: 'new', detectionId: 'da-1', facts: { EvidenceDetails: ['ip=192.0.2.1', 'file=a.exe'] } },
    ]);
  });

  it('is new once: High, Low and High again are updates', () => {
    const again = [...records, at(11, { Severity: 'Low' }), at(12, { Severity: 'High' })];
    const fresh = ['ip new: Severity Low -> High', 'file new: Severity Low -> High'];
    expect(toldOf(aFeed(), again)).toEqual([[], fresh, [], ['alert update: Severity Low -> High']]);
  });

  it('brings what was added while it was low', () => {
    const more = [...TWO, aFile('b.exe')];
    const told = toldOf(aFeed(), [
      at(9, { Severity: 'High' }),
      at(10, { Severity: 'Low' }, more),
      at(11, { Severity: 'High' }, more),
    ]);
    expect(told[2]).toEqual(['alert update: Severity Low -> High', 'file new: Severity Low -> High']);
  });

  it('brings a detection that was missing then when it is there again', () => {
    const told = toldOf(aFeed(), [
      at(9, { Severity: 'Low' }),
      at(10, { Severity: 'High' }, [anEvidence()]),
      at(11, { Severity: 'High' }),
    ]);
    expect(told.slice(1)).toEqual([['ip new: Severity Low -> High'], ['file new: Severity Low -> High']]);
  });

  it('is its update where no item tells it: only the image file of a known process is listed', () => {
    const image = ['dev-1', '', 'sha-a.exe', 'a.exe', 'c:\\windows'];
    const process = anEvidence({
      type: 'process',
      family: 'process',
      key: ['dev-1', '7', ''],
      image,
      deviceId: 'dev-1',
    });
    const told = toldOf(aFeed(), [
      at(9, { Severity: 'Low' }, [process]),
      at(10, { Severity: 'High' }, [aFile('a.exe')]),
      at(11, { Severity: 'High' }, [process]),
    ]);
    expect(told.slice(1)).toEqual([['alert update: Severity Low -> High'], ['process new: Severity Low -> High']]);
  });

  it('brings what is past the hundredth item as one overflow, once', () => {
    const many = Array.from({ length: 103 }, (_, index) => anEvidence({ key: [`10.0.0.${index}`] }));
    const told = toldOf(aFeed(), [
      at(9, { Severity: 'Low' }, many),
      at(10, { Severity: 'High' }, many),
      at(11, { Severity: 'Low' }, many),
      at(12, { Severity: 'High' }, many),
    ]);
    expect(told[1]).toHaveLength(101);
    expect(told[1]?.at(-1)).toBe('alert overflow: 3 further evidence items');
    expect(told[3]).toEqual(['alert update: Severity Low -> High']);
    const [, ofAll] = toldOf(aFeed({ minSeverity: 'Low' }), [
      at(9, { Severity: 'Low' }, many),
      at(10, { Severity: 'High' }, many),
    ]);
    expect(ofAll).toEqual(['alert update: Severity Low -> High']);
  });

  it('is not counted as filtered where it still is not let through, beyond its update', () => {
    const { state } = read(null, at(9, { Severity: 'Low' }));
    const { emissions } = read(state, at(10, { Severity: 'Medium' }));
    expect(forFeed(aFeed(), TENANT, emissions)).toEqual({ events: [], filtered: 1 });
  });
});

describe('an alert whose category comes to be one that a feed takes', () => {
  it('is new there once, whatever its severity does', () => {
    const feed = aFeed({ minSeverity: 'Informational', categories: new Set(['malware']) });
    const told = toldOf(feed, [
      at(9, { Category: 'Execution', Severity: 'High' }),
      at(10, { Category: 'Malware', Severity: 'Low' }),
      at(11, { Category: 'Execution', Severity: 'Low' }),
      at(12, { Category: 'malware', Severity: 'High' }),
    ]);
    const reason = 'new: Category execution -> malware';
    expect(told).toEqual([[], [`ip ${reason}`, `file ${reason}`], [], ['alert update: Severity Low -> High']]);
  });
});

describe('a state of a version that did not remember what it told', () => {
  function old(facts: AlertRecord['facts']): AlertState {
    const { told: _told, items, ...state } = read(null, at(9, facts)).state;
    return { ...state, items: items.map(({ told: _item, ...item }) => item) };
  }

  it('tells nothing again by itself, whatever else changes', () => {
    const { emissions, state } = read(old({ Severity: 'Low' }), at(10, { Severity: 'Low', Status: 'resolved' }));
    expect(words(emissions)).toEqual(['alert update: Status new -> resolved']);
    const lowered = read(old({ Severity: 'High' }), at(10, { Severity: 'Low', Category: 'Malware' }));
    expect(lowered.emissions.filter(({ change }) => change === 'admitted')).toEqual([]);
    const raised = read(state, at(11, { Severity: 'High', Status: 'resolved' }));
    expect(words(forFeed(aFeed(), TENANT, raised.emissions).events)).toHaveLength(2);
  });

  it('tells what really rises, once, and remembers it for an item that is missing just then', () => {
    const raised = read(old({ Severity: 'Low' }), at(10, { Severity: 'High' }, [anEvidence()]));
    expect(words(forFeed(aFeed(), TENANT, raised.emissions).events)).toEqual(['ip new: Severity Low -> High']);
    const back = read(raised.state, at(11, { Severity: 'High' }));
    expect(words(forFeed(aFeed(), TENANT, back.emissions).events)).toEqual(['file new: Severity Low -> High']);
  });

  it('goes on where its alert has no severity, which every filter let through', () => {
    const { significant, ...state } = old({ Severity: 'Low' });
    const { Severity: _severity, ...rest } = significant;
    const { emissions } = read({ ...state, significant: rest }, at(10, { Severity: 'High' }));
    expect(words(forFeed(aFeed(), TENANT, emissions).events)).toEqual(['alert update: Severity none -> High']);
  });
});

describe('an alert that another API takes over', () => {
  const defender: IntakeAbout = { tenantId: TENANT, source: 'defender-alerts', sources: ['defender-alerts'] };

  it('is not new for what that API calls otherwise or does not say', () => {
    const { state } = read(null, at(9, { Severity: 'Low' }));
    const silent = at(10, { Severity: 'UnSpecified', Category: 'SuspiciousActivity' });
    expect(read(state, silent, defender).emissions.filter(({ change }) => change === 'admitted')).toEqual([]);
  });

  it('is new where its severity has risen meanwhile', () => {
    const { state } = read(null, at(9, { Severity: 'Low' }));
    const { emissions } = read(state, at(10, { Severity: 'High' }), defender);
    expect(words(forFeed(aFeed(), TENANT, emissions).events)).toHaveLength(2);
  });
});

describe('what something was told under', () => {
  it('keeps the highest severity of each category', () => {
    const told = alsoTold(alsoTold({ malware: 'Medium' }, { severity: 'Low', category: 'malware' }), {
      severity: 'High',
      category: 'execution',
    });
    expect(told).toEqual({ malware: 'Medium', execution: 'High' });
    expect(alsoTold(told, { severity: 'High', category: 'malware' })).toEqual({ malware: 'High', execution: 'High' });
  });

  it('admits more only where some filter does', () => {
    const is = (severity: 'High' | 'Low' | 'UnSpecified', category: string, told = toldUnder({ Severity: 'low' })) =>
      isAdmitted(told, { standing: { severity, category }, by: 'full' });
    expect([is('Low', 'malware'), is('High', 'malware'), is('UnSpecified', 'malware')]).toEqual([false, true, true]);
    expect(is('High', 'malware', { malware: 'UnSpecified' })).toBe(false);
    expect(is('Low', 'execution', { malware: 'High' })).toBe(true);
    expect(is('Low', '__proto__', { malware: 'High' })).toBe(true);
  });

  it('is of several what they have in common', () => {
    expect(commonTold([{ malware: 'High' }, { malware: 'Low', execution: 'Low' }])).toEqual({ malware: 'Low' });
    expect(commonTold([{ '*': 'Medium' }, { malware: 'High' }])).toEqual({});
    expect(commonTold([])).toEqual({});
  });

  it('names what has changed', () => {
    expect(describeAdmission({ malware: 'Low' }, { severity: 'UnSpecified', category: 'malware' })).toBe(
      'Severity Low -> UnSpecified',
    );
    expect(describeAdmission({ malware: 'High', '': 'Low' }, { severity: 'Low', category: 'execution' })).toBe(
      'Category malware, none -> execution',
    );
  });
});
