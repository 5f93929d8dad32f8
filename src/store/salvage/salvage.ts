import { statSync } from 'node:fs';
import type { Clock } from '../../domain/clock.ts';
import type { FeedRules } from '../../domain/feed-rules.ts';
import { refuseNewer } from '../schema.ts';
import { makeDraft, type Sqlite } from '../sqlite.ts';
import { damageOf } from '../sqlite-integrity.ts';
import { guard } from '../store-error.ts';
import { clearDraft, draftName, finishSwap, swapIn } from '../store-swap.ts';
import { type Copied, copyPages } from './page-copy.ts';
import { openPages } from './page-file.ts';
import { repairFeeds, type SalvagedFeed } from './repair-feeds.ts';

export interface SalvageRequest {
  readonly path: string;
  /** Of the configuration: events that are lost are made again by its rules. */
  readonly feeds: readonly FeedRules[];
  readonly clock: Clock;
  readonly requestedBy: string;
  /** Pages looked at, of all. */
  readonly progress: (done: number, total: number) => void;
}

export interface SalvageReport extends Copied {
  /** What was wrong. */
  readonly damage: string;
  /** The damaged files, with `-wal` and `-shm` behind it where those were there. */
  readonly aside: string | null;
  readonly feeds: readonly SalvagedFeed[];
  /** Where Microsoft is read again from; null: from initialLookback. */
  readonly sources: readonly {
    readonly tenantId: string;
    readonly source: string;
    readonly watermark: string | null;
  }[];
}

/** Of the schema version, in the header of the file. */
const VERSION_OFFSET = 60;

/**
 * Makes a new database of all that can be read of a damaged one, and moves the damaged one aside: it is neither changed nor
 * deleted. The new one is another generation, so cursors of before are refused. Only while nobody serves the store.
 * @returns null when the database is whole, or there is none
 * @throws BridgeError as `openSqlite`, when it is not damage that keeps it from being opened
 */
export function salvage(request: SalvageRequest): SalvageReport | null {
  const { path, clock, progress, requestedBy } = request;
  return guard(path, () => {
    finishSwap(path);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) return null;
    const damage = size === 0 ? 'it is empty: 0 bytes' : damageOf(path)?.message;
    if (damage === undefined) return null;
    clearDraft(path);
    const db = makeDraft(draftName(path));
    try {
      const copied = copyFrom(path, db, progress);
      const feeds = repairFeeds(db, request.feeds, clock);
      const sources = sourcesOf(db);
      audit(db, { atMs: clock.now(), who: requestedBy, kept: total(copied, 'rows'), broken: total(copied, 'broken') });
      db.close();
      return { ...copied, damage, feeds, sources, aside: swapIn(path, 'damaged', clock.now()).aside };
    } finally {
      db.close();
    }
  });
}

function copyFrom(path: string, db: Sqlite, progress: SalvageRequest['progress']): Copied {
  const file = openPages(path);
  try {
    if (file.hasHeader) refuseNewer(file.page(1)?.readUInt32BE(VERSION_OFFSET) ?? 0, path);
    return copyPages(file, db, progress);
  } finally {
    file.close();
  }
}

function sourcesOf(db: Sqlite): SalvageReport['sources'] {
  return db
    .prepare<[], SalvageReport['sources'][number]>(
      'SELECT tenant_id AS tenantId, source, watermark FROM source ORDER BY tenant_id, source',
    )
    .all();
}

function total({ tables }: Copied, what: 'rows' | 'broken'): number {
  return tables.reduce((sum, table) => sum + table[what], 0);
}

function audit(
  db: Sqlite,
  {
    atMs,
    who,
    ...details
  }: { readonly atMs: number; readonly who: string; readonly kept: number; readonly broken: number },
): void {
  db.prepare<[number, string, string]>(
    "INSERT INTO audit (at_ms, who, action, details) VALUES (?, ?, 'salvage', ?)",
  ).run(...[atMs, who, JSON.stringify(details)]);
}
