import type { Answer, Operation } from './operation.ts';

type Headers = NonNullable<Answer['headers']>;

export function page(status: number, means: string, headers: Headers = []): Answer {
  return { kind: 'data', status, means, type: 'text/html', schema: 'Page', headers };
}

export function redirect(status: 302 | 303, means: string): Answer {
  return { kind: 'empty', status, means, headers: ['location'] };
}

function error(status: number, means: string, headers: Headers = []): Answer {
  return { kind: 'data', status, means, type: 'application/json', schema: 'OAuthError', headers };
}

export function query(name: string, required: boolean, description: string): object {
  return { name, in: 'query', required, description, schema: { type: 'string' } };
}

const NOT_NOW = page(503, 'Not possible now, for example while the database of logins cannot be read.', [
  'retry-after',
]);
const NO_FORM: readonly Answer[] = [page(413, 'The form is larger than 16 KB.'), page(415, 'The body is no form.')];

const SIGN_IN: readonly Operation[] = [
  {
    path: '/signin',
    id: 'showSignIn',
    summary: 'The form by which an operator signs in',
    login: 'anybody',
    parameters: [query('return', false, 'Path on this server to go on to.')],
    answers: [
      page(200, 'The form; or who has signed in.'),
      redirect(303, 'Somebody has signed in: to the path in `return`.'),
    ],
  },
  {
    path: '/signin',
    method: 'post',
    id: 'signIn',
    summary: 'Sign in',
    login: 'anybody',
    form: 'SignInForm',
    answers: [
      redirect(303, 'Signed in: a cookie with a new session.'),
      page(403, 'A wrong name or password, or a form that is not of this browser.'),
      ...NO_FORM,
      page(429, 'Too many wrong passwords from this address. A right one is always taken.', ['retry-after']),
      NOT_NOW,
    ],
  },
  {
    path: '/signout',
    method: 'post',
    id: 'signOut',
    summary: 'Sign out',
    login: 'anybody',
    form: 'SignOutForm',
    answers: [redirect(303, 'The session has ended.'), page(403, 'The form is not of this session.'), ...NO_FORM],
  },
];

const AUTHORIZE: readonly Operation[] = [
  {
    path: '/oauth2/authorize',
    id: 'showConsent',
    summary: 'Ask the operator at the browser to let a connector read its feeds (RFC 6749 4.1.1)',
    login: 'anybody',
    parameters: [
      query('response_type', true, '`code`.'),
      query('client_id', true, 'Of a connector of kind oauth2.'),
      query('redirect_uri', true, 'One of the redirect URIs of the connector, with any port.'),
      query('state', false, 'Comes back as it is.'),
      query('code_challenge', false, 'PKCE (RFC 7636).'),
      query('code_challenge_method', false, '`S256`.'),
    ],
    answers: [
      page(200, 'The question, with a button to allow and one to deny.'),
      redirect(302, 'To the redirect URI with an error of RFC 6749 4.1.2.1.'),
      redirect(303, 'Nobody has signed in: to the sign-in, and back from there.'),
      page(400, 'The client is not known, or the redirect URI is not one of its own.'),
      NOT_NOW,
    ],
  },
  {
    path: '/oauth2/authorize',
    method: 'post',
    id: 'answerConsent',
    summary: "The operator's answer",
    login: 'anybody',
    form: 'ConsentForm',
    answers: [
      redirect(302, 'To the redirect URI with a code, or with `access_denied` or another error.'),
      page(400, 'The client is not known, or the redirect URI is not one of its own.'),
      page(403, 'Nobody has signed in, or the form is not of this session.'),
      ...NO_FORM,
      NOT_NOW,
    ],
  },
];

const TOKEN: Operation = {
  path: '/oauth2/token',
  method: 'post',
  id: 'exchangeToken',
  summary: 'Exchange a code, or renew an access token (RFC 6749 4.1.3 and 6)',
  login: 'anybody',
  form: 'TokenForm',
  answers: [
    { kind: 'data', status: 200, means: 'An access token.', type: 'application/json', schema: 'Tokens' },
    error(400, 'An error of RFC 6749 5.2.'),
    error(401, 'The client in the Authorization header is not known, or its secret is wrong.', ['www-authenticate']),
    error(413, 'The form is larger than 16 KB.'),
    error(429, 'Too many wrong client secrets from this address. A right one is always taken.', ['retry-after']),
    error(503, 'Cannot be decided now; the token may be good. The same request can be sent again.', ['retry-after']),
  ],
};

/** Sign-in, consent, tokens and the stylesheet of the pages. */
export const OAUTH_OPERATIONS: readonly Operation[] = [
  ...SIGN_IN,
  ...AUTHORIZE,
  TOKEN,
  {
    path: '/assets/flexbridge.css',
    id: 'readStylesheet',
    summary: 'The stylesheet of the pages',
    login: 'anybody',
    answers: [
      {
        kind: 'data',
        status: 200,
        means: 'The stylesheet.',
        type: 'text/css',
        schema: 'Stylesheet',
        headers: ['cache-control immutable', 'etag'],
      },
      { kind: 'empty', status: 304, means: 'As before.', headers: ['cache-control immutable', 'etag'] },
    ],
  },
];
