import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';
import type { AlertRecord, Emission } from '../../src/domain/detection.ts';
import { type FeedRules, forFeed } from '../../src/domain/feed-rules.ts';
import { instantFromMs } from '../../src/domain/instant.ts';
import type { IntakeAbout } from '../../src/domain/intake.ts';
import { ABOUT, forAll, type Read, readAll, readsOf, START, story } from '../support/alert-story.ts';
import { aDetection, aPart } from '../support/alerts.ts';

const SIEM: IntakeAbout = { ...ABOUT, source: 'siem-detections', sources: ['siem-detections'] };

/** A state of one of the detections: which, and how often it was processed by then. */
interface Processed {
  readonly detection: number;
  readonly state: number;
}
/** Answers in the order they are read: several detections in several states, repeated and out of order. */
const partsRead = fc.array(
  fc.array(fc.record({ detection: fc.nat({ max: 3 }), state: fc.nat({ max: 4 }) }), { minLength: 1, maxLength: 4 }),
  { minLength: 1, maxLength: 12 },
);

const processedMs = ({ detection, state }: Processed) => START + state * 1000 + detection;
/** Processed again without a change now and then. */
const verdictOf = ({ detection, state }: Processed) => `verdict ${Math.floor((state + detection) / 2)}`;
const severityAt = (ms: number) => (Math.floor(ms / 1500) % 2 === 0 ? 'Low' : 'High');

/** All detections look the same but for a detail: only Microsoft's own key tells them apart. */
function partOf(part: readonly Processed[]): AlertRecord {
  const evidence = part.map((one) =>
    aDetection(String(one.detection), instantFromMs(processedMs(one)), {
      facts: { EvidenceType: 'file', CommandLine: String(one.detection), Verdict: verdictOf(one) },
    }),
  );
  return aPart(evidence, { Severity: severityAt(Math.max(...part.map(processedMs))) });
}

function tellPart({ kind, family, reason, facts }: Emission): string {
  return family === 'alert' ? `alert ${reason}` : `${String(facts.CommandLine)} ${kind} ${String(facts.Verdict)}`;
}

/** What a reader of the parts has to be told, worked out without any state but the latest of each detection. */
function createPartModel() {
  const latest = new Map<number, Processed>();
  let newestMs: number | null = null;
  return {
    read(part: readonly Processed[]): readonly string[] {
      const told: string[] = [];
      const partMs = Math.max(...part.map(processedMs));
      if (newestMs !== null && partMs > newestMs && severityAt(partMs) !== severityAt(newestMs)) {
        told.push(`alert update: Severity ${severityAt(newestMs)} -> ${severityAt(partMs)}`);
      }
      newestMs = Math.max(newestMs ?? partMs, partMs);
      for (const detection of new Set(part.map((one) => one.detection))) {
        const state = Math.max(...part.filter((one) => one.detection === detection).map((one) => one.state));
        const now = { detection, state };
        const before = latest.get(detection);
        if (before !== undefined && before.state >= state) continue;
        latest.set(detection, now);
        if (before === undefined) told.push(`${detection} new ${verdictOf(now)}`);
        else if (verdictOf(before) !== verdictOf(now)) told.push(`${detection} update ${verdictOf(now)}`);
      }
      return told.toSorted();
    },
  };
}

describe('detections that come in parts', () => {
  it('are new once each and change once each, in whatever order and how often they are read', () => {
    fc.assert(
      fc.property(partsRead, (parts) => {
        const { intakes } = readAll(parts.map(partOf), () => SIEM);
        const model = createPartModel();
        const expected = parts.map((part) => model.read(part)).filter((told) => told.length > 0);
        const told = intakes.map((emissions) => forAll(emissions).map(tellPart).toSorted());
        expect(told.filter((one) => one.length > 0)).toEqual(expected);
      }),
    );
  });

  it('emit nothing when all of it is read again', () => {
    fc.assert(
      fc.property(partsRead, (parts) => {
        const records = parts.map(partOf);
        const { outcomes, emissions } = readAll([...records, ...records], () => SIEM);
        expect(emissions).toEqual(readAll(records, () => SIEM).emissions);
        for (const outcome of outcomes.slice(records.length)) expect(['duplicate', 'stale']).toContain(outcome);
      }),
    );
  });
});

describe('a feed with one event per alert', () => {
  const feed = (changesTaken: FeedRules['changes']): FeedRules => ({
    name: 'default',
    tenantIds: new Set([ABOUT.tenantId]),
    detections: 'perAlert',
    changes: changesTaken,
    layout: 'microsoft',
    receiptTime: 'feed',
    arcsight: DEFAULT_CHOICES,
    minSeverity: 'UnSpecified',
    categories: new Set(),
    initialLookbackMs: 0,
  });
  const events = (intakes: Read['intakes'], taken: FeedRules['changes']) =>
    intakes.map((emissions) => forFeed(feed(taken), ABOUT.tenantId, emissions).events);

  it('gets at most one event of a record, and the alert as new once', () => {
    fc.assert(
      fc.property(story, partsRead, (versions, parts) => {
        for (const { intakes } of [readAll(readsOf(versions)), readAll(parts.map(partOf), () => SIEM)]) {
          for (const each of events(intakes, 'all')) expect(each.length).toBeLessThanOrEqual(1);
          const all = events(intakes, 'all').flat();
          expect(all.map(({ kind }) => kind)).toEqual(all.map((_, index) => (index === 0 ? 'new' : 'update')));
          expect(new Set(all.map(({ detectionId }) => detectionId))).toEqual(new Set(['da-1']));
          expect(events(intakes, 'first').flat()).toHaveLength(1);
        }
      }),
    );
  });

  it('gets every record that has something significant to tell', () => {
    fc.assert(
      fc.property(story, (versions) => {
        const { intakes } = readAll(readsOf(versions));
        const telling = intakes.filter((emissions) => emissions.some(({ change }) => change !== 'other'));
        expect(events(intakes, 'significant').flat()).toHaveLength(telling.length);
      }),
    );
  });
});
