import type { AlertState, Intake, IntakeAbout, IntakeStep } from './alert-state.ts';
import type { AlertRecord } from './detection.ts';
import { factsHash } from './digest.ts';
import { alertToldAfter, alertUpdate, itemEmissions, type Telling } from './emissions.ts';
import { fold } from './fold.ts';
import { rememberItems, toSights } from './known-items.ts';
import { matchItems } from './match.ts';
import { adopt, type Comparison, pickSignificant, SIGNIFICANT_ALERT_FACTS } from './significant.ts';
import { takeInPart } from './take-in-part.ts';
import { standingOf, toldUnder } from './told.ts';

export type { AlertState, Intake, IntakeAbout } from './alert-state.ts';

/**
 * Compares a record with the alert's stored state and says what to store and what to emit. Pure.
 *
 * An alert that two APIs deliver belongs to the first; the other only confirms it, until the tenant is no longer read by
 * the owner: then the other takes the alert over, and only what both APIs say is compared that once.
 */
export function takeIn(known: AlertState | null, record: AlertRecord, about: IntakeAbout): Intake {
  const isHandover = known !== null && known.owner !== about.source;
  if (isHandover && about.sources.includes(known.owner)) return { outcome: 'duplicate', state: null };
  const alertId = known?.alertId ?? record.alertId;
  const named = alertId === record.alertId ? record : renamed(record, alertId);
  const by = isHandover ? acrossApis(known, record) : 'full';
  const telling: Telling = {
    tenantId: about.tenantId,
    alertId,
    alertIsNew: known === null,
    by,
    standing: standingOf(record.facts),
    alertTold: known === null ? null : (known.told ?? toldUnder(known.significant)),
  };
  const step = { known, record: named, source: about.source, telling };
  return record.scope === 'part' ? takeInPart(step) : takeInWhole(step);
}

function acrossApis(known: AlertState, { lastUpdate }: AlertRecord): Comparison {
  return lastUpdate < known.lastUpdate ? 'none' : 'lenient';
}

/** The feed goes on calling the alert what it first called it. */
function renamed(record: AlertRecord, alertId: string): AlertRecord {
  return { ...record, alertId, facts: { ...record.facts, AlertId: alertId } };
}

function takeInWhole({ known, record, source, telling }: IntakeStep): Intake {
  const { by } = telling;
  const same = by === 'full' ? known : null;
  if (same !== null && record.lastUpdate < same.lastUpdate) return { outcome: 'stale' };
  const folded = fold(record);
  const alertHash = factsHash(folded.alertOwn);
  const hash = factsHash([{ AlertId: alertHash }, ...folded.detections.map(({ own }) => own)]);
  if (same !== null && same.hash === hash) {
    const moved = record.lastUpdate > same.lastUpdate;
    return { outcome: 'duplicate', state: moved ? { ...same, lastUpdate: record.lastUpdate } : null };
  }
  const items = known?.items ?? [];
  const sights = toSights(matchItems(items, folded.detections, by !== 'full'), items, telling);
  const after = pickSignificant(record.facts, SIGNIFICANT_ALERT_FACTS);
  const { alertFacts: facts } = folded;
  const otherChange = known?.alertHash !== alertHash;
  const emissions = [
    ...(known === null ? [] : alertUpdate({ before: known.significant, after, otherChange, facts }, telling)),
    ...itemEmissions(sights, facts, telling),
  ];
  return {
    outcome: known === null ? 'fresh' : 'changed',
    state: {
      owner: source,
      alertId: record.alertId,
      lastUpdate: record.lastUpdate,
      hash,
      alertHash,
      significant: adopt(known?.significant, after, by),
      items: rememberItems(items, sights, telling),
      told: alertToldAfter(emissions, telling),
    },
    emissions,
  };
}
