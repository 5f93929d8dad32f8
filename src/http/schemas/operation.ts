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
  'www-authenticate': { description: 'How to log in: HTTP Basic.', schema: { type: 'string', pattern: '^Basic ' } },
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

/** Said before any route is found, so of every operation. */
export const EVERYWHERE: readonly Answer[] = [
  {
    kind: 'problem',
    status: 431,
    means: 'The address and the headers together are larger than 16 KB.',
    codes: ['HEADERS_TOO_LARGE'],
  },
];
