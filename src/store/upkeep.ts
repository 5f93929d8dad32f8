/** How long things are kept (config `store.retention`). Milliseconds and bytes. */
export interface RetentionPolicy {
  /** Bodies and raw text older than this go, once delivered. */
  readonly ageMs: number;
  /** Above this the oldest bodies and raw texts go first, delivered ones only; null: no limit. */
  readonly sizeBytes: number | null;
  /** What a connector has not taken for so long goes in any case. */
  readonly undeliveredMs: number;
}

/** Who may still need the events of a feed: connectors that are configured; others hold nothing. */
export interface FeedReaders {
  readonly feed: string;
  readonly connectors: readonly string[];
}

export interface PruneRequest {
  readonly policy: RetentionPolicy;
  readonly readers: readonly FeedReaders[];
  /** Most rows that one call deletes, in one short transaction. */
  readonly maxRows: number;
}

export interface Pruned {
  readonly events: number;
  readonly records: number;
  readonly emissions: number;
  readonly alerts: number;
  /** Events that went although a connector had not taken them, by feed. */
  readonly undelivered: Readonly<Record<string, number>>;
  /** Nothing more to delete now. */
  readonly done: boolean;
}

/** What cannot be deleted although it is old enough: a connector has not taken it. */
export interface Held {
  readonly feed: string;
  readonly connector: string;
  readonly events: number;
  readonly oldestMs: number;
}

/** Since when, and why, the store cannot be written. Nothing is lost by it: collection does not advance. */
export interface Unwritable {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly sinceMs: number;
}

/** Part of the store: what keeps it healthy. */
export interface UpkeepStore {
  prune(request: PruneRequest): Promise<Pruned>;
  held(request: Pick<PruneRequest, 'policy' | 'readers'>): Promise<readonly Held[]>;
  /** Null while writes succeed. */
  unwritable(): Unwritable | null;
  /** Bytes in use (free pages not counted), and free bytes of the disk; null where nobody can tell. */
  space(): Promise<{ readonly usedBytes: number; readonly freeBytes: number | null }>;
  /** Gives back what a long write-ahead log holds. */
  trimLog(): Promise<void>;
}

/** Codes of BridgeErrors that say: reading may go on, writing cannot. */
const UNWRITABLE: readonly string[] = [
  'STORE_FULL',
  'STORE_READ_ONLY',
  'STORE_BUSY',
  'STORE_WRITE_FAILED',
  'STORE_FAILED',
];

export function isUnwritable(error: unknown): error is { readonly code: string } {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    UNWRITABLE.includes(error.code)
  );
}
