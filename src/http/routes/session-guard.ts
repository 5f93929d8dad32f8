import type { FastifyReply, FastifyRequest } from 'fastify';
import { readCookie } from '../oauth/session-cookie.ts';
import type { Session, Sessions } from '../oauth/sessions.ts';

/**
 * The operator who has signed in at this browser, or null once it has been sent to do so and back. A page never asks for a
 * login of its own (design: never Basic for pages).
 * @param returnTo path to come back to; without it, the address that was asked for
 */
export function demandSession(
  request: FastifyRequest,
  reply: FastifyReply,
  sessions: Sessions,
  returnTo: string = request.url,
): Session | null {
  const session = sessions.find(readCookie(request, 'session'));
  if (session !== null) return session;
  reply
    .code(303)
    .header('cache-control', 'no-store')
    .header('location', `/signin?return=${encodeURIComponent(returnTo)}`)
    .send();
  return null;
}
