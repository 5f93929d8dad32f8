import type { Clock } from '../domain/clock.ts';
import type { FeedRules } from '../domain/feed-rules.ts';
import { BRIDGE_TENANT, noticeEmission } from '../domain/notice.ts';
import type { Notice, StoredNotice } from './errands.ts';
import type { Sqlite } from './sqlite.ts';
import { createCommandTable } from './sqlite-commands.ts';
import { createFeedWriter } from './sqlite-feed-writer.ts';

export interface NoticeWriter {
  append(notice: Notice, rules: FeedRules): number | null;
  last(feed: string, kind: Notice['kind']): StoredNotice | null;
}

/** Events of the bridge's own. */
export function createNoticeWriter(db: Sqlite, clock: Clock): NoticeWriter {
  const writer = createFeedWriter(db, clock);
  const commands = createCommandTable(db, clock);
  // Looked up every second, and a feed may hold a million events since the last one.
  const note = db.prepare<[{ readonly key: string; readonly value: string }]>(
    'INSERT INTO meta (key, value) VALUES (@key, @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const noted = db.prepare<[string], { readonly value: string }>('SELECT value FROM meta WHERE key = ?');
  const isTaken = db.prepare<[{ readonly feed: string; readonly seq: number }], { readonly taken: 0 | 1 }>(
    `SELECT EXISTS (SELECT 1 FROM feed WHERE name = @feed AND served_seq >= @seq)
       OR EXISTS (SELECT 1 FROM position WHERE feed = @feed AND acknowledged >= @seq) AS taken`,
  );

  const append = db.transaction((notice: Notice, rules: FeedRules): number | null => {
    const { commandId, recipient, kind } = notice;
    const command = commandId === null ? null : commands.get(commandId);
    if (commandId !== null && command?.state !== 'running') return null;
    const feed = writer.open(rules);
    const place = feed.append({
      tenant: BRIDGE_TENANT,
      emission: (at) => noticeEmission(notice, at),
      emissionId: 0,
      recipient,
    });
    feed.close();
    if (recipient === null) note.run({ key: keyOf(notice.feed, kind), value: JSON.stringify(place) });
    if (command !== null) {
      const { commandId: id, requestedBy: who, kind: action } = command;
      commands.update(id, { state: 'done', done: 1, total: 1, progress: { seq: place.seq } });
      const details = { command: id, feed: notice.feed, connector: recipient, seq: place.seq };
      commands.addAudit({ who, action, details });
    }
    return place.seq;
  });

  return {
    append: (notice, rules) => append.immediate(notice, rules),
    last(feed, kind) {
      const row = noted.get(keyOf(feed, kind));
      if (row === undefined) return null;
      const place = JSON.parse(row.value) as Omit<StoredNotice, 'taken'>;
      return { ...place, taken: isTaken.get({ feed, seq: place.seq })?.taken === 1 };
    },
  };
}

function keyOf(feed: string, kind: Notice['kind']): string {
  return `last ${kind} ${feed}`;
}
