import type { Clock } from '../../domain/clock.ts';
import type { SourceName } from '../../domain/detection.ts';
import { toBridgeError } from '../../domain/errors.ts';
import type { Finding } from '../../domain/finding.ts';
import { API_TABLE } from '../api-table.ts';
import { createDispatcher, readCertificates } from '../dispatcher.ts';
import { createFetcher } from '../fetcher.ts';
import { openTenant, type TenantAccess } from '../registry.ts';
import type { TokenFacts } from '../token-claims.ts';
import { createTrust, type Trust } from '../trust.ts';
import { probeApi } from './api-probe.ts';
import { clockRow } from './clock-row.ts';
import { type HostFault, type HostReached, probeHost } from './host-probe.ts';
import { probeLogin } from './login-probe.ts';
import { apiRow, failed, hostRows } from './probe-rows.ts';
import { tokenRows } from './token-rows.ts';

export interface TenantProbeDeps {
  readonly clock: Clock;
  /** Login service of the configured cloud; null for a custom one. */
  readonly cloudLogin: string | null;
  readonly trust?: Trust;
  /** For each step, milliseconds; 10 s without it, and twice that for an answer. */
  readonly timeoutMs?: number;
}

const STEP_MS = 10_000;

/**
 * Goes the way of a tenant's polls step by step, and stops where a cause is found: names, proxy, TLS, clock, cloud, token,
 * one real request for each API. Reads alerts of Microsoft's, at most one an API, and keeps none. Every failure is a row.
 * @param apis the APIs that are polled
 */
export async function probeTenant(
  access: TenantAccess,
  apis: readonly SourceName[],
  deps: TenantProbeDeps,
): Promise<readonly Finding[]> {
  try {
    return await walk(access, apis, { trust: createTrust(), timeoutMs: STEP_MS, ...deps });
  } catch (thrown) {
    // CA_INVALID, PROXY_URL: settings that cannot be used at all.
    const { code, message, hint } = toBridgeError(thrown);
    const id = code === 'PROXY_URL' ? 'proxy' : code === 'CA_INVALID' ? 'tls' : 'token';
    return [failed(id, access.tenantName, message, hint)];
  }
}

type Deps = Required<TenantProbeDeps>;

async function walk(access: TenantAccess, apis: readonly SourceName[], deps: Deps): Promise<readonly Finding[]> {
  const { tenantName } = access;
  if (access.caPem !== null) readCertificates(access.caPem);
  const usesLogin = access.credential.kind !== 'managed-identity';
  const seen = await probeHosts(hostsOf(access, apis, usesLogin), access, deps);
  const rows = [...hostRows(tenantName, seen)];
  const broken = new Map(seen.flatMap((host) => (host.link === null ? [] : [[host.host, host] as const])));
  const loginFault = usesLogin ? broken.get(new URL(access.loginUrl).host) : undefined;
  // A proxy, and the people who inspect TLS, are the same for all hosts.
  if (loginFault !== undefined && loginFault.link !== 'connection') return rows;
  if (loginFault !== undefined) return [...rows, failed('token', tenantName, loginFault.meaning, loginFault.remedy)];
  const reachable = apis.filter((api) => !broken.has(hostOfApi(access, api) ?? ''));
  if (usesLogin) {
    const stop = await askLogin(access, deps, rows);
    if (stop) return rows;
  }
  for (const api of apis) {
    const fault = broken.get(hostOfApi(access, api) ?? '');
    if (fault?.link === 'connection') rows.push(failed('api', `${tenantName}/${api}`, fault.meaning, fault.remedy));
  }
  return [...rows, ...(await askApis(access, reachable, deps))];
}

function hostsOf(access: TenantAccess, apis: readonly SourceName[], usesLogin: boolean): readonly URL[] {
  const urls = [...(usesLogin ? [access.loginUrl] : []), ...apis.flatMap((api) => access.apis[api]?.url ?? [])];
  const known = urls.filter((url) => URL.canParse(url)).map((url) => new URL(url));
  return [...new Map(known.filter(({ protocol }) => protocol === 'https:').map((url) => [url.host, url])).values()];
}

function hostOfApi(access: TenantAccess, api: SourceName): string | null {
  const url = access.apis[api]?.url;
  return url !== undefined && URL.canParse(url) ? new URL(url).host : null;
}

function probeHosts(
  urls: readonly URL[],
  { proxy, caPem }: TenantAccess,
  { trust, timeoutMs }: Deps,
): Promise<readonly (HostFault | HostReached)[]> {
  return Promise.all(urls.map((url) => probeHost(url, { proxy, caPem, trust, timeoutMs })));
}

/** The clock and the cloud, as far as the login service tells them to everybody. True where a cause was found. */
async function askLogin(access: TenantAccess, deps: Deps, rows: Finding[]): Promise<boolean> {
  const { tenantName, tenantId, loginUrl, caPem: extraCa, proxy } = access;
  const dispatcher = createDispatcher({ extraCa, proxy, trust: deps.trust });
  const { clock, cloudLogin, timeoutMs } = deps;
  try {
    const askedAt = clock.now();
    const fetcher = createFetcher({ dispatcher });
    const limit = AbortSignal.timeout(2 * timeoutMs);
    const probe = { loginUrl, tenantId, cloudLogin, fetcher, timeoutMs: 2 * timeoutMs };
    const { dateMs, otherCloud } = await probeLogin(probe, limit);
    if (dateMs !== null) rows.push(clockRow(dateMs, askedAt, clock.now()));
    if (otherCloud !== null) rows.push(cloudRow(tenantName, otherCloud));
    return rows.some(({ id, state }) => (id === 'clock' || id === 'cloud') && state === 'failed');
  } catch {
    // What kept it from answering is told with the token, which is asked for at the same host.
    return false;
  } finally {
    await dispatcher.destroy();
  }
}

function cloudRow(tenantName: string, otherCloud: string): Finding {
  return failed(
    'cloud',
    tenantName,
    `Microsoft's login service says that this tenant lives in ${otherCloud}; the configuration names another one, where it has no app and no alerts.`,
    'Set `cloud` of the tenant to the one it lives in: gcc-high or dod for US Government (the Entra admin center is then at entra.microsoft.us), commercial or gcc for the worldwide cloud. Then restart the bridge.',
  );
}

async function askApis(access: TenantAccess, apis: readonly SourceName[], deps: Deps): Promise<readonly Finding[]> {
  if (apis.length === 0) return [];
  const facts = new Map<SourceName, TokenFacts>();
  const { clock, trust, timeoutMs } = deps;
  const opened = openTenant(access, {
    clock,
    trust,
    emit: () => undefined,
    requestTimeoutMs: 2 * timeoutMs,
    onToken: (api, found) => facts.set(api, found),
  });
  try {
    const asked = await Promise.all(
      apis.map((api) =>
        probeApi(opened.source(api), () => facts.get(api) ?? null, { clock, timeoutMs: 4 * timeoutMs }),
      ),
    );
    const usesLogin = access.credential.kind !== 'managed-identity';
    const times = asked.flatMap(({ clock: seen }) => seen ?? []);
    return [
      ...(usesLogin ? [] : times.slice(0, 1)),
      ...(await tokenRows(access, asked)),
      ...asked.flatMap((answer) => apiRow(access.tenantName, answer, API_TABLE[answer.api])),
    ];
  } finally {
    await opened.close();
  }
}
