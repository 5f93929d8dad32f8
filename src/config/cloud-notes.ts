import type { Finding } from '../domain/finding.ts';
import { API_KEYS, GRAPH_WITHOUT_ALERTS } from './clouds.ts';
import type { Config, CredentialConfig, ProxyConfig, TenantConfig } from './config.ts';

/** Where the secrets and tokens of a tenant go, and what its cloud lacks: made into the finding `cloud`. */
export type CloudNote = Pick<Finding, 'state' | 'meaning' | 'remedy'> & { readonly tenantName: string };

/** One note for each tenant. */
export function cloudNotes({ tenants }: Config): readonly CloudNote[] {
  return tenants.map((tenant) => {
    const meaning = `Cloud ${tenant.cloud}: ${proofNote(tenant)}; ${tokenNote(tenant)}; ${proxyNote(tenant.proxy)}.`;
    const { name, endpoints, sources } = tenant;
    const { hostname } = new URL(endpoints.graph ?? endpoints.login);
    const lacksAlerts = GRAPH_WITHOUT_ALERTS.includes(hostname) && sources.some(({ api }) => api === 'graph-alerts');
    if (!lacksAlerts) return { tenantName: name, state: 'ok', meaning, remedy: '' };
    return {
      tenantName: name,
      state: 'warning',
      meaning: `The Graph of this cloud, ${hostname}, has no alerts_v2, so graph-alerts gets nothing. ${meaning}`,
      remedy: 'Poll defender-alerts in its place, with endpoints.defender and scopes.defender of that cloud.',
    };
  });
}

/** What proves who the bridge is, and who gets to see it. */
function proofNote({ credential, endpoints }: TenantConfig): string {
  const { login } = endpoints;
  switch (credential.kind) {
    case 'secret':
      return `the client secret goes to ${login}`;
    case 'certificate':
      return `an assertion signed with the certificate goes to ${login}`;
    case 'workload-identity':
      return `the federated token goes to ${login}`;
    case 'managed-identity':
      return identityNote(credential);
  }
}

function identityNote({ endpoint }: Extract<CredentialConfig, { kind: 'managed-identity' }>): string {
  const { origin } = new URL(endpoint.url);
  return endpoint.kind === 'imds'
    ? `tokens come from the instance metadata service ${origin}`
    : `tokens come from the identity endpoint ${origin}, which gets IDENTITY_HEADER`;
}

function tokenNote({ sources, endpoints, scopes }: TenantConfig): string {
  const hosts = sources.map(({ api }) => {
    const key = API_KEYS[api];
    return `${endpoints[key] ?? 'no host'} (${api}, scope ${scopes[key]})`;
  });
  return `tokens go to ${hosts.join(', ')}`;
}

function proxyNote(proxy: ProxyConfig | null): string {
  if (proxy === null) return 'no proxy';
  const { url, login, bypass, variable } = proxy;
  const parts = [
    ...(variable === null ? [] : [`from ${variable}`]),
    ...(login === null ? [] : ['with a user name and password']),
    ...(bypass.length === 0 ? [] : [`but not to ${bypass.join(', ')}`]),
  ];
  return `through the proxy ${url}${parts.length === 0 ? '' : ` (${parts.join('; ')})`}`;
}
