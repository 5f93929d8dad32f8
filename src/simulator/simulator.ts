import { BridgeError } from '../domain/errors.ts';
import type { KeyAndCertificate } from '../http/tls/certificate-authority.ts';
import type { Fault } from './exchange.ts';
import { CONTROL_PATH, createControl } from './faults/control.ts';
import type { FaultPanel } from './faults/fault-panel.ts';
import { createCertificates } from './listeners/certificates.ts';
import { createListener, createTlsListener, type Listener, type TlsListener } from './listeners/listener.ts';
import { APP_SERVICE_PATH, createManagedIdentity } from './login/managed-identity.ts';
import { createMicrosoft } from './microsoft.ts';
import type { RequestLog } from './request-log.ts';
import type { Api } from './service.ts';
import type { SimulatorOptions } from './simulator-options.ts';
import type { World } from './world.ts';

export type { SimulatorOptions } from './simulator-options.ts';

/** Microsoft over HTTPS on loopback. */
export interface Simulator {
  /** Base address for login and the APIs alike, and the CA to trust. @param port any free one when left out */
  start(port?: number): Promise<{ readonly url: string; readonly caPem: string }>;
  /** A host that must never get a token: links and redirects of faults lead to it. It is there as soon as Microsoft is. */
  startStranger(): Promise<{ readonly url: string }>;
  /**
   * The identity endpoints of a machine in a tenant, the first one when left out. `imdsUrl` is a base address,
   * `appServiceUrl` a whole one as in IDENTITY_ENDPOINT, `header` what is in IDENTITY_HEADER.
   */
  startManagedIdentity(
    tenantId?: string,
  ): Promise<{ readonly imdsUrl: string; readonly appServiceUrl: string; readonly header: string }>;
  /** The fault panel for other programs, on a port of its own: GET and POST `url`. */
  startControl(port?: number): Promise<{ readonly url: string }>;
  /** Ends all of them. Microsoft may be started again: world, tokens and certificate stay. */
  stop(): Promise<void>;
  readonly world: World;
  readonly requests: RequestLog;
  readonly faults: FaultPanel;
  /**
   * Versions of a tenant's alerts that at least one answer contained which was sent whole and readable, as
   * `ALERTID LASTUPDATE` with the update time as Graph prints it, also for Defender's; for the exporter
   * `FULLID LASTPROCESSED`, the time with seven digits.
   */
  served(tenantId: string, api: Api): ReadonlySet<string>;
  /** The next `count` requests of the APIs fail like this. */
  failNext(count: number, fault: Fault): void;
  /** The next `count` login requests fail like this. */
  readonly login: { failNext(count: number, fault: Fault): void };
}

const HOST = '127.0.0.1';
const IDENTITY_HEADER = 'simulated-identity-header';
const DAY_MS = 86_400_000;

export function createSimulator(options: SimulatorOptions): Simulator {
  const { clock, tenants } = options;
  const certificates = once(createCertificates);
  const running = new Set<Listener>();
  let microsoftListener: TlsListener | null = null;
  let strangerUrl = '';
  let untrusted: KeyAndCertificate | null = null;
  const microsoft = createMicrosoft(options, {
    strangerUrl: () => strangerUrl,
    changeCertificate: (connections, onMet) => {
      if (untrusted !== null) microsoftListener?.present(untrusted, connections, onMet);
    },
  });
  const open = async (listener: Listener, port = 0): Promise<string> => {
    const taken = await listener.listen(port);
    running.add(listener);
    return `${HOST}:${taken}`;
  };
  const startStranger: Simulator['startStranger'] = async () => {
    if (strangerUrl !== '') return { url: strangerUrl };
    const { server: certificate } = await certificates();
    strangerUrl = `https://${await open(createTlsListener({ clock, handler: microsoft.stranger, certificate }))}`;
    return { url: strangerUrl };
  };
  return {
    world: microsoft.world,
    requests: microsoft.requests,
    faults: microsoft.faulty.panel,
    served: microsoft.served,
    failNext: microsoft.faulty.failNext,
    login: { failNext: microsoft.faulty.failLogin },
    startStranger,
    start: async (port) => {
      if (microsoftListener !== null) throw alreadyRunning();
      const made = await certificates();
      const listener = createTlsListener({ clock, handler: microsoft.handler, certificate: made.server });
      const url = `https://${await open(listener, port)}`;
      microsoftListener = listener;
      untrusted = made.untrusted;
      await startStranger();
      return { url, caPem: made.caPem };
    },
    startManagedIdentity: async (tenantId) => {
      const tenant = tenants.find((known) => tenantId === undefined || known.tenantId === tenantId);
      if (tenant === undefined) throw unknownTenant(tenantId ?? 'none');
      const tokenLifetimeMs = options.tokenLifetimeMs ?? DAY_MS;
      const deps = { clock, tokens: microsoft.tokens, tenant, header: IDENTITY_HEADER, tokenLifetimeMs };
      const handler = microsoft.identity(createManagedIdentity(deps), tenant.tenantId);
      const url = `http://${await open(createListener({ clock, handler }))}`;
      return { imdsUrl: url, appServiceUrl: `${url}${APP_SERVICE_PATH}`, header: IDENTITY_HEADER };
    },
    startControl: async (port) => {
      const handler = createControl(microsoft.faulty.panel);
      return { url: `http://${await open(createListener({ clock, handler }), port)}${CONTROL_PATH}` };
    },
    stop: async () => {
      const closing = [...running];
      running.clear();
      microsoftListener = null;
      strangerUrl = '';
      await Promise.all(closing.map((listener) => listener.close()));
    },
  };
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

function unknownTenant(tenantId: string): BridgeError {
  return new BridgeError({
    code: 'SIMULATOR_TENANT',
    kind: 'bug',
    message: `the simulator has no tenant ${tenantId}`,
    hint: 'Name one of its tenants.',
  });
}
