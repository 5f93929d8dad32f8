import type { SourceName } from '../domain/detection.ts';
import type { Instant } from '../domain/instant.ts';
import { type Checkpoint, NO_CHECKPOINT, type Window } from '../domain/window.ts';
import { NEVER_POLLED, type SourceKey, type SourceStatus } from './detection-store.ts';
import type { Sqlite } from './sqlite.ts';

export interface SourceTable {
  checkpoint(key: SourceKey): Checkpoint;
  checkpoints(): readonly (SourceKey & Checkpoint)[];
  putCheckpoint(key: SourceKey, checkpoint: Checkpoint): void;
  recordStatus(key: SourceKey, status: SourceStatus): void;
  statuses(): readonly (SourceKey & SourceStatus)[];
}

interface CheckpointRow {
  readonly watermark: Instant | null;
  readonly window_from: Instant | null;
  readonly window_to: Instant | null;
  readonly window_progress: Instant | null;
  readonly rescan_from: Instant | null;
  readonly rescan_to: Instant | null;
  readonly rescan_progress: Instant | null;
  readonly rescan_done_at: Instant | null;
}
interface SourceRow extends CheckpointRow {
  readonly tenant_id: string;
  readonly source: SourceName;
  readonly status: string | null;
}

const CHECKPOINT = [
  'watermark',
  'window_from',
  'window_to',
  'window_progress',
  'rescan_from',
  'rescan_to',
  'rescan_progress',
  'rescan_done_at',
] as const;

/** One row per source: how far it has been read, and how it has been doing. */
export function createSourceTable(db: Sqlite): SourceTable {
  const one = db.prepare<[string, string], SourceRow>('SELECT * FROM source WHERE tenant_id = ? AND source = ?');
  const every = db.prepare<[], SourceRow>('SELECT * FROM source ORDER BY tenant_id, source');
  const putCheckpoint = db.prepare<[SourceKey & CheckpointRow]>(
    `INSERT INTO source (tenant_id, source, ${CHECKPOINT.join(', ')})
     VALUES (@tenantId, @source, ${CHECKPOINT.map((name) => `@${name}`).join(', ')})
     ON CONFLICT (tenant_id, source) DO UPDATE SET ${CHECKPOINT.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  );
  const putStatus = db.prepare<[string, string, string]>(
    `INSERT INTO source (tenant_id, source, status) VALUES (?, ?, ?)
     ON CONFLICT (tenant_id, source) DO UPDATE SET status = excluded.status`,
  );
  return {
    checkpoint({ tenantId, source }) {
      const row = one.get(tenantId, source);
      return row === undefined ? NO_CHECKPOINT : toCheckpoint(row);
    },
    checkpoints: () =>
      every.all().map((row) => ({ tenantId: row.tenant_id, source: row.source, ...toCheckpoint(row) })),
    putCheckpoint({ tenantId, source }, checkpoint) {
      putCheckpoint.run({ tenantId, source, ...toRow(checkpoint) });
    },
    recordStatus({ tenantId, source }, status) {
      putStatus.run(tenantId, source, JSON.stringify(status));
    },
    statuses: () =>
      every
        .all()
        .flatMap(({ tenant_id: tenantId, source, status }) =>
          status === null ? [] : [{ tenantId, source, ...parseStatus(status) }],
        ),
  };
}

/** A status that an older version wrote lacks what has been added since. */
function parseStatus(json: string): SourceStatus {
  return { ...NEVER_POLLED, ...(JSON.parse(json) as Partial<SourceStatus>) };
}

function toCheckpoint(row: CheckpointRow): Checkpoint {
  return {
    watermark: row.watermark,
    window: toWindow(row.window_from, row.window_to, row.window_progress),
    rescan: {
      window: toWindow(row.rescan_from, row.rescan_to, row.rescan_progress),
      doneAt: row.rescan_done_at,
    },
  };
}

function toWindow(from: Instant | null, to: Instant | null, progress: Instant | null): Window | null {
  return from === null || to === null ? null : { from, to, progress };
}

function toRow({ watermark, window, rescan }: Checkpoint): CheckpointRow {
  return {
    watermark,
    window_from: window?.from ?? null,
    window_to: window?.to ?? null,
    window_progress: window?.progress ?? null,
    rescan_from: rescan.window?.from ?? null,
    rescan_to: rescan.window?.to ?? null,
    rescan_progress: rescan.window?.progress ?? null,
    rescan_done_at: rescan.doneAt,
  };
}
