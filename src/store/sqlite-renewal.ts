import type { Clock } from '../domain/clock.ts';
import type { FeedRules } from '../domain/feed-rules.ts';
import type { RenewedFeed } from './detection-store.ts';
import { eventId, seqOf } from './event-id.ts';
import type { Sqlite } from './sqlite.ts';
import { createAlertTable, type EmissionGroup } from './sqlite-alerts.ts';
import { createFeedWriter } from './sqlite-feed-writer.ts';
import { IS_ORDINARY } from './sqlite-page-rows.ts';

/**
 * Makes the events anew that nobody was sent yet, under the feed's rules of now: they are deleted, and made again from the
 * stored emissions behind all others, so that a FeedSeq never means two things. Inside the caller's transaction, once
 * `feed.rendering` is set.
 *
 * Left alone is what is for one connector and what the bridge made itself: settings do not change it, and who waits for
 * it knows it by its FeedSeq. So is an event whose emission is not kept any more, or does not say which others it came
 * with (schema 1): nothing could be made in its place.
 *
 * Null when there was nothing to delete and nothing to make.
 */
export type RenewFeed = (feed: FeedBefore, rules: FeedRules) => RenewedFeed | null;

/** A feed as it was before. */
export interface FeedBefore {
  readonly feed_no: number;
  readonly first_seq: number;
  readonly last_seq: number;
}

export function createRenewal(db: Sqlite, clock: Clock): RenewFeed {
  const sql = prepare(db);
  const alerts = createAlertTable(db);
  const writer = createFeedWriter(db, clock);

  /**
   * Row of the last emission that the events up to a FeedSeq speak of; null where none of them is kept. Not that of the last
   * event: an alert that was told once more has older emissions behind newer ones.
   */
  const lastEmission = ({ feed_no: feedNo, first_seq: firstSeq }: FeedBefore, seq: number): number | null => {
    const event = sql.lastEmission.get(eventId(feedNo, 0), eventId(feedNo, seq));
    if (event === undefined) return firstSeq === 1 ? 0 : null;
    // An event folded from several belongs to the first of them.
    const whole = event.is_folded === 1 ? alerts.groupOf(event.emission_id) : null;
    return whole === null ? event.emission_id : endOf(whole);
  };

  /** From the oldest event that waits on, and what the old settings kept out as far back as in a new feed. */
  const groupsToMake = (waiting: number | null, after: number | null, rules: FeedRules): Iterable<EmissionGroup> => {
    const since = clock.now() - rules.initialLookbackMs;
    const recent = after === null ? undefined : sql.emissionSince.get(after, since)?.emission_id;
    const first = [waiting, recent].filter((id) => typeof id === 'number').toSorted((a, b) => a - b)[0];
    return first === undefined ? [] : alerts.groupsFrom(first);
  };

  return (before, rules) => {
    const { feed_no: feedNo, last_seq: lastSeq } = before;
    const sent = sql.sent.get({ feed: rules.name })?.seq ?? 0;
    const after = sent === 0 ? 0 : lastEmission(before, sent);
    const cutOvers = sql.cutOvers
      .all({ feed: rules.name, sent })
      .map(({ connector, up_to: upTo }) => ({ connector, upTo, emission: lastEmission(before, upTo) ?? 0 }));
    const waiting = { from: eventId(feedNo, sent + 1), to: eventId(feedNo, lastSeq), after: after ?? 0 };
    const older = sql.older.all(waiting).map((row) => ({ ...row, group: alerts.groupOf(row.first) }));
    // What is folded from the rest of a record of which a part was sent belongs to the first of that record too.
    const rest = older.find(({ group, is_folded: isFolded }) => isFolded === 1 && endOf(group) > waiting.after);
    const firstWaiting = rest?.first ?? sql.firstWaiting.get(waiting)?.emission_id ?? null;
    const deleted = sql.deleteWaiting.run({ from: waiting.from, to: waiting.to }).changes;
    const feed = writer.open(rules);
    let events = 0;
    for (const told of older) {
      if (told !== rest && told.group !== null) events += feed.write(told.group, told.first - 1).events;
    }
    for (const group of groupsToMake(firstWaiting, after, rules)) {
      if (endOf(group) > (after ?? 0)) events += feed.write(group, after ?? 0).events;
    }
    feed.close();
    for (const { connector, upTo, emission } of cutOvers) {
      const made = { from: eventId(feedNo, lastSeq + 1), to: eventId(feedNo + 1, 0), emission };
      const last = sql.lastMade.get(made)?.event_id ?? null;
      if (last === null) continue;
      sql.moveCutOver.run({ connector, feed: rules.name, upTo: seqOf(last) });
      // A replay that came after the cut-over stays in its place, which the cut-over now reaches.
      sql.takeOut.run({ from: eventId(feedNo, upTo + 1), to: eventId(feedNo, lastSeq) });
    }
    return deleted + events === 0 ? null : { feed: rules.name, events };
  };
}

function endOf(group: EmissionGroup | null): number {
  return group?.emissions.at(-1)?.emissionId ?? 0;
}

const IS_FOLDED =
  "(body || '}') ->> 'FullId' = ((body || '}') ->> 'DetectionId') || ':' || ((body || '}') ->> 'DetectionId')";

interface EventIds {
  readonly from: number;
  readonly to: number;
}

interface Waiting extends EventIds {
  /** Row of an emission. */
  readonly after: number;
}

function prepare(db: Sqlite) {
  const waiting = `event_id BETWEEN @from AND @to AND ${IS_ORDINARY} AND EXISTS (
    SELECT 1 FROM emission WHERE emission.emission_id = feed_event.emission_id AND record_id IS NOT NULL)`;
  return {
    // A page may have been larger in an earlier try, and a late confirmation of that counts.
    sent: db.prepare<[{ readonly feed: string }], { readonly seq: number }>(
      `SELECT max(served_seq, coalesce((
         SELECT max(max(acknowledged, coalesce(page_to, 0),
           coalesce((SELECT max(value ->> 'to') FROM json_each(tries)), 0))) FROM position WHERE feed = @feed), 0)) AS seq
       FROM feed WHERE name = @feed`,
    ),
    lastEmission: db.prepare<[number, number], { readonly emission_id: number; readonly is_folded: 0 | 1 }>(
      `SELECT emission_id, ${IS_FOLDED} AS is_folded
       FROM feed_event INDEXED BY feed_event_emission
       WHERE event_id > ? AND event_id <= ? AND ${IS_ORDINARY} ORDER BY emission_id DESC LIMIT 1`,
    ),
    emissionSince: db.prepare<[number, number], { readonly emission_id: number }>(
      'SELECT emission_id FROM emission WHERE emission_id > ? AND stored_ms >= ? ORDER BY emission_id LIMIT 1',
    ),
    firstWaiting: db.prepare<[Waiting], { readonly emission_id: number }>(
      `SELECT emission_id FROM feed_event WHERE ${waiting} AND emission_id > @after ORDER BY event_id LIMIT 1`,
    ),
    // Behind what was sent and of older emissions: told once more, record by record.
    older: db.prepare<[Waiting], { readonly first: number; readonly is_folded: 0 | 1 }>(
      `SELECT min(emission_id) AS first, ${IS_FOLDED} AS is_folded FROM feed_event
       WHERE ${waiting} AND emission_id <= @after
       GROUP BY (SELECT record_id FROM emission WHERE emission.emission_id = feed_event.emission_id), is_folded
       ORDER BY first`,
    ),
    deleteWaiting: db.prepare<[EventIds]>(`DELETE FROM feed_event WHERE ${waiting}`),
    // Where a connector takes over from another one, what that one had stays left out under its new FeedSeq.
    cutOvers: db.prepare<
      [{ readonly feed: string; readonly sent: number }],
      { readonly connector: string; readonly up_to: number }
    >(
      `SELECT connector, details ->> '$.cutOver.upTo' AS up_to FROM position
       WHERE feed = @feed AND details ->> '$.cutOver.upTo' > @sent`,
    ),
    lastMade: db.prepare<[EventIds & { readonly emission: number }], { readonly event_id: number | null }>(
      `SELECT max(event_id) AS event_id FROM feed_event
       WHERE event_id BETWEEN @from AND @to AND emission_id <= @emission AND ${IS_ORDINARY}`,
    ),
    takeOut: db.prepare<[EventIds]>('UPDATE feed_event SET updated_ms = NULL WHERE event_id BETWEEN @from AND @to'),
    moveCutOver: db.prepare<[{ readonly connector: string; readonly feed: string; readonly upTo: number }]>(
      `UPDATE position SET details = json_set(details, '$.cutOver.upTo', CAST(@upTo AS INTEGER)), revision = revision + 1
       WHERE connector = @connector AND feed = @feed`,
    ),
  };
}
