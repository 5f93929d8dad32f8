import type { Page } from '../defender/source.ts';
import { alertIdentity } from '../domain/alert-identity.ts';
import type { AlertRecord, SourceName } from '../domain/detection.ts';
import type { Instant } from '../domain/instant.ts';
import type { Rejection } from '../domain/rejection.ts';
import type { HistoryStore, StoredAlertParts } from '../store/history.ts';
import type { Range } from './known-stretches.ts';
import type { Became, Fetch } from './reconcile-fetch.ts';
import type { MissingReason, Reasons } from './reconcile-reasons.ts';

/** An alert that Microsoft has and the store has not, or not as Microsoft has it. */
export interface MissingAlert {
  /** Microsoft's id; null where it could not be read. */
  readonly alertId: string | null;
  /** Null where it could not be read. */
  readonly lastUpdate: Instant | null;
  readonly reason: MissingReason;
  /** What it became by fetching; null when it was not fetched. */
  readonly became: Became | null;
}

export interface Compared {
  /** Alerts that Microsoft has. */
  readonly microsoft: number;
  /** Ids of those that are stored as Microsoft has them, by now. */
  readonly stored: readonly string[];
  /** In the order of their update. */
  readonly missing: readonly MissingAlert[];
  /** Too new to be looked for yet. */
  readonly settling: number;
}

export interface Comparison {
  take(page: Page, readIn: Range): Promise<void>;
  /** Whether something is missing that was updated since then. */
  lacks(since: Instant): boolean;
  /** Somebody may have stored in the meantime what was missing. */
  lookAgain(): Promise<void>;
  has(alertId: string): boolean;
  size(): number;
  result(): Compared;
}

export interface ComparisonDeps {
  readonly tenantId: string;
  readonly source: SourceName;
  /** Every source that the tenant is read by. */
  readonly sources: readonly SourceName[];
  readonly store: Pick<HistoryStore, 'storedAlerts'>;
  readonly reasons: Reasons;
  /** Null: nothing is stored. */
  readonly fetch: Fetch | null;
}

/** What was seen of an alert, over all records of it. */
interface Seen {
  readonly alertId: string;
  readonly lastUpdate: Instant;
  /** Detections of an alert that comes in parts, and when each was processed; empty for a whole one. */
  readonly parts: readonly (readonly [string, Instant])[];
  readonly state: 'stored' | 'settling' | 'missing';
  readonly reason: MissingReason;
  readonly became: Became | null;
}

/** Holds what Microsoft has against what is stored; keeps ids and times, no records. */
export function createComparison(deps: ComparisonDeps): Comparison {
  const { tenantId, store, reasons, fetch } = deps;
  const alerts = new Map<string, Seen>();
  /** Of what could not be read, by id or text. */
  const unreadable = new Map<string, MissingAlert>();

  const look = async (record: AlertRecord, stored: StoredAlertParts | undefined): Promise<Seen> => {
    const { alertId, lastUpdate } = record;
    const parts = partsOf(record);
    const seen = { alertId, lastUpdate, parts, became: null, reason: 'absent' } as const;
    if (isStored(seen, stored, deps)) return { ...seen, state: 'stored' };
    if (reasons.isSettling(lastUpdate)) return { ...seen, state: 'settling' };
    const reason = reasons.of(alertId, lastUpdate, stored !== undefined);
    const became = (await fetch?.record(record, reasons.entriesOf(alertId))) ?? null;
    return { ...seen, state: 'missing', reason, became };
  };

  const refuse = async (rejection: Rejection, readIn: Range): Promise<MissingAlert> => {
    const { id } = rejection;
    const isKnown = id !== null && reasons.entriesOf(id).length > 0;
    const became = isKnown || fetch === null ? null : await fetch.rejection(rejection, readIn);
    return { alertId: id, lastUpdate: null, reason: isKnown ? 'quarantine' : 'unreadable', became };
  };

  return {
    async take({ records, rejected }, readIn) {
      const stored = await store.storedAlerts(
        tenantId,
        records.map(({ alertId }) => alertId),
      );
      for (const record of records) {
        const key = alertIdentity(record.alertId);
        const now = await look(record, stored.get(record.alertId));
        alerts.set(key, together(alerts.get(key), now));
      }
      for (const rejection of rejected) {
        // A part of an alert that comes all the same.
        if (rejection.id !== null && alerts.has(alertIdentity(rejection.id))) continue;
        const key = rejection.id ?? rejection.raw;
        if (!unreadable.has(key)) unreadable.set(key, await refuse(rejection, readIn));
      }
    },
    lacks: (since) =>
      [...alerts.values()].some(
        ({ state, became, lastUpdate }) => state === 'missing' && became === null && lastUpdate >= since,
      ),
    async lookAgain() {
      const open = [...alerts].filter(([, { state, became }]) => state === 'missing' && became === null);
      const stored = await store.storedAlerts(
        tenantId,
        open.map(([, { alertId }]) => alertId),
      );
      for (const [key, seen] of open) {
        if (isStored(seen, stored.get(seen.alertId), deps)) alerts.set(key, { ...seen, state: 'stored' });
      }
    },
    has: (alertId) => alerts.has(alertIdentity(alertId)),
    size: () => alerts.size + unreadable.size,
    result() {
      const all = [...alerts.values()];
      const missing = all.filter(({ state }) => state === 'missing');
      return {
        microsoft: alerts.size + unreadable.size,
        stored: all
          .filter(({ state, became }) => state === 'stored' || (became !== null && became.outcome !== 'set-aside'))
          .map(({ alertId }) => alertId),
        missing: [
          ...missing
            .toSorted((a, b) => (a.lastUpdate < b.lastUpdate ? -1 : 1))
            .map(({ alertId, lastUpdate, reason, became }) => ({ alertId, lastUpdate, reason, became })),
          ...unreadable.values(),
        ],
        settling: all.filter(({ state }) => state === 'settling').length,
      };
    },
  };
}

/**
 * Whether the store has what was seen. An alert of another source of the tenant need not be the same: that source tells
 * its changes. One whose source is read no more is taken over with the next reading.
 */
function isStored(
  { lastUpdate, parts }: Pick<Seen, 'lastUpdate' | 'parts'>,
  stored: StoredAlertParts | undefined,
  { source }: Pick<ComparisonDeps, 'source'>,
): boolean {
  if (stored === undefined) return false;
  if (stored.owner !== null && stored.owner !== source) return true;
  const { parts: known } = stored;
  if (known === null || parts.length === 0) return stored.lastUpdate >= lastUpdate;
  return parts.every(([id, processedAt]) => known.has(id) && (known.get(id) ?? processedAt) >= processedAt);
}

function partsOf({ scope, evidence, lastUpdate }: AlertRecord): Seen['parts'] {
  if (scope === 'whole') return [];
  return evidence.flatMap(({ id, processedAt = lastUpdate }) => (id === undefined ? [] : [[id, processedAt] as const]));
}

/** Several records of one alert: it is missing when one of them is, and what was fetched stays told. */
function together(before: Seen | undefined, now: Seen): Seen {
  if (before === undefined) return now;
  const [older, newer] = before.lastUpdate <= now.lastUpdate ? [before, now] : [now, before];
  const missing = [now, before].find(({ state }) => state === 'missing');
  const state = missing === undefined ? newer.state : 'missing';
  return {
    ...newer,
    state,
    parts: [...older.parts, ...newer.parts],
    reason: missing?.reason ?? newer.reason,
    became: missing?.became ?? null,
  };
}
