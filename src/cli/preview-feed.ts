import type { AlertState } from '../domain/alert-state.ts';
import type { AlertRecord } from '../domain/detection.ts';
import { type FeedRules, forFeed } from '../domain/feed-rules.ts';
import { instantToMs } from '../domain/instant.ts';
import { takeIn } from '../domain/intake.ts';
import { renderEvent } from '../domain/render.ts';

/** The tenant that a payload without a bridge is taken to be of. */
export const PREVIEW_TENANT = { tenantId: '00000000-0000-0000-0000-000000000000', tenantName: 'preview' };

export interface PreviewedFeed {
  /** The feed's JSON array. */
  readonly json: string;
  /** Events that the feed's filter keeps out. */
  readonly filtered: number;
}

/** The feed of a bridge that has seen none of it before: every record stored when it was last updated. */
export function previewFeed(records: readonly AlertRecord[], rules: FeedRules): PreviewedFeed {
  const states = new Map<string, AlertState>();
  const { tenantId } = PREVIEW_TENANT;
  const { leftOut } = rules.arcsight;
  const bodies: string[] = [];
  let filtered = 0;
  for (const record of records) {
    const source = record.scope === 'part' ? 'siem-detections' : 'graph-alerts';
    const known = states.get(`${source} ${record.alertId}`) ?? null;
    const intake = takeIn(known, record, { tenantId, source, sources: [source] });
    if (intake.outcome !== 'fresh' && intake.outcome !== 'changed') continue;
    states.set(`${source} ${record.alertId}`, intake.state);
    const storedMs = instantToMs(record.lastUpdate);
    const share = forFeed(rules, tenantId, intake.emissions);
    filtered += share.filtered;
    for (const emission of share.events) {
      const feedSeq = bodies.length + 1;
      const { text } = renderEvent({ ...PREVIEW_TENANT, emission, feedSeq, storedMs, leftOut });
      bodies.push(`${text},"FeedTime":${storedMs}}`);
    }
  }
  return { json: `[${bodies.join(',')}]`, filtered };
}
