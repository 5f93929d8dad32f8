/** Where in the list of events somebody is; it stands in the address. */
export interface EventsPlace {
  readonly feed: string;
  readonly search: string;
  /** FeedSeq: only events before it; null: from the newest on. */
  readonly before: number | null;
  /** Where the pages before this one began, oldest first: with a search, nothing else knows the way back. */
  readonly trail: readonly number[];
}

/** The newest page has no number. */
const NEWEST = 0;
const LONGEST_TRAIL = 50;
const LONGEST_SEARCH = 200;

/** What cannot be read of the query counts as not given. */
export function readPlace(query: ReadonlyMap<string, string>, feed: string): EventsPlace {
  const numbers = (name: string): readonly number[] =>
    (query.get(name) ?? '')
      .split('.')
      .filter((part) => /^\d{1,13}$/.test(part))
      .map(Number);
  const [before = NEWEST] = numbers('before');
  return {
    feed,
    search: (query.get('search') ?? '').slice(0, LONGEST_SEARCH).trim(),
    before: before === NEWEST ? null : before,
    trail: numbers('trail').slice(-LONGEST_TRAIL),
  };
}

export function olderPlace(place: EventsPlace, before: number): EventsPlace {
  return { ...place, before, trail: [...place.trail, place.before ?? NEWEST].slice(-LONGEST_TRAIL) };
}

/** Null on the newest page, and where the way back is not known any more. */
export function newerPlace(place: EventsPlace): EventsPlace | null {
  const last = place.trail.at(-1);
  if (place.before === null || last === undefined) return null;
  return { ...place, before: last === NEWEST ? null : last, trail: place.trail.slice(0, -1) };
}

export function newestPlace(place: EventsPlace): EventsPlace {
  return { ...place, before: null, trail: [] };
}

export function placeUrl({ feed, search, before, trail }: EventsPlace): string {
  const query = new URLSearchParams({ feed });
  if (search !== '') query.set('search', search);
  if (before !== null) query.set('before', String(before));
  if (trail.length > 0) query.set('trail', trail.join('.'));
  return `/status/events?${query.toString()}`;
}
