import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { SOURCE_NAMES, type SourceName } from '../domain/detection.ts';
import { createAbsentSource } from './absent-source.ts';
import { API_TABLE } from './api-table.ts';
import { type ApiClient, createApiClient } from './client.ts';
import type { Credential, ProxyAccess } from './credential.ts';
import { createDefenderAlerts } from './defender-alerts.ts';
import { createDispatcher } from './dispatcher.ts';
import { createFetcher, createStreamFetcher } from './fetcher.ts';
import { createGraphAlerts } from './graph-alerts.ts';
import { createHostGate, type HostGate } from './host-gate.ts';
import { createSiemDetections, siemBase } from './siem-detections.ts';
import type { Source } from './source.ts';
import type { TokenFacts } from './token-claims.ts';
import { createTokenSource } from './token-source.ts';
import type { Trust } from './trust.ts';

/** How a tenant is reached. URLs are base URLs without a trailing slash; the paths below them are Microsoft's. */
export interface TenantAccess {
  readonly tenantName: string;
  readonly tenantId: string;
  readonly loginUrl: string;
  /** Where each API is and what its tokens are asked for; null where the tenant's cloud has no such API. */
  readonly apis: Readonly<Record<SourceName, ApiAccess | null>>;
  readonly credential: Credential;
  /** PEM of CAs to trust besides the public ones that Node brings. */
  readonly caPem: string | null;
  readonly proxy: ProxyAccess | null;
}

export interface ApiAccess {
  readonly url: string;
  readonly scope: string;
}

/** The APIs of one tenant, on connections of their own. */
export interface TenantSources {
  /** One that the tenant's cloud does not have throws API_NOT_IN_CLOUD when it is used. */
  source(name: SourceName): Source;
  close(): Promise<void>;
}

export interface TenantDeps {
  readonly clock: Clock;
  readonly emit: Emit;
  /** Told what each new token says of itself. */
  readonly onToken?: (api: SourceName, facts: TokenFacts) => void;
  /** From 0 to below 1. */
  readonly random?: () => number;
  /**
   * For one whole answer, milliseconds. Without it two minutes, ten for an answer that is read while it arrives, and half
   * a minute for a token.
   */
  readonly requestTimeoutMs?: number;
  /** Of one whole answer. Without it 64 MB, 256 MB of one that is read while it arrives. */
  readonly maxAnswerBytes?: number;
  /** Of the process: tenants with the same extra CA share what they trust. */
  readonly trust?: Trust;
}

const SOURCES: Readonly<Record<SourceName, (deps: { readonly client: ApiClient }) => Source>> = {
  'graph-alerts': createGraphAlerts,
  'defender-alerts': createDefenderAlerts,
  'siem-detections': createSiemDetections,
};

/** Opens a tenant: one set of connections, one gate a host, one token and one client an API. Asks nobody anything yet. */
export function openTenant(access: TenantAccess, deps: TenantDeps): TenantSources {
  const { clock, emit } = deps;
  const { tenantName, tenantId, loginUrl, credential, caPem, proxy } = access;
  const dispatcher = createDispatcher({ extraCa: caPem, proxy, ...(deps.trust && { trust: deps.trust }) });
  const timeout = deps.requestTimeoutMs === undefined ? {} : { timeoutMs: deps.requestTimeoutMs };
  const size = deps.maxAnswerBytes === undefined ? {} : { maxBytes: deps.maxAnswerBytes };
  const gates = createGates(access, deps);

  function open(name: SourceName): Source {
    const api = access.apis[name];
    if (api === null) return createAbsentSource(name, tenantName);
    const facts = API_TABLE[name];
    // A token of its own even where two APIs have one scope: what its claims must say differs.
    const tokens = createTokenSource({
      tenantName,
      tenantId,
      loginUrl,
      api: name,
      credential,
      scope: api.scope,
      permissions: facts.permissions,
      fetcher: createFetcher({ dispatcher }),
      gate: gates(signInUrl(access)),
      clock,
      emit,
      onToken: (facts) => deps.onToken?.(name, facts),
      ...timeout,
    });
    const client = createApiClient({
      api: facts,
      baseUrl: baseUrl(name, api),
      tokens,
      fetcher: createStreamFetcher({ dispatcher }),
      gate: gates(api.url),
      clock,
      ...timeout,
      ...size,
    });
    return SOURCES[name]({ client });
  }

  const sources: Readonly<Record<SourceName, Source>> = {
    'graph-alerts': open('graph-alerts'),
    'defender-alerts': open('defender-alerts'),
    'siem-detections': open('siem-detections'),
  };
  return { source: (name) => sources[name], close: () => dispatcher.close() };
}

/**
 * Every host (with its port when it is not the usual one) that may receive a secret or a token of the tenant.
 * @param inUse the APIs that are polled
 */
export function tokenHosts(access: TenantAccess, inUse: readonly SourceName[] = SOURCE_NAMES): readonly string[] {
  const apis = inUse.flatMap((name) => access.apis[name]?.url ?? []);
  return [...new Set([signInUrl(access), ...apis].map(hostOf))];
}

/** Where tokens come from: a managed identity never asks the login host itself. */
function signInUrl({ credential, loginUrl }: TenantAccess): string {
  return credential.kind === 'managed-identity' ? credential.endpoint.url : loginUrl;
}

/** One gate for each host. APIs on one host share it, and it keeps the limits of all of them. */
function createGates({ tenantName, apis }: TenantAccess, deps: TenantDeps): (url: string) => HostGate {
  const { clock, emit, random = Math.random } = deps;
  const gates = new Map<string, HostGate>();
  return (url) => {
    const host = hostOf(url);
    const sharing = SOURCE_NAMES.filter((name) => hostOf(apis[name]?.url ?? '') === host);
    const limits = sharing.flatMap((name) => API_TABLE[name].limits);
    const gate = gates.get(host) ?? createHostGate({ tenant: tenantName, host, limits, clock, emit, random });
    gates.set(host, gate);
    return gate;
  };
}

/** A URL that is none is told by whoever sends to it; it has no host. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

function baseUrl(name: SourceName, { url }: ApiAccess): string {
  return name === 'siem-detections' ? siemBase(url) : url;
}
