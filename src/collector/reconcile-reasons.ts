import { alertIdentity } from '../domain/alert-identity.ts';
import type { Instant } from '../domain/instant.ts';
import type { QuarantineEntry } from '../store/detection-store.ts';

/** Why an alert that Microsoft has is not in the store as Microsoft has it. */
export const MISSING_REASONS = {
  absent: 'no reason is known',
  changed: 'a later change of it has not been read',
  quarantine: 'it is in the quarantine',
  unread: 'the reading has not got there yet',
  'before-start': 'it was last updated before the reading began',
  unreadable: 'Microsoft sends it in a form that cannot be read',
} as const;
export type MissingReason = keyof typeof MISSING_REASONS;

export interface Reasons {
  /** Too new to be looked for yet. */
  isSettling(lastUpdate: Instant): boolean;
  of(alertId: string, lastUpdate: Instant, isStored: boolean): MissingReason;
  /** Entries of the quarantine that are about this alert. */
  entriesOf(alertId: string): readonly number[];
}

/** What is known of the source when the comparison begins. */
export interface Standing {
  /** Its part of the quarantine. */
  readonly quarantine: readonly QuarantineEntry[];
  /** Microsoft's clock less `settle`. */
  readonly settledTo: Instant;
  /** Everything updated before it was read; null when nothing was. */
  readonly watermark: Instant | null;
  /** The oldest last update of any alert that is stored; null without one. */
  readonly oldest: Instant | null;
}

export function createReasons({ quarantine, settledTo, watermark, oldest }: Standing): Reasons {
  const entries = new Map<string, number[]>();
  for (const { id, entryId } of quarantine) {
    if (id === null) continue;
    const own = entries.get(alertIdentity(id)) ?? [];
    entries.set(alertIdentity(id), [...own, entryId]);
  }
  const entriesOf = (alertId: string): readonly number[] => entries.get(alertIdentity(alertId)) ?? [];
  return {
    isSettling: (lastUpdate) => lastUpdate >= settledTo,
    entriesOf,
    of(alertId, lastUpdate, isStored) {
      if (entriesOf(alertId).length > 0) return 'quarantine';
      if (watermark === null || lastUpdate >= watermark) return 'unread';
      if (isStored) return 'changed';
      return oldest !== null && lastUpdate < oldest ? 'before-start' : 'absent';
    },
  };
}
