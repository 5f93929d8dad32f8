import type { FastifyReply } from 'fastify';

/** An error of RFC 6749 5.2. */
export function sendOAuthError(reply: FastifyReply, status: number, error: string, description: string): FastifyReply {
  return (
    reply
      .code(status)
      .header('cache-control', 'no-store')
      .header('pragma', 'no-cache')
      .type('application/json; charset=utf-8')
      // RFC 6749 5.2: printable ASCII without quotes and backslashes.
      .send(JSON.stringify({ error, error_description: description.replaceAll(/[^\x20-\x7e]|["\\]/g, "'") }))
  );
}

/** Seconds after which the same request may be sent again. */
const RETRY_AFTER = 10;

/**
 * 503 while the database of logins cannot be read or written. Never an error that says something about the token: a
 * refresh that is refused ends the connector for good (flexconnector 3), and this one may be good.
 */
export function sendUndecided(reply: FastifyReply): FastifyReply {
  const words = 'the bridge cannot look this up now; the same request can be sent again';
  return sendOAuthError(reply.header('retry-after', RETRY_AFTER), 503, 'server_error', words);
}
