import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Finding, worstState } from '../../domain/finding.ts';
import type { Access } from '../access.ts';
import type { App } from '../server.ts';
import { demandOperator } from './guard.ts';

export interface HealthRouteDeps {
  readonly access: Access;
  readonly version: string;
  /** The table of findings, worst first, and what it was made from; throws when the store cannot be read. */
  readonly status: () => Promise<{ readonly findings: readonly Finding[] }>;
  /** False once the service is stopping. */
  readonly isServing: () => boolean;
}

/** `/livez`, `/readyz` with its alias `/healthz`, and `/status.json`: views of what is observed. */
export function healthRoutes(app: App, deps: HealthRouteDeps): void {
  app.get('/livez', (_request, reply) => sendJson(reply, 200, { status: 'ok' }));
  for (const url of ['/readyz', '/healthz']) app.get(url, (_request, reply) => readiness(reply, deps));
  app.get('/status.json', (request, reply) => status(request, reply, deps));
}

/**
 * 503 only when the feed cannot be read or the service is stopping; anything less is 200 with its reasons. Without a
 * login: so it names findings, but neither tenants nor connectors nor paths.
 */
async function readiness(reply: FastifyReply, { status, isServing }: HealthRouteDeps): Promise<FastifyReply> {
  if (!isServing()) return sendJson(reply, 503, { status: 'stopping', reasons: ['the service is stopping'] });
  const { findings } = await status();
  const bad = findings.filter(({ state }) => state !== 'ok');
  const unreadable = bad.some(({ id, state }) => id === 'store' && state === 'failed');
  const state = unreadable ? 'unavailable' : bad.length > 0 ? 'degraded' : 'ok';
  return sendJson(reply, unreadable ? 503 : 200, {
    status: state,
    reasons: [...new Set(bad.map(({ id, state: how }) => `${id}: ${how}`))],
  });
}

async function status(request: FastifyRequest, reply: FastifyReply, deps: HealthRouteDeps): Promise<FastifyReply> {
  if ((await demandOperator(request, reply, deps.access)) === null) return reply;
  const seen = await deps.status();
  return sendJson(reply, 200, { version: deps.version, state: worstState(seen.findings), ...seen });
}

function sendJson(reply: FastifyReply, code: number, body: object): FastifyReply {
  return reply
    .code(code)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body));
}
