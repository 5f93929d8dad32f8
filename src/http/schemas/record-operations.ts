import { FEED_NAME, NAME_TOO_LONG } from './feed-operations.ts';
import { page, query, redirect } from './oauth-operations.ts';
import type { Answer, Operation } from './operation.ts';

const SIGN_IN = redirect(303, 'Nobody has signed in: to the sign-in, and back from there.');
const NOT_NOW = page(503, 'Not possible now: the store cannot be read, or a defect.', ['retry-after']);
const BROKEN_URL: Answer = { kind: 'problem', status: 400, means: 'The URL is broken.', codes: ['FST_ERR_BAD_URL'] };

/** A number in the path. */
function number(name: string, description: string): object {
  return { name, in: 'path', required: true, description, schema: { type: 'integer', minimum: 0 } };
}

/** Pages about single records, for operators who have signed in at the browser: they change nothing. */
export const RECORD_OPERATIONS: readonly Operation[] = [
  {
    path: '/status/events',
    id: 'showEvents',
    summary: 'Events of a feed, newest first, with a search',
    login: 'anybody',
    parameters: [
      query('feed', false, 'Name of a feed; default: the first of the configuration.'),
      query('search', false, 'Text that the event contains, in upper or lower case.'),
      query('before', false, 'FeedSeq: only events before it.'),
      query('trail', false, 'Where the pages before this one began.'),
    ],
    answers: [page(200, 'The page.'), SIGN_IN, page(404, 'There is no such feed.'), NOT_NOW],
  },
  {
    path: '/status/events/{feed}/{seq}',
    id: 'showEvent',
    summary: "Microsoft's record, the event of the feed, the event in ArcSight and the CEF line",
    login: 'anybody',
    parameters: [FEED_NAME, number('seq', 'FeedSeq.')],
    answers: [
      page(200, 'The page.'),
      SIGN_IN,
      BROKEN_URL,
      page(404, 'There is no such feed, or no event of this number.'),
      NAME_TOO_LONG,
      NOT_NOW,
    ],
  },
  {
    path: '/status/quarantine',
    id: 'showQuarantine',
    summary: 'What was set aside',
    login: 'anybody',
    answers: [page(200, 'The page.'), SIGN_IN, NOT_NOW],
  },
  {
    path: '/status/quarantine/{entry}',
    id: 'showQuarantineEntry',
    summary: 'One entry with what Microsoft sent',
    login: 'anybody',
    parameters: [number('entry', 'Number of the entry.')],
    answers: [
      page(200, 'The page.'),
      SIGN_IN,
      BROKEN_URL,
      page(404, 'Nothing is set aside under this number.'),
      { ...NAME_TOO_LONG, means: 'The number is far too long.' },
      NOT_NOW,
    ],
  },
  {
    path: '/status/audit',
    id: 'showAudit',
    summary: 'The audit trail, newest first',
    login: 'anybody',
    answers: [page(200, 'The page.'), SIGN_IN, NOT_NOW],
  },
];
