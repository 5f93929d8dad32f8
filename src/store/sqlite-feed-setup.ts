import type { Clock } from '../domain/clock.ts';
import type { FeedRules } from '../domain/feed-rules.ts';
import type { RenewedFeed } from './detection-store.ts';
import type { Sqlite } from './sqlite.ts';
import { createAlertTable } from './sqlite-alerts.ts';
import { createFeedWriter } from './sqlite-feed-writer.ts';
import { createRenderingTable } from './sqlite-renderings.ts';
import { createRenewal, type FeedBefore } from './sqlite-renewal.ts';

/** Makes the feeds known: fills those that are new, renews those that are made otherwise now. */
export type EnsureFeeds = (feeds: readonly FeedRules[]) => readonly RenewedFeed[];

interface FeedRow extends FeedBefore {
  readonly rendering: number;
}

/**
 * A feed that schema 3 left behind does not say how it was made, so what nobody was sent of it is made anew once. The rest
 * stays as it was sent.
 */
export function createFeedSetup(db: Sqlite, clock: Clock): EnsureFeeds {
  const alerts = createAlertTable(db);
  const writer = createFeedWriter(db, clock);
  const renderings = createRenderingTable(db);
  const renew = createRenewal(db, clock);
  const find = db.prepare<[string], FeedRow>('SELECT feed_no, first_seq, last_seq, rendering FROM feed WHERE name = ?');
  const insert = db.prepare<[string]>('INSERT INTO feed (name, last_seq, last_stored_ms) VALUES (?, 0, 0)');
  const served = db.prepare<[], FeedName>('SELECT name, feed_no FROM feed WHERE rendering <> 0');
  const setRendering = db.prepare<[number, number]>('UPDATE feed SET rendering = ? WHERE feed_no = ?');

  const isCurrent = (rules: FeedRules): boolean => {
    const feed = find.get(rules.name);
    return feed !== undefined && feed.rendering === renderings.find(feed.feed_no, rules);
  };

  const ensure = (rules: FeedRules): RenewedFeed | null => {
    if (isCurrent(rules)) return null;
    const before = find.get(rules.name);
    const feedNo = before?.feed_no ?? Number(insert.run(rules.name).lastInsertRowid);
    setRendering.run(renderings.ensure(feedNo, rules), feedNo);
    if (before !== undefined) return renew(before, rules);
    writer.fill(rules, alerts);
    return null;
  };
  /** What comes from now on does not go into them: once they are configured again, they are made anew. */
  const left = (feeds: readonly FeedRules[]): readonly FeedName[] =>
    served.all().filter(({ name }) => feeds.every((rules) => rules.name !== name));

  const transaction = db.transaction((feeds: readonly FeedRules[]) => {
    for (const { feed_no: feedNo } of left(feeds)) setRendering.run(0, feedNo);
    return feeds.map(ensure).filter((renewed) => renewed !== null);
  });

  // Looked at first: where nothing changed, a start needs no place to write.
  return (feeds) => (feeds.every(isCurrent) && left(feeds).length === 0 ? [] : transaction.immediate(feeds));
}

interface FeedName {
  readonly name: string;
  readonly feed_no: number;
}
