import type { SchemaName } from './components.ts';

/** Who may ask; `local` needs no login on the bridge's own host. */
export type Login = 'anybody' | 'feed' | 'operator' | 'local or operator';

export interface Operation {
  /** Path with its parameters in braces. */
  readonly path: string;
  /** `get` goes with HEAD. Default: `get`. */
  readonly method?: 'get' | 'post';
  readonly id: string;
  readonly summary: string;
  readonly login: Login;
  readonly parameters?: readonly object[];
  /** The form that is its body. */
  readonly form?: SchemaName;
  readonly answers: readonly Answer[];
}

/** A body of its own, or none, or a problem with one of the codes (none named: any). */
export type Answer =
  | {
      readonly kind: 'data';
      readonly status: number;
      readonly means: string;
      readonly type: string;
      readonly schema: SchemaName;
      readonly headers?: readonly HeaderName[];
    }
  | {
      readonly kind: 'empty';
      readonly status: number;
      readonly means: string;
      readonly headers?: readonly HeaderName[];
    }
  | {
      readonly kind: 'problem';
      readonly status: number;
      readonly means: string;
      readonly codes: readonly string[];
      readonly headers?: readonly HeaderName[];
    };

export const HEADERS = {
  'www-authenticate': {
    description: 'How to log in: HTTP Basic; after an access token that is not taken, first that it is invalid.',
    schema: { type: 'string', pattern: '^(Basic|Bearer) ' },
  },
  'retry-after': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } },
  'x-next-cursor': {
    description: 'Cursor of the place behind these events.',
    required: true,
    schema: { type: 'string', minLength: 1 },
  },
  link: {
    description: 'The address of the next page, when there is one.',
    schema: { type: 'string', pattern: '^<[^>]+>; rel="next"$' },
  },
  etag: {
    description: 'Changes with the content. Sent back as If-None-Match, it is answered 304 while nothing has changed.',
    required: true,
    schema: { type: 'string', pattern: '^"[0-9a-f]+"$' },
  },
  /** In place of no-store: it may be kept, and must be asked for again. */
  'cache-control': { description: 'Always no-cache.', required: true, schema: { const: 'private, no-cache' } },
  /** Likewise; the first word is the name of the header. */
  'cache-control immutable': {
    description: 'May be kept for ever: its address changes with it.',
    required: true,
    schema: { const: 'public, max-age=31536000, immutable' },
  },
  location: {
    description: 'Where to go on.',
    required: true,
    schema: { type: 'string', pattern: '^(/|https?://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:|/|$))' },
  },
  'content-disposition': {
    description: 'The name to save it under.',
    required: true,
    schema: { type: 'string', pattern: '^attachment; filename="[a-z0-9.-]+"$' },
  },
};
type HeaderName = keyof typeof HEADERS;

export const NO_LOGIN: Answer = {
  kind: 'problem',
  status: 401,
  means: 'No login, or a wrong one.',
  codes: ['LOGIN_MISSING', 'LOGIN_WRONG'],
  headers: ['www-authenticate'],
};
export const LIMITED: Answer = {
  kind: 'problem',
  status: 429,
  means: 'Too many wrong logins from this address. A right login is always answered.',
  codes: ['LOGIN_LIMITED'],
  headers: ['retry-after'],
};
export const NO_OPERATOR: Answer = {
  kind: 'problem',
  status: 403,
  means: 'The login is not that of an operator.',
  codes: ['OPERATOR_ONLY'],
};
export const NOT_NOW: Answer = {
  kind: 'problem',
  status: 503,
  means: 'Not possible now: the store cannot be read, or a defect. The same request can be sent again.',
  codes: [],
  headers: ['retry-after'],
};

/** A body of JSON. */
export function json(schema: SchemaName, means: string, status = 200): Answer {
  return { kind: 'data', status, means, type: 'application/json', schema };
}

/** A body for people. */
export function text(schema: SchemaName, means: string, status = 200): Answer {
  return { kind: 'data', status, means, type: 'text/plain', schema };
}

/** Said before any route is found, so of every operation. */
export const EVERYWHERE: readonly Answer[] = [
  {
    kind: 'problem',
    status: 431,
    means: 'The address and the headers together are larger than 16 KB.',
    codes: ['HEADERS_TOO_LARGE'],
  },
];
