import type { Checked, PollFailed, PollResult } from './poll-result.ts';
import { publicAddress } from './public-url.ts';
import { type LoginName, pollRemedy } from './rehearsal-poll.ts';
import { type RehearsalFault, type RehearsalStep, seen, stepOf } from './rehearsal-step.ts';

/** What a look has asked for. */
export interface Look {
  /** HEAD on the Events URL. */
  readonly check: Checked | PollFailed;
  /** GET on the cursor feed; null when it was not asked, as the login is wrong or nobody answers. */
  readonly events: PollResult | null;
}

/** Enough to read some of each kind. */
const EVENTS = 20;
const PAGE_PATH = /\/v1\/feeds\/[^/]*\/detections$/;

/** The cursor feed (docs/feed-api.md), where the Events URL has the pages. */
export function cursorFeedUrl({ eventsUrl, feed }: { readonly eventsUrl: string; readonly feed: string }): string {
  const { origin, pathname } = new URL(eventsUrl);
  const base = PAGE_PATH.test(pathname) ? pathname.replace(PAGE_PATH, '') : '';
  return publicAddress(
    `${origin}${base}`,
    `/v1/feeds/${encodeURIComponent(feed)}/events?format=array&limit=${EVENTS}&look=true`,
  );
}

/** Statuses with which the bridge refuses no HEAD on an address where it takes GET: something before it may. */
const OF_A_FRONT = new Set([403, 404, 405, 501]);

export function refusedByStatus({ reason, status }: PollFailed): boolean {
  return reason === 'status' && OF_A_FRONT.has(status ?? 0);
}

/** The bridge never says so to HEAD. */
function isOfMethod({ status }: PollFailed): boolean {
  return status === 405 || status === 501;
}

/** Whether the Events URL takes the login, and what there is to read. */
export function judgeLook({ check, events }: Look, login: LoginName): RehearsalStep {
  const found: string[] = [];
  const faults: RehearsalFault[] = [];
  if (check.kind === 'checked') found.push('HEAD on the Events URL answered 200: the bridge takes URL and login');
  else faults.push(checkFault(check, events, login));
  if (events?.kind === 'received') {
    found.push(`/events answered 200 with ${events.rawCount} event${events.rawCount === 1 ? '' : 's'}`);
    if (events.rawCount === 0) found.push('no event was stored lately; flexbridge test-event puts one into the feed');
  } else if (events !== null && (check.kind === 'checked' || isOfMethod(check)))
    faults.push(eventsFault(events, login));
  return stepOf('poll', found, faults);
}

function checkFault(check: PollFailed, events: Look['events'], login: LoginName): RehearsalFault {
  if (!isOfMethod(check) && events?.kind !== 'received')
    return seen(`HEAD on the Events URL: ${check.message}`, pollRemedy(check, login));
  return {
    level: events?.kind === 'received' ? 'warning' : 'error',
    message: `HEAD on the Events URL: ${check.message}. The bridge takes HEAD there, so a server in front of it refuses it`,
    remedy: 'A connector asks with GET. Let that server pass HEAD, or prove the Events URL with --take.',
    certainty: 'seen',
  };
}

function eventsFault(events: PollFailed, login: LoginName): RehearsalFault {
  const message = `GET on /events of the same feed: ${events.message}`;
  if (!refusedByStatus(events)) return seen(message, pollRemedy(events, login));
  return {
    level: 'warning',
    message: `${message}. A server in front of the bridge seems to pass the Events URL alone, so no event was read`,
    remedy: 'A connector needs no more than its Events URL. Let that server pass /events, too, or read with --take.',
    certainty: 'seen',
  };
}
