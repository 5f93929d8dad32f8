import type Database from 'better-sqlite3';
import type { SourceName } from '../../domain/detection.ts';
import { alertKey, setAsideKey } from '../row-key.ts';

/**
 * Quarantine, the wide look back, emissions by intake, and alerts under one key for all of Microsoft's APIs. The keys are
 * made by the program itself, so SQLite calls back for them; an alert that was kept under two spellings stays with the
 * state that was updated last.
 */
export function migrateToQuarantine(db: Database.Database): void {
  db.function('alert_key', { deterministic: true, directOnly: true }, (tenantId: string, alertId: string) =>
    alertKey(tenantId, alertId),
  );
  db.function(
    'set_aside_key',
    { deterministic: true, directOnly: true },
    (tenantId: string, source: SourceName, reason: string, raw: string) =>
      setAsideKey({ tenantId, source }, { reason, raw, stretch: null }),
  );
  db.exec(SOURCE);
  db.exec(QUARANTINE);
  db.exec(ALERT);
}

const SOURCE = `
ALTER TABLE source ADD COLUMN rescan_from TEXT;
ALTER TABLE source ADD COLUMN rescan_to TEXT;
ALTER TABLE source ADD COLUMN rescan_progress TEXT;
ALTER TABLE source ADD COLUMN rescan_done_at TEXT;
ALTER TABLE emission ADD COLUMN record_id INTEGER;
`;

/** The reasons are the words of the normaliser of that time, some with a number in them. */
const QUARANTINE = `
CREATE TABLE quarantine (
  entry_id      INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id     TEXT NOT NULL,
  source        TEXT NOT NULL,
  digest        BLOB NOT NULL UNIQUE,
  alert_id      TEXT,
  code          TEXT NOT NULL,
  reason        TEXT NOT NULL,
  stretch_from  TEXT,
  stretch_to    TEXT,
  stretch_index INTEGER,
  first_ms      INTEGER NOT NULL,
  last_try_ms   INTEGER NOT NULL,
  tries         INTEGER NOT NULL,
  next_try_ms   INTEGER NOT NULL,
  raw           TEXT NOT NULL
);
INSERT INTO quarantine (entry_id, tenant_id, source, digest, alert_id, code, reason, first_ms, last_try_ms, tries, next_try_ms, raw)
SELECT rejected_id, tenant_id, source, set_aside_key(tenant_id, source, reason, raw), alert_id,
  CASE
    WHEN reason = 'the alert has no id' THEN 'no-id'
    WHEN reason LIKE 'lastUpdateDateTime is missing%' THEN 'no-update-time'
    WHEN reason = 'evidence is not a list' THEN 'evidence-not-a-list'
    WHEN reason LIKE 'evidence % is not an object' THEN 'evidence-not-an-object'
    ELSE 'not-an-object'
  END,
  reason, stored_ms, stored_ms, 1, stored_ms, raw
FROM rejected;
DROP TABLE rejected;
CREATE INDEX quarantine_due ON quarantine (tenant_id, source, next_try_ms);
`;

/** `seen` stands before `state`: it is read for every record that comes again, and a state can be long. */
const ALERT = `
CREATE TABLE alert_by_identity (
  alert_key   BLOB PRIMARY KEY,
  tenant_id   TEXT NOT NULL,
  alert_id    TEXT NOT NULL,
  last_update TEXT NOT NULL,
  seen        BLOB,
  state       TEXT NOT NULL
) WITHOUT ROWID;
INSERT OR IGNORE INTO alert_by_identity (alert_key, tenant_id, alert_id, last_update, state)
SELECT alert_key(tenant_id, alert_id), tenant_id, alert_id, last_update, state FROM alert ORDER BY last_update DESC;

CREATE TEMP TABLE moved AS
SELECT alert_key AS old_key, alert_key(tenant_id, alert_id) AS new_key FROM alert
WHERE alert_key <> alert_key(tenant_id, alert_id);
CREATE UNIQUE INDEX temp.moved_from ON moved (old_key);
UPDATE record SET alert_key = moved.new_key FROM moved WHERE record.alert_key = moved.old_key;
UPDATE emission SET alert_key = moved.new_key FROM moved WHERE emission.alert_key = moved.old_key;
DROP TABLE temp.moved;

DROP TABLE alert;
ALTER TABLE alert_by_identity RENAME TO alert;
UPDATE meta SET value = (SELECT count(*) FROM alert) WHERE key = 'alerts';
`;
