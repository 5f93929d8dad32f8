import type { FastifyReply } from 'fastify';
import { layout, type Page } from './layout.ts';

/**
 * Sends a page for its asker alone: it loads the stylesheet of this server, and where it has one its script, and nothing
 * else; it is framed by nobody, and tells no other server where it was.
 * @param formTargets sources of CSP besides this server that a form of the page, or a redirect after it, may lead to
 */
export function sendPage(
  reply: FastifyReply,
  status: number,
  page: Page,
  formTargets: readonly string[] = [],
): FastifyReply {
  const policy = [
    "default-src 'none'",
    ...(page.script === undefined ? [] : ["script-src 'self'", "connect-src 'self'"]),
    "style-src 'self'",
    ["form-action 'self'", ...formTargets].join(' '),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('content-security-policy', policy.join('; '))
    .header('referrer-policy', 'no-referrer')
    .header('x-frame-options', 'DENY')
    .type('text/html; charset=utf-8')
    .send(layout(page));
}
