import type { Clock } from '../domain/clock.ts';
import type { LoginFailure } from './login-failures.ts';
import type { Sqlite } from './sqlite.ts';

export interface LoginFailureTable {
  note(failures: readonly LoginFailure[]): void;
  all(): readonly LoginFailure[];
}

/** Old ones say nothing of now. */
const KEPT_MS = 8 * 86_400_000;
/** After so long without one the count begins anew. */
const ANEW_MS = 86_400_000;
/** One row a connector; more than there will ever be. */
const MOST_ROWS = 2000;

/** Wrong logins, one row a connector. */
export function createLoginFailureTable(db: Sqlite, clock: Clock): LoginFailureTable {
  const sql = prepare(db);
  const note = db.transaction((failures: readonly LoginFailure[]) => {
    for (const failure of failures) sql.note.run({ ...failure, anewMs: failure.firstMs - ANEW_MS });
    sql.forget.run(clock.now() - KEPT_MS);
    sql.cut.run(MOST_ROWS);
  });
  return {
    note: (failures) => {
      note.immediate(failures);
    },
    all: () => sql.all.all(),
  };
}

/** By its polls and its reading with a cursor, what is noted of a connector was before its last right login. */
const HAS_COME_SINCE = `(
  EXISTS (SELECT 1 FROM position WHERE position.connector = @connector AND last_poll_ms > last_ms)
  OR EXISTS (SELECT 1 FROM cursor_reader WHERE reader = @connector AND last_read_ms > last_ms))`;

function prepare(db: Sqlite) {
  const isAnew = `(last_ms < @anewMs OR ${HAS_COME_SINCE})`;
  return {
    note: db.prepare<[LoginFailure & { readonly anewMs: number }]>(
      `INSERT INTO login_failure (connector, address, way, failures, first_ms, last_ms)
       VALUES (@connector, @address, @by, @failures, @firstMs, @lastMs)
       ON CONFLICT (connector) DO UPDATE SET
         address = excluded.address,
         way = excluded.way,
         failures = excluded.failures + CASE WHEN ${isAnew} THEN 0 ELSE failures END,
         first_ms = CASE WHEN ${isAnew} THEN excluded.first_ms ELSE first_ms END,
         last_ms = max(last_ms, excluded.last_ms)`,
    ),
    forget: db.prepare<[number]>('DELETE FROM login_failure WHERE last_ms < ?'),
    cut: db.prepare<[number]>(
      `DELETE FROM login_failure WHERE connector IN (
         SELECT connector FROM login_failure ORDER BY last_ms DESC, connector LIMIT -1 OFFSET ?)`,
    ),
    all: db.prepare<[], LoginFailure>(
      `SELECT connector, address, way AS "by", failures, first_ms AS firstMs, last_ms AS lastMs
       FROM login_failure ORDER BY last_ms DESC, connector`,
    ),
  };
}
