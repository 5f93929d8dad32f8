import { BridgeError } from '../domain/errors.ts';
import type { FeedSpan } from '../store/feed-pages.ts';

/** Of the text of a cursor. Clients take it as it is; another form gets another number. */
const VERSION = 1;
/** Version, generation of the store, feed, FeedSeq: only characters that a URL and a list with commas leave alone. */
const FORM = new RegExp(String.raw`^${VERSION}\.([0-9a-f]+)\.([a-z0-9-]+)\.(0|[1-9]\d{0,14})$`);

/** Everything of a cursor but the FeedSeq at its end, so that the store can write the cursor of each event itself. */
export function cursorPrefix(feed: string, { generation }: FeedSpan): string {
  return `${VERSION}.${generation}.${feed}.`;
}

/**
 * The FeedSeq behind which a cursor stands.
 * @throws BridgeError CURSOR_INVALID when nobody here wrote it; CURSOR_GONE when what follows it cannot be told
 */
export function seqOfCursor(text: string, feed: string, span: FeedSpan): number {
  const [, generation, ofFeed, digits] = FORM.exec(text) ?? [];
  if (ofFeed === undefined || digits === undefined) throw invalid();
  const seq = Number(digits);
  if (ofFeed !== feed) throw gone(OTHER_FEED);
  // A number past the last is of a copy of this store that had got further, put aside without `restore`.
  if (generation !== span.generation || seq > span.lastSeq) throw gone(OTHER_STORE);
  checkStillKept(seq, span);
  return seq;
}

/** Throws when retention took, while a page was read, what should have been in it. */
export function checkStillKept(after: number, { firstSeq }: FeedSpan): void {
  if (after + 1 < firstSeq) throw gone(TOO_OLD);
}

type Reason = Pick<BridgeError, 'message' | 'hint'>;

const AGAIN =
  'Begin again with since=TIME in place of after, TIME being the FeedTime of the last event you have, or without both.';
const OTHER_FEED: Reason = {
  message: 'this cursor is of another feed',
  hint: `Use a cursor that came from this feed. ${AGAIN}`,
};
const OTHER_STORE: Reason = {
  message: 'this cursor is of another generation of the store: it was restored, salvaged or made anew since',
  hint: `${AGAIN} Events you already have may come again; DetectionId says which.`,
};
const TOO_OLD: Reason = {
  message: 'events that follow this cursor have been deleted by retention',
  hint: `${AGAIN} What was deleted does not come again: read more often than store.retention deletes.`,
};

function gone(reason: Reason): BridgeError {
  return new BridgeError({ code: 'CURSOR_GONE', kind: 'operator', ...reason });
}

function invalid(): BridgeError {
  return new BridgeError({
    code: 'CURSOR_INVALID',
    kind: 'operator',
    message: 'the value of after is no cursor of this bridge',
    hint: 'Send next, X-Next-Cursor or the Cursor of an event exactly as it came, or leave after out to begin.',
  });
}
