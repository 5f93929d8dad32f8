import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Audit } from '../domain/audit.ts';
import type { Emit } from '../domain/bridge-event.ts';
import { toBridgeError } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';
import type { Trace } from '../domain/trace.ts';
import type { AccessStore } from '../store/access-store.ts';
import { callerProblem } from './caller-problem.ts';
import { answerClientError } from './client-error.ts';
import { collectMethods, type MethodsOf } from './known-methods.ts';
import type { AccessTokens } from './oauth/access-token.ts';
import { createSessions } from './oauth/sessions.ts';
import type { RequestObserver } from './observer.ts';
import { type Problem, sendProblem } from './problem.ts';
import { assetRoutes } from './routes/assets.ts';
import { type EventRouteDeps, eventRoutes } from './routes/events.ts';
import { feedRoutes } from './routes/feed.ts';
import { type HealthRouteDeps, healthRoutes } from './routes/health.ts';
import { homeRoutes } from './routes/home.ts';
import { foldLegacyPath, type LegacyRouteDeps, legacyRoutes } from './routes/legacy.ts';
import { type MetricsRouteDeps, metricsRoutes } from './routes/metrics.ts';
import { oauthRoutes } from './routes/oauth.ts';
import { type OpenapiRouteDeps, openapiRoutes } from './routes/openapi.ts';
import { type PackRouteDeps, packRoutes } from './routes/pack.ts';
import { type RecordRouteDeps, recordRoutes } from './routes/records.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { type StatusRouteDeps, statusRoutes } from './routes/status.ts';
import { type AnyServer, type App, type ClientCertificates, createServer, type ServerCertificate } from './server.ts';
import { withSessions } from './session-access.ts';
import { traceRequests } from './trace-requests.ts';

export interface AppDeps
  extends LegacyRouteDeps,
    EventRouteDeps,
    HealthRouteDeps,
    MetricsRouteDeps,
    OpenapiRouteDeps,
    PackRouteDeps,
    Omit<StatusRouteDeps, 'store'>,
    Omit<RecordRouteDeps, 'store'> {
  readonly store: StatusRouteDeps['store'] & RecordRouteDeps['store'];
  readonly emit: Emit;
  readonly tls: ServerCertificate | null;
  readonly accessStore: AccessStore;
  readonly tokens: AccessTokens;
  readonly audit: Audit;
  readonly clientCertificates: ClientCertificates;
  /** IP addresses and CIDR ranges of the proxies whose `X-Forwarded-For` counts. */
  readonly trustProxy: readonly string[];
  /** Absent: what is logged of a request does not carry its id. */
  readonly trace?: Trace;
  /** Absent: nobody is observed. */
  readonly observer?: RequestObserver;
}

/** Answers are data: a browser that opens one must load, run and frame nothing. */
const NOTHING_TO_LOAD = { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } };

/** Of one part of a path, in characters. */
const LONGEST_PART = 200;

/** The whole HTTP side: one fastify instance, every answer JSON, every error a problem of RFC 9457. */
export async function createApp(deps: AppDeps): Promise<App> {
  const app = fastify<AnyServer>({
    serverFactory: (handler) => createServer(handler, deps.tls, deps.clientCertificates),
    logger: false,
    trustProxy: deps.trustProxy.length === 0 ? false : [...deps.trustProxy],
    genReqId: () => randomUUID(),
    bodyLimit: 65_536,
    // Fastify's own 503 is no problem document. What still comes while stopping is served, and its connection closed.
    return503OnClosing: false,
    rewriteUrl: ({ url = '/' }) => foldLegacyPath(url),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: LONGEST_PART },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      sendFailure(error, request, reply, deps.emit);
    },
  });
  // No HSTS: it binds a whole host name, all its ports, and the name here is often localhost or shared.
  await app.register(helmet, { contentSecurityPolicy: NOTHING_TO_LOAD, strictTransportSecurity: false });
  app.setErrorHandler((error: FastifyError, request, reply) => sendFailure(error, request, reply, deps.emit));
  if (deps.trace !== undefined) traceRequests(app, deps.trace);
  deps.watch.measure(app.server);
  deps.observer?.register(app, deps.feeds);
  const methodsOf = collectMethods(app);
  // Before the body is looked at: what is wrong with it does not matter where it has nowhere to go.
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) await sendNowhere(request, reply, methodsOf);
  });
  feedRoutes(app, deps);
  legacyRoutes(app, deps);
  eventRoutes(app, deps);
  const sessions = createSessions(deps);
  // What people read in a browser, too.
  const readable = { ...deps, access: withSessions(deps.access, sessions) };
  healthRoutes(app, readable);
  metricsRoutes(app, readable);
  packRoutes(app, readable);
  openapiRoutes(app, readable);
  signInRoutes(app, { ...deps, sessions });
  oauthRoutes(app, { ...deps, sessions });
  statusRoutes(app, { ...deps, sessions });
  recordRoutes(app, { ...deps, sessions });
  homeRoutes(app);
  assetRoutes(app);
  await app.ready();
  return app;
}

/** The caller's mistakes as they are; of everything else only that it failed, with the id to find it in the log. */
function sendFailure(thrown: FastifyError, request: FastifyRequest, reply: FastifyReply, emit: Emit): FastifyReply {
  const { statusCode } = thrown;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    const { code } = thrown;
    return sendProblem(request, reply, { status: statusCode, code, ...(WORDS.get(code) ?? otherMistake(thrown)) });
  }
  const error = toBridgeError(thrown);
  const mistake = callerProblem(error);
  if (mistake !== null) return sendProblem(request, reply, mistake);
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

/** Fastify's own words repeat the whole URL, and have no remedy. */
const WORDS: ReadonlyMap<string, Pick<Problem, 'title' | 'detail' | 'hint'>> = new Map([
  [
    'FST_ERR_BAD_URL',
    {
      title: 'Broken URL',
      detail: 'a % in the URL does not begin the code of a character',
      hint: 'Write each byte of UTF-8 as % and two hexadecimal digits; the character % itself is %25.',
    },
  ],
  [
    'FST_ERR_MAX_PARAM_LENGTH',
    {
      title: 'URL too long',
      detail: `a part of the URL has more than ${LONGEST_PART} characters`,
      hint: 'No name is that long. Copy the URL from INSTALL.md once more.',
    },
  ],
]);

function otherMistake({ message }: FastifyError): Pick<Problem, 'title' | 'detail' | 'hint'> {
  return { title: 'Bad request', detail: printable(message), hint: 'Correct the request.' };
}

/** No such address, or it has other methods (RFC 9110 15.5.6). */
function sendNowhere(request: FastifyRequest, reply: FastifyReply, methodsOf: MethodsOf): FastifyReply {
  const { method } = request;
  const methods = methodsOf(request.url.split('?')[0] ?? '').join(', ');
  if (methods === '') {
    return sendProblem(request, reply, {
      status: 404,
      code: 'NOT_FOUND',
      title: 'Nothing here',
      detail: `no ${method} under this address`,
      hint: 'The feed is at /v1/feeds/{feed}/detections?since=$START_AT_TIME; health is at /readyz.',
    });
  }
  reply.header('allow', methods);
  return sendProblem(request, reply, {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    title: 'Not this method',
    detail: `${method} is not possible under this address`,
    hint: `Use ${methods.replace(', ', ' or ')}.`,
  });
}
