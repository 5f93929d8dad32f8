import type { CatchUp } from '../../../domain/catch-up-estimate.ts';
import { type SourceLink, worstFirst } from '../../../domain/chain.ts';
import { span } from '../../../domain/time-words.ts';
import { type Html, html } from '../html.ts';
import { ago, ahead, counted, number } from '../moment.ts';
import { catchUpFact, type Fact, facts } from './facts.ts';
import { whyLink } from './findings-part.ts';
import { mark } from './mark.ts';

export interface SourceCards {
  readonly links: readonly SourceLink[];
  readonly caughtUp: (link: SourceLink) => CatchUp;
  readonly nowMs: number;
}

/** More cards than that, and those that work are folded up. */
const MOST_OPEN = 6;

/** The tenants and APIs: those that do not work first, and of many the others behind their number. */
export function sourceCards({ links, ...how }: SourceCards): Html {
  const card = (link: SourceLink): Html => sourceCard(link, how);
  if (links.length <= MOST_OPEN) return html`<ul class="cards">${worstFirst(links).map(card)}</ul>`;
  const well = links.filter(({ state }) => state === 'ok');
  const others = worstFirst(links.filter(({ state }) => state !== 'ok'));
  const fold = html`<details id="sources-ok"><summary>${number(well.length)} of ${counted(links.length, 'source')} work</summary><ul class="cards">${well.map(card)}</ul></details>`;
  return html`${others.length === 0 ? null : html`<ul class="cards">${others.map(card)}</ul>`}${well.length === 0 ? null : fold}`;
}

function sourceCard(link: SourceLink, { caughtUp, nowMs }: Omit<SourceCards, 'links'>): Html {
  const { row, state, finding } = link;
  const { tenant, source, lastSuccessMs, nextTryMs, failures, setAside } = row;
  const lines: readonly Fact[] = [
    ['Last success', ago(lastSuccessMs, nowMs)],
    lagFact(link, nowMs),
    row.catchingUp === null ? null : catchUpFact(caughtUp(link), nowMs),
    failures === 0 ? null : ['Failed', `${counted(failures, 'time')} in a row`],
    nextTryMs === null ? null : ['Next try', ahead(nextTryMs, nowMs)],
    setAside === 0 ? null : ['Set aside', html`<a href="/status/quarantine">${counted(setAside, 'record')}</a>`],
  ];
  return html`<li class="card ${state}"><h4>${tenant} <span class="faint">${source}</span></h4>${mark(state)}${facts(lines)}${whyLink(finding)}</li>
`;
}

/** How far it lags behind Microsoft; of one that never answered only where the reading would begin is known. */
function lagFact({ row: { watermarkMs, catchingUp, lastSuccessMs } }: SourceLink, nowMs: number): Fact {
  if (catchingUp !== null) return ['Behind', span(catchingUp.targetMs - catchingUp.reachedMs)];
  return watermarkMs === null || lastSuccessMs === null ? null : ['Read up to', ago(watermarkMs, nowMs)];
}
