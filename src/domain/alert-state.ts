import type { AlertRecord, Emission, SourceName, Told } from './detection.ts';
import type { Telling } from './emissions.ts';
import type { Instant } from './instant.ts';
import type { KnownItem } from './match.ts';
import type { Significant } from './significant.ts';

/** The latest stored state of an alert: what an incoming record is compared with. */
export interface AlertState {
  /** The source the alert belongs to: the first that delivered it, while the tenant is read by that source. */
  readonly owner: SourceName;
  /**
   * The id the alert was first delivered under. It stays: another API may write the same alert's id without its prefix.
   * Absent in states of older versions.
   */
  readonly alertId?: string;
  /** In the owner's own clock. */
  readonly lastUpdate: Instant;
  /** Hash of the normalised content, lists as sets, device telemetry left out; '' where the alert is known in parts. */
  readonly hash: string;
  /** Hash of the alert's own details and its context; '' where the alert is known in parts. */
  readonly alertHash: string;
  readonly significant: Significant;
  readonly items: readonly KnownItem[];
  /** What the alert itself was told under; absent in states of older versions. */
  readonly told?: Told;
}

export type Intake =
  | { readonly outcome: 'fresh' | 'changed'; readonly state: AlertState; readonly emissions: readonly Emission[] }
  /** Same content; the state is given when only its times moved. */
  | { readonly outcome: 'duplicate'; readonly state: AlertState | null }
  | { readonly outcome: 'stale' };

/** Whose record it is that is taken in. */
export interface IntakeAbout {
  readonly tenantId: string;
  readonly source: SourceName;
  /** The sources that the tenant is read by at present. */
  readonly sources: readonly SourceName[];
}

/** One record on its way in, beside what is known of its alert. */
export interface IntakeStep {
  readonly known: AlertState | null;
  /** Under the id the alert was first delivered under. */
  readonly record: AlertRecord;
  readonly source: SourceName;
  readonly telling: Telling;
}
