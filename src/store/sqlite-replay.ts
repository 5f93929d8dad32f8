import type { Clock } from '../domain/clock.ts';
import type { Emission } from '../domain/detection.ts';
import { type FeedRules, forFeed } from '../domain/feed-rules.ts';
import { readEvent } from '../domain/read-event.ts';
import type { TenantRef } from './detection-store.ts';
import { type ReplayProgress, type ReplaySlice, replayProgress } from './errands.ts';
import { seqOf } from './event-id.ts';
import type { Sqlite } from './sqlite.ts';
import { createAlertTable } from './sqlite-alerts.ts';
import { createCommandTable } from './sqlite-commands.ts';
import { createFeedWriter } from './sqlite-feed-writer.ts';
import { createSelector, type SelectedRow } from './sqlite-selection.ts';

export interface Replayer {
  /** One transaction. */
  append(slice: ReplaySlice, rules: FeedRules): { readonly events: number; readonly ended: boolean };
}

/** Sends events once more by appending them again, as `replay`. */
export function createReplayer(db: Sqlite, clock: Clock): Replayer {
  const writer = createFeedWriter(db, clock);
  const commands = createCommandTable(db, clock);
  const alerts = createAlertTable(db);
  const selector = createSelector(db);

  /** Events of one record lie side by side, and each of them needs all of its emissions: they are read once. */
  const createMaker = (rules: FeedRules) => {
    let last: Made | null = null;
    return (emissionId: number): Made | null => {
      if (last?.ids.has(emissionId)) return last;
      const group = emissionId === 0 ? null : alerts.groupOf(emissionId);
      const emissions = group?.emissions.map(({ emission }) => emission) ?? [];
      last = group && {
        tenant: group.tenant,
        ids: new Set(group.emissions.map((stored) => stored.emissionId)),
        events: forFeed(rules, group.tenant.tenantId, emissions).events,
      };
      return last;
    };
  };

  /**
   * The event as its feed makes it by now; where the emission is not kept, or the feed's settings would not make it any
   * more, as it was stored.
   */
  const again = (row: SelectedRow, made: Made | null): Again => {
    const { emission: stored, tenantId, tenantName: name } = readEvent(row.body);
    const now = made?.events.find(
      ({ detectionId, kind }) => detectionId === stored.detectionId && kind === stored.kind,
    );
    return { tenant: made?.tenant ?? { tenantId, name }, emission: { ...(now ?? stored), reason: stored.reason } };
  };

  const append = db.transaction((slice: ReplaySlice, rules: FeedRules): ReturnType<Replayer['append']> => {
    const command = commands.get(slice.commandId);
    if (command?.state !== 'running') return { events: 0, ended: true };
    const progress = replayProgress(command);
    const range = selector.range(slice.feed, { ...slice.selection, ...(progress && { toSeq: progress.toSeq }) });
    const { rows, to } = selector.next(range, progress?.afterSeq ?? 0, slice.limit);
    const feed = writer.open(rules);
    const make = createMaker(rules);
    const seqs = rows.map((row) => {
      const { tenant, emission } = again(row, make(row.emission_id));
      const reason = `replay of FeedSeq ${seqOf(row.event_id)}: ${emission.reason}`;
      const replay: Emission = { ...emission, kind: 'replay', reason };
      return feed.append({ tenant, emission: () => replay, emissionId: row.emission_id, recipient: slice.recipient })
        .seq;
    });
    feed.close();
    const ended = to >= range.to;
    commands.update(slice.commandId, {
      state: ended ? 'done' : 'running',
      done: command.done + rows.length,
      progress: {
        // Fixed by the first slice: what comes later, its own events among it, is not meant.
        toSeq: progress?.toSeq ?? range.to,
        afterSeq: Math.max(to, progress?.afterSeq ?? 0),
        firstSeq: progress?.firstSeq ?? seqs[0] ?? null,
        lastSeq: seqs.at(-1) ?? progress?.lastSeq ?? null,
      } satisfies ReplayProgress,
    });
    return { events: rows.length, ended };
  });

  return { append: (slice, rules) => append.immediate(slice, rules) };
}

/** What a record is made into by now. */
interface Made {
  readonly tenant: TenantRef;
  /** Of its emissions. */
  readonly ids: ReadonlySet<number>;
  readonly events: readonly Emission[];
}

interface Again {
  readonly tenant: TenantRef;
  readonly emission: Emission;
}
