import type { BrowsedEvent } from '../../../store/event-browser.ts';
import { type Html, html } from '../html.ts';
import { ago } from '../moment.ts';

/** The newest events of all feeds, each a link to all that is known of it. */
export function latestPart(events: readonly BrowsedEvent[], nowMs: number): Html {
  if (events.length === 0) return html`<p>No event has been stored yet.</p>`;
  const rows = events.map((event) => row(event, nowMs));
  return html`<table class="stacked"><thead><tr><th scope="col">Event</th><th scope="col">What</th><th scope="col">Severity</th><th scope="col">Where</th><th scope="col">Stored</th></tr></thead><tbody>${rows}</tbody></table>
<p><a href="/status/events">Search all events</a></p>`;
}

function row({ feed, seq, storedMs, text }: BrowsedEvent, nowMs: number): Html {
  const word = reader(text);
  const kind = word('EventKind');
  const where = [word('TenantName'), word('ComputerDnsName')].filter((part) => part !== '').join(', ');
  return html`<tr id="event-${feed}-${seq}"><th scope="row" class="short"><a href="/status/events/${feed}/${seq}">${feed} ${seq}</a></th><td data-label="What">${word('AlertTitle') || kind}${kind === '' || kind === 'new' ? null : html` <span class="faint">${kind}</span>`}</td><td data-label="Severity" class="short">${word('Severity') || '-'}</td><td data-label="Where">${where || '-'}</td><td data-label="Stored" class="short">${ago(storedMs, nowMs)}</td></tr>`;
}

/** Cut for a list; the event's own page has all of it. */
const LONGEST = 120;

function reader(text: string): (name: string) => string {
  const members = new Map<string, unknown>(Object.entries(parsed(text)));
  return (name) => {
    const value = members.get(name);
    if (typeof value !== 'string') return '';
    const characters = Array.from(value);
    return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : value;
  };
}

/** One that cannot be read is still listed. */
function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
