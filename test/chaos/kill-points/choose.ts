import type { Call, KillPlace } from './tracer.ts';

/** A place, and in which of the two scenarios it is. */
export interface KillPoint extends KillPlace {
  readonly tls: boolean;
}

const SYNCS: readonly string[] = ['fsync', 'fdatasync'];
const SOCKETS: readonly string[] = ['connector', 'microsoft'];

/**
 * Every place that can make a difference: before and after each commit and each write to a socket, and before whatever a
 * commit consists of; after it is before the next one. Over plain HTTP only what goes to the connector is different.
 */
export function killPoints(calls: readonly Call[], tls: boolean): readonly KillPoint[] {
  return calls.flatMap((call): readonly KillPoint[] => {
    const isSocket = SOCKETS.includes(call.target);
    if (call.target === 'other' || (!tls && call.target !== 'connector')) return [];
    const before: KillPoint = { call, side: 'before', tls };
    return isSocket || SYNCS.includes(call.name) ? [before, { ...before, side: 'after' }] : [before];
  });
}

const TARGETS: Readonly<Record<Call['target'], string>> = {
  log: "the database's log",
  database: 'the database',
  file: 'other files',
  connector: 'the connector',
  microsoft: 'Microsoft',
  other: 'the process itself',
};

/** Kind of a place, in words. */
export function kindOf({ call, side, tls }: KillPoint): string {
  const over = call.target === 'connector' ? `, ${tls ? 'TLS' : 'plain'}` : '';
  return `${side} ${call.name} to ${TARGETS[call.target]}${over}`;
}

/** What is told to others first, then what is promised by it. */
const TURN: readonly Call['target'][] = ['connector', 'log', 'microsoft', 'database', 'file'];
/** Commits are of many kinds: of a page of alerts, a position, a try. Other kinds of places are all alike. */
const COMMITS_A_TURN = 3;

/** So many of them: of every kind as many as of any other, while it has them, of commits more; and these evenly spread. */
export function choose(points: readonly KillPoint[], max: number): readonly KillPoint[] {
  const kinds = byKind(points.toSorted((a, b) => TURN.indexOf(a.call.target) - TURN.indexOf(b.call.target)));
  const shares = new Map([...kinds.keys()].map((kind) => [kind, 0]));
  let left = Math.min(max, points.length);
  while (left > 0) {
    for (const [kind, members] of kinds) {
      const share = shares.get(kind) ?? 0;
      const turn = members[0]?.call.target === 'log' ? COMMITS_A_TURN : 1;
      const more = Math.min(turn, left, members.length - share);
      shares.set(kind, share + more);
      left -= more;
    }
  }
  return [...kinds].flatMap(([kind, members]) => spread(members, shares.get(kind) ?? 0));
}

export function byKind<T extends KillPoint>(points: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const kinds = new Map<string, T[]>();
  for (const point of points) {
    const kind = kindOf(point);
    kinds.set(kind, [...(kinds.get(kind) ?? []), point]);
  }
  return kinds;
}

/** Each from the middle of its part. */
function spread<T>(members: readonly T[], count: number): readonly T[] {
  const middles = Array.from({ length: count }, (_, part) => Math.floor(((part + 0.5) * members.length) / count));
  return members.filter((_, at) => middles.includes(at));
}
