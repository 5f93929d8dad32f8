/** How a feed takes a page as delivered (config `acknowledge`). */
export type AcknowledgeMode = 'progress' | 'response' | 'none';

/** Outcome of a try so far. `open`: being sent; `sent`: handed to the socket; `closed`: orderly end seen; `broken`. */
export type TryOutcome = 'open' | 'sent' | 'closed' | 'broken';

/** One sending of a page. */
export interface PageTry {
  readonly stampMs: number;
  /** Last FeedSeq of this sending: after a broken one the next is smaller. */
  readonly to: number;
  /** The connector's time text of the request that got this try; null when the request carried none. */
  readonly since: string | null;
  readonly outcome: TryOutcome;
  readonly atMs: number;
}

/** The page that waits for its acknowledgement. */
export interface PendingPage {
  readonly from: number;
  readonly to: number;
  /** Events in it: those that are not for this connector lie between `from` and `to` too. */
  readonly events: number;
  /** When it was sent first, epoch ms. */
  readonly firstTryMs: number;
  /** How often it was sent; `tries` are the last of them, oldest first. */
  readonly sent: number;
  /** Its first event is sent alone, the last chance before it is passed over. */
  readonly alone: boolean;
  readonly tries: readonly PageTry[];
}

/**
 * Requests of a connector in a row that were the same: as far as they tell what its time means and who sent them.
 * Times are epoch ms by the bridge's clock.
 */
export interface SeenPoll {
  /** When the first of them came, and the last. */
  readonly atMs: number;
  readonly lastMs: number;
  readonly polls: number;
  /** How many of them were answered with events. */
  readonly pages: number;
  /** Null when they carried no time. */
  readonly since: string | null;
  readonly address: string;
  /** The newest `FeedTime` that they were sent; null when they got no event. */
  readonly stampMs: number | null;
  /** The answer just before the first of them was broken: its time has moved all the same. */
  readonly movedAfterBroken: boolean;
  /** The answer to one of them was broken, and the next asked with the same time again. */
  readonly heldAfterBroken: boolean;
}

/**
 * Where a connector takes over from another one: of the events up to `upTo`, those that Microsoft updated last before
 * `updatedBeforeMs` are left out. What is stored later is delivered whatever its time.
 */
export interface CutOver {
  readonly upTo: number;
  readonly updatedBeforeMs: number;
}

/** Two parties that share one login. */
export interface Parties {
  readonly addresses: readonly string[];
  readonly sinceMs: number;
  readonly lastMs: number;
}

/** Where one connector stands on one feed. Changed only by compare-and-set on `revision`. Times are epoch ms. */
export interface Position {
  readonly connector: string;
  readonly feed: string;
  readonly revision: number;
  /** Everything up to this FeedSeq is acknowledged. */
  readonly acknowledged: number;
  readonly page: PendingPage | null;
  /** Last stamp given to this connector on this feed. */
  readonly lastStampMs: number;
  /** Stamp that the connector confirmed last. */
  readonly confirmedStampMs: number | null;
  /** Pages confirmed in a row; at three the connector follows the stamp. */
  readonly confirmedRun: number;
  /** While it follows the stamp: the unexpected `since` seen last, if any. */
  readonly strayed: string | null;
  readonly lastPollMs: number;
  readonly lastSince: string | null;
  readonly lastDeliveredMs: number | null;
  /** The last requests, oldest first. */
  readonly recent: readonly SeenPoll[];
  /** While two parties seem to use this login. */
  readonly parties: Parties | null;
  readonly cutOver: CutOver | null;
  /**
   * After an event that was taken alone, the most events that the next page may have: twice as many with each page, so
   * that one event which cannot be taken is closed in on. Null: as many as the feed allows.
   */
  readonly pace: number | null;
  /** Events given up after many failed tries (*forced*); null when there was none. */
  readonly passedOver: { readonly events: number; readonly lastSeq: number; readonly lastMs: number } | null;
  /** How many of them since something was acknowledged. */
  readonly passedInARow: number;
}

/** A connector that was never seen. */
export function newPosition(connector: string, feed: string, acknowledged: number): Position {
  return {
    connector,
    feed,
    revision: 0,
    acknowledged,
    page: null,
    lastStampMs: 0,
    confirmedStampMs: null,
    confirmedRun: 0,
    strayed: null,
    lastPollMs: 0,
    lastSince: null,
    lastDeliveredMs: null,
    recent: [],
    parties: null,
    cutOver: null,
    pace: null,
    passedOver: null,
    passedInARow: 0,
  };
}

/** Pages confirmed in a row after which a connector is taken to follow the stamp. */
export const FOLLOWS_AFTER = 3;

/** True when only a confirmation counts: a crash between receiving and processing then costs a repeat, not an event. */
export function followsStamp(position: Pick<Position, 'confirmedRun'>): boolean {
  return position.confirmedRun >= FOLLOWS_AFTER;
}
