import { createHash } from 'node:crypto';
import { byState, type Finding } from '../../../domain/finding.ts';
import type { StatusSnapshot } from '../../../domain/status-snapshot.ts';
import { type Html, html } from '../html.ts';
import { ago } from '../moment.ts';
import { findingMark } from './mark.ts';

/** The table of findings: what is not ok in full, the rest folded up. */
export function findingsPart({ findings, atMs }: StatusSnapshot): Html {
  const bad = byState(findings).filter(({ state }) => state !== 'ok');
  const good = findings.filter(({ state }) => state === 'ok');
  return html`${bad.length === 0 ? html`<p>Nothing needs a look.</p>` : badTable(bad, atMs)}
<details id="findings-ok"><summary>${good.length} ${good.length === 1 ? 'check is' : 'checks are'} ok</summary>
${good.length === 0 ? null : goodTable(good)}
</details>`;
}

/** Where a card says why: the beginning of what the finding says, as a link to all of it. */
export function whyLink(finding: Finding | null): Html | null {
  if (finding === null) return null;
  const [beginning = finding.meaning] = /^.+?[.!?](?=\s|$)/su.exec(finding.meaning) ?? [];
  return html`<p><a href="#${findingAnchor(finding)}">${beginning}</a></p>`;
}

/** Where on the page it stands, for links; of several about one thing the first. */
export function findingAnchor({ id, subject }: Finding): string {
  return `finding-${createHash('sha256').update(`${id} ${subject}`).digest('hex').slice(0, 12)}`;
}

function badTable(findings: readonly Finding[], nowMs: number): Html {
  const seen = new Map<string, number>();
  const rows = findings.map((finding) => {
    const { id, state, subject, sinceMs, meaning, remedy } = finding;
    const anchor = findingAnchor(finding);
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return html`<tr id="${count === 0 ? anchor : `${anchor}-${count}`}" tabindex="-1"><td data-label="State">${findingMark(state)}</td><th scope="row">${subject} <code>${id}</code></th><td data-label="What it means">${meaning}${remedy === '' ? null : html`<p class="remedy"><strong>What to do:</strong> ${remedy}</p>`}</td><td data-label="Since" class="short">${sinceMs === null ? '-' : ago(sinceMs, nowMs)}</td></tr>`;
  });
  return html`<table class="stacked findings"><thead><tr><th scope="col">State</th><th scope="col">What</th><th scope="col">What it means and what to do</th><th scope="col">Since</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function goodTable(findings: readonly Finding[]): Html {
  const rows = findings.map(
    ({ id, subject, meaning }) => html`<tr><th scope="row">${subject} <code>${id}</code></th><td>${meaning}</td></tr>`,
  );
  return html`<table class="stacked"><thead><tr><th scope="col">What</th><th scope="col">What it means</th></tr></thead><tbody>${rows}</tbody></table>`;
}
