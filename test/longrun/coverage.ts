import type { ServedList } from '../../src/simulator/served-versions.ts';
import type { Api } from '../../src/simulator/service.ts';
import { objectOf, sevenDigits } from './json-reading.ts';

/** A stretch of update times with seven digits: `from` inclusive, `to` exclusive. */
export interface Stretch {
  readonly from: string;
  readonly to: string;
}

/** Where a source says that it stands. */
export interface Position {
  readonly watermark: string | null;
  /** Of the window that is open. */
  readonly progress: string | null;
  readonly lookBack: { readonly from: string; readonly to: string; readonly progress: string | null } | null;
  /** What is in the quarantine. */
  readonly setAside: readonly Stretch[];
}

/** Whether what a source claims to have read was ever answered for. */
export interface Coverage {
  /** What the answers of a turn covered, and where the source stands after it; says what is claimed without an answer. */
  claim(lists: readonly ServedList[], position: Position): readonly string[];
}

export function createCoverage(api: Api): Coverage {
  let answered: readonly Stretch[] = [];
  let start: string | null = null;
  let lookBack: { readonly key: string; readonly answered: readonly Stretch[]; readonly isTold: boolean } | null = null;
  return {
    claim(lists, { watermark, progress, lookBack: window, setAside }) {
      const own = lists.filter((list) => list.api === api).flatMap(coveredBy);
      start ??= watermark;
      const reached = [watermark ?? '', progress ?? ''].toSorted().at(-1) ?? '';
      const claimed = { from: start ?? '', to: reached };
      answered = merged([...answered, ...own]);
      const claims: string[] = [];
      const hole = firstHole(claimed, merged([...answered, ...setAside]));
      if (hole !== null) {
        claims.push(`${api} claims to have read up to ${reached}, and ${hole} was never answered for`);
        // Told once.
        answered = merged([...answered, claimed]);
      }
      if (window === null) return claims;
      const key = `${window.from}/${window.to}`;
      const before = lookBack?.key === key ? lookBack : { answered: [], isTold: false };
      const since = merged([...before.answered, ...own]);
      const gap = firstHole({ from: window.from, to: window.progress ?? window.from }, merged([...since, ...setAside]));
      const isNews = gap !== null && !before.isTold && lookBack !== null;
      if (isNews)
        claims.push(
          `the look back of ${api}, ${key}, claims to have read ${gap}, which was not answered for since it began`,
        );
      lookBack = { key, answered: since, isTold: before.isTold || isNews };
      return claims;
    },
  };
}

/** What an answer leaves no question about. */
export function coveredBy({ api, request, rows, nextLink }: ServedList): readonly Stretch[] {
  const { query } = request;
  if (api === 'siem') {
    const [from, to] = [query.get('sinceTimeUtc'), query.get('untilTimeUtc')].map((time) =>
      sevenDigits(`${time ?? ''}Z`),
    );
    return from === undefined || to === undefined ? [] : [{ from, to }];
  }
  const [from, to] = [...(query.get('$filter') ?? '').matchAll(/\d{4}-\S+Z/g)].map(([time]) => sevenDigits(time));
  if (from === undefined || to === undefined) return [];
  if (query.has('$skip')) return rows.length === 0 ? [{ from, to }] : [];
  if (api === 'defender') return rows.length < Number(query.get('$top')) ? [{ from, to }] : [];
  if (nextLink === null) return [{ from, to }];
  // Complete up to its latest row, whatever the order on the page; the rest is behind the link.
  const latest =
    rows
      .map(({ value }) => sevenDigits(objectOf(value)['lastUpdateDateTime']))
      .toSorted()
      .at(-1) ?? from;
  return latest > from ? [{ from, to: latest }] : [];
}

function merged(stretches: readonly Stretch[]): readonly Stretch[] {
  const result: Stretch[] = [];
  for (const stretch of stretches.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = result.at(-1);
    if (last === undefined || stretch.from > last.to) result.push(stretch);
    else if (stretch.to > last.to) result[result.length - 1] = { from: last.from, to: stretch.to };
  }
  return result;
}

/** The first time of it that is in none of the stretches. */
function firstHole({ from, to }: Stretch, stretches: readonly Stretch[]): string | null {
  if (from >= to) return null;
  const covering = stretches.find((stretch) => stretch.from <= from && stretch.to > from);
  if (covering === undefined) return from;
  return covering.to >= to ? null : covering.to;
}
