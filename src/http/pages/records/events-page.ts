import type { BrowsedEvent, FoundEvents } from '../../../store/event-browser.ts';
import { type Html, html } from '../html.ts';
import type { Page, Viewer } from '../layout.ts';
import { memberReader } from './event-members.ts';
import { type EventsPlace, newerPlace, newestPlace, olderPlace, placeUrl } from './events-place.ts';
import { at, region } from './record-parts.ts';

export interface EventsView {
  readonly feeds: readonly string[];
  readonly place: EventsPlace;
  readonly found: FoundEvents;
}

/** Events of a feed, newest first, with a search. */
export function eventsPage({ feeds, place, found }: EventsView, viewer: Viewer): Page {
  return {
    title: 'Events',
    viewer,
    here: '/status/events',
    isWide: true,
    content: html`${region('search-heading', 'Search', searchForm(feeds, place))}${region('events-heading', `Events of the feed ${place.feed}`, list(place, found))}`,
  };
}

function searchForm(feeds: readonly string[], { feed, search }: EventsPlace): Html {
  const options = feeds.map((name) =>
    name === feed ? html`<option selected>${name}</option>` : html`<option>${name}</option>`,
  );
  return html`<form method="get" action="/status/events" class="search" role="search">
<div><label for="feed">Feed</label><select id="feed" name="feed">${options}</select></div>
<div><label for="search">Text in the event</label><input id="search" name="search" type="search" value="${search}" maxlength="200" autocapitalize="none" spellcheck="false" aria-describedby="search-hint"></div>
<div><button>Search</button></div>
</form>
<p class="faint" id="search-hint">A title, a device, a user, a hash, an alert id: any part of it, in upper or lower case. Each search looks through some thousand events, from the newest on; older ones follow with the link below.</p>`;
}

function list(place: EventsPlace, found: FoundEvents): Html {
  return html`${found.events.length === 0 ? html`<p>${nothing(place, found)}</p>` : table(found.events)}
${links(place, found)}`;
}

function nothing({ search, before }: EventsPlace, found: FoundEvents): string {
  if (found.before !== null)
    return `No event found down to FeedSeq ${found.before}. There are older ones to look through.`;
  if (search !== '') return 'No event has this text.';
  return before === null ? 'No event has been stored in this feed yet.' : 'There is nothing older.';
}

function table(events: readonly BrowsedEvent[]): Html {
  return html`<table class="stacked"><caption>Newest first</caption>
<thead><tr><th scope="col">FeedSeq</th><th scope="col">Title</th><th scope="col">Kind</th><th scope="col">Severity</th><th scope="col">Device</th><th scope="col">Tenant</th><th scope="col">Stored</th></tr></thead>
<tbody>${events.map(row)}</tbody></table>`;
}

function row({ feed, seq, storedMs, text }: BrowsedEvent): Html {
  const word = memberReader(text);
  return html`<tr><th scope="row"><a href="/status/events/${feed}/${seq}">${seq}</a></th><td data-label="Title">${word('AlertTitle') || '-'}</td><td data-label="Kind">${word('EventKind') || '-'}</td><td data-label="Severity">${word('Severity') || '-'}</td><td data-label="Device">${word('ComputerDnsName') || word('MachineName') || '-'}</td><td data-label="Tenant">${word('TenantName') || '-'}</td><td data-label="Stored">${at(storedMs)}</td></tr>
`;
}

function links(place: EventsPlace, found: FoundEvents): Html | null {
  const newer = newerPlace(place);
  const older = found.before === null ? null : olderPlace(place, found.before);
  const link = (to: EventsPlace | null, text: string): Html | null =>
    to === null ? null : html`<li><a href="${placeUrl(to)}">${text}</a></li>`;
  if (place.before === null && older === null) return null;
  const newest = place.before === null ? null : newestPlace(place);
  return html`<nav aria-label="More events" class="more"><ul>${link(newest, 'Newest')}${link(newer, 'Newer')}${link(older, place.search === '' ? 'Older' : 'Search older events')}</ul></nav>`;
}
