import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access, Caller } from '../access.ts';
import { type LoginAttempt, readAttempts } from '../login-attempt.ts';
import { type Problem, sendProblem } from '../problem.ts';

/** The caller, or null once a 401, or after too many wrong logins a 429, has been sent. */
export async function demandLogin(
  request: FastifyRequest,
  reply: FastifyReply,
  access: Access,
): Promise<Caller | null> {
  const caller = await access.identify(request);
  if (caller !== null) return caller;
  const [tried] = readAttempts(request);
  const waitSeconds = access.penalty(request);
  if (waitSeconds !== null) {
    sendProblem(request, reply.header('retry-after', waitSeconds), tooMany(waitSeconds));
    return null;
  }
  reply.header('www-authenticate', tried?.by === 'bearer' ? [BEARER, BASIC] : BASIC);
  sendProblem(request, reply, { status: 401, ...REFUSALS[tried?.by ?? 'none'] });
  return null;
}

const BASIC = 'Basic realm="FlexBridge", charset="UTF-8"';
/** RFC 6750 3.1. */
const BEARER = 'Bearer realm="FlexBridge", error="invalid_token"';

const NAME_AND_SECRET =
  'Use the name and secret of a connector of this bridge. First start writes them to initial-credentials in the data folder.';

/** By what the login was tried with. */
const REFUSALS: Readonly<Record<LoginAttempt['by'] | 'none', Omit<Problem, 'status'>>> = {
  none: {
    code: 'LOGIN_MISSING',
    title: 'Login needed',
    detail: 'this address needs a user name and a password (HTTP Basic), or an access token',
    hint: NAME_AND_SECRET,
  },
  basic: wrongLogin('the user name or the password is wrong', NAME_AND_SECRET),
  other: wrongLogin('the Authorization header holds no user name and password, and no access token', NAME_AND_SECRET),
  bearer: wrongLogin(
    'the access token has expired, was revoked, or is none of this bridge',
    'A connector gets a new one with its refresh token by itself. If it does not, make a refresh token with flexbridge token create and give it to the connector.',
  ),
  certificate: wrongLogin(
    'the client certificate is not one that a connector of this bridge signs in with',
    "Compare its SHA-256 fingerprint, which the bridge's log has, with that of the connector: flexbridge connector list.",
  ),
  urlKey: wrongLogin(
    'the key in the URL is wrong, or this bridge takes no keys in URLs',
    'Copy the URL once more. Keys in URLs need server.urlKeys: true; flexbridge connector rotate makes a new key.',
  ),
};

function wrongLogin(detail: string, hint: string): Omit<Problem, 'status'> {
  return { code: 'LOGIN_WRONG', title: 'Wrong login', detail, hint };
}

function tooMany(waitSeconds: number): Problem {
  return {
    status: 429,
    code: 'LOGIN_LIMITED',
    title: 'Too many wrong logins',
    detail: `too many wrong logins from this address; the next answer comes in ${waitSeconds} seconds`,
    hint: 'Correct the login: a right one is answered at once.',
  };
}

/** The operator, or null once a 401 or 403 has been sent. */
export async function demandOperator(
  request: FastifyRequest,
  reply: FastifyReply,
  access: Access,
): Promise<Caller | null> {
  const caller = await demandLogin(request, reply, access);
  if (caller === null || caller.kind === 'operator') return caller;
  sendProblem(request, reply, {
    status: 403,
    code: 'OPERATOR_ONLY',
    title: 'For operators',
    detail: `the connector ${caller.name} may only read its feeds`,
    hint: 'Use the login of an operator.',
  });
  return null;
}
