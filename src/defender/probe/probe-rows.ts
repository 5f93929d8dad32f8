import { type Finding, type FindingId, ok } from '../../domain/finding.ts';
import type { ApiFacts } from '../api-table.ts';
import type { ApiAsked } from './api-probe.ts';
import { type HostFault, type HostReached, sentence } from './host-probe.ts';

export function failed(id: FindingId, subject: string, meaning: string, remedy: string): Finding {
  return { id, state: 'failed', subject, sinceMs: null, meaning: sentence(meaning), remedy };
}

const LINKS = ['dns', 'proxy', 'tls'] as const;

/** A row a link of the way, of all hosts of a tenant: the first fault in full, the other hosts by name. */
export function hostRows(tenantName: string, seen: readonly (HostFault | HostReached)[]): readonly Finding[] {
  const faults = seen.flatMap((host) => (host.link === null ? [] : [host]));
  const reached = seen.flatMap((host) => (host.link === null ? [host] : []));
  return LINKS.flatMap((link) => {
    const [first, ...others] = faults.filter((fault) => fault.link === link);
    if (first !== undefined) {
      const names = others.map(({ host }) => host);
      const also = names.length === 0 ? '' : ` The same goes for ${names.join(', ')}.`;
      return [failed(link, tenantName, `${first.meaning}${also}`, first.remedy)];
    }
    // What lies behind a fault was not tried.
    const isBehind = faults.some(
      (fault) => fault.link !== 'connection' && LINKS.indexOf(fault.link) < LINKS.indexOf(link),
    );
    return isBehind || reached.length === 0 ? [] : goodRow(link, tenantName, reached);
  });
}

function goodRow(
  link: (typeof LINKS)[number],
  tenantName: string,
  reached: readonly HostReached[],
): readonly Finding[] {
  const hosts = reached.map(({ host }) => host).join(', ');
  const proxies = [...new Set(reached.flatMap(({ proxy }) => proxy ?? []))];
  switch (link) {
    case 'dns':
      return [
        ok(link, tenantName, proxies.length === 0 ? `Found: ${hosts}.` : `Found: the proxy ${proxies.join(', ')}.`),
      ];
    case 'proxy':
      return proxies.length === 0 ? [] : [ok(link, tenantName, `${proxies.join(', ')} lets it through to ${hosts}.`)];
    case 'tls': {
      const issuers = [...new Set(reached.map(({ issuer }) => issuer ?? 'an issuer without a name'))];
      return [ok(link, tenantName, `Trusted: ${hosts}; issued by ${issuers.join('; ')}.`)];
    }
  }
}

/** Failures that pass by themselves: somebody is there, and asks for patience. */
const PASSING: ReadonlySet<string> = new Set([
  'UPSTREAM_THROTTLED',
  'UPSTREAM_PACED',
  'UPSTREAM_FAILED',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_PARTIAL',
]);

/** Nothing where the cause stands in another row: no token, or one that lacks what it needs. */
export function apiRow(tenantName: string, asked: ApiAsked, api: ApiFacts): readonly Finding[] {
  const { error, facts, problem, tookMs } = asked;
  const subject = `${tenantName}/${asked.api}`;
  if (error === null) return [ok('api', subject, `${upper(api.title)} answers (${tookMs} ms).`)];
  if (isOfToken(error.code)) return [];
  if (problem !== null && REFUSALS.has(error.code)) return [];
  const isRegional =
    error.code === 'UPSTREAM_FORBIDDEN' && (facts?.roles ?? []).some((role) => api.permissions.includes(role));
  if (isRegional) return [elsewhere(subject, api, error.message)];
  return [
    { ...failed('api', subject, error.message, error.hint), state: PASSING.has(error.code) ? 'warning' : 'failed' },
  ];
}

const REFUSALS: ReadonlySet<string> = new Set(['UPSTREAM_FORBIDDEN', 'UPSTREAM_UNAUTHORIZED']);

export function isOfToken(code: string): boolean {
  return code.startsWith('TOKEN_') || code.startsWith('CREDENTIAL_');
}

/** The permission is there: so it is the host, the tenant's data or its licence (inferred; documented is only the 403). */
function elsewhere(subject: string, { title }: ApiFacts, message: string): Finding {
  const said = / Microsoft: (.*)$/.exec(message)?.[1];
  return failed(
    'api',
    subject,
    `${upper(title)} refuses the request (403) although the token carries the permission: as a rule this host does not serve the tenant, whose data is in another region, or the tenant has no Microsoft Defender licence.${said === undefined ? '' : ` Microsoft: ${said}`}`,
    'Set `region` of the tenant to where its data is (Microsoft Defender portal > Settings > Microsoft Defender portal > Account), or take `endpoints` out so that the general host is used; check `cloud`. Then restart the bridge. If the region is right, check the licence of the tenant.',
  );
}

function upper(title: string): string {
  return title.slice(0, 1).toUpperCase() + title.slice(1);
}
