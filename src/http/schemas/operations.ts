import { FEED_OPERATIONS } from './feed-operations.ts';
import { OAUTH_OPERATIONS } from './oauth-operations.ts';
import { type Answer, json, LIMITED, NO_LOGIN, NO_OPERATOR, NOT_NOW, type Operation, text } from './operation.ts';
import { PACK_OPERATIONS } from './pack-operations.ts';
import { RECORD_OPERATIONS } from './record-operations.ts';
import { STATUS_OPERATIONS } from './status-operations.ts';

const READINESS: readonly Answer[] = [
  json('Readiness', 'The feed can be read; `degraded` says that something else needs a look.'),
  json('Readiness', 'The feed cannot be read, or the service is stopping.', 503),
  text('Findings', 'With `?verbose`: the same in the first line, then the table of findings for people.'),
  text('Findings', 'Likewise.', 503),
  NO_LOGIN,
  LIMITED,
  NO_OPERATOR,
  NOT_NOW,
];
const VERBOSE = {
  name: 'verbose',
  in: 'query',
  description: 'Shows the table of findings as text; for operators.',
  allowEmptyValue: true,
  schema: { type: 'string' },
};

/** Every route, with everything it can answer. A test compares it with the routes that the server has. */
export const OPERATIONS: readonly Operation[] = [
  ...FEED_OPERATIONS,
  ...PACK_OPERATIONS,
  ...OAUTH_OPERATIONS,
  ...RECORD_OPERATIONS,
  ...STATUS_OPERATIONS,
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
    parameters: [VERBOSE],
    answers: READINESS,
  },
  {
    path: '/healthz',
    id: 'isHealthy',
    summary: 'The same as /readyz',
    login: 'anybody',
    parameters: [VERBOSE],
    answers: READINESS,
  },
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
