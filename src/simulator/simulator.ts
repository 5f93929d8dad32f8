import { type Clock, systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import { createCertificateAuthority, issueServerCertificate } from '../http/tls/certificate-authority.ts';
import { createAccessTokens } from './access-token.ts';
import type { WorldOptions } from './alert-version.ts';
import type { Fault, Handler, SimulatorRequest } from './exchange.ts';
import { createFaultQueue, type FaultQueue } from './fault-queue.ts';
import { createGraphAlerts } from './graph-alerts.ts';
import { graphErrorBody, graphFailure, graphHeaders } from './graph-errors.ts';
import { createHttpsListener, type HttpsListener } from './https-listener.ts';
import { createLogin, isLoginPath, type SimulatedTenant } from './login.ts';
import { loginErrorBody } from './login-errors.ts';
import type { Paging } from './page-list.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import { createWorld, type World } from './world.ts';

export interface SimulatorOptions {
  /** The same seed, tenants and start time give the same world. */
  readonly seed: number;
  /** Microsoft's clock: visibility of alerts, token lifetimes, Date headers. */
  readonly clock: Clock;
  readonly tenants: readonly SimulatedTenant[];
  readonly world: WorldOptions;
  /** Default 3599 s, as Entra's. */
  readonly tokenLifetimeMs?: number;
  readonly paging?: Paging;
  /** A fault for a request, or null to answer it properly; asked after the queues of `failNext`. */
  readonly respondWith?: (request: SimulatorRequest) => Fault | null;
}

/** Microsoft over HTTPS on loopback. */
export interface Simulator {
  /** Base address for login and Graph alike, and the CA to trust. @param port any free one when left out */
  start(port?: number): Promise<{ readonly url: string; readonly caPem: string }>;
  /** May be started again: world, tokens and certificate stay. */
  stop(): Promise<void>;
  readonly world: World;
  readonly requests: RequestLog;
  /** The next `count` Graph requests fail like this. */
  failNext(count: number, fault: Fault): void;
  /** The next `count` login requests fail like this. */
  readonly login: { failNext(count: number, fault: Fault): void };
}

export function createSimulator(options: SimulatorOptions): Simulator {
  const { seed, clock, tenants } = options;
  const world = createWorld({ seed, tenantIds: tenants.map(({ tenantId }) => tenantId), options: options.world });
  const requests = createRequestLog();
  const respondWith = options.respondWith ?? (() => null);
  const loginFaults = createFaultQueue(respondWith);
  const graphFaults = createFaultQueue(respondWith);
  const handler = createHandler(options, { world, requests, loginFaults, graphFaults });
  const makeCertificates = once(createCertificates);
  let listener: HttpsListener | null = null;
  return {
    world,
    requests,
    failNext: (count, fault) => {
      graphFaults.failNext(count, fault);
    },
    login: {
      failNext: (count, fault) => {
        loginFaults.failNext(count, fault);
      },
    },
    start: async (port = 0) => {
      if (listener !== null) throw alreadyRunning();
      const { server, caPem } = await makeCertificates();
      const made = createHttpsListener(clock, server, handler);
      const url = `https://127.0.0.1:${await made.listen(port)}`;
      listener = made;
      return { url, caPem };
    },
    stop: async () => {
      const running = listener;
      listener = null;
      await running?.close();
    },
  };
}

interface Parts {
  readonly world: World;
  readonly requests: RequestLog;
  readonly loginFaults: FaultQueue;
  readonly graphFaults: FaultQueue;
}

function createHandler(options: SimulatorOptions, parts: Parts): Handler {
  const { clock, tenants, tokenLifetimeMs = 3_599_000, paging = 'stable' } = options;
  const { world, requests, loginFaults, graphFaults } = parts;
  const tokens = createAccessTokens();
  const login = loginFaults.guard(createLogin({ clock, tokens, tenants, tokenLifetimeMs }), () =>
    loginErrorBody('unavailable', clock.now()),
  );
  const graph = graphFaults.guard(createGraphAlerts({ clock, tokens, world, paging }), ({ status }, request) =>
    graphErrorBody(graphFailure(status), graphHeaders(request), clock.now()),
  );
  return (request) => {
    const api = isLoginPath(request.path) ? 'login' : 'graph';
    requests.add(api, request);
    return api === 'login' ? login(request) : graph(request);
  };
}

async function createCertificates() {
  const hosts = ['localhost', '127.0.0.1'];
  // The peers check validity against the real clock, whatever time the simulated Microsoft has.
  const notBeforeMs = systemClock.now() - 86_400_000;
  const ca = await createCertificateAuthority({ commonName: 'FlexBridge simulator CA', hosts, notBeforeMs, years: 10 });
  const server = await issueServerCertificate(ca, { hosts, notBeforeMs, days: 397 });
  return { server, caPem: ca.certificatePem };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function alreadyRunning(): BridgeError {
  return new BridgeError({
    code: 'SIMULATOR_RUNNING',
    kind: 'bug',
    message: 'the simulator was started twice',
    hint: 'Stop it first.',
  });
}
