import type { PageTry, Position } from '../domain/position.ts';
import type { Sqlite } from './sqlite.ts';

export interface PositionTable {
  get(connector: string, feed: string): Position | null;
  all(): readonly Position[];
  /** `from`: revision that the row must have; 0: there must be none. */
  save(position: Position, from?: number): boolean;
  breakUnproven(): number;
  /** The same in memory, where it cannot be written: until this process has written a row, its tries are seen so. */
  seeAsBroken(): number;
  lastStamp(connector: string): number;
}

interface Row {
  readonly connector: string;
  readonly feed: string;
  readonly revision: number;
  readonly acknowledged: number;
  readonly page_from: number | null;
  readonly page_to: number | null;
  readonly tries: string;
  readonly last_stamp_ms: number;
  readonly confirmed_stamp_ms: number | null;
  readonly confirmed_run: number;
  readonly strayed: string | null;
  readonly last_poll_ms: number;
  readonly last_since: string | null;
  readonly last_delivered_ms: number | null;
  /** JSON: what is only ever read with the whole position. */
  readonly details: string;
}

/** Absent in rows that schema 3 wrote. */
type Details = Partial<Pick<Position, 'recent' | 'parties' | 'cutOver' | 'pace' | 'passedOver' | 'passedInARow'>> & {
  readonly page?: Partial<Pick<NonNullable<Position['page']>, 'events' | 'firstTryMs' | 'sent' | 'alone'>>;
};

const COLUMNS = `acknowledged = @acknowledged, page_from = @page_from, page_to = @page_to, tries = @tries,
  last_stamp_ms = @last_stamp_ms, confirmed_stamp_ms = @confirmed_stamp_ms, confirmed_run = @confirmed_run, strayed = @strayed,
  last_poll_ms = @last_poll_ms, last_since = @last_since, last_delivered_ms = @last_delivered_ms, details = @details`;

/** One row per connector and feed, changed by compare-and-set on `revision`. */
export function createPositionTable(db: Sqlite): PositionTable {
  const one = db.prepare<[string, string], Row>('SELECT * FROM position WHERE connector = ? AND feed = ?');
  const every = db.prepare<[], Row>('SELECT * FROM position ORDER BY connector, feed');
  const insert = db.prepare<[Row]>(
    `INSERT INTO position VALUES (@connector, @feed, @revision, @acknowledged, @page_from, @page_to, @tries, @last_stamp_ms,
       @confirmed_stamp_ms, @confirmed_run, @strayed, @last_poll_ms, @last_since, @last_delivered_ms, @details)
     ON CONFLICT (connector, feed) DO NOTHING`,
  );
  const update = db.prepare<[Row & { readonly from: number }]>(
    `UPDATE position SET revision = @revision, ${COLUMNS}
     WHERE connector = @connector AND feed = @feed AND revision = @from`,
  );
  const stamp = db.prepare<[string], { readonly stamp: number | null }>(
    'SELECT max(last_stamp_ms) AS stamp FROM position WHERE connector = ?',
  );

  /** Rows that this process has written; null: it need not be known. */
  let own: Set<string> | null = null;
  const keyOf = ({ connector, feed }: Pick<Position, 'connector' | 'feed'>): string =>
    JSON.stringify([connector, feed]);
  const seen = (row: Row): Position => {
    const position = toPosition(row);
    return own === null || own.has(keyOf(row)) ? position : { ...position, page: broken(position.page) };
  };

  const save: PositionTable['save'] = (position, from = position.revision - 1) => {
    const row = toRow(position);
    const isSaved = (from === 0 ? insert.run(row) : update.run({ ...row, from })).changes === 1;
    if (isSaved) own?.add(keyOf(position));
    return isSaved;
  };

  const unproven = (): readonly Position[] =>
    every
      .all()
      .map(toPosition)
      .filter(({ page }) => page?.tries.some(isUnproven));
  const breakUnproven = db.transaction((): number => {
    const open = unproven();
    for (const position of open) save({ ...position, revision: position.revision + 1, page: broken(position.page) });
    return open.length;
  });

  return {
    get: (connector, feed) => {
      const row = one.get(connector, feed);
      return row === undefined ? null : seen(row);
    },
    all: () => every.all().map(seen),
    save,
    // Looked at first: where every try has come to its end, a start needs no place to write.
    breakUnproven: () => (unproven().length === 0 ? 0 : breakUnproven.immediate()),
    seeAsBroken() {
      own = new Set();
      return unproven().length;
    },
    lastStamp: (connector) => stamp.get(connector)?.stamp ?? 0,
  };
}

function isUnproven({ outcome }: PageTry): boolean {
  return outcome === 'open' || outcome === 'sent';
}

/** An event whose last chance was cut off by the end of the process gets another one. */
function broken(page: Position['page']): Position['page'] {
  return (
    page && {
      ...page,
      alone: page.alone && !page.tries.some(isUnproven),
      tries: page.tries.map((attempt) => (isUnproven(attempt) ? { ...attempt, outcome: 'broken' } : attempt)),
    }
  );
}

function toPosition(row: Row): Position {
  const details = JSON.parse(row.details) as Details;
  return {
    connector: row.connector,
    feed: row.feed,
    revision: row.revision,
    acknowledged: row.acknowledged,
    page: toPage(row, details),
    lastStampMs: row.last_stamp_ms,
    confirmedStampMs: row.confirmed_stamp_ms,
    confirmedRun: row.confirmed_run,
    strayed: row.strayed,
    lastPollMs: row.last_poll_ms,
    lastSince: row.last_since,
    lastDeliveredMs: row.last_delivered_ms,
    recent: details.recent ?? [],
    parties: details.parties ?? null,
    cutOver: details.cutOver ?? null,
    pace: details.pace ?? null,
    passedOver: details.passedOver ?? null,
    passedInARow: details.passedInARow ?? 0,
  };
}

function toPage({ page_from: from, page_to: to, tries: text }: Row, { page = {} }: Details): Position['page'] {
  if (from === null || to === null) return null;
  const tries = JSON.parse(text) as readonly PageTry[];
  const { events = to - from + 1, firstTryMs = tries[0]?.atMs ?? 0, sent = tries.length, alone = false } = page;
  return { from, to, events, firstTryMs, sent, alone, tries };
}

function toRow(position: Position): Row {
  const { page, recent, parties, cutOver, pace, passedOver, passedInARow } = position;
  const ofPage = page && { events: page.events, firstTryMs: page.firstTryMs, sent: page.sent, alone: page.alone };
  const details: Details = {
    recent,
    parties,
    cutOver,
    pace,
    passedOver,
    passedInARow,
    ...(ofPage && { page: ofPage }),
  };
  return {
    connector: position.connector,
    feed: position.feed,
    revision: position.revision,
    acknowledged: position.acknowledged,
    page_from: position.page?.from ?? null,
    page_to: position.page?.to ?? null,
    tries: JSON.stringify(position.page?.tries ?? []),
    last_stamp_ms: position.lastStampMs,
    confirmed_stamp_ms: position.confirmedStampMs,
    confirmed_run: position.confirmedRun,
    strayed: position.strayed,
    last_poll_ms: position.lastPollMs,
    last_since: position.lastSince,
    last_delivered_ms: position.lastDeliveredMs,
    details: JSON.stringify(details),
  };
}
