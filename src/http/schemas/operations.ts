import type { SchemaName } from './components.ts';

/** Who may ask; `local` needs no login on the bridge's own host. */
export type Login = 'anybody' | 'feed' | 'operator' | 'local or operator';

export interface Operation {
  /** Path with its parameters in braces. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly login: Login;
  readonly parameters?: readonly object[];
  readonly answers: readonly Answer[];
}

/** A body of its own, or a problem with one of the codes (none named: any). */
export type Answer =
  | {
      readonly kind: 'data';
      readonly status: number;
      readonly means: string;
      readonly type: string;
      readonly schema: SchemaName;
    }
  | {
      readonly kind: 'problem';
      readonly status: number;
      readonly means: string;
      readonly codes: readonly string[];
      readonly headers?: readonly (keyof typeof HEADERS)[];
    };

export const HEADERS = {
  'www-authenticate': { description: 'How to log in: HTTP Basic.', schema: { type: 'string', pattern: '^Basic ' } },
  'retry-after': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } },
};

const FEED_NAME = {
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

const NO_LOGIN: Answer = {
  kind: 'problem',
  status: 401,
  means: 'No login, or a wrong one.',
  codes: ['LOGIN_MISSING', 'LOGIN_WRONG'],
  headers: ['www-authenticate'],
};
const LIMITED: Answer = {
  kind: 'problem',
  status: 429,
  means: 'Too many wrong logins from this address. A right login is always answered.',
  codes: ['LOGIN_LIMITED'],
  headers: ['retry-after'],
};
const NO_OPERATOR: Answer = {
  kind: 'problem',
  status: 403,
  means: 'The login is not that of an operator.',
  codes: ['OPERATOR_ONLY'],
};
const NOT_NOW: Answer = {
  kind: 'problem',
  status: 503,
  means: 'Not possible now: the store cannot be read, or a defect. The same request can be sent again.',
  codes: [],
  headers: ['retry-after'],
};

function json(schema: SchemaName, means: string, status = 200): Answer {
  return { kind: 'data', status, means, type: 'application/json', schema };
}

const READINESS: readonly Answer[] = [
  json('Readiness', 'The feed can be read; `degraded` says that something else needs a look.'),
  json('Readiness', 'The feed cannot be read, or the service is stopping.', 503),
  NOT_NOW,
];

/** Said before any route is found, so of every operation. */
export const EVERYWHERE: readonly Answer[] = [
  {
    kind: 'problem',
    status: 431,
    means: 'The address and the headers together are larger than 16 KB.',
    codes: ['HEADERS_TOO_LARGE'],
  },
];

/** Every route, with everything it can answer. A test compares it with the routes that the server has. */
export const OPERATIONS: readonly Operation[] = [
  {
    path: '/v1/feeds/{feed}/detections',
    id: 'readFeed',
    summary: 'The next page of a feed, oldest first; an empty array when nothing is pending',
    login: 'feed',
    parameters: [FEED_NAME, SINCE],
    answers: [
      json('Feed', 'A page. For a connector it acknowledges what the time proves; operators and HEAD move nothing.'),
      {
        kind: 'problem',
        status: 400,
        means: 'The time cannot be read, or the URL is broken.',
        codes: ['SINCE_INVALID', 'FST_ERR_BAD_URL'],
      },
      NO_LOGIN,
      LIMITED,
      { kind: 'problem', status: 403, means: 'The feed is not one of this connector.', codes: ['FEED_NOT_YOURS'] },
      { kind: 'problem', status: 404, means: 'There is no such feed.', codes: ['FEED_UNKNOWN', 'NOT_FOUND'] },
      {
        kind: 'problem',
        status: 414,
        means: 'The name of the feed is far too long.',
        codes: ['FST_ERR_MAX_PARAM_LENGTH'],
      },
      NOT_NOW,
    ],
  },
  {
    path: '/livez',
    id: 'isLive',
    summary: 'The process answers',
    login: 'anybody',
    answers: [json('Liveness', 'Always.')],
  },
  {
    path: '/readyz',
    id: 'isReady',
    summary: 'Whether the feed can be read',
    login: 'anybody',
    answers: READINESS,
  },
  { path: '/healthz', id: 'isHealthy', summary: 'The same as /readyz', login: 'anybody', answers: READINESS },
  {
    path: '/status.json',
    id: 'readStatus',
    summary: 'The table of findings',
    login: 'operator',
    answers: [json('Status', 'The table, worst first.'), NO_LOGIN, LIMITED, NO_OPERATOR, NOT_NOW],
  },
  {
    path: '/metrics',
    id: 'readMetrics',
    summary: "Metrics in Prometheus' text format (docs/metrics.md)",
    login: 'local or operator',
    answers: [
      { kind: 'data', status: 200, means: 'The metrics, observed now.', type: 'text/plain', schema: 'Metrics' },
      NO_LOGIN,
      LIMITED,
      NO_OPERATOR,
      NOT_NOW,
    ],
  },
  {
    path: '/openapi.json',
    id: 'readOpenApi',
    summary: 'This document',
    login: 'operator',
    answers: [json('OpenApi', 'The document.'), NO_LOGIN, LIMITED, NO_OPERATOR, NOT_NOW],
  },
];
