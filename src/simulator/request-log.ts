import type { SimulatorRequest } from './exchange.ts';
import type { Api, Service } from './service.ts';

/** What a test may want to know of a request. Holds no secret and no token. */
export interface SeenRequest {
  readonly api: Service;
  readonly method: string;
  /** With its query, as sent. */
  readonly path: string;
  /** Whether an Authorization header came with it. */
  readonly authorized: boolean;
  readonly prefer: string | null;
}

/** What came to one host and port. */
export interface HostCount {
  readonly requests: number;
  /** Requests with an Authorization header. */
  readonly authorized: number;
  /** Requests with a client secret, a client assertion or the header of a managed identity. */
  readonly secrets: number;
}

export interface RequestLog extends Readonly<Record<Service, number>> {
  /** The latest requests, oldest first. */
  list(): readonly SeenRequest[];
  /** By host and port as the client addressed it. */
  hosts(): Readonly<Record<string, HostCount>>;
  /** Requests refused because of a rate limit. */
  throttled(): Readonly<Record<Api, number>>;
  clear(): void;
  /** @param service null for a host that is none of Microsoft's: only counted by host */
  add(service: Service | null, request: SimulatorRequest): void;
  addThrottled(api: Api): void;
}

const KEPT = 5000;
const SECRET = /(?:^|&)client_(?:secret|assertion)=/;
const NONE = { login: 0, graph: 0, defender: 0, siem: 0, identity: 0 };

export function createRequestLog(): RequestLog {
  let seen: SeenRequest[] = [];
  let counts: Record<Service, number> = { ...NONE };
  let throttled: Record<Service, number> = { ...NONE };
  const hosts = new Map<string, HostCount>();
  const countHost = ({ origin, headers, body }: SimulatorRequest, authorized: boolean): void => {
    const { host } = new URL(origin);
    const known = hosts.get(host) ?? { requests: 0, authorized: 0, secrets: 0 };
    const secret = headers['x-identity-header'] !== undefined || SECRET.test(body);
    hosts.set(host, {
      requests: known.requests + 1,
      authorized: known.authorized + Number(authorized),
      secrets: known.secrets + Number(secret),
    });
  };
  return {
    get login() {
      return counts.login;
    },
    get graph() {
      return counts.graph;
    },
    get defender() {
      return counts.defender;
    },
    get siem() {
      return counts.siem;
    },
    get identity() {
      return counts.identity;
    },
    list: () => seen.slice(-KEPT),
    hosts: () => Object.fromEntries(hosts),
    throttled: () => ({ graph: throttled.graph, defender: throttled.defender, siem: throttled.siem }),
    clear: () => {
      seen = [];
      counts = { ...NONE };
      throttled = { ...NONE };
      hosts.clear();
    },
    addThrottled: (api) => {
      throttled[api] += 1;
    },
    add: (service, request) => {
      const authorized = request.headers['authorization'] !== undefined;
      countHost(request, authorized);
      if (service === null) return;
      counts[service] += 1;
      const { method, url, headers } = request;
      seen.push({ api: service, method, path: url, authorized, prefer: headers['prefer'] ?? null });
      if (seen.length > 2 * KEPT) seen = seen.slice(-KEPT);
    },
  };
}
