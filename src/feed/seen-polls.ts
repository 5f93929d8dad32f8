import type { SeenPoll } from '../domain/position.ts';

/** A request and how it was answered. */
export interface Seen {
  readonly atMs: number;
  /** The connector's time as it was sent; null when it sent none. */
  readonly since: string | null;
  readonly address: string;
  /** Newest FeedTime of the answer; null when it was empty. */
  readonly stampMs: number | null;
  /** The answer before it was broken. */
  readonly afterBroken: boolean;
}

const KEPT = 12;

/** The last requests with one more. Equal ones are counted, so that a night of them does not hide what was before. */
export function remember(recent: readonly SeenPoll[], seen: Seen): readonly SeenPoll[] {
  const { atMs, since, address, stampMs, afterBroken } = seen;
  const pages = stampMs === null ? 0 : 1;
  const last = recent.at(-1);
  if (last === undefined || last.since !== since || last.address !== address) {
    const first = { atMs, lastMs: atMs, polls: 1, pages, since, address, stampMs };
    const added = { ...first, movedAfterBroken: afterBroken && last?.address === address, heldAfterBroken: false };
    return [...recent, added].slice(-KEPT);
  }
  const again = {
    ...last,
    lastMs: atMs,
    polls: last.polls + 1,
    pages: last.pages + pages,
    stampMs: stampMs ?? last.stampMs,
    heldAfterBroken: last.heldAfterBroken || afterBroken,
  };
  return [...recent.slice(0, -1), again];
}
