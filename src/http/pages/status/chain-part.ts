import type { CatchUp } from '../../../domain/catch-up-estimate.ts';
import { chainOf, type LinkState, type StoreLink, worstLink } from '../../../domain/chain.ts';
import type { StatusSnapshot } from '../../../domain/status-snapshot.ts';
import { type Html, html } from '../html.ts';
import { connectorCards } from './connector-card.ts';
import { whyLink } from './findings-part.ts';
import { mark, shape } from './mark.ts';
import { sourceCards } from './source-card.ts';

/** Answers when nothing will be left of a thing; `left` is what is left now. */
export type CaughtUp = (thing: string, left: number) => CatchUp;

/** The way of a detection, drawn: Microsoft, the store, feeds with their connectors. */
export function chainPart(snapshot: StatusSnapshot, caughtUp: CaughtUp): Html {
  const { sources, store, connectors } = chainOf(snapshot);
  const nowMs = snapshot.atMs;
  return html`<ol class="chain">
<li class="stage"><h3>Microsoft ${summary(worstLink(sources), sources.length)}</h3>
${sources.length === 0 ? html`<p>No tenant can be seen.</p>` : null}
${sourceCards({
  links: sources,
  nowMs,
  caughtUp: ({ row: { tenant, source, catchingUp } }) =>
    caughtUp(`source ${tenant}/${source}`, catchingUp === null ? 0 : catchingUp.targetMs - catchingUp.reachedMs),
})}</li>
<li class="stage"><h3>Bridge</h3>
<ul class="cards">${storeCard(store, snapshot)}</ul></li>
<li class="stage"><h3>ArcSight ${summary(worstLink(connectors), connectors.length)}</h3>
${connectorCards({
  feeds: snapshot.feeds,
  links: connectors,
  nowMs,
  caughtUp: ({ row: { connector, feed, backlog } }) => caughtUp(`connector ${connector}/${feed}`, backlog ?? 0),
})}</li>
</ol>`;
}

/** Only the shape: the cards have the words. */
function summary(state: LinkState, count: number): Html | null {
  return count === 0 ? null : shape(state);
}

function storeCard({ state, finding }: StoreLink, { findings }: StatusSnapshot): Html {
  const told = findings.filter(({ id, state: how }) => (id === 'store' || id === 'store.space') && how === 'ok');
  return html`<li class="card ${state}"><h4>Store</h4>${mark(state)}
${told.map(({ meaning }) => html`<p class="fact">${meaning}</p>`)}${whyLink(finding)}</li>`;
}
