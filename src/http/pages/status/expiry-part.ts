import { byState, type Finding, type FindingId } from '../../../domain/finding.ts';
import type { StatusSnapshot } from '../../../domain/status-snapshot.ts';
import { type Html, html } from '../html.ts';
import { findingMark } from './mark.ts';

const OF_EXPIRY: readonly FindingId[] = ['credential.expiry', 'certificate'];
/** More rows than that, and those that are ok are folded up. */
const MOST_OPEN = 6;

/** When the secrets and certificates of the tenants, and the bridge's own certificate, end. */
export function expiryPart({ findings }: StatusSnapshot): Html {
  const rows = byState(findings.filter(({ id }) => OF_EXPIRY.includes(id)));
  if (rows.length === 0) return html`<p>Nothing here expires.</p>`;
  const folded = rows.length > MOST_OPEN ? rows.filter(({ state }) => state === 'ok') : [];
  const open = rows.filter((row) => !folded.includes(row));
  return html`${open.length === 0 ? null : html`<ul class="plain">${open.map(line)}</ul>`}
${folded.length === 0 ? null : html`<details id="expiry-ok"><summary>${folded.length} are good for longer, or their end is not known</summary><ul class="plain">${folded.map(line)}</ul></details>`}`;
}

function line({ state, subject, meaning }: Finding): Html {
  return html`<li>${findingMark(state)} <strong>${subject}</strong>: ${meaning}</li>`;
}
