import type { Clock } from '../../domain/clock.ts';
import type { FeedRules } from '../../domain/feed-rules.ts';
import { eventId, FEED_SEQ_MARGIN } from '../event-id.ts';
import type { Sqlite } from '../sqlite.ts';
import { createAlertTable, type EmissionGroup } from '../sqlite-alerts.ts';
import { createFeedWriter } from '../sqlite-feed-writer.ts';
import { IS_ORDINARY } from '../sqlite-page-rows.ts';
import { createRenderingTable } from '../sqlite-renderings.ts';

export interface SalvagedFeed {
  readonly feed: string;
  /** Events that are kept, those made again among them. */
  readonly events: number;
  /** Made again from what they came from, behind all others: they had not been taken by everybody, and were lost. */
  readonly madeAgain: number;
  /** Last FeedSeq; the next ones are higher than any that was ever given. */
  readonly lastSeq: number;
}

/**
 * Makes the feeds whole after rows were copied that nothing holds together any more. FeedSeq goes on well above what was
 * found: the newest rows may be among those that are lost. In one transaction, in a database that nobody else has.
 */
export function repairFeeds(db: Sqlite, feeds: readonly FeedRules[], clock: Clock): readonly SalvagedFeed[] {
  const sql = prepare(db);
  const work = db.transaction((): readonly SalvagedFeed[] => {
    nameFeeds(db, sql, feeds);
    for (const { feed_no: feedNo, name } of sql.feeds.all()) {
      sql.removeBelow.run({ feedNo, from: eventId(feedNo, 0), name });
      sql.setEnds.run({
        feedNo,
        from: eventId(feedNo, 0),
        to: eventId(feedNo + 1, 0) - 1,
        name,
        margin: FEED_SEQ_MARGIN,
      });
    }
    // A number that an event or an emission names must not be given to another row.
    sql.forgetEmissions.run();
    sql.holdRecordNumber.run();
    sql.countAlerts.run();
    const madeAgain = new Map(feeds.map((rules) => [rules.name, makeAgain(db, sql, rules, clock)]));
    return sql.feeds.all().map(({ feed_no: feedNo, name, last_seq: lastSeq }) => ({
      feed: name,
      events: sql.count.get(eventId(feedNo, 0), eventId(feedNo, lastSeq)) ?? 0,
      madeAgain: madeAgain.get(name) ?? 0,
      lastSeq,
    }));
  });
  return work.immediate();
}

type Statements = ReturnType<typeof prepare>;

/**
 * Where the list of feeds is lost, names come from the positions and the configuration. Events are given to a name only
 * where how they were made leaves no other choice: a wrong one would show a connector what is not for it. What cannot be
 * given to one goes, and is made again.
 */
function nameFeeds(db: Sqlite, sql: Statements, feeds: readonly FeedRules[]): void {
  const known = sql.feeds.all();
  const numbers = sql.numbers.all().filter((feedNo) => !known.some((row) => row.feed_no === feedNo));
  const names = [...new Set([...sql.positionFeeds.all(), ...feeds.map(({ name }) => name)])].filter(
    (name) => !known.some((row) => row.name === name),
  );
  const renderings = createRenderingTable(db);
  const wasMade = (feedNo: number, name: string): boolean =>
    feeds.some(
      (rules) =>
        rules.name === name && (renderings.find(feedNo, rules) !== null || renderings.outdated(feedNo, rules).size > 0),
    );
  const only = <Item>(items: readonly Item[]): Item | null => (items.length === 1 ? (items[0] ?? null) : null);
  const numberOf = (name: string): number | null => {
    const number = only(numbers.filter((feedNo) => wasMade(feedNo, name)));
    return number !== null && only(names.filter((other) => wasMade(number, other))) === name ? number : null;
  };
  const highest = Math.max(0, ...known.map((row) => row.feed_no), ...numbers);
  const given = names.map((name, index) => {
    const number = numberOf(name) ?? highest + 1 + index;
    sql.addFeed.run(number, name);
    return number;
  });
  for (const lost of numbers.filter((feedNo) => !given.includes(feedNo)))
    sql.removeEvents.run(eventId(lost, 0), eventId(lost + 1, 0) - 1);
}

/** Events that are lost, from the first one on that not every connector has taken. */
function makeAgain(db: Sqlite, sql: Statements, rules: FeedRules, clock: Clock): number {
  const alerts = createAlertTable(db);
  const feed = createFeedWriter(db, clock).open(rules);
  const feedNo = sql.feeds.all().find(({ name }) => name === rules.name)?.feed_no ?? 0;
  const hasEvent = (emissionId: number): boolean =>
    sql.eventOf.get(emissionId, eventId(feedNo, 0), eventId(feedNo + 1, 0)) !== undefined;
  const lost = (group: EmissionGroup): EmissionGroup | null => {
    const missing = group.emissions.filter(({ emissionId }) => !hasEvent(emissionId));
    // Folded into one event, all belong to the first of them.
    if (rules.detections === 'perAlert') return missing.length === group.emissions.length ? group : null;
    return missing.length === 0 ? null : { ...group, emissions: missing };
  };
  let events = 0;
  const first = firstWanted(sql, feedNo, rules, clock.now());
  for (const group of first === null ? [] : alerts.groupsFrom(first)) {
    const missing = lost(group);
    if (missing !== null) events += feed.write(missing).events;
  }
  feed.close();
  return events;
}

/** The emission from which on events are looked for; null: none. */
function firstWanted(sql: Statements, feedNo: number, rules: FeedRules, nowMs: number): number | null {
  const taken = sql.taken.get(rules.name) ?? null;
  const lastTaken = taken === null ? undefined : sql.lastBefore.get(eventId(feedNo, 0), eventId(feedNo, taken));
  if (lastTaken !== undefined) return lastTaken;
  const firstMs = sql.firstAfter.get(eventId(feedNo, taken ?? 0), eventId(feedNo + 1, 0)) ?? nowMs;
  return sql.emissionSince.get(Math.min(firstMs, nowMs - rules.initialLookbackMs)) ?? null;
}

interface Ends {
  readonly feedNo: number;
  readonly name: string;
  readonly from: number;
}

function prepare(db: Sqlite) {
  const reached = `max(acknowledged, coalesce(page_to, 0),
    coalesce((SELECT max(value ->> 'to') FROM json_each(tries)), 0))`;
  return {
    feeds: db.prepare<[], { readonly feed_no: number; readonly name: string; readonly last_seq: number }>(
      'SELECT feed_no, name, last_seq FROM feed ORDER BY feed_no',
    ),
    numbers: db.prepare<[], number>('SELECT DISTINCT event_id >> 40 FROM feed_event').pluck(),
    positionFeeds: db.prepare<[], string>('SELECT DISTINCT feed FROM position').pluck(),
    addFeed: db.prepare<[number, string]>(
      'INSERT INTO feed (feed_no, name, last_seq, last_stored_ms) VALUES (?, ?, 0, 0)',
    ),
    removeEvents: db.prepare<[number, number]>('DELETE FROM feed_event WHERE event_id BETWEEN ? AND ?'),
    /** What retention had deleted, found on a page that was not used again. */
    removeBelow: db.prepare<[Ends]>(
      `DELETE FROM feed_event WHERE event_id >= @from
       AND event_id < @from + (SELECT first_seq FROM feed WHERE feed_no = @feedNo AND name = @name)`,
    ),
    setEnds: db.prepare<[Ends & { readonly to: number; readonly margin: number }]>(
      `UPDATE feed SET
         last_seq = @margin + max(last_seq, served_seq,
           coalesce((SELECT max(event_id) - @from FROM feed_event WHERE event_id BETWEEN @from AND @to), 0),
           coalesce((SELECT max(${reached}) FROM position WHERE feed = @name), 0)),
         last_stored_ms = max(last_stored_ms,
           coalesce((SELECT max(stored_ms) FROM feed_event WHERE event_id BETWEEN @from AND @to), 0)),
         first_seq = coalesce((SELECT min(event_id) - @from FROM feed_event WHERE event_id BETWEEN @from AND @to), first_seq),
         rendering = CASE WHEN rendering IN (SELECT rendering FROM rendering) THEN rendering ELSE 0 END
       WHERE feed_no = @feedNo`,
    ),
    forgetEmissions: db.prepare<[]>(
      'UPDATE feed_event SET emission_id = 0 WHERE emission_id > (SELECT coalesce(max(emission_id), 0) FROM emission)',
    ),
    holdRecordNumber: db.prepare<[]>(
      `INSERT INTO record (record_id, alert_key, last_update, stored_ms, raw)
       SELECT record_id, alert_key, '', stored_ms, '' FROM emission
       WHERE record_id > (SELECT coalesce(max(record_id), 0) FROM record) ORDER BY record_id DESC LIMIT 1`,
    ),
    countAlerts: db.prepare<[]>("UPDATE meta SET value = (SELECT count(*) FROM alert) WHERE key = 'alerts'"),
    count: db
      .prepare<[number, number], number>('SELECT count(*) FROM feed_event WHERE event_id BETWEEN ? AND ?')
      .pluck(),
    taken: db.prepare<[string], number | null>('SELECT min(acknowledged) FROM position WHERE feed = ?').pluck(),
    lastBefore: db
      .prepare<[number, number], number>(
        `SELECT emission_id FROM feed_event WHERE event_id BETWEEN ? AND ? AND emission_id > 0 AND ${IS_ORDINARY}
         ORDER BY event_id DESC LIMIT 1`,
      )
      .pluck(),
    firstAfter: db
      .prepare<[number, number], number>(
        'SELECT stored_ms FROM feed_event WHERE event_id > ? AND event_id < ? ORDER BY event_id LIMIT 1',
      )
      .pluck(),
    emissionSince: db
      .prepare<[number], number>('SELECT emission_id FROM emission WHERE stored_ms >= ? ORDER BY emission_id LIMIT 1')
      .pluck(),
    eventOf: db
      .prepare<[number, number, number], 1>(
        'SELECT 1 FROM feed_event WHERE emission_id = ? AND event_id BETWEEN ? AND ?',
      )
      .pluck(),
  };
}
