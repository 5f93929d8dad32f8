import { TIME_MODES } from '../../../src/connector/connector-time.ts';
import type { ParserDefinition } from '../../../src/connector/interpreter/parser-definition.ts';
import type { PollResult } from '../../../src/connector/poll-result.ts';
import { createConnector } from '../connector.ts';
import { CONNECTORS, type Rig, SECRET } from '../rig.ts';
import { startCutLine } from './cut-line.ts';

/** One connector that takes its time from the newest event, and the line on which it polls. */
export interface Party {
  /** One poll, processed when it was answered. @param cutAfterBytes of the bridge, then the line breaks */
  poll(cutAfterBytes?: number): Promise<PollResult>;
  readonly account: Account;
  close(): void;
}

/** What it processed. */
export interface Account {
  /** FeedSeq with how often. */
  readonly processed: ReadonlyMap<number, number>;
  /** FeedSeq with the detection that it was, each time it came. */
  readonly detections: ReadonlyMap<number, ReadonlySet<string>>;
  /** The last page that had events. */
  readonly lastPage: readonly number[];
  /** First sights of a FeedSeq below one that was processed before. */
  readonly outOfOrder: number;
}

export interface PartyOptions {
  readonly rig: Rig;
  readonly tls: boolean;
  readonly parser: ParserDefinition;
}

const NEVER = new AbortController().signal;

/** The bridge has to have been started once: a connector trusts its certificate. */
export async function createParty({ rig, tls, parser }: PartyOptions): Promise<Party> {
  const line = await startCutLine(rig.port);
  const connector = createConnector({
    url: `${tls ? 'https' : 'http'}://localhost:${line.port}/v1/feeds/default/detections?since=$START_AT_TIME`,
    ca: tls ? rig.ca() : Buffer.alloc(0),
    login: { user: CONNECTORS.tested, password: SECRET },
    parser,
    mode: TIME_MODES['newest-event'],
    clock: rig.time.clock,
    keepAlive: !tls,
  });
  const detections = new Map<number, Set<string>>();
  let lastPage: readonly number[] = [];
  let outOfOrder = 0;
  let highest = 0;

  const note = ({ events }: Extract<PollResult, { kind: 'received' }>): void => {
    for (const { fields, additionalData } of events) {
      const seq = Number(additionalData['FeedSeq']);
      const known = detections.get(seq);
      if (known === undefined && seq < highest) outOfOrder += 1;
      highest = Math.max(highest, seq);
      detections.set(seq, (known ?? new Set<string>()).add(String(fields['deviceCustomString2'])));
    }
    if (events.length > 0) lastPage = events.map(({ additionalData }) => Number(additionalData['FeedSeq']));
  };
  return {
    async poll(cutAfterBytes = Infinity) {
      line.cutAfter(cutAfterBytes);
      const result = await connector.poll('processes', NEVER);
      if (result.kind === 'received') note(result);
      return result;
    },
    account: {
      processed: connector.ledger.processed,
      detections,
      get lastPage() {
        return lastPage;
      },
      get outOfOrder() {
        return outOfOrder;
      },
    },
    close() {
      connector.close();
      line.close();
    },
  };
}
