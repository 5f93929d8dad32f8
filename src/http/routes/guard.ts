import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access, Caller } from '../access.ts';
import { type Problem, sendProblem } from '../problem.ts';

/** The caller, or null once a 401, or after too many wrong logins a 429, has been sent. */
export async function demandLogin(
  request: FastifyRequest,
  reply: FastifyReply,
  access: Access,
): Promise<Caller | null> {
  const caller = await access.identify(request);
  if (caller !== null) return caller;
  const sent = request.headers.authorization !== undefined;
  const waitSeconds = sent ? access.penalty(request) : null;
  if (waitSeconds !== null) {
    sendProblem(request, reply.header('retry-after', waitSeconds), tooMany(waitSeconds));
    return null;
  }
  reply.header('www-authenticate', 'Basic realm="FlexBridge", charset="UTF-8"');
  sendProblem(request, reply, {
    status: 401,
    code: sent ? 'LOGIN_WRONG' : 'LOGIN_MISSING',
    title: sent ? 'Wrong login' : 'Login needed',
    detail: sent
      ? 'the user name or the password is wrong'
      : 'this address needs a user name and a password (HTTP Basic)',
    hint: 'Use the name and secret of a connector of this bridge. First start writes them to initial-credentials in the data folder.',
  });
  return null;
}

function tooMany(waitSeconds: number): Problem {
  return {
    status: 429,
    code: 'LOGIN_LIMITED',
    title: 'Too many wrong logins',
    detail: `too many wrong logins from this address; the next answer comes in ${waitSeconds} seconds`,
    hint: 'Correct the user name and password: a right login is answered at once.',
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
