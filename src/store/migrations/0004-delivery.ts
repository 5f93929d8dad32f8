/**
 * Delivery: who an event is for and how it was rendered, commands, the audit trail. New columns are null in old rows
 * (adding them so rewrites no row); what null means stands where they are read.
 */
export const delivery = `
ALTER TABLE feed ADD COLUMN first_seq INTEGER NOT NULL DEFAULT 1;
ALTER TABLE feed ADD COLUMN served_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN rendering INTEGER NOT NULL DEFAULT 0;

CREATE TABLE rendering (
  rendering INTEGER PRIMARY KEY,
  feed_no   INTEGER NOT NULL,
  shape     TEXT NOT NULL,
  mapping   TEXT NOT NULL,
  UNIQUE (feed_no, shape, mapping)
);

ALTER TABLE feed_event ADD COLUMN kind TEXT;
ALTER TABLE feed_event ADD COLUMN rendering INTEGER;
ALTER TABLE feed_event ADD COLUMN recipient TEXT;
ALTER TABLE feed_event ADD COLUMN updated_ms INTEGER;

ALTER TABLE position ADD COLUMN details TEXT NOT NULL DEFAULT '{}';

CREATE TABLE cursor_reader (
  reader       TEXT NOT NULL,
  feed         TEXT NOT NULL,
  last_seq     INTEGER NOT NULL,
  last_read_ms INTEGER NOT NULL,
  PRIMARY KEY (reader, feed)
) WITHOUT ROWID;

CREATE TABLE command (
  command_id   INTEGER PRIMARY KEY AUTOINCREMENT,
  kind         TEXT NOT NULL,
  args         TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_ms INTEGER NOT NULL,
  state        TEXT NOT NULL,
  done         INTEGER NOT NULL,
  total        INTEGER NOT NULL,
  progress     TEXT NOT NULL,
  problem      TEXT,
  updated_ms   INTEGER NOT NULL
);
CREATE TABLE audit (
  audit_id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms    INTEGER NOT NULL,
  who      TEXT NOT NULL,
  action   TEXT NOT NULL,
  details  TEXT NOT NULL
);

CREATE INDEX alert_updated ON alert (tenant_id, last_update);
CREATE INDEX emission_alert ON emission (alert_key);
CREATE INDEX feed_event_emission ON feed_event (emission_id);
`;
