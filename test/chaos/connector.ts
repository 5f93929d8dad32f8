import type { SavedTime, TimeMode } from '../../src/connector/connector-time.ts';
import type { ParserDefinition } from '../../src/connector/interpreter/parser-definition.ts';
import type { PollResult } from '../../src/connector/poll-result.ts';
import { createPoller, type Poller } from '../../src/connector/poller.ts';
import type { Clock } from '../../src/domain/clock.ts';

/** How a poll ends for the connector itself. */
export type PollEnd = 'processes' | 'dies-before' | 'dies-unsaved' | 'dies-saved';

export interface Connector {
  /** Its machine's clock, set by so much. */
  setClock(byMs: number): void;
  /** @param breakOff gives the poll up while it waits for the answer */
  poll(end: PollEnd, breakOff: AbortSignal): Promise<PollResult>;
  /** How the last poll ended in fact: an event that it cannot digest kills it. */
  readonly lastEnd: PollEnd;
  readonly ledger: Ledger;
  close(): void;
}

/** What a connector got to see. */
export interface Ledger {
  /** FeedSeq of everything it processed, with how often. */
  readonly processed: ReadonlyMap<number, number>;
  /** FeedSeq of everything that reached it whole, processed or not. */
  readonly received: ReadonlySet<number>;
}

export interface ConnectorOptions {
  readonly url: string;
  readonly ca: Buffer;
  readonly login: { readonly user: string; readonly password: string };
  readonly parser: ParserDefinition;
  readonly mode: TimeMode;
  readonly clock: Clock;
  readonly keepAlive: boolean;
  /** FeedSeq of an event on which it dies. */
  readonly indigestible?: number | null;
}

/** Longer than any answer takes by itself, on a machine that has much to do. */
const TIMEOUT_MS = 10_000;

/** A connector as a machine: when its process dies, what it had saved stays, and the clock goes on. */
export function createConnector(options: ConnectorOptions): Connector {
  const { url, ca, login, parser, mode, keepAlive } = options;
  let clockErrorMs = 0;
  const clock: Clock = { ...options.clock, now: () => options.clock.now() + clockErrorMs };
  const startTimeMs = clock.now();
  const make = (saved: SavedTime | null): Poller =>
    createPoller({
      url,
      ca,
      authorization: { kind: 'basic', ...login },
      parser,
      mode,
      clock,
      startTimeMs,
      keepAlive,
      timeoutMs: TIMEOUT_MS,
      ...(saved !== null && { saved }),
    });
  let poller = make(null);
  let saved = poller.saved();
  let lastEnd: PollEnd = 'processes';

  const processed = new Map<number, number>();
  const received = new Set<number>();
  const process = (seqs: readonly number[]): void => {
    for (const seq of seqs) {
      processed.set(seq, (processed.get(seq) ?? 0) + 1);
    }
  };
  const die = (): void => {
    poller.close();
    poller = make(saved);
  };

  return {
    ledger: { processed, received },
    get lastEnd() {
      return lastEnd;
    },
    setClock: (byMs) => {
      clockErrorMs += byMs;
    },
    async poll(meant, breakOff) {
      const asking = poller.receive(breakOff);
      // Of a try it notes that it tried before it knows how it ends.
      if (mode.meaning === 'last-try') saved = poller.saved();
      const result = await asking;
      const seqs = result.kind === 'received' ? seqsOf(result) : [];
      for (const seq of seqs) received.add(seq);
      const end = seqs.some((seq) => seq === options.indigestible) ? 'dies-before' : meant;
      lastEnd = end;
      if (end !== 'dies-before') {
        poller.accept(result);
        process(seqs);
      }
      if (end === 'processes' || end === 'dies-saved') saved = poller.saved();
      if (end !== 'processes') die();
      return result;
    },
    close: () => {
      poller.close();
    },
  };
}

function seqsOf({ events }: Extract<PollResult, { kind: 'received' }>): readonly number[] {
  return events.map(({ additionalData }) => Number(additionalData['FeedSeq']));
}
