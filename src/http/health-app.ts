import { createServer } from 'node:http';
import fastify, { type FastifyError, type FastifyReply } from 'fastify';
import type { Emit } from '../domain/bridge-event.ts';
import { toBridgeError } from '../domain/errors.ts';
import { probeRoutes, type ReadinessDeps } from './routes/health.ts';
import type { MetricsRouteDeps } from './routes/metrics.ts';
import type { AnyServer, App } from './server.ts';

export interface HealthAppDeps extends ReadinessDeps {
  readonly metrics: MetricsRouteDeps['metrics'];
  readonly emit: Emit;
}

/** A probe that hangs must not hold up a stop. */
const LIMITS = {
  requestTimeout: 10_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 8192,
} as const;

/** `server.health`: probes and metrics on a port of their own, plain http, without a login; nothing else is there. */
export async function createHealthApp({ metrics, emit, ...deps }: HealthAppDeps): Promise<App> {
  const app = fastify<AnyServer>({
    serverFactory: (handler) => createServer(LIMITS, handler),
    logger: false,
    return503OnClosing: false,
    forceCloseConnections: true,
    bodyLimit: 1024,
  });
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('x-content-type-options', 'nosniff');
    done();
  });
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const { statusCode = 500 } = thrown;
    if (statusCode >= 400 && statusCode < 500) return plain(reply.code(statusCode), 'bad request\n');
    emit({ name: 'requestFailed', requestId: request.id, error: toBridgeError(thrown) });
    return plain(reply.code(503), 'not possible now; the log says why\n');
  });
  app.setNotFoundHandler((_request, reply) =>
    plain(reply.code(404), 'here are /livez, /readyz, /readyz?verbose, /healthz and /metrics\n'),
  );
  probeRoutes(app, deps, () => Promise.resolve(true));
  app.get('/metrics', async (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.render()),
  );
  await app.ready();
  return app;
}

function plain(reply: FastifyReply, text: string): FastifyReply {
  return reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(text);
}
