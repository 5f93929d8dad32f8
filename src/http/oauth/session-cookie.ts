import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * `session`: an operator who has signed in; `visit`: a browser that shows the sign-in form. The prefix makes browsers
 * refuse them from any other host, path or over plain http (RFC 6265bis 4.1.3).
 */
const NAMES = { session: '__Host-flexbridge', visit: '__Host-flexbridge-signin' } as const;
type CookieName = keyof typeof NAMES;

/**
 * Strict: a browser leaves it out of every request that another site has begun, redirects that follow included. For the
 * connector's login that is no obstacle: it opens the browser itself, which is nobody's request. Where a link of another
 * site led to the consent, the operator is asked to sign in once more; the sign-in form and all that follows it are
 * requests of this site.
 */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict';

/** Of base64url, as they are made here. */
const FORM = /^[A-Za-z0-9_-]{43}$/;

export function readCookie({ headers: { cookie = '' } }: FastifyRequest, name: CookieName): string | undefined {
  const prefix = `${NAMES[name]}=`;
  const value = cookie
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(prefix))
    ?.slice(prefix.length);
  return value !== undefined && FORM.test(value) ? value : undefined;
}

export function setCookie(reply: FastifyReply, name: CookieName, value: string): void {
  reply.header('set-cookie', `${NAMES[name]}=${value}; ${ATTRIBUTES}`);
}

export function clearCookie(reply: FastifyReply, name: CookieName): void {
  reply.header('set-cookie', `${NAMES[name]}=; ${ATTRIBUTES}; Max-Age=0`);
}
