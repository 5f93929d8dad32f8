import type { CatchUp } from '../../../domain/catch-up-estimate.ts';
import { type ConnectorLink, worstFirst } from '../../../domain/chain.ts';
import type { FeedRow } from '../../../domain/status-snapshot.ts';
import { type Html, html } from '../html.ts';
import { ago, counted, number } from '../moment.ts';
import { catchUpFact, type Fact, facts } from './facts.ts';
import { whyLink } from './findings-part.ts';
import { mark } from './mark.ts';

export interface ConnectorCards {
  readonly feeds: readonly FeedRow[];
  readonly links: readonly ConnectorLink[];
  readonly caughtUp: (link: ConnectorLink) => CatchUp;
  readonly nowMs: number;
}

/** Each feed with the connectors that read it. */
export function connectorCards({ feeds, links, ...how }: ConnectorCards): Html {
  return html`${feeds.map((feed) =>
    feedGroup(
      feed,
      links.filter(({ row }) => row.feed === feed.feed),
      how,
    ),
  )}`;
}

/** More cards than that, and those that work are folded up. */
const MOST_OPEN = 6;

type How = Omit<ConnectorCards, 'feeds' | 'links'>;

function feedGroup({ feed, lastSeq, lastEventMs }: FeedRow, links: readonly ConnectorLink[], how: How): Html {
  const card = (link: ConnectorLink): Html => connectorCard(link, how);
  const sorted = worstFirst(links);
  const folded = links.length > MOST_OPEN ? sorted.filter(({ state }) => state === 'ok') : [];
  const open = sorted.filter((link) => !folded.includes(link));
  const events = lastSeq === 0 ? 'no events yet' : `${counted(lastSeq, 'event')}, the last`;
  return html`<div class="feed"><h4>Feed ${feed}</h4><p class="faint">${events}${lastSeq === 0 ? null : html` ${ago(lastEventMs, how.nowMs)}`}</p>
${open.length === 0 ? null : html`<ul class="cards">${open.map(card)}</ul>`}
${links.length === 0 ? html`<p>No connector reads it.</p>` : null}
${folded.length === 0 ? null : html`<details id="connectors-ok-${feed}"><summary>${number(folded.length)} of ${counted(links.length, 'connector')} work</summary><ul class="cards">${folded.map(card)}</ul></details>`}</div>
`;
}

function connectorCard(link: ConnectorLink, { caughtUp, nowMs }: How): Html {
  const { row, state, finding } = link;
  const { connector, lastPollMs, lastDeliveredMs, backlog, backlogIsExact, oldestWaitingMs } = row;
  const waits = backlog === null ? 'not known' : `${backlogIsExact ? '' : 'up to '}${counted(backlog, 'event')}`;
  const lines: readonly Fact[] = [
    ['Asked', ago(lastPollMs, nowMs)],
    ['Last delivery', ago(lastDeliveredMs, nowMs)],
    ['Backlog', waits],
    oldestWaitingMs === null ? null : ['Oldest stored', ago(oldestWaitingMs, nowMs)],
    hasOld(row, nowMs) ? catchUpFact(caughtUp(link), nowMs) : null,
  ];
  return html`<li class="card ${state}"><h5>${connector}</h5>${mark(state)}${facts(lines)}${whyLink(finding)}</li>
`;
}

/** What has come since its last poll is no backlog to speak of. */
const OLD_MS = 60_000;

function hasOld({ oldestWaitingMs }: ConnectorLink['row'], nowMs: number): boolean {
  return oldestWaitingMs !== null && nowMs - oldestWaitingMs > OLD_MS;
}
