import { type Finding, ok } from '../domain/finding.ts';
import { moment, span } from '../domain/time-words.ts';
import type { SeenFeed } from './observations.ts';
import { counted } from './wording.ts';

/** Heartbeats that may be late before it is worth a word. */
const LATE_HEARTBEATS = 3;

/** The rows of one feed: what is in it, and whether the bridge's own events go into it. */
export function feedFindings(feed: SeenFeed, nowMs: number): readonly Finding[] {
  const { name, stats } = feed;
  const meaning =
    stats.lastSeq === 0 ? 'No event has been stored yet.' : `${counted(stats.lastSeq, 'event')} stored so far.`;
  return [ok('feed', name, meaning, stats.lastStoredMs), ...heartbeatRow(feed, nowMs)];
}

function heartbeatRow({ name, heartbeatMs, lastHeartbeat }: SeenFeed, nowMs: number): readonly Finding[] {
  if (heartbeatMs === null) return [];
  const id = 'feed.heartbeat';
  const every = `one is due every ${span(heartbeatMs)}`;
  const lastMs = lastHeartbeat?.storedMs ?? null;
  if (lastMs !== null && nowMs - lastMs <= LATE_HEARTBEATS * heartbeatMs)
    return [ok(id, name, `The last heartbeat was put into the feed at ${moment(lastMs)}; ${every}.`)];
  const late = { id, state: 'warning', subject: name, sinceMs: lastMs } as const;
  if (lastMs === null || lastHeartbeat?.taken === true)
    return [
      {
        ...late,
        meaning: `No heartbeat has been put into the feed ${lastMs === null ? 'yet' : `since ${moment(lastMs)}`}; ${every}.`,
        remedy:
          'The bridge puts one in while it runs and can write its store: see instance (flexbridge doctor) and store.writable.',
      },
    ];
  return [
    {
      ...late,
      meaning: `No connector has taken the heartbeat of ${moment(lastMs)}; no other is added before one has.`,
      remedy: 'See connector.poll and connector.delivery of this feed.',
    },
  ];
}
