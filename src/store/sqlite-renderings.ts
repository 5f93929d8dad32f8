import type { FeedRules } from '../domain/feed-rules.ts';
import { mappingName } from '../domain/render.ts';
import type { Sqlite } from './sqlite.ts';

/**
 * How the events of a feed were made: `shape` is which events there are (its settings), `mapping` is their text. Each
 * event says under which of them it was made; one that schema 3 wrote does not say.
 */
export interface RenderingTable {
  /** Number of the rendering of this program under these rules; null while there is none. */
  find(feedNo: number, rules: FeedRules): number | null;
  /** The same; there is one from then on. */
  ensure(feedNo: number, rules: FeedRules): number;
  /** Those that made the same events as these rules, in another text. */
  outdated(feedNo: number, rules: FeedRules): ReadonlySet<number>;
}

interface Row {
  readonly rendering: number;
}

export function createRenderingTable(db: Sqlite): RenderingTable {
  const one = db.prepare<[number, string, string], Row>(
    'SELECT rendering FROM rendering WHERE feed_no = ? AND shape = ? AND mapping = ?',
  );
  const insert = db.prepare<[number, string, string]>(
    'INSERT INTO rendering (feed_no, shape, mapping) VALUES (?, ?, ?)',
  );
  const others = db.prepare<[number, string, string], Row>(
    'SELECT rendering FROM rendering WHERE feed_no = ? AND shape = ? AND mapping <> ?',
  );

  const find: RenderingTable['find'] = (feedNo, rules) =>
    one.get(feedNo, shapeOf(rules), mappingOf(rules))?.rendering ?? null;
  return {
    find,
    ensure: (feedNo, rules) =>
      find(feedNo, rules) ?? Number(insert.run(feedNo, shapeOf(rules), mappingOf(rules)).lastInsertRowid),
    outdated: (feedNo, rules) =>
      new Set(others.all(feedNo, shapeOf(rules), mappingOf(rules)).map(({ rendering }) => rendering)),
  };
}

/** The order in which members were written down is of no meaning. */
function mappingOf({ arcsight }: FeedRules): string {
  return mappingName(arcsight.leftOut);
}

/** Settings that only the parser file knows (`layout`, `receiptTime`, `arcsight` but for what it leaves out) do not change the feed; nor does a tenant's name. */
function shapeOf({ detections, changes, minSeverity, categories, tenantIds }: FeedRules): string {
  const tenants = [...tenantIds].map((id) => id.toLowerCase()).toSorted();
  return JSON.stringify({ detections, changes, minSeverity, categories: [...categories].toSorted(), tenants });
}
