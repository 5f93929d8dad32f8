import { page, query, redirect } from './oauth-operations.ts';
import type { Answer, Operation } from './operation.ts';

const SIGN_IN = redirect(303, 'Nobody has signed in: to the sign-in, and back to the page from there.');
const NOT_NOW = page(503, 'Not possible now.', ['retry-after']);
const RANGE = query('range', false, 'How far back the charts look: `hour` (default), `day` or `week`.');

function asset(
  path: string,
  id: string,
  what: string,
  answer: { readonly type: string; readonly schema: 'Script' },
): Operation {
  const headers: Answer['headers'] = ['cache-control immutable', 'etag'];
  return {
    path,
    id,
    summary: what,
    login: 'anybody',
    answers: [
      { kind: 'data', status: 200, means: `${what}.`, ...answer, headers },
      { kind: 'empty', status: 304, means: 'As before.', headers },
    ],
  };
}

/** The status page, for operators who have signed in at the browser: it changes nothing. */
export const STATUS_OPERATIONS: readonly Operation[] = [
  {
    path: '/',
    id: 'showHome',
    summary: 'Leads a browser to the status page',
    login: 'anybody',
    answers: [
      redirect(303, 'To the status page, for whoever accepts text/html.'),
      { kind: 'problem', status: 404, means: 'There is nothing for programs here.', codes: ['NOT_FOUND'] },
    ],
  },
  {
    path: '/status',
    id: 'showStatus',
    summary: 'Whether detections reach ArcSight, and where the chain is broken',
    login: 'anybody',
    parameters: [RANGE],
    answers: [page(200, 'The page.'), SIGN_IN, NOT_NOW],
  },
  {
    path: '/status/live',
    id: 'readLiveStatus',
    summary: 'The parts of that page as they are now, for its script',
    login: 'anybody',
    parameters: [RANGE],
    answers: [
      { kind: 'data', status: 200, means: 'The parts.', type: 'text/html', schema: 'LiveStatus' },
      SIGN_IN,
      NOT_NOW,
    ],
  },
  {
    path: '/status/downloads',
    id: 'showDownloads',
    summary: 'The pack of each feed with the hashes of its files',
    login: 'anybody',
    answers: [page(200, 'The page.'), SIGN_IN, NOT_NOW],
  },
  asset('/assets/status.js', 'readStatusScript', 'The script of the status page', {
    type: 'text/javascript',
    schema: 'Script',
  }),
];
