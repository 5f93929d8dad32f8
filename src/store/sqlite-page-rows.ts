import { setImmediate } from 'node:timers/promises';
import { eventId, seqOf } from './event-id.ts';
import type { Audience, PageLimits } from './feed-pages.ts';
import type { Sqlite } from './sqlite.ts';

/** Rows looked at in one go: a long stretch that is not for this reader must not hold up the others. */
const CHUNK_ROWS = 5000;
/** `[]` */
const FRAME_BYTES = 2;

/**
 * Who a row is for, in SQL. A row that schema 3 wrote has neither `kind` nor `updated_ms`: both are in its body. Looking
 * for the text is exact: inside a JSON string a quote is escaped, so this can only be the member itself.
 */
export const IS_VISIBLE = `((recipient IS NULL OR recipient IS @connector)
  AND (@updates = 1 OR CASE WHEN kind IS NULL THEN instr(body, '"EventKind":"update"') = 0 ELSE kind <> 'update' END)
  AND (event_id > @cutOverTo OR coalesce(
    CASE WHEN kind IS NULL THEN json_extract(body || '}', '$.LastUpdateMs') ELSE updated_ms END >= @updatedBeforeMs, 1)))`;

/** Made from what Microsoft says, for everybody. Schema 3 knew no other events and gave them no kind. */
export const IS_ORDINARY = "(recipient IS NULL AND (kind IS NULL OR kind IN ('new', 'update', 'overflow')))";

/** Parameters of IS_VISIBLE. */
export interface Viewer {
  readonly connector: string | null;
  readonly updates: 0 | 1;
  /** Row id. */
  readonly cutOverTo: number;
  readonly updatedBeforeMs: number;
}

export function viewerOf(feedNo: number, { connector, updates, cutOver }: Audience): Viewer {
  return {
    connector,
    updates: updates ? 1 : 0,
    cutOverTo: cutOver === null ? 0 : eventId(feedNo, cutOver.upTo),
    updatedBeforeMs: cutOver?.updatedBeforeMs ?? 0,
  };
}

/** The rows of a feed that a page is made of. FeedSeq; `firstEvent` and `lastEvent` are 0 without any. */
export interface PageRows {
  readonly firstEvent: number;
  readonly lastEvent: number;
  /** Looked at up to here: between the last event and this one nothing is for the reader. */
  readonly to: number;
  readonly events: number;
  /** Between the first and the last event there are rows that are not for the reader. */
  readonly hasGaps: boolean;
  /** Numbers of the renderings of its events; null of rows that schema 3 wrote. */
  readonly renderings: ReadonlySet<number | null>;
}

export interface RowsRequest {
  readonly feedNo: number;
  readonly after: number;
  readonly upTo: number;
  readonly limits: PageLimits;
  readonly viewer: Viewer;
  /** What is added to each event when it is sent. */
  readonly extraBytes: number;
}

/** Chooses the rows of a page by their sizes; bodies are not read. */
export type ChoosePageRows = (request: RowsRequest) => Promise<PageRows>;

interface Row {
  readonly event_id: number;
  readonly bytes: number;
  readonly rendering: number | null;
  readonly visible: 0 | 1;
}

/** Row ids, `after` excluded. */
interface Stretch {
  readonly after: number;
  readonly upTo: number;
}

/** Rows taken together. */
interface Sum {
  readonly rows: number;
  readonly first: number | null;
  readonly last: number | null;
  readonly bytes: number | null;
  readonly visible: number | null;
  readonly oldest_rendering: number | null;
  readonly newest_rendering: number | null;
  readonly rendered: number;
}

type Choice = { -readonly [Name in keyof Omit<PageRows, 'renderings'>]: PageRows[Name] } & {
  readonly renderings: Set<number | null>;
  bytes: number;
  hidden: boolean;
  full: boolean;
};

export function createPageRows(db: Sqlite): ChoosePageRows {
  const next = `SELECT event_id, bytes, rendering, ${IS_VISIBLE} AS visible FROM feed_event
    WHERE event_id > @after AND event_id <= @upTo ORDER BY event_id LIMIT`;
  const chunk = db.prepare<[Viewer & Stretch], Row>(`${next} ${CHUNK_ROWS}`);
  const sum = db.prepare<[Viewer & Stretch & { readonly limit: number }], Sum>(
    `SELECT count(*) AS rows, min(event_id) AS first, max(event_id) AS last, sum(bytes) AS bytes, sum(visible) AS visible,
       min(rendering) AS oldest_rendering, max(rendering) AS newest_rendering, count(rendering) AS rendered
     FROM (${next} @limit)`,
  );

  /**
   * Most pages: every row is for the reader, was made like the others, and they fit. Null when it is not so, and each row
   * has to be looked at. One row more is taken than the page may hold, to see that it goes on with an event.
   */
  const wholeStretch = (request: RowsRequest): PageRows | null => {
    const { feedNo, after, upTo, limits, viewer, extraBytes } = request;
    const limit = limits.maxEvents + 1;
    if (limit > CHUNK_ROWS) return null;
    const stretch = { after: eventId(feedNo, after), upTo: eventId(feedNo, upTo), limit };
    const all = sum.get({ ...viewer, ...stretch });
    if (all === undefined || all.first === null || all.last === null || !isAlike(all)) return null;
    const { rows, bytes } = all;
    if (FRAME_BYTES + (bytes ?? 0) + rows * extraBytes > limits.maxBytes) return null;
    const isFull = rows === limit;
    const lastEvent = isFull ? seqOf(all.last) - 1 : seqOf(all.last);
    return {
      firstEvent: seqOf(all.first),
      lastEvent,
      to: isFull ? lastEvent : upTo,
      events: isFull ? limits.maxEvents : rows,
      hasGaps: false,
      renderings: new Set([all.oldest_rendering]),
    };
  };

  /** False when there is nothing left to look at. */
  const lookOn = (choice: Choice, request: RowsRequest): boolean => {
    const { feedNo, upTo, viewer } = request;
    let rows = 0;
    for (const row of chunk.iterate({
      ...viewer,
      after: eventId(feedNo, choice.to),
      upTo: eventId(feedNo, upTo),
    })) {
      rows += 1;
      take(choice, row, request);
      if (choice.full) return false;
    }
    return rows === CHUNK_ROWS;
  };

  return async (request) => {
    const whole = wholeStretch(request);
    if (whole !== null) return whole;
    const choice = nothing(request.after);
    while (lookOn(choice, request)) {
      // Who allows for more wants all of it: by time, a page must not end before its millisecond does.
      if (choice.events > 0 && request.limits.maxEvents <= CHUNK_ROWS) return choice;
      await setImmediate();
    }
    // Behind the last row there may be numbers without one: deleted, or made anew under others.
    if (!choice.full) choice.to = Math.max(choice.to, request.upTo);
    return choice;
  };
}

function isAlike({ rows, visible, rendered, oldest_rendering: oldest, newest_rendering: newest }: Sum): boolean {
  return visible === rows && (rendered === rows || rendered === 0) && oldest === newest;
}

function nothing(after: number): Choice {
  return {
    firstEvent: 0,
    lastEvent: 0,
    to: after,
    events: 0,
    hasGaps: false,
    renderings: new Set(),
    bytes: FRAME_BYTES,
    hidden: false,
    full: false,
  };
}

function take(choice: Choice, row: Row, { limits, extraBytes }: RowsRequest): void {
  const seq = seqOf(row.event_id);
  if (row.visible === 0) {
    choice.hidden = choice.events > 0;
    choice.to = seq;
    return;
  }
  const bytes = choice.bytes + row.bytes + extraBytes;
  choice.full = choice.events > 0 && (choice.events >= limits.maxEvents || bytes > limits.maxBytes);
  if (choice.full) return;
  if (choice.events === 0) choice.firstEvent = seq;
  if (choice.hidden) choice.hasGaps = true;
  choice.lastEvent = seq;
  choice.to = seq;
  choice.bytes = bytes;
  choice.events += 1;
  choice.renderings.add(row.rendering);
}
