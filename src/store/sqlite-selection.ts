import { setImmediate } from 'node:timers/promises';
import type { CutOverPreview, CutOverStart, ReplayPreview, ReplaySelection } from './errands.ts';
import { eventId, seqOf } from './event-id.ts';
import { alertKey } from './row-key.ts';
import type { Sqlite } from './sqlite.ts';
import { createFeedReader } from './sqlite-feed.ts';
import { IS_ORDINARY, IS_VISIBLE, type Viewer, viewerOf } from './sqlite-page-rows.ts';

/** Numbers looked at in one go: a long range must not hold up the feed. */
const CHUNK = 5000;

/** An event to be replayed. */
export interface SelectedRow {
  readonly event_id: number;
  readonly emission_id: number;
  /** Without its closing brace. */
  readonly body: string;
}

/** The events of a selection within the numbers that are kept. FeedSeq, both inclusive; empty when `to` is below `from`. */
export interface SelectedRange {
  readonly feedNo: number;
  readonly from: number;
  readonly to: number;
  /** Null: all of the range. */
  readonly alertId: string | null;
}

export interface Selector {
  range(feed: string, selection: ReplaySelection): SelectedRange;
  /** The next events behind `after`; `to`: looked at up to here. */
  next(
    range: SelectedRange,
    after: number,
    limit: number,
  ): { readonly rows: readonly SelectedRow[]; readonly to: number };
  preview(feed: string, selection: ReplaySelection): Promise<ReplayPreview>;
  cutOver(start: CutOverStart): Promise<CutOverPreview>;
}

interface Totals {
  readonly events: number;
  readonly first_id: number | null;
  readonly last_id: number | null;
  readonly first_ms: number | null;
  readonly last_ms: number | null;
}

/** Finds what a replay or a cut-over is about; writes nothing. */
export function createSelector(db: Sqlite): Selector {
  const sql = prepare(db);
  const reader = createFeedReader(db);

  const range: Selector['range'] = (feed, { fromSeq, toSeq, storedFromMs, storedToMs, alertId }) => {
    const { firstSeq, lastSeq } = reader.span(feed);
    const from = Math.max(firstSeq, fromSeq ?? 0, storedFromMs === null ? 0 : reader.seqBefore(feed, storedFromMs) + 1);
    const to = Math.min(lastSeq, toSeq ?? lastSeq, storedToMs === null ? lastSeq : reader.seqBefore(feed, storedToMs));
    return { feedNo: sql.feedNo.get(feed)?.feed_no ?? 0, from, to, alertId };
  };

  /** Few, and found by their alert: a range of a million events need not be read for them. */
  const ofAlert = ({ feedNo, from, to }: SelectedRange, alertId: string): readonly SelectedRow[] =>
    sql.tenants
      .all()
      .flatMap(({ tenant_id: tenantId }) =>
        sql.ofAlert.all(alertKey(tenantId, alertId), eventId(feedNo, from), eventId(feedNo, to)),
      )
      .toSorted((a, b) => a.event_id - b.event_id);

  const previewOfAlert = (chosen: SelectedRange, alertId: string): Totals => {
    const rows = ofAlert(chosen, alertId);
    const [first, last] = [rows[0], rows.at(-1)];
    const storedMs = (row: SelectedRow | undefined) =>
      row === undefined ? null : (sql.storedMs.get(row.event_id)?.stored_ms ?? null);
    return {
      events: rows.length,
      first_id: first?.event_id ?? null,
      last_id: last?.event_id ?? null,
      first_ms: storedMs(first),
      last_ms: storedMs(last),
    };
  };

  const previewOfRange = async ({ feedNo, from, to }: SelectedRange): Promise<Totals> => {
    let all: Totals = { events: 0, first_id: null, last_id: null, first_ms: null, last_ms: null };
    for (const [low, high] of chunks(from, to)) {
      const part = sql.totals.get(eventId(feedNo, low), eventId(feedNo, high));
      if (part !== undefined && part.events > 0) {
        const [first_id, first_ms] = all.events === 0 ? [part.first_id, part.first_ms] : [all.first_id, all.first_ms];
        all = { events: all.events + part.events, first_id, first_ms, last_id: part.last_id, last_ms: part.last_ms };
      }
      await setImmediate();
    }
    return all;
  };

  return {
    range,
    next(chosen, after, limit) {
      const { feedNo, to, alertId } = chosen;
      const from = Math.max(chosen.from, after + 1);
      if (alertId !== null) {
        const rows = ofAlert({ ...chosen, from }, alertId).slice(0, limit);
        return { rows, to: rows.length < limit ? to : lastSeqOf(rows, to) };
      }
      const until = Math.min(to, from + CHUNK - 1);
      const rows = sql.next.all(eventId(feedNo, from), eventId(feedNo, until), limit);
      return { rows, to: rows.length < limit ? until : lastSeqOf(rows, until) };
    },
    async preview(feed, selection) {
      const chosen = range(feed, selection);
      const { alertId } = chosen;
      const totals = alertId === null ? await previewOfRange(chosen) : previewOfAlert(chosen, alertId);
      return {
        events: totals.events,
        firstSeq: totals.first_id === null ? null : seqOf(totals.first_id),
        lastSeq: totals.last_id === null ? null : seqOf(totals.last_id),
        firstStoredMs: totals.first_ms,
        lastStoredMs: totals.last_ms,
        keptFromSeq: reader.span(feed).firstSeq,
      };
    },
    async cutOver({ feed, connector, acknowledged, cutOver }) {
      const { firstSeq, lastSeq } = reader.span(feed);
      const feedNo = sql.feedNo.get(feed)?.feed_no ?? 0;
      const viewer = viewerOf(feedNo, { connector, updates: true, cutOver });
      const counts = { sent: 0, leftOut: 0 };
      for (const [low, high] of chunks(firstSeq, lastSeq)) {
        const part = sql.cutOver.get({
          ...viewer,
          from: eventId(feedNo, low),
          to: eventId(feedNo, high),
          acknowledged: eventId(feedNo, acknowledged),
        });
        counts.sent += part?.sent ?? 0;
        counts.leftOut += (part?.events ?? 0) - (part?.sent ?? 0);
        await setImmediate();
      }
      return counts;
    },
  };
}

function* chunks(from: number, to: number): Iterable<readonly [number, number]> {
  for (let low = from; low <= to; low += CHUNK) yield [low, Math.min(low + CHUNK - 1, to)];
}

function lastSeqOf(rows: readonly SelectedRow[], otherwise: number): number {
  const last = rows.at(-1);
  return last === undefined ? otherwise : seqOf(last.event_id);
}

function prepare(db: Sqlite) {
  return {
    feedNo: db.prepare<[string], { readonly feed_no: number }>('SELECT feed_no FROM feed WHERE name = ?'),
    tenants: db.prepare<[], { readonly tenant_id: string }>('SELECT DISTINCT tenant_id FROM source'),
    next: db.prepare<[number, number, number], SelectedRow>(
      `SELECT event_id, emission_id, body FROM feed_event
       WHERE event_id BETWEEN ? AND ? AND ${IS_ORDINARY} ORDER BY event_id LIMIT ?`,
    ),
    // The order of the join is fixed: SQLite would read the whole range of events, which comes in the order wanted.
    ofAlert: db.prepare<[Buffer, number, number], SelectedRow>(
      `SELECT event_id, feed_event.emission_id, body FROM emission CROSS JOIN feed_event USING (emission_id)
       WHERE alert_key = ? AND event_id BETWEEN ? AND ? AND ${IS_ORDINARY}`,
    ),
    storedMs: db.prepare<[number], { readonly stored_ms: number }>(
      'SELECT stored_ms FROM feed_event WHERE event_id = ?',
    ),
    totals: db.prepare<[number, number], Totals>(
      `SELECT count(*) AS events, min(event_id) AS first_id, max(event_id) AS last_id, min(stored_ms) AS first_ms,
         max(stored_ms) AS last_ms FROM feed_event WHERE event_id BETWEEN ? AND ? AND ${IS_ORDINARY}`,
    ),
    cutOver: db.prepare<
      [Viewer & { readonly from: number; readonly to: number; readonly acknowledged: number }],
      { readonly events: number; readonly sent: number | null }
    >(
      `SELECT count(*) AS events, sum(event_id > @acknowledged AND ${IS_VISIBLE}) AS sent FROM feed_event
       WHERE event_id BETWEEN @from AND @to AND (recipient IS NULL OR recipient = @connector)`,
    ),
  };
}
