import type { Clock } from '../domain/clock.ts';
import type { Sqlite } from './sqlite.ts';

interface Gone {
  readonly events: number;
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** One line of the audit trail for each feed and round of retention, in the transaction that deletes. */
export interface UndeliveredAudit {
  /** Runs the caller's transaction. A line that was rolled back is not there to be added to. */
  withTransaction<Result>(transaction: () => Result): Result;
  /** Inside it. */
  add(feed: string, gone: Gone): void;
  /** The round is over: the next deletion has a line of its own. */
  restart(): void;
}

export function createUndeliveredAudit(db: Sqlite, clock: Clock): UndeliveredAudit {
  const insert = db.prepare<[number, string]>(
    "INSERT INTO audit (at_ms, who, action, details) VALUES (?, 'flexbridge', 'retention', ?)",
  );
  const update = db.prepare<[number, string, number]>('UPDATE audit SET at_ms = ?, details = ? WHERE audit_id = ?');
  let kept: ReadonlyMap<string, Gone & { readonly auditId: number }> = new Map();
  let written = new Map(kept);
  return {
    withTransaction(transaction) {
      written = new Map(kept);
      const result = transaction();
      kept = written;
      return result;
    },
    add(feed, gone) {
      const before = written.get(feed);
      const sum: Gone = {
        events: gone.events + (before?.events ?? 0),
        fromSeq: before?.fromSeq ?? gone.fromSeq,
        toSeq: gone.toSeq,
      };
      const details = JSON.stringify({ feed, undelivered: sum.events, fromSeq: sum.fromSeq, toSeq: sum.toSeq });
      if (before !== undefined) update.run(clock.now(), details, before.auditId);
      const auditId = before?.auditId ?? Number(insert.run(clock.now(), details).lastInsertRowid);
      written.set(feed, { ...sum, auditId });
    },
    restart() {
      kept = new Map();
    },
  };
}
