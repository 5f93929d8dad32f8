import type { EvidenceFamily } from './event-class.ts';
import type { FactName } from './fields.ts';
import type { Instant } from './instant.ts';
import type { Severity } from './severity.ts';

/** A value under one of Microsoft's documented field names. Lists stay lists until an event is rendered. */
export type FactValue = string | number | readonly string[];
/** Details of an alert, an item, a device or a user. An unknown value is an absent member; never null, never empty. */
export type Facts = { readonly [name in FactName]?: FactValue };

/** The APIs of Microsoft that can be read, newest first. */
export const SOURCE_NAMES = ['graph-alerts', 'defender-alerts', 'siem-detections'] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

/** Microsoft's mutable record, normalised: the same shape whichever API delivered it. */
export interface AlertRecord {
  readonly alertId: string;
  /**
   * `whole`: the alert with all its evidence as it is now. `part`: some immutable detections of the alert (the SIEM API
   * delivers them one by one); what is missing in it has not gone away.
   */
  readonly scope: 'whole' | 'part';
  readonly lastUpdate: Instant;
  readonly facts: Facts;
  readonly evidence: readonly Evidence[];
  /** The record as Microsoft sent it, for the auditor and for rendering again; kept untouched. */
  readonly raw: string;
}

/** One evidence object of an alert, normalised. */
export interface Evidence {
  /** Microsoft's own key of the item, where the API has one (`FullId` of the SIEM API). */
  readonly id?: string;
  /** When the item was last processed, where the API says so for each item (`LastProcessedTimeUtc` of the SIEM API). */
  readonly processedAt?: Instant;
  /** Microsoft's type without prefix and suffix: `process`, `file`, `registryKey`, ... */
  readonly type: string;
  readonly family: EvidenceFamily;
  /** Natural key: the parts that name the thing, in a fixed order per type, lower case, '' where Microsoft left one empty. */
  readonly key: readonly string[];
  /** Processes only: natural key of the image file, in the order of a file's own key. */
  readonly image?: readonly string[];
  readonly createdAt: Instant | null;
  /** Defender id of the device this happened on, when the evidence names it. */
  readonly deviceId?: string;
  readonly roles: readonly string[];
  readonly facts: Facts;
  /** Details that move all the time and make no change of their own: logged-on users, addresses of the device. */
  readonly telemetry?: Facts;
}

/** One suspicious event with the details of its alert folded in: what becomes a feed event. */
export interface Detection {
  readonly id?: string;
  readonly processedAt?: Instant;
  readonly type: string;
  readonly family: EvidenceFamily;
  readonly key: readonly string[];
  readonly image?: readonly string[];
  readonly deviceId?: string;
  readonly createdAt: Instant | null;
  /** Alert, item, user and device details together. */
  readonly facts: Facts;
  /** The item's own details, which decide whether the item changed. */
  readonly own: Facts;
}

/** What a feed's filter looks at. */
export interface Standing {
  readonly severity: Severity;
  /** Lower case; '' where there is none. */
  readonly category: string;
}

/** Under which standings something was told of before: the highest severity by category; `*` is whatever category. */
export type Told = Readonly<Record<string, Severity>>;

export type EventKind = 'new' | 'update' | 'overflow' | 'replay' | 'heartbeat' | 'test';

/** Something every feed may want to know of; rendered per feed, stored once. */
export interface Emission {
  readonly detectionId: string;
  readonly alertId: string;
  /** The alert itself was seen for the first time. */
  readonly alertIsNew: boolean;
  readonly kind: EventKind;
  /**
   * `first`: first sight; `admitted`: first sight for a feed whose filter kept it out before, nothing for all others;
   * `significant` and `other`: changes (config `changes`).
   */
  readonly change: 'first' | 'admitted' | 'significant' | 'other';
  /** What it is about was told of before, under these; absent at first sight and in what an older version stored. */
  readonly told?: Told;
  /** The same of the alert; absent while that is new. */
  readonly alertTold?: Told;
  /** Goes into `EventReason`. */
  readonly reason: string;
  readonly family: EvidenceFamily;
  readonly facts: Facts;
}
