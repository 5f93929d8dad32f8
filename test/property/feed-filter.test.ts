import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';
import type { AlertRecord, Emission, Evidence } from '../../src/domain/detection.ts';
import { type FeedRules, forFeed } from '../../src/domain/feed-rules.ts';
import { instantFromMs } from '../../src/domain/instant.ts';
import type { IntakeAbout } from '../../src/domain/intake.ts';
import { isAtLeast, SEVERITIES, type Severity } from '../../src/domain/severity.ts';
import { ABOUT, readAll, START } from '../support/alert-story.ts';
import { aDetection, anAlert, anEvidence, aPart } from '../support/alerts.ts';

const SIEM: IntakeAbout = { ...ABOUT, source: 'siem-detections', sources: ['siem-detections'] };
const ITEMS = 3;
const CATEGORIES = ['Execution', 'Malware'] as const;
const FLOORS = ['High', 'Medium', 'Low', 'Informational'] as const satisfies readonly Severity[];

/** A version of the alert: how bad it is, and which of its items Microsoft lists; any may be missing for a while. */
interface Version {
  readonly severity: Severity;
  readonly category: (typeof CATEGORIES)[number];
  readonly items: readonly number[];
  /** Of each of them: a change of it is an update. */
  readonly verdict: string;
}

const versions = fc.array(
  fc.record({
    severity: fc.constantFrom(...SEVERITIES),
    category: fc.constantFrom(...CATEGORIES),
    items: fc.subarray(
      Array.from({ length: ITEMS }, (_, index) => index),
      { minLength: 1 },
    ),
    verdict: fc.constantFrom('suspicious', 'malicious'),
  }),
  { minLength: 1, maxLength: 8 },
);

interface Filter {
  readonly minSeverity: Severity;
  /** Empty: every one. */
  readonly categories: readonly string[];
}
const filters = fc.record({
  minSeverity: fc.constantFrom(...FLOORS),
  categories: fc.constantFrom<readonly string[]>([], ['execution'], ['malware']),
});

function aFeed({ minSeverity, categories }: Filter, overrides: Partial<FeedRules>): FeedRules {
  return {
    name: 'filtered',
    tenantIds: new Set([ABOUT.tenantId]),
    detections: 'perEvidence',
    changes: 'significant',
    layout: 'microsoft',
    receiptTime: 'feed',
    arcsight: DEFAULT_CHOICES,
    minSeverity,
    categories: new Set(categories),
    initialLookbackMs: 0,
    ...overrides,
  };
}

function lets({ minSeverity, categories }: Filter, { severity, category }: Version): boolean {
  return isAtLeast(severity, minSeverity) && (categories.length === 0 || categories.includes(category.toLowerCase()));
}

const atMs = (index: number) => START + index * 1000;
const factsOf = ({ severity, category }: Version) => ({ Severity: severity, Category: category });

function whole(version: Version, index: number): AlertRecord {
  const evidence = version.items.map((item): Evidence => {
    const address = `192.0.2.${item}`;
    return anEvidence({ key: [address], facts: { EvidenceType: 'ip', IpAddress: address, Verdict: version.verdict } });
  });
  return anAlert({ lastUpdate: instantFromMs(atMs(index)), evidence, facts: factsOf(version) });
}

/** Each detection processed anew with every part it is in. */
function part(version: Version, index: number): AlertRecord {
  const evidence = version.items.map((item) =>
    aDetection(String(item), instantFromMs(atMs(index)), {
      facts: { EvidenceType: 'file', IpAddress: `192.0.2.${item}`, Verdict: version.verdict },
    }),
  );
  return aPart(evidence, factsOf(version));
}

const SHAPES = [
  { toRecord: whole, about: ABOUT },
  { toRecord: part, about: SIEM },
] as const;

/** What a feed gets of the versions, record by record. */
function eventsOf(told: readonly Version[], { toRecord, about }: (typeof SHAPES)[number], feed: FeedRules) {
  const { intakes } = readAll(told.map(toRecord), () => about);
  return intakes.map((emissions) => forFeed(feed, ABOUT.tenantId, emissions).events);
}

function newOnes(events: readonly Emission[]): readonly string[] {
  return events.filter(({ kind }) => kind === 'new').map(({ facts }) => String(facts.IpAddress));
}

describe('a feed with a filter', () => {
  const shapes = fc.constantFrom(...SHAPES);
  const changes = fc.constantFrom<FeedRules['changes'][]>('first', 'significant', 'all');

  it('has each detection as new once when it was ever within the filter, at the first time it was, else never', () => {
    fc.assert(
      fc.property(versions, filters, shapes, changes, (told, filter, shape, taken) => {
        const events = eventsOf(told, shape, aFeed(filter, { changes: taken })).flat();
        const first = new Map<string, number>();
        for (const [index, version] of told.entries()) {
          if (!lets(filter, version)) continue;
          for (const item of version.items) {
            const address = `192.0.2.${item}`;
            if (!first.has(address)) first.set(address, index);
          }
        }
        expect(newOnes(events).toSorted()).toEqual([...first.keys()].toSorted());
        for (const { kind, facts } of events) {
          if (kind === 'new') expect(facts.LastUpdateMs).toBe(atMs(first.get(String(facts.IpAddress)) ?? -1));
        }
      }),
    );
  });

  it('gets no update of what it was not told as new in an earlier record, unless nothing else tells it', () => {
    fc.assert(
      fc.property(versions, filters, shapes, (told, filter, shape) => {
        const seen = new Set<string>();
        for (const events of eventsOf(told, shape, aFeed(filter, { changes: 'all' }))) {
          const hasNew = events.some(({ kind }) => kind === 'new');
          for (const { kind, family, detectionId } of events) {
            if (kind !== 'update') continue;
            if (family === 'alert') expect(seen.size > 0 || !hasNew).toBe(true);
            else expect(seen).toContain(detectionId);
          }
          for (const { kind, detectionId } of events) if (kind === 'new') seen.add(detectionId);
        }
      }),
    );
  });

  it('gets nothing that is outside the filter', () => {
    fc.assert(
      fc.property(versions, filters, shapes, (told, filter, shape) => {
        for (const { facts } of eventsOf(told, shape, aFeed(filter, { changes: 'all' })).flat()) {
          const version = told.find(
            ({ severity, category }) => severity === facts.Severity && category === facts.Category,
          );
          expect(version !== undefined && lets(filter, version)).toBe(true);
        }
      }),
    );
  });

  it('has the alert as new once when it gets one event per alert, and one event of each record at most', () => {
    fc.assert(
      fc.property(versions, filters, shapes, changes, (told, filter, shape, taken) => {
        const records = eventsOf(told, shape, aFeed(filter, { changes: taken, detections: 'perAlert' }));
        for (const events of records) expect(events.length).toBeLessThanOrEqual(1);
        const kinds = records.flat().map(({ kind }) => kind);
        expect(kinds.slice(0, 1)).toEqual(told.some((version) => lets(filter, version)) ? ['new'] : []);
        expect(new Set(kinds.slice(1))).toEqual(new Set(kinds.length > 1 ? ['update'] : []));
        if (taken === 'first') expect(kinds.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('that lets everything through gets what it got before there were filters', () => {
    fc.assert(
      fc.property(versions, shapes, (told, shape) => {
        const all = { minSeverity: 'Informational', categories: [] } as const;
        const events = eventsOf(told, shape, aFeed(all, { changes: 'all' }));
        expect(events.flat().filter(({ change }) => change === 'admitted')).toEqual([]);
      }),
    );
  });
});
