/**
 * First schema. `feed_event.event_id` holds the feed's number and the FeedSeq together (see event-id.ts), so that a
 * feed's events lie side by side and a page is one range scan whatever the size of the store.
 */
export const initial = `
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO meta (key, value) VALUES ('generation', lower(hex(randomblob(8)))), ('alerts', '0');

CREATE TABLE source (
  tenant_id       TEXT NOT NULL,
  source          TEXT NOT NULL,
  watermark       TEXT,
  window_from     TEXT,
  window_to       TEXT,
  window_progress TEXT,
  status          TEXT,
  PRIMARY KEY (tenant_id, source)
) WITHOUT ROWID;

CREATE TABLE alert (
  alert_key   BLOB PRIMARY KEY,
  tenant_id   TEXT NOT NULL,
  alert_id    TEXT NOT NULL,
  last_update TEXT NOT NULL,
  state       TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE record (
  record_id   INTEGER PRIMARY KEY,
  alert_key   BLOB NOT NULL,
  last_update TEXT NOT NULL,
  stored_ms   INTEGER NOT NULL,
  raw         TEXT NOT NULL
);

CREATE TABLE rejected (
  rejected_id INTEGER PRIMARY KEY,
  tenant_id   TEXT NOT NULL,
  source      TEXT NOT NULL,
  digest      BLOB NOT NULL UNIQUE,
  alert_id    TEXT,
  reason      TEXT NOT NULL,
  stored_ms   INTEGER NOT NULL,
  raw         TEXT NOT NULL
);

CREATE TABLE emission (
  emission_id INTEGER PRIMARY KEY,
  alert_key   BLOB NOT NULL,
  tenant_id   TEXT NOT NULL,
  tenant_name TEXT NOT NULL,
  stored_ms   INTEGER NOT NULL,
  content     TEXT NOT NULL
);

CREATE TABLE feed (
  feed_no        INTEGER PRIMARY KEY,
  name           TEXT NOT NULL UNIQUE,
  last_seq       INTEGER NOT NULL,
  last_stored_ms INTEGER NOT NULL
);

CREATE TABLE feed_event (
  event_id    INTEGER PRIMARY KEY,
  emission_id INTEGER NOT NULL,
  stored_ms   INTEGER NOT NULL,
  bytes       INTEGER NOT NULL,
  body        TEXT NOT NULL
);

CREATE TABLE position (
  connector          TEXT NOT NULL,
  feed               TEXT NOT NULL,
  revision           INTEGER NOT NULL,
  acknowledged       INTEGER NOT NULL,
  page_from          INTEGER,
  page_to            INTEGER,
  tries              TEXT NOT NULL,
  last_stamp_ms      INTEGER NOT NULL,
  confirmed_stamp_ms INTEGER,
  confirmed_run      INTEGER NOT NULL,
  strayed            TEXT,
  last_poll_ms       INTEGER NOT NULL,
  last_since         TEXT,
  last_delivered_ms  INTEGER,
  PRIMARY KEY (connector, feed)
) WITHOUT ROWID;
`;
