import type { AlertRecord, Detection, Emission, SourceName } from './detection.ts';
import { detectionId, factsHash } from './digest.ts';
import { type Folded, fold } from './fold.ts';
import type { Instant } from './instant.ts';
import { type KnownItem, type Match, matchItems } from './match.ts';
import {
  describeChanges,
  pickSignificant,
  SIGNIFICANT_ALERT_FACTS,
  SIGNIFICANT_ITEM_FACTS,
  type Significant,
} from './significant.ts';

/** Past this many detections an alert folds the rest into one `overflow` event. */
export const MAX_DETECTIONS = 100;
/** Ordinal of events about the alert as a whole; items count from 1. */
const WHOLE_ALERT = 0;

/** The latest stored state of an alert: what an incoming record is compared with. */
export interface AlertState {
  /** The source that delivered the alert first; another source of the tenant only confirms it. */
  readonly owner: SourceName;
  readonly lastUpdate: Instant;
  /** Hash of the normalised content, lists as sets, device telemetry left out. */
  readonly hash: string;
  /** Hash of the alert's own details and its context. */
  readonly alertHash: string;
  readonly significant: Significant;
  readonly items: readonly KnownItem[];
}

export type Intake =
  | { readonly outcome: 'fresh' | 'changed'; readonly state: AlertState; readonly emissions: readonly Emission[] }
  /** Same content; the state is given when only its update time moved. */
  | { readonly outcome: 'duplicate'; readonly state: AlertState | null }
  | { readonly outcome: 'stale' };

/** Compares a record with the alert's stored state and says what to store and what to emit. Pure. */
export function takeIn(known: AlertState | null, record: AlertRecord, tenantId: string, source: SourceName): Intake {
  if (known !== null && known.owner !== source) return { outcome: 'duplicate', state: null };
  if (known !== null && record.lastUpdate < known.lastUpdate) return { outcome: 'stale' };
  const folded = fold(record);
  const alertHash = factsHash(folded.alertOwn);
  const hash = factsHash([{ AlertId: alertHash }, ...folded.detections.map(({ own }) => own)]);
  if (known !== null && known.hash === hash) {
    return {
      outcome: 'duplicate',
      state: record.lastUpdate > known.lastUpdate ? { ...known, lastUpdate: record.lastUpdate } : null,
    };
  }
  const matches = number(matchItems(known?.items ?? [], folded.detections), known?.items.length ?? 0);
  const items = rememberItems(known?.items ?? [], matches);
  const about = { alertId: record.alertId, tenantId };
  return {
    outcome: known === null ? 'fresh' : 'changed',
    state: {
      owner: source,
      lastUpdate: record.lastUpdate,
      hash,
      alertHash,
      significant: pickSignificant(record.facts, SIGNIFICANT_ALERT_FACTS),
      items,
    },
    emissions: [
      ...(known === null ? [] : alertUpdate(known, record, folded, alertHash, about)),
      ...matches.flatMap((match) => itemEmission(match, about)),
      ...overflow(matches, folded, about),
    ],
  };
}

interface About {
  readonly alertId: string;
  readonly tenantId: string;
}
interface Numbered extends Match {
  readonly ordinal: number;
}

/** Known items keep their ordinal; new ones get the next. Items are never forgotten, so their number is the last ordinal. */
function number(matches: readonly Match[], last: number): readonly Numbered[] {
  let next = last;
  return matches.map((match) => ({ ...match, ordinal: match.known?.ordinal ?? ++next }));
}

function rememberItems(known: readonly KnownItem[], matches: readonly Numbered[]): readonly KnownItem[] {
  const items = new Map(known.map((item) => [item.ordinal, item]));
  for (const { detection, known: before, absorbed, ordinal } of matches) {
    if (absorbed) continue;
    const { type, createdAt, own } = detection;
    const image = fill(detection.image, before?.image);
    items.set(ordinal, {
      ordinal,
      type,
      key: fill(detection.key, before?.key) ?? [],
      ...(image && { image }),
      createdAt: createdAt ?? before?.createdAt ?? null,
      hash: factsHash([own]),
      significant: pickSignificant(own, SIGNIFICANT_ITEM_FACTS),
    });
  }
  return [...items.values()];
}

/** A key part once known stays known, though a later version leaves it empty. */
function fill(
  key: readonly string[] | undefined,
  before: readonly string[] | undefined,
): readonly string[] | undefined {
  return key?.map((part, index) => (part === '' ? (before?.[index] ?? '') : part)) ?? before;
}

function itemEmission({ detection, known, absorbed, ordinal }: Numbered, about: About): readonly Emission[] {
  if (absorbed || ordinal > MAX_DETECTIONS) return [];
  const id = detectionId(about.tenantId, about.alertId, ordinal);
  const common = { detectionId: id, alertId: about.alertId, family: detection.family, facts: detection.facts };
  if (known === null) return [{ ...common, kind: 'new', change: 'first', reason: 'new' }];
  if (known.hash === factsHash([detection.own])) return [];
  const changes = describeChanges(known.significant, pickSignificant(detection.own, SIGNIFICANT_ITEM_FACTS));
  return [{ ...common, kind: 'update', ...asUpdate(changes, 'evidence details') }];
}

function alertUpdate(
  known: AlertState,
  record: AlertRecord,
  folded: Folded,
  alertHash: string,
  about: About,
): readonly Emission[] {
  const changes = describeChanges(known.significant, pickSignificant(record.facts, SIGNIFICANT_ALERT_FACTS));
  if (changes.length === 0 && known.alertHash === alertHash) return [];
  const id = detectionId(about.tenantId, about.alertId, WHOLE_ALERT);
  const update = asUpdate(changes, 'alert details');
  return [
    { detectionId: id, alertId: about.alertId, family: 'alert', facts: folded.alertFacts, kind: 'update', ...update },
  ];
}

function asUpdate(changes: readonly string[], otherwise: string): Pick<Emission, 'change' | 'reason'> {
  return changes.length > 0
    ? { change: 'significant', reason: `update: ${changes.join('; ')}` }
    : { change: 'other', reason: `update: ${otherwise}` };
}

/** One event for everything past the limit, emitted again only when there is more of it. */
function overflow(matches: readonly Numbered[], folded: Folded, about: About): readonly Emission[] {
  const beyond = matches.filter(({ ordinal, absorbed }) => ordinal > MAX_DETECTIONS && !absorbed);
  if (!beyond.some(({ known }) => known === null)) return [];
  return [
    {
      detectionId: detectionId(about.tenantId, about.alertId, MAX_DETECTIONS + 1),
      alertId: about.alertId,
      kind: 'overflow',
      change: 'first',
      reason: `overflow: ${beyond.length} further evidence items`,
      family: 'alert',
      facts: { ...folded.alertFacts, EvidenceDetails: beyond.map(({ detection }) => summary(detection)) },
    },
  ];
}

function summary({ type, key }: Detection): string {
  return `${type}=${key.filter((part) => part !== '').join(' ')}`;
}
