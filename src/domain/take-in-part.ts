import type { AlertState, Intake, IntakeStep } from './alert-state.ts';
import type { AlertRecord } from './detection.ts';
import { alertToldAfter, alertUpdate, itemEmissions } from './emissions.ts';
import { CONTEXT_EVIDENCE } from './fields.ts';
import { fold } from './fold.ts';
import type { Instant } from './instant.ts';
import { rememberItems, toSights } from './known-items.ts';
import { type KnownItem, matchParts } from './match.ts';
import { overlay, pickSignificant, SIGNIFICANT_ALERT_FACTS, type Significant } from './significant.ts';

/**
 * Takes in some immutable detections of an alert (defender-api 1.1: the SIEM API). A key that was never seen is a new
 * detection whatever its time: one that Microsoft shows late must not be lost. What is missing has not gone away.
 */
export function takeInPart(step: IntakeStep): Intake {
  const { known, record, source, telling } = step;
  const isOwn = telling.by === 'full';
  const isLatest = known === null || record.lastUpdate > known.lastUpdate;
  const nothing = known !== null && isOwn && !isLatest ? nothingNew(known, record) : null;
  if (nothing !== null) return nothing;

  const folded = fold(timed(record));
  const items = known?.items ?? [];
  const matches = matchParts(items, folded.detections);
  const sights = toSights(
    matches.filter((match) => match.known === null || isNewer(match.detection.processedAt, match.known)),
    items,
    telling,
  );
  const significant = significantAfter(step, isLatest);
  const { alertFacts: facts } = folded;
  const emissions = [
    ...(known === null
      ? []
      : alertUpdate({ before: known.significant, after: significant, otherChange: false, facts }, telling)),
    ...itemEmissions(sights, facts, telling),
  ];
  const state: AlertState = {
    owner: source,
    alertId: record.alertId,
    lastUpdate: isLatest || !isOwn ? record.lastUpdate : known.lastUpdate,
    hash: '',
    alertHash: '',
    significant,
    items: rememberItems(items, sights, telling),
    told: alertToldAfter(emissions, telling),
  };
  if (known === null) return { outcome: 'fresh', state, emissions };
  if (emissions.length > 0 || !isOwn) return { outcome: 'changed', state, emissions };
  return { outcome: 'duplicate', state: isLatest || sights.length > 0 ? state : null };
}

/** The usual case, without folding anything: all of it is known, at these times or later ones. */
function nothingNew(known: AlertState, { evidence, lastUpdate }: AlertRecord): Intake | null {
  const byId = new Map(known.items.map((item) => [item.id, item]));
  let [seen, older] = [0, 0];
  for (const { id, type, processedAt = lastUpdate } of evidence) {
    if (id === undefined && CONTEXT_EVIDENCE.has(type)) continue;
    const last = id === undefined ? undefined : byId.get(id)?.processedAt;
    if (last === undefined || processedAt > last) return null;
    seen += 1;
    if (processedAt < last) older += 1;
  }
  if (seen === 0) return null;
  return seen === older ? { outcome: 'stale' } : { outcome: 'duplicate', state: null };
}

function isNewer(processedAt: Instant | undefined, { processedAt: last }: KnownItem): boolean {
  return processedAt === undefined || last === undefined || processedAt > last;
}

function timed(record: AlertRecord): AlertRecord {
  const { evidence, lastUpdate: processedAt } = record;
  return { ...record, evidence: evidence.map((item) => ({ processedAt, ...item })) };
}

/** The alert's details are those of its latest part; what a part does not say stays as it was. */
function significantAfter({ known, record, telling }: IntakeStep, isLatest: boolean): Significant {
  const said = pickSignificant(record.facts, SIGNIFICANT_ALERT_FACTS);
  if (known === null) return said;
  if (isLatest) return overlay(known.significant, said);
  return telling.by === 'full' ? known.significant : overlay(said, known.significant);
}
