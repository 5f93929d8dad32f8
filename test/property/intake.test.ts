import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertRecord, Emission, Evidence } from '../../src/domain/detection.ts';
import { instantFromMs } from '../../src/domain/instant.ts';
import { type AlertState, takeIn } from '../../src/domain/intake.ts';
import { aDevice, aFile, anAlert, anEvidence, aProcess, aUser } from '../support/alerts.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const START = Date.parse('2026-01-01T00:00:00Z');

/** Items that have nothing in common with each other; the file is the image of the first process. */
const ITEMS: readonly Evidence[] = [
  aProcess('a.exe', 7),
  aProcess('b.exe', 8),
  aFile('c.dll'),
  aFile('a.exe'),
  anEvidence(),
  anEvidence({ key: ['198.51.100.9'], facts: { EvidenceType: 'ip', IpAddress: '198.51.100.9' } }),
];
const CONTEXT: readonly Evidence[] = [aDevice('dev-1'), aUser('kim')];

interface Version {
  readonly significant: { readonly severity: string; readonly status: string };
  /** Verdict of the first process; null while unknown. */
  readonly verdict: string | null;
  /** Which of ITEMS Microsoft lists by now: evidence only grows. */
  readonly items: number;
  readonly title: string;
}

const version: fc.Arbitrary<Version> = fc.record({
  significant: fc.record({
    severity: fc.constantFrom('Low', 'High'),
    status: fc.constantFrom('new', 'resolved'),
  }),
  verdict: fc.constantFrom(null, 'suspicious', 'malicious'),
  items: fc.integer({ min: 1, max: ITEMS.length }),
  title: fc.constantFrom('One', 'Two'),
});

/** The versions of one alert, evidence growing, each with how it is read: how often, and in which orders. */
const story = fc
  .array(fc.tuple(version, fc.array(fc.infiniteStream(fc.nat()), { minLength: 1, maxLength: 3 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((versions) => {
    let most = 1;
    return versions.map(([one, reads]) => {
      most = Math.max(most, one.items);
      return { version: { ...one, items: most }, reads };
    });
  });

function record({ significant, verdict, items, title }: Version, updateMs: number): AlertRecord {
  const listed = ITEMS.slice(0, items).map((item, index) =>
    index === 0 && verdict !== null ? { ...item, facts: { ...item.facts, Verdict: verdict } } : item,
  );
  const { severity, status } = significant;
  return anAlert({
    lastUpdate: instantFromMs(updateMs),
    evidence: [...listed, ...CONTEXT],
    facts: { Severity: severity, Status: status, AlertTitle: title },
  });
}

/** Microsoft re-orders evidence and lists an item twice now and then; context is only re-ordered. */
function shuffled(alert: AlertRecord, order: Iterator<number>): AlertRecord {
  const next = (): number => Number(order.next().value);
  const repeated = alert.evidence.filter((item) => !CONTEXT.includes(item) && next() % 3 === 0);
  const evidence = [...alert.evidence, ...repeated]
    .map((item) => ({ item, at: next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
  return { ...alert, evidence };
}

interface Read {
  readonly outcomes: readonly string[];
  readonly emissions: readonly Emission[];
}

function readAll(records: readonly AlertRecord[]): Read {
  const outcomes: string[] = [];
  const emissions: Emission[] = [];
  let state: AlertState | null = null;
  for (const one of records) {
    const intake = takeIn(state, one, TENANT, 'graph-alerts');
    outcomes.push(intake.outcome);
    if (intake.outcome === 'stale') continue;
    state = intake.state ?? state;
    if (intake.outcome !== 'duplicate') emissions.push(...intake.emissions);
  }
  return { outcomes, emissions };
}

/** Consecutive equal entries once: what somebody who is told every change would have seen. */
function changes<Item>(items: readonly Item[]): readonly Item[] {
  return items.filter((item, index) => index === 0 || JSON.stringify(item) !== JSON.stringify(items[index - 1]));
}

describe('an alert read again and again', () => {
  it('emits each of its detections once, whatever order and repetition its evidence comes in', () => {
    fc.assert(
      fc.property(story, (versions) => {
        const records = versions.flatMap(({ version: one, reads }, index) =>
          reads.map((order) => shuffled(record(one, START + index * 1000), order[Symbol.iterator]())),
        );
        const { emissions } = readAll(records);
        const fresh = emissions.filter(({ kind }) => kind === 'new').map(({ detectionId }) => detectionId);
        expect(new Set(fresh).size).toBe(fresh.length);
        const most = versions.at(-1)?.version.items ?? 0;
        // The image file of the first process is no item of its own.
        expect(fresh).toHaveLength(most >= 4 ? most - 1 : most);
      }),
    );
  });

  it('emits exactly the states it went through, in order', () => {
    fc.assert(
      fc.property(story, (versions) => {
        const records = versions.flatMap(({ version: one, reads }, index) =>
          reads.map((order) => shuffled(record(one, START + index * 1000), order[Symbol.iterator]())),
        );
        const { emissions } = readAll(records);
        const significant = emissions.filter(({ change }) => change === 'significant');
        const alert = significant.filter(({ family }) => family === 'alert');
        expect(alert.map(({ facts }) => [facts.Severity, facts.Status])).toEqual(
          changes(versions.map(({ version: { significant: s } }) => [s.severity, s.status])).slice(1),
        );
        const process = significant.filter(({ family }) => family === 'process');
        expect(process.map(({ facts }) => facts.Verdict ?? null)).toEqual(
          changes(versions.map(({ version: { verdict } }) => verdict)).slice(1),
        );
      }),
    );
  });

  it('emits an item again only when a detail of it has changed', () => {
    fc.assert(
      fc.property(story, (versions) => {
        const records = versions.flatMap(({ version: one, reads }, index) =>
          reads.map((order) => shuffled(record(one, START + index * 1000), order[Symbol.iterator]())),
        );
        const latest = new Map<string, string>();
        for (const { family, detectionId, facts } of readAll(records).emissions) {
          if (family === 'alert') continue;
          const { FileName, CommandLine, ProcessId, Sha1, Md5, IpAddress, Verdict } = facts;
          const details = JSON.stringify([FileName, CommandLine, ProcessId, Sha1, Md5, IpAddress, Verdict]);
          expect(latest.get(detectionId)).not.toBe(details);
          latest.set(detectionId, details);
        }
      }),
    );
  });

  it('emits nothing for the same version in another order, and nothing for an older one', () => {
    fc.assert(
      fc.property(story, fc.infiniteStream(fc.nat()), (versions, order) => {
        const records = versions.map(({ version: one }, index) => record(one, START + index * 1000));
        const last = records.at(-1);
        if (last === undefined) throw new Error('a story has a version');
        const again = [...records.slice(0, -1), shuffled(last, order[Symbol.iterator]())];
        const { outcomes, emissions } = readAll([...records, ...again]);
        expect(outcomes.slice(records.length)).toEqual([...records.slice(0, -1).map(() => 'stale'), 'duplicate']);
        expect(emissions).toEqual(readAll(records).emissions);
      }),
    );
  });
});
