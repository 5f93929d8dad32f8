import { type Answer, json, LIMITED, NO_LOGIN, NOT_NOW, type Operation } from './operation.ts';

export const FEED_NAME = {
  name: 'feed',
  in: 'path',
  required: true,
  description: 'Name of a feed of the configuration.',
  schema: { type: 'string', pattern: '^[a-z0-9-]+$' },
};
const SINCE = {
  name: 'since',
  in: 'query',
  description:
    "The connector's $START_AT_TIME: ISO-8601, `yyyy-MM-dd HH:mm:ss`, epoch seconds or milliseconds. " +
    'Missing, empty or the literal text is no time. It acknowledges pages; it never rewinds (docs/delivery.md).',
  schema: { type: 'string' },
  example: '2026-01-31T12:00:00.000Z',
};

const SINCE_FORMS =
  'ISO-8601, `yyyy-MM-dd HH:mm:ss`, epoch seconds or milliseconds. Missing, empty or the literal $START_AT_TIME is no time';

const SINCE_TIME_UTC = {
  name: 'sinceTimeUtc',
  in: 'query',
  description: `The same time under the old API's name, written in any case: ${SINCE_FORMS}.`,
  schema: { type: 'string' },
  example: '2026-01-31T12:00:00.000Z',
};
const AGO = {
  name: 'ago',
  in: 'query',
  description: 'In place of sinceTimeUtc: so long before now, as an ISO-8601 duration without years and months.',
  schema: { type: 'string' },
  example: 'PT10M',
};
const LIMIT = {
  name: 'limit',
  in: 'query',
  description: 'Most events in the answer, the oldest first. More than page.maxEvents of the feed is lowered to it.',
  schema: { type: 'integer', minimum: 1 },
};
const AFTER = {
  name: 'after',
  in: 'query',
  description: 'The cursor to go on behind. Without it the answer begins at since, or initialLookback back.',
  schema: { type: 'string' },
};
const BEGIN_AT = {
  name: 'since',
  in: 'query',
  description: `Where to begin, by the time the events were stored; not together with after: ${SINCE_FORMS}.`,
  schema: { type: 'string' },
  example: '2026-01-31T12:00:00.000Z',
};
const LOOK = {
  name: 'look',
  in: 'query',
  description:
    'Only looks: nothing of it is noted, so that what a connector would be given now may still be made anew.',
  schema: { type: 'boolean' },
};
const FORMAT = {
  name: 'format',
  in: 'query',
  description:
    'Just the items as one array or a line each, with the cursor in X-Next-Cursor. Accept: application/x-ndjson asks ' +
    'for the lines too; this parameter is stronger.',
  schema: { enum: ['object', 'array', 'ndjson'] },
};

/** What is wrong with a request for a feed, whatever it asks of it; `codes`: of the parameters. */
function refusals(codes: readonly string[]): readonly Answer[] {
  return [
    {
      kind: 'problem',
      status: 400,
      means: 'A parameter cannot be read or is not one of this address, or the URL is broken.',
      codes: [...codes, 'SINCE_INVALID', 'FST_ERR_BAD_URL'],
    },
    NO_LOGIN,
    LIMITED,
    { kind: 'problem', status: 403, means: 'The feed is not one of this connector.', codes: ['FEED_NOT_YOURS'] },
    { kind: 'problem', status: 404, means: 'There is no such feed.', codes: ['FEED_UNKNOWN', 'NOT_FOUND'] },
    NOT_NOW,
  ];
}

export const NAME_TOO_LONG: Answer = {
  kind: 'problem',
  status: 414,
  means: 'The name of the feed is far too long.',
  codes: ['FST_ERR_MAX_PARAM_LENGTH'],
};
const PAGE = json(
  'Feed',
  'A page. For a connector it acknowledges what the time proves; operators and HEAD move nothing.',
);
const LEGACY = ['FILTER_UNSUPPORTED', 'PARAMETER_INVALID'];
const EVENT_HEADERS = ['x-next-cursor', 'link'] as const;

/** Every route to a feed, with everything it can answer. */
export const FEED_OPERATIONS: readonly Operation[] = [
  {
    path: '/v1/feeds/{feed}/detections',
    id: 'readFeed',
    summary: 'The next page of a feed, oldest first; an empty array when nothing is pending',
    login: 'feed',
    parameters: [FEED_NAME, SINCE],
    answers: [PAGE, ...refusals([]), NAME_TOO_LONG],
  },
  {
    path: '/v1/feeds/{feed}/api/alerts',
    id: 'readFeedAsAlerts',
    summary: "The same page, of the same position, under the retired SIEM API's path and parameter names in any case",
    login: 'feed',
    parameters: [FEED_NAME, SINCE_TIME_UTC, AGO, LIMIT],
    answers: [PAGE, ...refusals(LEGACY), NAME_TOO_LONG],
  },
  {
    path: '/api/alerts',
    id: 'readAlerts',
    summary: 'The same for the feed named default',
    login: 'feed',
    parameters: [SINCE_TIME_UTC, AGO, LIMIT],
    answers: [PAGE, ...refusals(LEGACY)],
  },
  {
    path: '/v1/feeds/{feed}/events',
    id: 'readEvents',
    summary: 'Events behind a cursor, oldest first, for readers that keep their place themselves; no position is moved',
    login: 'feed',
    parameters: [FEED_NAME, AFTER, BEGIN_AT, LIMIT, FORMAT, LOOK],
    answers: [
      {
        ...json('EventsAnswer', 'The events: an object, or with format=array just the items.'),
        headers: EVENT_HEADERS,
      },
      {
        kind: 'data',
        status: 200,
        means: 'The events, one a line.',
        type: 'application/x-ndjson',
        schema: 'EventLines',
        headers: EVENT_HEADERS,
      },
      ...refusals(['CURSOR_INVALID', 'PARAMETER_INVALID', 'PARAMETER_UNKNOWN']),
      {
        kind: 'problem',
        status: 410,
        means: 'What follows the cursor cannot be told: it is older than retention, of another feed or store.',
        codes: ['CURSOR_GONE'],
      },
      NAME_TOO_LONG,
    ],
  },
];
