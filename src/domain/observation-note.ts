import type { Observation, ObservedRequest, ObservedShape, ObservedTimeForm, Reaction } from './observation.ts';
import { grown } from './observation-intervals.ts';
import type { WrittenTime } from './observation-time.ts';

/** What is known of a request once its answer is over. */
export interface RequestFacts extends Omit<ObservedRequest, 'shape' | 'since' | 'sinceMs' | 'unitMs' | 'intervalMs'> {
  readonly shape: Omit<ObservedShape, 'count'>;
  /** Null: it carried no time. */
  readonly time: WrittenTime | null;
}

/** Requests whose detail is kept, and how large they may be together as JSON. */
export const MOST_REQUESTS = 500;
export const MOST_BYTES = 44 * 1024;
const MOST_SHAPES = 12;
const MOST_FORMS = 12;
const MOST_REACTIONS = 20;

/** The observation with one more request. Sums and the answers to probes outlive the detail. */
export function noted(seen: Observation, facts: RequestFacts): Observation {
  const { shape: shapeFacts, time, ...plain } = facts;
  const [shapes, shape] = counted(seen.shapes, shapeFacts, MOST_SHAPES, SHAPES);
  const before = shapeFacts.kind === 'page' ? lastPoll(seen, facts) : null;
  const request: ObservedRequest = {
    ...plain,
    shape,
    since: time?.text ?? null,
    sinceMs: time?.ms ?? null,
    unitMs: time?.unitMs ?? null,
    intervalMs: before === null ? null : facts.atMs - before.atMs,
  };
  return {
    ...seen,
    shapes,
    timeForms: time === null ? seen.timeForms : withForm(seen.timeForms, time),
    sums: summed(seen, facts, before),
    ...intervals(seen, request, before),
    reactions: reactions(seen.reactions, facts, request),
    // One whose answer was held is over later than one that came after it.
    requests: [...seen.requests, request].toSorted((one, other) => one.atMs - other.atMs),
  };
}

/** Drops the oldest detail until the rest is small enough to be kept. */
export function bounded(seen: Observation): Observation {
  const sizes = seen.requests.map((request) => Buffer.byteLength(JSON.stringify(request)) + 1);
  let bytes = sizes.reduce((sum, size) => sum + size, 0);
  let first = 0;
  while (first < sizes.length && (sizes.length - first > MOST_REQUESTS || bytes > MOST_BYTES)) {
    bytes -= sizes[first] ?? 0;
    first += 1;
  }
  if (first === 0) return seen;
  return {
    ...seen,
    requests: seen.requests.slice(first),
    sums: { ...seen.sums, dropped: seen.sums.dropped + first },
  };
}

/** A request that was answered with a page, or would have been: not one that was refused for its login. */
function isPoll({ status, probe }: Pick<ObservedRequest, 'status' | 'probe'>): boolean {
  return probe !== null || status === null || status === 200;
}

function lastPoll(seen: Observation, facts: RequestFacts): ObservedRequest | null {
  const isPage = ({ shape }: ObservedRequest): boolean => seen.shapes[shape]?.kind === 'page';
  return seen.requests.findLast((one) => isPage(one) && isPoll(one) && one.feed === facts.feed) ?? null;
}

function intervals(seen: Observation, request: ObservedRequest, before: ObservedRequest | null) {
  const { afterEvents, afterEmpty } = seen;
  const { intervalMs } = request;
  if (before === null || intervalMs === null || intervalMs < 0 || before.probe !== null || !isPoll(request))
    return { afterEvents, afterEmpty };
  if (before.ended === 'broken') return { afterEvents, afterEmpty };
  return (before.events ?? 0) > 0
    ? { afterEvents: grown(afterEvents, intervalMs), afterEmpty }
    : { afterEvents, afterEmpty: grown(afterEmpty, intervalMs) };
}

function summed({ sums }: Observation, facts: RequestFacts, before: ObservedRequest | null): Observation['sums'] {
  const { shape, status, events, ended, probe } = facts;
  const isPage = shape.kind === 'page' && status === 200 && events !== null;
  const isTaken = before !== null && before.status === 200 && before.ended !== 'broken';
  return {
    ...sums,
    requests: sums.requests + 1,
    polls: sums.polls + (shape.kind === 'page' && isPoll(facts) ? 1 : 0),
    pages: sums.pages + (isPage && events > 0 ? 1 : 0),
    empty: sums.empty + (isPage && events === 0 ? 1 : 0),
    tokens: sums.tokens + (shape.kind === 'token' ? 1 : 0),
    refused: sums.refused + (probe === null && (status === 401 || status === 403) ? 1 : 0),
    failed: sums.failed + (probe === null && status !== null && status >= 500 ? 1 : 0),
    broken: sums.broken + (probe === null && ended === 'broken' ? 1 : 0),
    bytes: sums.bytes + facts.bytes,
    largestBytes: Math.max(sums.largestBytes, isTaken ? before.bytes : 0),
    largestEvents: Math.max(sums.largestEvents, isTaken ? (before.events ?? 0) : 0),
    connections: Math.max(sums.connections, facts.connection),
  };
}

/** The answer to the probe before, and a new one where this request was probed. */
function reactions(
  before: readonly Reaction[],
  facts: RequestFacts,
  { since, newConnection, status }: ObservedRequest,
): Reaction[] {
  const { shape, feed, atMs, probe } = facts;
  const told = before.map((one): Reaction => {
    if (one.next !== null) return one;
    if (shape.kind === 'token') return { ...one, tokens: one.tokens + 1 };
    // What is refused for want of a login belongs to the asking: the poll itself is still to come.
    if (shape.kind !== 'page' || one.feed !== feed || status === 401) return one;
    return { ...one, next: { afterMs: atMs - one.overMs, since, newConnection, status } };
  });
  if (probe === null) return told;
  const overMs = atMs + facts.durationMs;
  const gaveUp = probe === 'slow' && facts.ended === 'broken';
  const mine: Reaction = { probe, feed: feed ?? '', atMs, overMs, gaveUp, since, tokens: 0, next: null };
  return [...told, mine].slice(-MOST_REACTIONS);
}

function withForm(forms: readonly ObservedTimeForm[], time: WrittenTime): ObservedTimeForm[] {
  const { pattern, zone, unitMs, escaped, text } = time;
  const [next] = counted(forms, { pattern, zone, unitMs, escaped, example: text }, MOST_FORMS, FORMS);
  return next;
}

interface Counted {
  readonly count: number;
}

/** Past the most that are kept, the last that is at all like it stands for it. */
function counted<Facts>(
  things: readonly (Facts & Counted)[],
  facts: Facts,
  most: number,
  { isSame, isLike }: Likeness<Facts>,
): [(Facts & Counted)[], number] {
  const found = things.findIndex((thing) => isSame(thing, facts));
  const at = found < 0 && things.length >= most ? things.findLastIndex((thing) => isLike(thing, facts)) : found;
  if (at < 0) return [[...things, { ...facts, count: 1 }], things.length];
  return [things.map((thing, index) => (index === at ? { ...thing, count: thing.count + 1 } : thing)), at];
}

interface Likeness<Facts> {
  readonly isSame: (one: Facts, other: Facts) => boolean;
  readonly isLike: (one: Facts, other: Facts) => boolean;
}

type FormFacts = Omit<ObservedTimeForm, 'count'>;
type ShapeFacts = Omit<ObservedShape, 'count'>;

const FORMS: Likeness<FormFacts> = {
  isSame: (one, other) => one.pattern === other.pattern && one.zone === other.zone && one.escaped === other.escaped,
  isLike: () => true,
};

const SHAPES: Likeness<ShapeFacts> = {
  isSame: (one, other) => key(one) === key(other),
  isLike: (one, other) => one.kind === other.kind,
};

function key({ kind, method, path, login, http, tls, headers, values, parameters, token }: ShapeFacts): string {
  return JSON.stringify([kind, method, path, login, http, tls, headers, values, parameters, token]);
}
