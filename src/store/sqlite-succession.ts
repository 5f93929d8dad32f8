import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { FEED_SEQ_MARGIN } from './event-id.ts';

/** What the database that is replaced had got to, as far as it can be read. */
export interface Present {
  readonly lastSeqs: ReadonlyMap<string, number>;
  readonly audit: readonly AuditRow[];
}

interface AuditRow {
  readonly audit_id: number;
  readonly at_ms: number;
  readonly who: string;
  readonly action: string;
  readonly details: string;
}

export function readPresent(path: string): Present {
  const nothing = { lastSeqs: new Map<string, number>(), audit: [] };
  if (!existsSync(path)) return nothing;
  try {
    const db = new Database(path, { readonly: true, fileMustExist: true });
    try {
      const feeds = db.prepare<[], { readonly name: string; readonly last_seq: number }>(
        'SELECT name, last_seq FROM feed',
      );
      return {
        lastSeqs: new Map(feeds.all().map((row) => [row.name, row.last_seq])),
        audit: db.prepare<[], AuditRow>('SELECT * FROM audit ORDER BY audit_id').all(),
      };
    } finally {
      db.close();
    }
  } catch {
    // Damage, or another program's file: often the very reason to replace it.
    return nothing;
  }
}

/**
 * Makes an older state the one to go on from: another generation, so that cursors of before are refused; numbers above all
 * that were ever given; pages that were on their way sent again; requests of then not done a second time; the audit trail
 * with what came since.
 */
export function continueFrom(
  db: Database.Database,
  present: Present,
  audit: { readonly atMs: number; readonly who: string; readonly details: Readonly<Record<string, string | null>> },
): void {
  db.transaction(() => {
    db.exec("UPDATE meta SET value = lower(hex(randomblob(8))) WHERE key = 'generation'");
    db.exec("DELETE FROM meta WHERE key = 'serving'");
    const raise = db.prepare<[number, number, string]>(
      'UPDATE feed SET last_seq = max(last_seq, ?) + ? WHERE name = ?',
    );
    for (const name of db.prepare<[], string>('SELECT name FROM feed').pluck().all())
      raise.run(present.lastSeqs.get(name) ?? 0, FEED_SEQ_MARGIN, name);
    db.exec(
      `UPDATE position SET page_from = NULL, page_to = NULL, tries = '[]', revision = revision + 1,
         details = json_remove(details, '$.page')`,
    );
    db.exec("UPDATE command SET state = 'cancelled' WHERE state IN ('waiting', 'running')");
    const highest = Number(db.prepare('SELECT coalesce(max(audit_id), 0) FROM audit').pluck().get());
    const add = db.prepare<[number, string, string, string]>(
      'INSERT INTO audit (at_ms, who, action, details) VALUES (?, ?, ?, ?)',
    );
    for (const row of present.audit.filter(({ audit_id: id }) => id > highest))
      add.run(row.at_ms, row.who, row.action, row.details);
    add.run(audit.atMs, audit.who, 'restore', JSON.stringify(audit.details));
  }).immediate();
}
