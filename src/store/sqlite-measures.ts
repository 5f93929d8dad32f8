import type { Clock } from '../domain/clock.ts';
import type { Measure, MeasureRange } from './measures.ts';
import type { Sqlite } from './sqlite.ts';

export interface MeasureTable {
  add(minutes: readonly Measure[]): void;
  sums(range: MeasureRange): readonly Measure[];
}

/** The longest chart is a week; a day more, so that it has a beginning. */
const KEPT_MS = 8 * 86_400_000;

/** One row a minute in which something happened: at most 11,520. */
export function createMeasureTable(db: Sqlite, clock: Clock): MeasureTable {
  const sql = prepare(db);
  const add = db.transaction((minutes: readonly Measure[]) => {
    for (const { fromMs, alerts, delivered, arrivals } of minutes)
      sql.add.run({ fromMs, alerts, delivered, ...arrivals });
    sql.forget.run(clock.now() - KEPT_MS);
  });
  return {
    add: (minutes) => {
      add.immediate(minutes);
    },
    sums: (range) =>
      sql.sums
        .all(range)
        .map(({ fromMs, alerts, delivered, ...arrivals }) => ({ fromMs, alerts, delivered, arrivals })),
  };
}

type Row = Omit<Measure, 'arrivals'> & Measure['arrivals'];

function prepare(db: Sqlite) {
  return {
    add: db.prepare<[Row]>(
      `INSERT INTO measure (minute_ms, alerts, delivered, arrivals, arrival_sum_ms, arrival_max_ms)
       VALUES (@fromMs, @alerts, @delivered, @count, @sumMs, @maxMs)
       ON CONFLICT (minute_ms) DO UPDATE SET
         alerts = alerts + excluded.alerts,
         delivered = delivered + excluded.delivered,
         arrivals = arrivals + excluded.arrivals,
         arrival_sum_ms = arrival_sum_ms + excluded.arrival_sum_ms,
         arrival_max_ms = max(arrival_max_ms, excluded.arrival_max_ms)`,
    ),
    forget: db.prepare<[number]>('DELETE FROM measure WHERE minute_ms < ?'),
    // A number is bound as REAL, and a remainder of REAL is REAL.
    sums: db.prepare<[MeasureRange], Row>(
      `SELECT minute_ms - minute_ms % CAST(@stepMs AS INTEGER) AS fromMs, sum(alerts) AS alerts, sum(delivered) AS delivered,
         sum(arrivals) AS count, sum(arrival_sum_ms) AS sumMs, max(arrival_max_ms) AS maxMs
       FROM measure WHERE minute_ms >= @fromMs AND minute_ms < @toMs GROUP BY 1 ORDER BY 1`,
    ),
  };
}
