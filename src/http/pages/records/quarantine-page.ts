import type { QuarantineEntry } from '../../../store/detection-store.ts';
import { type Html, html } from '../html.ts';
import type { Page, Viewer } from '../layout.ts';
import { counted } from '../moment.ts';
import { at, fullText, region } from './record-parts.ts';
import { shortText } from './shown-text.ts';

/** An entry with the name of its tenant in place of the id. */
export interface ShownEntry extends QuarantineEntry {
  readonly tenant: string;
}

/** Rows of one page; the command lists all. */
const MOST_ROWS = 500;

/** What was set aside, oldest first. What Microsoft sent is on the entry's own page only. */
export function quarantinePage(entries: readonly ShownEntry[], nowMs: number, viewer: Viewer): Page {
  return {
    title: 'Quarantine',
    viewer,
    here: '/status/quarantine',
    isWide: true,
    content: html`${region('what-heading', 'What is set aside', entries.length === 0 ? html`<p>Nothing is set aside.</p>` : table(entries, nowMs))}${region('commands-heading', 'What to do', COMMANDS)}`,
  };
}

/** One entry, with what Microsoft sent. */
export function quarantineEntryPage(entry: ShownEntry, nowMs: number, viewer: Viewer): Page {
  const { entryId, reason, code, readIn } = entry;
  const facts = [
    ['Source', source(entry)],
    ['What', what(entry)],
    ['Reason', `${shortText(reason, 2000)} (${code})`],
    ['Read in', readIn === null ? 'not known' : `${readIn.from} to ${readIn.to}`],
    ['Since', at(entry.firstMs)],
    ['Last try', at(entry.lastTryMs)],
    ['Tries', String(entry.tries)],
    ['Next try', nextTry(entry, nowMs)],
  ] as const;
  return {
    title: `Entry ${entryId} of the quarantine`,
    viewer,
    here: '/status/quarantine',
    isWide: true,
    content: html`${region(
      'entry-heading',
      `Entry ${entryId}`,
      html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<p>To have it tried again with the next poll: <code>flexbridge quarantine retry ${entryId}</code></p>
<p><a href="/status/quarantine">All that is set aside</a></p>`,
    )}${region('raw-heading', 'What Microsoft sent', entry.raw === '' ? html`<p>Nothing that could be kept.</p>` : fullText(entry.raw))}`,
  };
}

function table(entries: readonly ShownEntry[], nowMs: number): Html {
  const rows = entries.slice(0, MOST_ROWS).map((entry) => row(entry, nowMs));
  const left = entries.length - rows.length;
  return html`<table class="stacked"><caption>${counted(entries.length, 'entry').replace('entrys', 'entries')}, oldest first</caption>
<thead><tr><th scope="col">Entry</th><th scope="col">Source</th><th scope="col">What</th><th scope="col">Reason</th><th scope="col">Since</th><th scope="col">Tries</th><th scope="col">Next try</th></tr></thead>
<tbody>${rows}</tbody></table>
${left === 0 ? null : html`<p>And ${left} more: <code>flexbridge quarantine list</code></p>`}`;
}

function row(entry: ShownEntry, nowMs: number): Html {
  const { entryId, reason, tries, firstMs } = entry;
  return html`<tr><th scope="row"><a href="/status/quarantine/${entryId}">${entryId}</a></th><td data-label="Source">${source(entry)}</td><td data-label="What">${what(entry)}</td><td data-label="Reason">${shortText(reason)}</td><td data-label="Since">${at(firstMs)}</td><td data-label="Tries">${tries}</td><td data-label="Next try">${nextTry(entry, nowMs)}</td></tr>
`;
}

const COMMANDS = html`<p>The bridge tries each entry again by itself; what can be taken then leaves the list. After a new version, or once Microsoft has mended something, it need not be waited for:</p>
<dl class="facts commands">
<div><dt>Look at one</dt><dd><code>flexbridge quarantine list --show ID</code></dd></div>
<div><dt>Try one at once</dt><dd><code>flexbridge quarantine retry ID</code></dd></div>
<div><dt>Try all at once</dt><dd><code>flexbridge quarantine retry --all</code></dd></div>
</dl>`;

function source(entry: ShownEntry): string {
  return `${entry.tenant}/${entry.source}`;
}

function what({ id, stretch }: ShownEntry): string {
  if (id !== null) return shortText(id);
  if (stretch === null) return 'a record without id';
  const { from, to, index } = stretch;
  return index === null ? `${from} to ${to}` : `record ${index + 1} of ${from}`;
}

function nextTry({ nextTryMs }: ShownEntry, nowMs: number): Html {
  return nextTryMs <= nowMs ? html`next poll` : at(nextTryMs);
}
