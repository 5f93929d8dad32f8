import fc from 'fast-check';
import type { AlertRecord, Emission, Evidence } from '../../src/domain/detection.ts';
import { instantFromMs } from '../../src/domain/instant.ts';
import { type AlertState, type Intake, type IntakeAbout, takeIn } from '../../src/domain/intake.ts';
import { aDevice, aFile, anAlert, anEvidence, aProcess, aUser } from './alerts.ts';

/** How the records of a test are taken in. */
export const ABOUT: IntakeAbout = {
  tenantId: '11111111-2222-3333-4444-555555555555',
  source: 'graph-alerts',
  sources: ['graph-alerts', 'defender-alerts'],
};
export const START = Date.parse('2026-01-01T00:00:00Z');

/** Items that have nothing in common with each other; the file is the image of the first process. */
const ITEMS: readonly Evidence[] = [
  aProcess('a.exe', 7),
  aProcess('b.exe', 8),
  aFile('c.dll'),
  aFile('a.exe'),
  anEvidence(),
  anEvidence({ key: ['198.51.100.9'], facts: { EvidenceType: 'ip', IpAddress: '198.51.100.9' } }),
];
/** The second process before Microsoft enriched it. */
const BARE = aProcess('b.exe', 8, {
  key: ['dev-1', '8', ''],
  facts: { EvidenceType: 'process', FileName: 'b.exe', ProcessId: 8 },
});
const CONTEXT: readonly Evidence[] = [aDevice('dev-1'), aUser('kim')];

interface Version {
  readonly significant: { readonly severity: string; readonly status: string };
  /** Verdict of the first process; null while unknown. */
  readonly verdict: string | null;
  /** Which of ITEMS Microsoft lists by now: evidence only grows. */
  readonly items: number;
  readonly title: string;
  /** The second process still lacks its start and its command line. */
  readonly bare: boolean;
}

const version: fc.Arbitrary<Version> = fc.record({
  significant: fc.record({
    severity: fc.constantFrom('Low', 'High'),
    status: fc.constantFrom('new', 'resolved'),
  }),
  verdict: fc.constantFrom(null, 'suspicious', 'malicious'),
  items: fc.integer({ min: 1, max: ITEMS.length }),
  title: fc.constantFrom('One', 'Two'),
  bare: fc.boolean(),
});

export interface Told {
  readonly version: Version;
  /** How it is read: once for each entry, in that order of its evidence. */
  readonly reads: readonly Stream[];
  /** Which older version Microsoft serves once more after that, if any. */
  readonly staleRead: number | null;
}
type Stream = Iterable<number>;

/** The versions of one alert, evidence growing, each with how it is read. */
export const story: fc.Arbitrary<readonly Told[]> = fc
  .array(
    fc.record({
      version,
      reads: fc.array(fc.infiniteStream(fc.nat()), { minLength: 1, maxLength: 3 }),
      staleRead: fc.option(fc.nat()),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((versions) => {
    let most = 1;
    return versions.map((told) => {
      most = Math.max(most, told.version.items);
      return { ...told, version: { ...told.version, items: most } };
    });
  });

/** All that is read of an alert, stale reads among it. */
export function readsOf(versions: readonly Told[]): readonly AlertRecord[] {
  const at = (index: number) => START + index * 1000;
  return versions.flatMap(({ version: one, reads, staleRead }, index) => {
    const older = staleRead === null || index === 0 ? undefined : versions[staleRead % index]?.version;
    return [
      ...reads.map((order) => shuffled(record(one, at(index)), order[Symbol.iterator]())),
      ...(older === undefined || staleRead === null ? [] : [record(older, at(staleRead % index))]),
    ];
  });
}

/** A version of the alert as Microsoft serves it at a time. */
export function record({ significant, verdict, items, title, bare }: Version, updateMs: number): AlertRecord {
  const listed = ITEMS.slice(0, items).map((item, index) => {
    if (index === 0 && verdict !== null) return { ...item, facts: { ...item.facts, Verdict: verdict } };
    return index === 1 && bare ? BARE : item;
  });
  const { severity, status } = significant;
  return anAlert({
    lastUpdate: instantFromMs(updateMs),
    evidence: [...listed, ...CONTEXT],
    facts: { Severity: severity, Status: status, AlertTitle: title },
  });
}

/** Microsoft re-orders evidence and lists an item twice now and then; context is only re-ordered. */
export function shuffled(alert: AlertRecord, order: Iterator<number>): AlertRecord {
  const next = (): number => Number(order.next().value);
  const repeated = alert.evidence.filter((item) => !CONTEXT.includes(item) && next() % 3 === 0);
  const evidence = [...alert.evidence, ...repeated]
    .map((item) => ({ item, at: next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
  return { ...alert, evidence };
}

export interface Read {
  readonly outcomes: readonly Intake['outcome'][];
  /** The emissions of each record that had any. */
  readonly intakes: readonly (readonly Emission[])[];
  /** What a reader gets of them whose filter lets everything through. */
  readonly emissions: readonly Emission[];
}

/** A first sight for those alone whose filter kept it out before is left out. */
export function forAll(emissions: readonly Emission[]): readonly Emission[] {
  return emissions.filter(({ change }) => change !== 'admitted');
}

/** Takes records in one after the other, the state going through JSON as in the store. */
export function readAll(records: readonly AlertRecord[], aboutOf: (index: number) => IntakeAbout = () => ABOUT): Read {
  const outcomes: Intake['outcome'][] = [];
  const intakes: (readonly Emission[])[] = [];
  let state: AlertState | null = null;
  for (const [index, one] of records.entries()) {
    const intake: Intake = takeIn(state, one, aboutOf(index));
    outcomes.push(intake.outcome);
    if (intake.outcome === 'stale') continue;
    state = intake.state === null ? state : (JSON.parse(JSON.stringify(intake.state)) as AlertState);
    if (intake.outcome !== 'duplicate') intakes.push(intake.emissions);
  }
  return { outcomes, intakes, emissions: forAll(intakes.flat()) };
}

/** How many detections a story has in the end: the image file of the first process is no item of its own. */
export function itemsOf(versions: readonly Told[]): number {
  const most = versions.at(-1)?.version.items ?? 0;
  return most >= 4 ? most - 1 : most;
}
