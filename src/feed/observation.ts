import type { Clock } from '../domain/clock.ts';
import type { Observation, ObservedFeed, ObservedRequest } from '../domain/observation.ts';
import { bounded, noted, type RequestFacts } from '../domain/observation-note.ts';
import { type PlannedProbe, type ProbeName, planProbes } from '../domain/observation-probe.ts';

/** A request that is over, and by what it can be told whose it was. */
export interface SeenRequest {
  readonly facts: Omit<RequestFacts, 'byAddress'>;
  /** Whose login it carried; null: no login, or one that was refused. */
  readonly connector: string | null;
  /** The user name of a refused login, the client id of a request for a token. */
  readonly names: readonly string[];
  readonly address: string;
}

/** The observation that is under way. */
export interface LiveObservation {
  readonly startedMs: number;
  readonly connector: string;
  /** Aborted when it ends. */
  readonly signal: AbortSignal;
  note(request: SeenRequest): void;
  /** What became of a page that was sent. */
  outcome(stampMs: number, outcome: 'sent' | 'closed' | 'broken'): void;
  /** How this poll is to be answered; null: as always. */
  takeProbe(): ProbeName | null;
  told(feeds: readonly ObservedFeed[]): void;
  /** Small enough to be kept. */
  record(): Observation;
  isOver(): boolean;
}

/** Where the side that sees requests and the side that keeps the record meet. One observation at a time. */
export interface Observations {
  current(): LiveObservation | null;
  begin(observation: Observation): LiveObservation;
  end(): void;
}

/** Polls between two probes that are answered as always: what the connector did after the first is to be seen. */
const BETWEEN = 2;
const MOST_STRANGERS = 20;
const MOST_ADDRESSES = 20;
const MOST_OUTCOMES = 50;

export function createObservations(clock: Clock): Observations {
  let running: { readonly live: LiveObservation; readonly ending: AbortController } | null = null;
  return {
    current: () => running?.live ?? null,
    begin(observation) {
      const ending = new AbortController();
      running = { live: createLive(observation, clock, ending.signal), ending };
      return running.live;
    },
    end() {
      running?.ending.abort();
      running = null;
    },
  };
}

function createLive(begun: Observation, clock: Clock, signal: AbortSignal): LiveObservation {
  let seen = begun;
  const { connector, clientId, startedMs, forMs } = begun;
  const startedAt = clock.monotonic() - Math.max(0, clock.now() - startedMs);
  const elapsedMs = (): number => Math.max(clock.monotonic() - startedAt, clock.now() - startedMs);
  const plan: PlannedProbe[] = planProbes(begun.probes, forMs).slice(begun.reactions.length);
  const addresses = new Set<string>();
  const outcomes = new Map<number, ObservedRequest['ended']>();
  let strangers: SeenRequest[] = [];
  let ordinary = 0;

  const add = (request: SeenRequest, byAddress: boolean): void => {
    const { stampMs, ended } = request.facts;
    const known = stampMs === null ? undefined : outcomes.get(stampMs);
    seen = bounded(noted(seen, { ...request.facts, ended: known ?? ended, byAddress }));
    if (request.facts.shape.kind === 'page' && request.facts.probe === null && !byAddress) ordinary += 1;
  };
  /** Those that came from its address before it was known to be its own. */
  const recognise = (address: string): void => {
    if (addresses.size < MOST_ADDRESSES) addresses.add(address);
    for (const stranger of strangers.filter((one) => one.address === address)) add(stranger, true);
    strangers = strangers.filter((one) => one.address !== address);
  };

  return {
    startedMs,
    connector,
    signal,
    note(request) {
      const isNamed = request.names.some((name) => name === connector || name === clientId);
      if (request.connector === connector || (request.connector === null && isNamed)) {
        if (request.connector !== null) recognise(request.address);
        add(request, false);
      } else if (request.connector === null && request.names.length === 0 && request.facts.shape.kind === 'page') {
        if (addresses.has(request.address)) add(request, true);
        else strangers = [...strangers, request].slice(-MOST_STRANGERS);
      }
    },
    outcome(stampMs, outcome) {
      outcomes.set(stampMs, outcome);
      if (outcomes.size > MOST_OUTCOMES) outcomes.delete([...outcomes.keys()][0] ?? stampMs);
      const at = seen.requests.findLastIndex((request) => request.stampMs === stampMs);
      const found = seen.requests[at];
      if (found === undefined || found.ended === outcome) return;
      const broken = seen.sums.broken + (outcome === 'broken' && found.ended !== 'broken' ? 1 : 0);
      seen = {
        ...seen,
        sums: { ...seen.sums, broken },
        requests: seen.requests.with(at, { ...found, ended: outcome }),
      };
    },
    takeProbe() {
      const [next] = plan;
      if (next === undefined || signal.aborted || ordinary < BETWEEN) return null;
      const atMs = elapsedMs();
      if (atMs < next.afterMs || atMs >= forMs) return null;
      plan.shift();
      ordinary = 0;
      return next.probe;
    },
    told(feeds) {
      seen = { ...seen, feeds: [...feeds] };
    },
    record: () => seen,
    isOver: () => elapsedMs() >= forMs,
  };
}
