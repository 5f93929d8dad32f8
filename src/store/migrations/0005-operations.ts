/**
 * For operations: what happened in each minute, and wrong logins by connector. Both are small and are kept for some days.
 * The rows of `measure` have row ids, so that a salvage can tell them by their shape.
 */
export const operations = `
CREATE TABLE measure (
  minute_ms      INTEGER PRIMARY KEY,
  alerts         INTEGER NOT NULL,
  delivered      INTEGER NOT NULL,
  arrivals       INTEGER NOT NULL,
  arrival_sum_ms INTEGER NOT NULL,
  arrival_max_ms INTEGER NOT NULL
);

CREATE TABLE login_failure (
  connector TEXT PRIMARY KEY,
  address   TEXT NOT NULL,
  way       TEXT NOT NULL,
  failures  INTEGER NOT NULL,
  first_ms  INTEGER NOT NULL,
  last_ms   INTEGER NOT NULL
) WITHOUT ROWID;
`;
