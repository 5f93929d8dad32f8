import type { AuditEntry } from '../../../domain/audit.ts';
import { type Html, html } from '../html.ts';
import type { Page, Viewer } from '../layout.ts';
import { at, region } from './record-parts.ts';
import { shortText } from './shown-text.ts';

/** Lines that the page shows; the command shows more. */
export const AUDIT_LINES = 500;

/** Who did what, newest first. */
export function auditPage(entries: readonly AuditEntry[], viewer: Viewer): Page {
  return {
    title: 'Audit',
    viewer,
    here: '/status/audit',
    isWide: true,
    content: region(
      'audit-heading',
      'Audit trail',
      entries.length === 0 ? html`<p>There is no line yet.</p>` : table(entries),
    ),
  };
}

function table(entries: readonly AuditEntry[]): Html {
  return html`<table class="stacked"><caption>Newest first; at most ${AUDIT_LINES} lines. <code>flexbridge audit --limit 5000</code> shows more.</caption>
<thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Action</th><th scope="col">Details</th></tr></thead>
<tbody>${entries.map(row)}</tbody></table>`;
}

function row({ atMs, who, action, details }: AuditEntry): Html {
  return html`<tr><th scope="row">${at(atMs)}</th><td data-label="Who">${shortText(who) || '-'}</td><td data-label="Action">${shortText(action)}</td><td data-label="Details">${told(details)}</td></tr>
`;
}

function told(details: AuditEntry['details']): string {
  const parts = Object.entries(details).map(
    ([name, value]) => `${shortText(name)} ${shortText(String(value ?? '-'), 300)}`,
  );
  return parts.join(', ') || '-';
}
