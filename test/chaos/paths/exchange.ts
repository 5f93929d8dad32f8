/** A page as it came out of the bridge. */
export interface SeenPage {
  readonly seqs: readonly number[];
  /** FeedTime of its events; null when it is empty. */
  readonly stampMs: number | null;
}

/**
 * What became of an answer, by what its reader knows. `taken`: whole, and the connection ended in order. `cut`: the reader
 * broke off or met the end too early. `unsure`: the reader was gone while the answer was on its way.
 */
export type Fate = 'taken' | 'cut' | 'unsure';

/** One request to the bridge, as the party that sent it saw it. Times are what the bridge takes for now. */
export interface Exchange {
  /** Null when the request carried no time. */
  readonly sinceText: string | null;
  readonly sentMs: number;
  readonly endedMs: number;
  /** When it was sent, on the clock that nobody sets (`performance.now()`). */
  readonly sentAt: number;
  /** Null when no whole answer with a page came. */
  readonly page: SeenPage | null;
  readonly fate: Fate;
  /** Why not `taken`. */
  readonly why: string;
}

const PLACEHOLDER = '$START_AT_TIME';

/** The time in the query of a request, as the bridge reads it. */
export function sinceOf(path: string): string | null {
  const text = new URL(path, 'http://bridge').searchParams.get('since') ?? '';
  // A plus sign in a query is a blank.
  return text === '' || text === PLACEHOLDER ? null : text.replace(/ (\d\d:\d\d)$/, '+$1');
}

/** Null when it is not the array of a feed. */
export function readPage(body: Buffer): SeenPage | null {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    if (!Array.isArray(parsed)) return null;
    const events = parsed.map(readEvent);
    return { seqs: events.map(({ seq }) => seq), stampMs: events.at(-1)?.stampMs ?? null };
  } catch {
    return null;
  }
}

function readEvent(event: unknown): { readonly seq: number; readonly stampMs: number } {
  if (typeof event !== 'object' || event === null || !('FeedSeq' in event) || !('FeedTime' in event))
    throw new Error('an element of the feed without FeedSeq or FeedTime');
  const { FeedSeq: seq, FeedTime: stampMs } = event;
  if (typeof seq !== 'number' || typeof stampMs !== 'number') throw new Error('FeedSeq or FeedTime is no number');
  return { seq, stampMs };
}
