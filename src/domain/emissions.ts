import type { Detection, Emission, Facts, Told } from './detection.ts';
import { detectionId } from './digest.ts';
import { comparisonOf, type Sight } from './known-items.ts';
import {
  type Comparison,
  describeChanges,
  pickSignificant,
  SIGNIFICANT_ALERT_FACTS,
  SIGNIFICANT_ITEM_FACTS,
  type Significant,
} from './significant.ts';
import { alsoTold, commonTold, describeAdmission, type Showing } from './told.ts';

/** Past this many detections an alert folds the rest into one `overflow` event. */
const MAX_DETECTIONS = 100;
/** Ordinal of events about the alert as a whole; items count from 1. */
const WHOLE_ALERT = 0;
const OVERFLOW = MAX_DETECTIONS + 1;

/** What the reason of an `update` begins with; what changed follows, separated by `; `. */
export const UPDATE_PREFIX = 'update: ';
/** What the reason of a `new` begins with that is none for every feed; what let it through now follows. */
export const ADMITTED_PREFIX = 'new: ';
/** What the reason of an `overflow` begins with; how much there is of it follows. */
export const OVERFLOW_PREFIX = 'overflow: ';

/** Of which alert something is told, and how it is compared with what is known. */
export interface Telling extends Showing {
  readonly tenantId: string;
  /** The id the alert was first delivered under. */
  readonly alertId: string;
  readonly alertIsNew: boolean;
}

type Update = Pick<Emission, 'change' | 'reason'>;

/** What the alert was told under once these are told. */
export function alertToldAfter(emissions: readonly Emission[], { alertTold, standing }: Telling): Told {
  return emissions.length === 0 ? (alertTold ?? {}) : alsoTold(alertTold ?? {}, standing);
}

/** One event for each item that is new, changed or let through at last; what is past the limit in one or two more. */
export function itemEmissions(sights: readonly Sight[], alertFacts: Facts, telling: Telling): readonly Emission[] {
  const told = sights.filter(({ absorbed }) => !absorbed);
  return [
    ...told.filter(({ ordinal }) => ordinal <= MAX_DETECTIONS).flatMap((sight) => itemEmission(sight, telling)),
    ...beyondTheLimit(
      told.filter(({ ordinal }) => ordinal > MAX_DETECTIONS),
      alertFacts,
      telling,
    ),
  ];
}

/** The alert itself before and after; `otherChange`: some detail that is not significant has changed. */
interface AlertChange {
  readonly before: Significant;
  readonly after: Significant;
  readonly otherChange: boolean;
  readonly facts: Facts;
}

export function alertUpdate(change: AlertChange, telling: Telling): readonly Emission[] {
  const { before, after, otherChange, facts } = change;
  const changes = describeChanges(before, after, { names: SIGNIFICANT_ALERT_FACTS, by: telling.by });
  if (changes.length === 0 && !(otherChange && telling.by === 'full')) return [];
  const common = { ...aboutAlert(WHOLE_ALERT, telling), facts };
  return [{ ...common, ...toldBefore(telling.alertTold), kind: 'update', ...asUpdate(changes, 'alert details') }];
}

/** Of one that is let through at last each feed gets either the `new` or, when it had it before, the `update`. */
function itemEmission(sight: Sight, telling: Telling): readonly Emission[] {
  const { detection, told, ordinal, admitted } = sight;
  const common = { ...aboutAlert(ordinal, telling), family: detection.family, facts: detection.facts };
  if (told === null) return [{ ...common, kind: 'new', change: 'first', reason: 'new' }];
  const update = itemUpdate(sight, telling.by);
  const reason = `${ADMITTED_PREFIX}${describeAdmission(told, telling.standing)}`;
  return [
    ...(update === null ? [] : [{ ...common, told, kind: 'update', ...update } as const]),
    ...(admitted ? [{ ...common, told, kind: 'new', change: 'admitted', reason } as const] : []),
  ];
}

function itemUpdate(sight: Sight, telling: Comparison): Update | null {
  const { known, hash, detection } = sight;
  if (known === null || known.hash === hash) return null;
  const by = comparisonOf(sight, telling);
  const after = pickSignificant(detection.own, SIGNIFICANT_ITEM_FACTS);
  const changes = describeChanges(known.significant, after, { names: SIGNIFICANT_ITEM_FACTS, by });
  return changes.length > 0 || by === 'full' ? asUpdate(changes, 'evidence details') : null;
}

function asUpdate(changes: readonly string[], otherwise: string): Update {
  return changes.length > 0
    ? { change: 'significant', reason: `${UPDATE_PREFIX}${changes.join('; ')}` }
    : { change: 'other', reason: `${UPDATE_PREFIX}${otherwise}` };
}

/**
 * One `overflow` event for everything past the limit when there is more of it, else for what is let through at last of it;
 * one `update` of that when some changed.
 */
function beyondTheLimit(beyond: readonly Sight[], alertFacts: Facts, telling: Telling): readonly Emission[] {
  const common = aboutAlert(OVERFLOW, telling);
  const listing = (sights: readonly Sight[]): Facts => ({
    ...alertFacts,
    EvidenceDetails: sights.map(({ detection }) => summary(detection)),
  });
  const emissions: Emission[] = [];
  const overflow = (sights: readonly Sight[], change: 'first' | 'admitted'): void => {
    const reason = `${OVERFLOW_PREFIX}${sights.length} further evidence items`;
    const told = change === 'admitted' ? toldToAll(sights) : null;
    emissions.push({ ...common, ...toldBefore(told), kind: 'overflow', change, reason, facts: listing(sights) });
  };
  const admitted = beyond.filter((sight) => sight.admitted);
  if (beyond.some(({ told }) => told === null)) overflow(beyond, 'first');
  else if (admitted.length > 0) overflow(admitted, 'admitted');
  const updates = beyond.flatMap((sight) => {
    const update = itemUpdate(sight, telling.by);
    return update === null ? [] : [{ sight, ...update }];
  });
  if (updates.length > 0) {
    const told = updates.filter(({ change }) => change === 'significant');
    const texts = new Set((told.length > 0 ? told : updates).map(({ reason }) => reason.slice(UPDATE_PREFIX.length)));
    emissions.push({
      ...common,
      ...toldBefore(toldToAll(updates.map(({ sight }) => sight))),
      kind: 'update',
      change: told.length > 0 ? 'significant' : 'other',
      reason: `${UPDATE_PREFIX}${[...texts].join('; ')}`,
      facts: listing(updates.map(({ sight }) => sight)),
    });
  }
  return emissions;
}

function aboutAlert(ordinal: number, { tenantId, alertId, alertIsNew, alertTold }: Telling) {
  const id = detectionId(tenantId, alertId, ordinal);
  return { detectionId: id, alertId, alertIsNew, ...(alertTold !== null && { alertTold }), family: 'alert' } as const;
}

function toldBefore(told: Told | null): Pick<Emission, 'told'> {
  return told === null ? {} : { told };
}

function toldToAll(sights: readonly Sight[]): Told {
  return commonTold(sights.map(({ told }) => told ?? {}));
}

function summary({ type, key }: Detection): string {
  return `${type}=${key.filter((part) => part !== '').join(' ')}`;
}
