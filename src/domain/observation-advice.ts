import type { Observation, ObservedFeed } from './observation.ts';
import { intervalsText, lengthText, requestsText, shapesOf, tally, tallyText } from './observation-evidence.ts';
import { longestMs } from './observation-intervals.ts';

/** A setting, and what the observation says of it. */
export interface Advice {
  readonly setting: string;
  readonly now: string;
  /** Null: leave it, or nothing was seen that would tell. */
  readonly choose: string | null;
  readonly reason: string;
}

/** The settings as they are. */
export interface CurrentSettings {
  readonly feeds: readonly {
    readonly name: string;
    readonly acknowledge: string;
    readonly receiptTime: string;
    readonly maxEvents: number;
  }[];
  readonly connectorSilentMs: number;
  readonly login: string;
}

/** Several polls may fail before silence is news. */
const POLLS_BEFORE_ALARM = 3;
/** After so long without a request the bridge ends a connection (http/server.ts). */
const KEPT_MS = 75_000;

/** Pure: what to choose, with the reason, from nothing but what was seen. */
export function adviceOf(seen: Observation, now: CurrentSettings): readonly Advice[] {
  return [
    ...now.feeds.flatMap((feed) => {
      const observed = seen.feeds.find((one) => one.feed === feed.name);
      const at = `feeds ${feed.name}:`;
      return [
        { setting: `${at} acknowledge`, now: feed.acknowledge, ...acknowledge(observed, feed.acknowledge, seen) },
        { setting: `${at} receiptTime`, now: feed.receiptTime, ...receiptTime(observed, feed.receiptTime) },
        { setting: `${at} page.maxEvents`, now: String(feed.maxEvents), ...maxEvents(seen) },
      ];
    }),
    {
      setting: 'alarms.connectorSilent',
      now: lengthText(now.connectorSilentMs),
      ...silence(seen, now.connectorSilentMs),
    },
    { setting: 'keep-alive (a proxy in between)', now: lengthText(KEPT_MS), ...keepAlive(seen) },
    { setting: 'login kind', now: now.login, ...login(seen, now.login) },
  ];
}

type Choice = Pick<Advice, 'choose' | 'reason'>;

const NOTHING_SEEN: Choice = { choose: null, reason: 'Too little was seen to say.' };

function acknowledge(feed: ObservedFeed | undefined, now: string, seen: Observation): Choice {
  const time = feed?.time ?? null;
  if (time === null || time.meaning === 'unknown') return NOTHING_SEEN;
  if (now === 'none' && time.meaning !== 'follows-stamp')
    return { choose: 'progress', reason: `${time.says} With none, events can be lost.` };
  if (now === 'none') return { choose: null, reason: time.says };
  switch (time.meaning) {
    case 'frozen':
      return frozen(now, seen);
    case 'missing':
      return {
        choose: null,
        reason: 'Its polls carry no time: progress and response judge them alike, by the connection.',
      };
    case 'follows-stamp':
    case 'last-success':
      return now === 'progress'
        ? { choose: null, reason: `${time.says} ${time.guarantee}` }
        : { choose: 'progress', reason: `${time.says} With progress, that counts as its receipt.` };
    case 'earlier-poll':
    case 'wall-clock':
    case 'other-date':
      return now === 'progress'
        ? { choose: null, reason: `${time.says} ${time.guarantee}` }
        : { choose: 'progress', reason: time.says };
  }
}

/** `response` needs a sign on the connection itself. */
function frozen(now: string, seen: Observation): Choice {
  const pages = seen.requests.filter(({ events }) => (events ?? 0) > 0);
  const signs = pages.filter(
    ({ ended, connection }, at) => ended === 'closed' || pages[at + 1]?.connection === connection,
  );
  const evidence = `${signs.length} of ${pages.length} pages were followed by an orderly end of the connection or a further request on it`;
  if (signs.length > 0 && signs.length === pages.length - (signs.at(-1) === pages.at(-1) ? 0 : 1))
    return {
      choose: now === 'response' ? null : 'response',
      reason: `Its time is always the same, so with progress every page is sent twice; ${evidence}.`,
    };
  return { choose: now === 'progress' ? null : 'progress', reason: `Its time is always the same; only ${evidence}.` };
}

function receiptTime(feed: ObservedFeed | undefined, now: string): Choice {
  const meaning = feed?.time?.meaning ?? 'unknown';
  if (meaning === 'unknown') return NOTHING_SEEN;
  if (meaning === 'follows-stamp')
    return {
      choose: now === 'feed' ? null : 'feed',
      reason: 'Its time is the stamp of the newest event: the stamp is its receipt.',
    };
  if (meaning === 'other-date' && now === 'alert')
    return {
      choose: 'feed',
      reason:
        'Its time moves with a date of the events. With feed it may become the stamp, and so a receipt: observe again then.',
    };
  return {
    choose: null,
    reason: 'Its time does not come from this field, as far as was seen: choose by what your content needs.',
  };
}

function maxEvents({ sums, requests }: Observation): Choice {
  const broken = requests.filter((one) => one.probe === null && one.ended === 'broken' && (one.events ?? 0) > 0);
  const smallest = Math.min(...broken.map(({ events }) => events ?? 0));
  const taken = `the largest page that was taken had ${sums.largestEvents} events (${sums.largestBytes} bytes)`;
  if (broken.length > 0 && sums.largestEvents > 0 && sums.largestEvents < smallest)
    return {
      choose: String(sums.largestEvents),
      reason: `${requestsText(broken.length)} with pages of ${smallest} events or more broke off; ${taken}.`,
    };
  if (sums.largestEvents === 0) return NOTHING_SEEN;
  return { choose: null, reason: `No size was seen to fail; ${taken}.` };
}

function silence({ afterEmpty, afterEvents }: Observation, nowMs: number): Choice {
  const longest = longestMs(afterEmpty, afterEvents);
  if (longest === 0) return NOTHING_SEEN;
  const least = POLLS_BEFORE_ALARM * longest;
  const reason = `It polls every ${intervalsText(afterEmpty) ?? intervalsText(afterEvents) ?? ''}; the longest pause was ${lengthText(longest)}`;
  if (nowMs >= least) return { choose: null, reason: `${reason}.` };
  const minutes = Math.ceil(least / 60_000);
  return { choose: `${minutes}m`, reason: `${reason}: ${POLLS_BEFORE_ALARM} of them are to fit into it.` };
}

function keepAlive(seen: Observation): Choice {
  const { connections, requests } = seen.sums;
  if (requests < 2) return NOTHING_SEEN;
  if (connections >= requests)
    return { choose: null, reason: 'Each request came on a connection of its own: nothing has to be kept open.' };
  const longest = longestMs(seen.afterEmpty, seen.afterEvents);
  const pace =
    longest > KEPT_MS ? `, and pauses of up to ${lengthText(longest)}, after which the bridge has ended them` : '';
  return {
    choose: null,
    reason: `${requestsText(requests)} came on ${connections} connection${connections === 1 ? '' : 's'}${pace}. A proxy should keep them as long.`,
  };
}

function login(seen: Observation, now: string): Choice {
  const tallied = tally(shapesOf(seen, 'page'), (shape) => shape.login);
  if (tallied.length === 0) return NOTHING_SEEN;
  const used = tallied.map(({ value }) => value);
  const reason = `Its polls carried: ${tallyText(tallied)}.`;
  const [only] = used;
  return {
    choose:
      used.length === 1 && only !== now && only !== undefined && only !== 'none' && only !== 'other' ? only : null,
    reason,
  };
}
