import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Finding, worstState } from '../../domain/finding.ts';
import { findingsText } from '../../domain/findings-text.ts';
import type { StatusSnapshot } from '../../domain/status-snapshot.ts';
import type { Access } from '../access.ts';
import type { App } from '../server.ts';
import { demandOperator } from './guard.ts';

export interface ReadinessDeps {
  /** The table of findings, worst first, and what it was made from; throws when the store cannot be read. */
  readonly status: () => Promise<{ readonly findings: readonly Finding[] }>;
  /** False once the service is stopping. */
  readonly isServing: () => boolean;
}

export interface HealthRouteDeps extends ReadinessDeps {
  readonly status: () => Promise<StatusSnapshot>;
  readonly access: Access;
  readonly version: string;
}

/** `/livez`, `/readyz` with its alias `/healthz`, and `/status.json`: views of what is observed. */
export function healthRoutes(app: App, deps: HealthRouteDeps): void {
  probeRoutes(app, deps, async (request, reply) => (await demandOperator(request, reply, deps.access)) !== null);
  app.get('/status.json', (request, reply) => status(request, reply, deps));
}

/**
 * What probes ask. `?verbose` shows the table to people.
 * @param mayRead whether the asker may see names of tenants and connectors; false once it was answered otherwise
 */
export function probeRoutes(
  app: App,
  deps: ReadinessDeps,
  mayRead: (request: FastifyRequest, reply: FastifyReply) => Promise<boolean>,
): void {
  app.get('/livez', (_request, reply) => sendJson(reply, 200, { status: 'ok' }));
  for (const url of ['/readyz', '/healthz']) {
    app.get(url, async (request, reply) => {
      if (!isVerbose(request)) return readiness(reply, deps);
      return (await mayRead(request, reply)) ? table(reply, deps) : reply;
    });
  }
}

function isVerbose({ query }: FastifyRequest): boolean {
  return typeof query === 'object' && query !== null && 'verbose' in query;
}

/**
 * 503 only when the feed cannot be read or the service is stopping; anything less is 200 with its reasons. Without a
 * login: so it names findings, but neither tenants nor connectors nor paths.
 */
async function readiness(reply: FastifyReply, { status, isServing }: ReadinessDeps): Promise<FastifyReply> {
  if (!isServing()) return sendJson(reply, 503, { status: 'stopping', reasons: ['the service is stopping'] });
  const bad = (await status()).findings.filter(({ state }) => state !== 'ok');
  const { code, state } = judge(bad);
  return sendJson(reply, code, {
    status: state,
    reasons: [...new Set(bad.map(({ id, state: how }) => `${id}: ${how}`))],
  });
}

/** The same judgement and the whole table as `flexbridge doctor` prints it. */
async function table(reply: FastifyReply, { status, isServing }: ReadinessDeps): Promise<FastifyReply> {
  const { findings } = await status();
  const { code, state } = isServing()
    ? judge(findings.filter((finding) => finding.state !== 'ok'))
    : { code: 503, state: 'stopping' };
  return reply
    .code(code)
    .header('cache-control', 'no-store')
    .type('text/plain; charset=utf-8')
    .send(`${state}\n\n${findingsText(findings)}`);
}

function judge(bad: readonly Finding[]): { readonly code: number; readonly state: string } {
  if (bad.some(({ id, state }) => id === 'store' && state === 'failed')) return { code: 503, state: 'unavailable' };
  return { code: 200, state: bad.length > 0 ? 'degraded' : 'ok' };
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
