import type { ServedList } from '../../src/simulator/served-versions.ts';
import { sevenDigits } from './json-reading.ts';

/**
 * What a reader does with an answer that came whole. `thrown-away`: it was asked for another reason than its records
 * (the time of day, a sign of life), or it is full where there is no nextLink, so that nobody knows what is missing in it.
 * `unsure`: a careful reader may have left it, or put it together with others of which one failed.
 */
export type Fate = 'taken' | 'thrown-away' | 'unsure';

export function fateOf({ api, request, rows, isReadable }: ServedList): Fate {
  const { query } = request;
  if (api === 'siem') return query.has('limit') ? 'thrown-away' : 'taken';
  const filter = query.get('$filter');
  if (filter === null) return 'thrown-away';
  const top = Number(query.get('$top'));
  const asksForMore = api === 'defender' && rows.length >= top && !query.has('$skip');
  if (asksForMore) return 'thrown-away';
  if (isOneInstant(filter)) return top <= 2 && !query.has('$skip') ? 'thrown-away' : 'unsure';
  return isReadable ? 'taken' : 'unsure';
}

/** `ge` one time and `lt` the next one that there is, 100 ns later. */
function isOneInstant(filter: string): boolean {
  const [from = '', to = ''] = [...filter.matchAll(/\d{4}-\S+Z/g)].map(([time]) => sevenDigits(time));
  return from.slice(0, 20) === to.slice(0, 20) && Number(to.slice(20, 27)) - Number(from.slice(20, 27)) === 1;
}
