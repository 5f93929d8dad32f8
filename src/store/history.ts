import type { Emission, SourceName } from '../domain/detection.ts';
import type { Instant } from '../domain/instant.ts';

/** An alert in the store. */
export interface StoredAlert {
  /** As the source that delivered it first spells it. */
  readonly alertId: string;
  /** In the owner's own clock. */
  readonly lastUpdate: Instant;
  /** The source whose alert it is; null where an old state does not say. */
  readonly owner: SourceName | null;
}

/** The same with what is known of an alert that comes in parts. */
export interface StoredAlertParts extends StoredAlert {
  /** Microsoft's own key of each detection and when it was last processed; null where the alert comes as a whole. */
  readonly parts: ReadonlyMap<string, Instant | null> | null;
}

/** Where the events of one alert are in one feed. */
export interface AlertDelivery {
  readonly feed: string;
  /** FeedSeq of the events that are for everybody and made of the alert itself, rising: no replays. At least one. */
  readonly seqs: readonly number[];
}

/** What one record of an alert had to tell. */
export interface AlertTelling {
  /** Epoch ms. */
  readonly storedMs: number;
  readonly emissions: readonly Emission[];
}

/** How a feed was at a time. */
export interface FeedMoment {
  /** The event before that time was made under the settings of now. */
  readonly hadSettings: boolean;
  /** StoredMs of the first event at or after that time; null when there is none. */
  readonly nextMs: number | null;
  /** Retention has deleted whatever was there before that time. */
  readonly isPruned: boolean;
}

/** Part of the store: looking back, for reconciling. */
export interface HistoryStore {
  /** Of the given ids those that are stored, by the id as it was asked. Ids are compared by identity, not by spelling. */
  storedAlerts(tenantId: string, alertIds: readonly string[]): Promise<ReadonlyMap<string, StoredAlertParts>>;
  /** Alerts of a tenant whose last update lies in the range (`to` exclusive). */
  alertsUpdated(
    tenantId: string,
    range: { readonly from: Instant; readonly to: Instant },
  ): Promise<readonly StoredAlert[]>;
  /** The oldest last update of any alert of the tenant; null without one. */
  oldestUpdate(tenantId: string): Promise<Instant | null>;
  /** Feeds without an event of the alert are left out. */
  deliveries(tenantId: string, alertId: string): Promise<readonly AlertDelivery[]>;
  /** Oldest first; without what retention has deleted. */
  tellings(tenantId: string, alertId: string): Promise<readonly AlertTelling[]>;
  /** @param storedMs epoch ms */
  feedAt(feed: string, storedMs: number): Promise<FeedMoment>;
  /** Makes the events of an alert once more for one feed, from what is stored of it; answers how many. */
  tellAgain(feed: string, tenantId: string, alertId: string): Promise<number>;
}
