import type { EventOrigin } from '../../../store/event-browser.ts';
import type { ArcsightView } from '../../arcsight-view.ts';
import { type Html, html } from '../html.ts';
import type { Page, Viewer } from '../layout.ts';
import { memberReader } from './event-members.ts';
import { at, fullText, region } from './record-parts.ts';
import { shownText } from './shown-text.ts';

export interface EventView extends EventOrigin {
  /** The event as the feed gives it, with a stamp. */
  readonly stamped: string;
  readonly arcsight: ArcsightView;
}

/** One event: what Microsoft sent, what the feed gives, what ArcSight makes of it. */
export function eventPage(view: EventView, viewer: Viewer): Page {
  const { feed, seq } = view.event;
  return {
    title: `Event ${seq} of the feed ${feed}`,
    viewer,
    here: '/status/events',
    isWide: true,
    content: html`${region('event-heading', `Event ${seq} of the feed ${feed}`, summary(view))}
<div class="sides">
${region('raw-heading', "Microsoft's record", rawPart(view))}
${region('feed-heading', 'Event of the feed', feedPart(view))}
${region('arcsight-heading', 'Event in ArcSight', arcsightPart(view.arcsight))}
${region('cef-heading', 'CEF line', cefPart(view.arcsight))}
</div>`,
  };
}

const FACTS = [
  ['Title', 'AlertTitle'],
  ['Severity', 'Severity'],
  ['Kind', 'EventKind'],
  ['Reason', 'EventReason'],
  ['Tenant', 'TenantName'],
  ['Device', 'ComputerDnsName'],
  ['Alert id', 'AlertId'],
  ['DetectionId', 'DetectionId'],
] as const;

function summary({ event: { feed, seq, storedMs, text } }: EventView): Html {
  const word = memberReader(text);
  const told = FACTS.flatMap(([name, member]) => {
    const value = word(member);
    return value === '' ? [] : [html`<div><dt>${name}</dt><dd>${value}</dd></div>`];
  });
  return html`<dl class="facts"><div><dt>Stored</dt><dd>${at(storedMs)}</dd></div>${told}</dl>
<p>To send it to the connectors of the feed once more: <code>flexbridge replay --feed ${feed} --position ${seq}</code></p>
<p><a href="/status/events?feed=${feed}">All events of this feed</a></p>`;
}

function rawPart({ raw }: EventView): Html {
  if (raw !== null) return fullText(raw);
  return html`<p>There is none: the event is one of the bridge's own, or retention has deleted the record.</p>`;
}

function feedPart({ stamped }: EventView): Html {
  return html`${fullText(stamped)}
<p class="faint">FeedTime is put on when a page is sent. Here it is the time of storing, as on /events.</p>`;
}

function arcsightPart(view: ArcsightView): Html {
  if (view.kind === 'failed') return failed(view);
  const rows = view.fields.map(([name, value]) => html`<div><dt>${name}</dt><dd>${shownText(value).text}</dd></div>`);
  const warnings = view.warnings.map((warning) => html`<li>${warning}</li>`);
  return html`<dl class="fields">${rows}</dl>
${warnings.length === 0 ? null : html`<p>The parser says:</p><ul>${warnings}</ul>`}
<p class="faint">Made by the parser file of the present pack. A connector with an older one may make something else of it.</p>`;
}

function cefPart(view: ArcsightView): Html {
  return view.kind === 'failed' ? failed(view) : html`<pre>${shownText(view.cef).text}</pre>`;
}

function failed({ message, hint }: Extract<ArcsightView, { kind: 'failed' }>): Html {
  return html`<p class="wrong">${message}</p><p>${hint}</p>`;
}
