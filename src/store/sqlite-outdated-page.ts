import { type FeedRules, forFeed } from '../domain/feed-rules.ts';
import { renderEvent } from '../domain/render.ts';
import { seqOf } from './event-id.ts';
import type { PageLimits, Stamp } from './feed-pages.ts';
import type { Sqlite } from './sqlite.ts';
import { createAlertTable } from './sqlite-alerts.ts';
import { IS_ORDINARY, IS_VISIBLE, type Viewer } from './sqlite-page-rows.ts';

/** Row ids, both inclusive. */
export type Range = Viewer & { readonly from: number; readonly to: number };

export interface OutdatedPage {
  readonly range: Range;
  readonly rules: FeedRules;
  /** Renderings whose text is not made so any more. */
  readonly outdated: ReadonlySet<number>;
  readonly stamp: Stamp;
  readonly limits: PageLimits;
}

export interface JoinedPage {
  readonly events: number;
  readonly body: Buffer;
  /** FeedSeq. */
  readonly lastEvent: number;
}

interface Row {
  readonly event_id: number;
  readonly emission_id: number;
  readonly stored_ms: number;
  readonly body: string;
  readonly rendering: number | null;
  readonly is_ordinary: 0 | 1;
}

/**
 * A page with events that were made by an older mapping: they are made again from what is stored, for this page only.
 * Their connector has not got them; another one has, so their rows stay. May end before the range does: a text that is made
 * again may be longer than the stored one.
 */
export function createOutdatedPage(db: Sqlite): (page: OutdatedPage) => JoinedPage {
  const alerts = createAlertTable(db);
  const chosen = db.prepare<[Range], Row>(
    `SELECT event_id, emission_id, stored_ms, body, rendering, ${IS_ORDINARY} AS is_ordinary FROM feed_event
     WHERE event_id BETWEEN @from AND @to AND ${IS_VISIBLE} ORDER BY event_id`,
  );

  /** Null where the emission is not kept any more, or gives no event under these rules. */
  const madeAgain = (row: Row, rules: FeedRules): string | null => {
    const isFolded = rules.detections === 'perAlert';
    const group = isFolded ? alerts.groupOf(row.emission_id) : alerts.alone(row.emission_id);
    if (group === null) return null;
    const { tenantId, name: tenantName } = group.tenant;
    const emissions = group.emissions.map(({ emission }) => emission);
    const [emission] = isFolded ? forFeed(rules, tenantId, emissions).events : emissions;
    if (emission === undefined) return null;
    return renderEvent({
      emission,
      tenantId,
      tenantName,
      feedSeq: seqOf(row.event_id),
      storedMs: row.stored_ms,
      leftOut: rules.arcsight.leftOut,
    }).text;
  };

  return ({ range, rules, outdated, stamp, limits }) => {
    const texts: string[] = [];
    let lastEvent = 0;
    let bytes = 1;
    for (const row of chosen.all(range)) {
      const isOutdated = row.is_ordinary === 1 && row.rendering !== null && outdated.has(row.rendering);
      const text = (isOutdated ? madeAgain(row, rules) : null) ?? row.body;
      const stamped = `${text},"FeedTime":${stamp.kind === 'page' ? stamp.feedTimeMs : row.stored_ms}}`;
      bytes += Buffer.byteLength(stamped) + 1;
      if (texts.length > 0 && bytes > limits.maxBytes) break;
      texts.push(stamped);
      lastEvent = seqOf(row.event_id);
    }
    return { events: texts.length, body: Buffer.from(`[${texts.join(',')}]`), lastEvent };
  };
}
