import type { PollResult } from '../../../src/connector/poll-result.ts';
import type { Exchange, Fate, SeenPage } from './exchange.ts';
import type { ObservedPoll, Path, PathOptions } from './path.ts';

/** Nothing in between. The poller takes every byte as it comes, so what it did not take is reset with the connection. */
export function directPath({ bridge }: PathOptions): Path {
  return {
    origin: `https://localhost:${bridge.port}`,
    upset: () => undefined,
    exchanges: (poll) => Promise.resolve(ownExchange(poll, 'cut')),
    close: () => Promise.resolve(),
  };
}

/** The poll itself, where the connector talks with the bridge; none when nobody listened. @param unlessWhole what a broken poll means */
export function ownExchange({ result, ...times }: ObservedPoll, unlessWhole: Fate): readonly Exchange[] {
  const sinceText = result.sinceText === '$START_AT_TIME' ? null : result.sinceText;
  if (result.kind === 'received') return [{ sinceText, ...times, page: pageOf(result), fate: 'taken', why: '' }];
  if (result.message.includes('ECONNREFUSED')) return [];
  const hadAll = result.announcedBytes !== null && result.bytes === result.announcedBytes && result.status === null;
  const fate = hadAll ? 'unsure' : unlessWhole;
  return [{ sinceText, ...times, page: null, fate, why: `the poll failed: ${result.message}` }];
}

function pageOf({ events }: Extract<PollResult, { kind: 'received' }>): SeenPage {
  const stamp = events.at(-1)?.fields['deviceReceiptTime'];
  return {
    seqs: events.map(({ additionalData }) => Number(additionalData['FeedSeq'])),
    stampMs: typeof stamp === 'number' ? stamp : null,
  };
}
