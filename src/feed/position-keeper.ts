import type { AuditEntry } from '../domain/audit.ts';
import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { toBridgeError } from '../domain/errors.ts';
import type { Position } from '../domain/position.ts';
import type { DetectionStore } from '../store/detection-store.ts';
import { isUnwritable } from '../store/upkeep.ts';

type AuditLine = Omit<AuditEntry, 'atMs'>;

/** A stamp for the next page; `release` gives it back when no page was sent. */
export interface ReservedStamp {
  readonly stampMs: number;
  release(): void;
}

/**
 * The positions of the store, and those that it cannot take for the time being. Nothing is lost with what is only in
 * memory when the process ends: its pages are sent again.
 */
export interface PositionKeeper {
  get(connector: string, feed: string): Promise<Position | null>;
  /** Compare-and-set, in the store or in memory. False: somebody else was faster. */
  save(position: Position): Promise<boolean>;
  /** At least `notBeforeMs`, and a second after every stamp that the connector was ever given. */
  reserveStamp(connector: string, notBeforeMs: number): Promise<ReservedStamp>;
  /** Never fails because the store cannot be written: the line is added when it can be. */
  audit(line: AuditLine): Promise<void>;
  /** Tries to write what is in memory; says nothing when it cannot. */
  flush(): Promise<void>;
  /** What is in memory only: newer than the rows of the store. */
  kept(): readonly Position[];
}

/** Stamps of one connector lie at least this far apart, so that whole seconds tell pages apart. */
const STAMP_STEP_MS = 1000;
/** SQLite holds up the whole process while it waits for a lock: between two tries the feed has to come to its turn. */
const RETRY_MS = 2000;
const RETRY_TIMES_TAKEN = 3;
const CONFLICTS = 3;

/** A position in memory; `from` is the revision that the store's row had when it was read or written last. */
interface Kept {
  readonly position: Position;
  readonly from: number;
}

export function createPositionKeeper(deps: {
  readonly store: DetectionStore;
  readonly clock: Clock;
  readonly emit: Emit;
}): PositionKeeper {
  const { store, clock, emit } = deps;
  const kept = new Map<string, Kept>();
  const given = new Map<string, number>();
  const lines: AuditLine[] = [];
  /** While the store cannot be written: when it is tried again, by the monotonic clock. */
  let retryMs: number | null = null;
  let flushing: Promise<void> | null = null;
  let saved = 0;

  const isDue = (): boolean => retryMs === null || clock.monotonic() >= retryMs;

  /** Runs a write; false when the store cannot be written now. */
  const write = async (work: () => Promise<void>): Promise<boolean> => {
    const startedMs = clock.monotonic();
    try {
      await work();
      return true;
    } catch (thrown) {
      if (!isUnwritable(thrown)) throw thrown;
      const nowMs = clock.monotonic();
      if (retryMs === null) emit({ name: 'positionsKept', error: toBridgeError(thrown) });
      retryMs = nowMs + Math.max(RETRY_MS, RETRY_TIMES_TAKEN * (nowMs - startedMs));
      return false;
    }
  };

  const keep = (position: Position): boolean => {
    const key = keyOf(position);
    const mine = kept.get(key);
    if (mine !== undefined && mine.position.revision !== position.revision - 1) return false;
    kept.set(key, { position, from: mine?.from ?? position.revision - 1 });
    return true;
  };

  /** One position into the store. Where somebody else has changed the row, the one that has acknowledged less counts. */
  const settle = async (key: string): Promise<void> => {
    for (let conflict = 0; conflict < CONFLICTS; conflict += 1) {
      const mine = kept.get(key);
      if (mine === undefined) return;
      const position = { ...mine.position, revision: Math.max(mine.position.revision, mine.from + 1) };
      if (await store.savePosition(position, mine.from)) {
        saved += 1;
        const now = kept.get(key);
        if (now === mine) kept.delete(key);
        else if (now !== undefined) kept.set(key, { ...now, from: position.revision });
        return;
      }
      const stored = await store.position(mine.position.connector, mine.position.feed);
      const now = kept.get(key);
      if (now !== undefined)
        kept.set(key, { position: merged(stored, now.position), from: stored === null ? 0 : stored.revision });
    }
  };

  const flushAll = async (): Promise<void> => {
    const isWritten = await write(async () => {
      for (const key of [...kept.keys()]) await settle(key);
      for (let line = lines[0]; line !== undefined; line = lines[0]) {
        await store.addAudit(line);
        lines.shift();
      }
    });
    if (!isWritten || kept.size > 0 || retryMs === null) return;
    retryMs = null;
    emit({ name: 'positionsSaved', positions: saved });
    saved = 0;
  };

  const flush = (): Promise<void> => {
    flushing ??= flushAll().finally(() => {
      flushing = null;
    });
    return flushing;
  };

  return {
    get: async (connector, feed) =>
      kept.get(keyOf({ connector, feed }))?.position ?? (await store.position(connector, feed)),
    async save(position) {
      if (retryMs !== null && isDue()) await flush();
      if (retryMs !== null || kept.has(keyOf(position))) return keep(position);
      let isSaved = false;
      const isWritten = await write(async () => {
        isSaved = await store.savePosition(position);
      });
      return isWritten ? isSaved : keep(position);
    },
    async reserveStamp(connector, notBeforeMs) {
      const before = Math.max(await store.lastStamp(connector), given.get(connector) ?? 0);
      const stampMs = Math.max(notBeforeMs, before + STAMP_STEP_MS);
      given.set(connector, stampMs);
      return {
        stampMs,
        release() {
          if (given.get(connector) === stampMs) given.set(connector, before);
        },
      };
    },
    async audit(line) {
      lines.push(line);
      if (isDue()) await flush();
    },
    flush,
    kept: () => [...kept.values()].map(({ position }) => position),
  };
}

function keyOf({ connector, feed }: Pick<Position, 'connector' | 'feed'>): string {
  return `${connector}\n${feed}`;
}

/** Repeats, never gaps. A cut-over is only ever written into the store. */
function merged(stored: Position | null, mine: Position): Position {
  if (stored === null) return { ...mine, revision: mine.revision + 1 };
  const behind = stored.acknowledged < mine.acknowledged ? stored : mine;
  return {
    ...behind,
    revision: Math.max(stored.revision, mine.revision) + 1,
    lastStampMs: Math.max(stored.lastStampMs, mine.lastStampMs),
    lastPollMs: Math.max(stored.lastPollMs, mine.lastPollMs),
    cutOver: stored.cutOver,
  };
}
