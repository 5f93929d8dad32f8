import type { ApiDeps } from './apis/api-deps.ts';
import { apiError } from './apis/api-error.ts';
import { ACCESS_RULES, bearerOf } from './apis/bearer.ts';
import { ALERTS_PATH, createDefenderAlerts } from './apis/defender-alerts.ts';
import { createGraphAlerts } from './apis/graph-alerts.ts';
import { createRateLimiter, PUBLISHED_LIMITS } from './apis/rate-limit.ts';
import { Refusal } from './apis/refusal.ts';
import { createSiemDetections } from './apis/siem-detections.ts';
import { type Handler, jsonAnswer, type SimulatorRequest } from './exchange.ts';
import { createFaultySide, type FaultySide, type FaultySideDeps } from './faulty-side.ts';
import { type AccessTokens, createAccessTokens } from './login/access-token.ts';
import { createLogin, isLoginPath, tenantOfLogin } from './login/login.ts';
import { createRandom, type Random, seedFor } from './random.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import { createServedVersions } from './served-versions.ts';
import type { Api } from './service.ts';
import type { SimulatorOptions } from './simulator-options.ts';
import { createAlertReader } from './world/alert-reader.ts';
import { createWorld, type World } from './world.ts';

/** Everything that Microsoft does, without the sockets. */
export interface Microsoft {
  /** Login and the three APIs. */
  readonly handler: Handler;
  /** The host that must never get a token. */
  readonly stranger: Handler;
  /** Puts the log and the faults in front of a machine's identity endpoints. */
  identity(handler: Handler, tenantId: string): Handler;
  readonly tokens: AccessTokens;
  readonly world: World;
  readonly requests: RequestLog;
  readonly faulty: FaultySide;
  readonly served: (tenantId: string, api: Api) => ReadonlySet<string>;
}

const LIFETIME_MS = 3_599_000;
/** So it stands in one of Microsoft's code samples (defender-api 1.2). */
const SIEM_SNIPPET_PATH = '/api/alert';

export function createMicrosoft(
  options: SimulatorOptions,
  sockets: Pick<FaultySideDeps, 'strangerUrl' | 'changeCertificate'>,
): Microsoft {
  const { seed, clock, tenants } = options;
  const randomFor = (name: string) => createRandom(seedFor(seed, name));
  const world = createWorld({ seed, tenantIds: tenants.map(({ tenantId }) => tenantId), options: options.world });
  const tokens = createAccessTokens();
  const requests = createRequestLog();
  const served = createServedVersions(options.onServed);
  const faulty = createFaultySide({
    ...sockets,
    clock,
    tokens,
    random: randomFor('faults'),
    times: options.faultTimes ?? {},
    onFault: options.onFault ?? (() => undefined),
    respondWith: options.respondWith ?? (() => null),
  });
  const services = createServices(options, { world, tokens, random: randomFor('reads') });
  const refuse = createLimit(options, requests);
  const strange = createRegion(options);
  return {
    tokens,
    world,
    requests,
    faulty,
    served: served.of,
    stranger: (request) => {
      requests.add(null, request);
      return jsonAnswer(200, { value: [] });
    },
    identity: (handler, tenantId) => (request) => {
      requests.add('identity', request);
      return faulty.answer('identity', handler, tenantId, request);
    },
    handler: (request) => {
      const service = serviceOf(request, tokens);
      requests.add(service, request);
      if (service === 'login') return faulty.answer('login', services.login, tenantOfLogin(request.path), request);
      const tenantId = claimsOf(request, tokens)?.tid ?? null;
      const refusal =
        tenantId === null ? null : (refuse(service, tenantId, request) ?? strange(service, tenantId, request));
      if (refusal !== null) return refusal;
      const answer = faulty.answer(service, services[service], tenantId, request);
      if (tenantId !== null) served.add(tenantId, service, request, answer);
      return answer;
    },
  };
}

type ServiceDeps = Pick<ApiDeps, 'world' | 'tokens'> & { readonly random: Random };

function createServices(options: SimulatorOptions, deps: ServiceDeps): Readonly<Record<Api | 'login', Handler>> {
  const { clock, tenants, paging = 'stable', siem = {}, tokenLifetimeMs = LIFETIME_MS } = options;
  const { world, tokens, random } = deps;
  const reader = createAlertReader({ world, clock, random, options: options.world });
  const apiDeps: ApiDeps = { clock, tokens, world, reader, paging, siem };
  return {
    login: createLogin({ clock, tokens, tenants, tokenLifetimeMs }),
    graph: createGraphAlerts(apiDeps),
    defender: createDefenderAlerts(apiDeps),
    siem: createSiemDetections(apiDeps),
  };
}

/** A 429 for a request above the limits of its app and tenant, else null. */
function createLimit({ clock, rateLimits = false }: SimulatorOptions, requests: RequestLog) {
  const limiter = createRateLimiter(clock, PUBLISHED_LIMITS);
  return (api: Api, tenantId: string, request: SimulatorRequest) => {
    const waitMs = rateLimits ? limiter.take(api, tenantId) : null;
    if (waitMs === null) return null;
    requests.addThrottled(api);
    const refusal = apiError(api, new Refusal(429, 'TooManyRequests', 'Too many requests'), request, clock.now());
    return { ...refusal, headers: { ...refusal.headers, 'retry-after': String(Math.ceil(waitMs / 1000)) } };
  };
}

/** A 403 of a host that serves another region than the tenant's, else null. Status and words are inferred. */
function createRegion({ clock, tenants }: SimulatorOptions) {
  return (api: Api, tenantId: string, request: SimulatorRequest) => {
    const tenant = tenants.find((known) => known.tenantId === tenantId);
    if (tenant?.elsewhere?.includes(api) !== true) return null;
    return apiError(api, new Refusal(403, 'Forbidden', 'The tenant is not served here.'), request, clock.now());
  };
}

/** Defender for Endpoint and the exporter have one path: the token tells them apart, or the options that are asked with. */
function serviceOf(request: SimulatorRequest, tokens: AccessTokens): Api | 'login' {
  if (isLoginPath(request.path)) return 'login';
  // The exporter's path may end in a slash and be written in any case (defender-api 1.2).
  const path = request.path.toLowerCase().replace(/\/$/, '');
  if (path === SIEM_SNIPPET_PATH) return 'siem';
  if (path.startsWith(`${ALERTS_PATH}/`)) return 'defender';
  if (path !== ALERTS_PATH) return 'graph';
  const audience = claimsOf(request, tokens)?.aud;
  if (audience === ACCESS_RULES.siem.audience) return 'siem';
  if (audience === ACCESS_RULES.defender.audience) return 'defender';
  const asksLikeSiem = [...request.query.keys()].some((name) => /^(sinceTimeUtc|untilTimeUtc|ago|limit)$/i.test(name));
  return asksLikeSiem ? 'siem' : 'defender';
}

function claimsOf(request: SimulatorRequest, tokens: AccessTokens) {
  const token = bearerOf(request);
  return token === null ? null : tokens.read(token);
}
