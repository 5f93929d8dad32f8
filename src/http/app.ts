import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Emit } from '../domain/bridge-event.ts';
import { type BridgeError, toBridgeError } from '../domain/errors.ts';
import { type Problem, sendProblem } from './problem.ts';
import { type FeedRouteDeps, feedRoutes } from './routes/feed.ts';
import { type HealthRouteDeps, healthRoutes } from './routes/health.ts';
import { type AnyServer, type App, createServer, type ServerCertificate } from './server.ts';

export interface AppDeps extends FeedRouteDeps, HealthRouteDeps {
  readonly emit: Emit;
  readonly tls: ServerCertificate | null;
}

/** Answers are data: a browser that opens one must load, run and frame nothing. */
const NOTHING_TO_LOAD = { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } };

/** The whole HTTP side: one fastify instance, every answer JSON, every error a problem of RFC 9457. */
export async function createApp(deps: AppDeps): Promise<App> {
  const app = fastify<AnyServer>({
    serverFactory: (handler) => createServer(handler, deps.tls),
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit: 65_536,
    return503OnClosing: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
  });
  // No HSTS: it binds a whole host name, all its ports, and the name here is often localhost or shared.
  await app.register(helmet, { contentSecurityPolicy: NOTHING_TO_LOAD, strictTransportSecurity: false });
  app.setErrorHandler((error: FastifyError, request, reply) => sendFailure(error, request, reply, deps.emit));
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, notFound(request)));
  feedRoutes(app, deps);
  healthRoutes(app, deps);
  await app.ready();
  return app;
}

/** The caller's mistakes as they are; of everything else only that it failed, with the id to find it in the log. */
function sendFailure(thrown: FastifyError, request: FastifyRequest, reply: FastifyReply, emit: Emit): FastifyReply {
  const { statusCode } = thrown;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    const { code, message } = thrown;
    return sendProblem(request, reply, {
      status: statusCode,
      code,
      title: 'Bad request',
      detail: message,
      hint: 'Correct the request.',
    });
  }
  const error = toBridgeError(thrown);
  if (error.code === 'SINCE_INVALID') return sendProblem(request, reply, badSince(error));
  emit({ name: 'requestFailed', requestId: request.id, error });
  reply.header('retry-after', '10');
  return sendProblem(request, reply, {
    status: 503,
    code: error.kind === 'bug' ? 'INTERNAL' : error.code,
    title: 'Not possible now',
    detail: 'the bridge could not answer; nothing was lost and the same request can be sent again',
    hint: 'Operations: look for this requestId in the log, or run flexbridge doctor.',
  });
}

function badSince({ code, message, hint }: BridgeError): Problem {
  return { status: 400, code, title: 'Unreadable time', detail: message, hint };
}

function notFound(request: FastifyRequest): Problem {
  return {
    status: 404,
    code: 'NOT_FOUND',
    title: 'Nothing here',
    detail: `no ${request.method} under this address`,
    hint: 'The feed is at /v1/feeds/{feed}/detections?since=$START_AT_TIME; health is at /readyz.',
  };
}
