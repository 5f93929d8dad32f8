import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';

/** An operator who has signed in. */
export interface Session {
  readonly operator: string;
  /** Every form of this session sends it; it is good for no other session. */
  readonly csrf: string;
}

/** Sessions of operators, in memory: a restart ends them all. */
export interface Sessions {
  /** A new one. Its id goes into the cookie and is kept here only as its hash. */
  start(operator: string): string;
  /** Null when there is none of that id, or it has ended; otherwise its time of idleness begins anew. */
  find(id: string | undefined): Session | null;
  end(id: string | undefined): void;
  /**
   * What the sign-in form sends, for a browser with this cookie: no session is there yet that could have a token.
   * @param visit the cookie of the visit, made by `newVisit`
   */
  visitToken(visit: string): string;
}

const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 8 * 3_600_000;
/** Only right passwords make sessions; still a script could sign in without end. */
const MOST_SESSIONS = 1000;

interface Kept {
  readonly session: Session;
  readonly startedMs: number;
  readonly usedMs: number;
}

export function createSessions({ clock }: { readonly clock: Clock }): Sessions {
  const kept = new Map<string, Kept>();
  const key = randomBytes(32);
  const isOver = ({ startedMs, usedMs }: Kept): boolean =>
    clock.monotonic() - usedMs >= IDLE_MS || clock.monotonic() - startedMs >= LONGEST_MS;
  return {
    start(operator) {
      const id = randomText();
      const nowMs = clock.monotonic();
      for (const [hash, one] of kept) if (isOver(one)) kept.delete(hash);
      const [oldest] = kept.keys();
      if (kept.size >= MOST_SESSIONS && oldest !== undefined) kept.delete(oldest);
      kept.set(hashOf(id), { session: { operator, csrf: randomText() }, startedMs: nowMs, usedMs: nowMs });
      return id;
    },
    find(id) {
      const hash = hashOf(id ?? '');
      const found = kept.get(hash);
      if (found === undefined) return null;
      kept.delete(hash);
      if (isOver(found)) return null;
      // To the end of the map: the one unused for longest is the first to go.
      kept.set(hash, { ...found, usedMs: clock.monotonic() });
      return found.session;
    },
    end(id) {
      kept.delete(hashOf(id ?? ''));
    },
    visitToken: (visit) => createHmac('sha256', key).update(visit).digest('base64url'),
  };
}

/** Names a browser that has not signed in yet. */
export function newVisit(): string {
  return randomText();
}

/** Constant time, whatever the lengths. */
export function isSameToken(given: string | undefined, right: string): boolean {
  return timingSafeEqual(digest(given ?? ''), digest(right)) && given !== undefined;
}

/** 256 bits. */
function randomText(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(id: string): string {
  return digest(id).toString('hex');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
