import type { Finding } from '../../../domain/finding.ts';
import type { StatusSnapshot } from '../../../domain/status-snapshot.ts';
import { verdict } from '../../../domain/verdict.ts';
import { type Html, html } from '../html.ts';
import { ago } from '../moment.ts';
import { findingAnchor } from './findings-part.ts';
import { shape } from './mark.ts';

/** Troubles that are told here; the table of findings has them all. */
const MOST_TROUBLES = 3;

/** Whether detections reach ArcSight, or where the chain is broken and what to do. */
export function verdictPart(snapshot: StatusSnapshot): Html {
  const { state, sentence, troubles } = verdict(snapshot);
  const deliveries = snapshot.connectors.flatMap(({ lastDeliveredMs }) => lastDeliveredMs ?? []);
  const last = deliveries.length === 0 ? null : Math.max(...deliveries);
  const more = troubles.length - MOST_TROUBLES;
  return html`<div class="verdict ${state}">
${shape(state)}
<p role="status" id="sentence">${sentence}</p>
</div>
${troubles.length === 0 ? null : html`<ul class="troubles">${troubles.slice(0, MOST_TROUBLES).map(trouble)}</ul>`}
${more > 0 ? html`<p><a href="#findings">${more} more in the findings</a></p>` : null}
<p class="faint">Last event delivered: ${ago(last, snapshot.atMs)}.</p>`;
}

function trouble(finding: Finding): Html {
  const { subject, meaning, remedy } = finding;
  return html`<li><strong><a href="#${findingAnchor(finding)}">${subject}</a></strong>: ${meaning}${remedy === '' ? null : html` <span class="remedy"><strong>What to do:</strong> ${remedy}</span>`}</li>`;
}
