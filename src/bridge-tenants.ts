import { readCertificateMaterial } from './config/certificate-material.ts';
import type { CredentialConfig, ProxyConfig, TenantConfig } from './config/config.ts';
import { readSecretText } from './config/secret-text.ts';
import type { Credential, ProxyAccess } from './defender/credential.ts';
import type { ApiAccess, TenantAccess } from './defender/registry.ts';

/** How a configured tenant is reached. Secrets and certificates are read when they are needed, not here. */
export function tenantAccess(tenant: TenantConfig): TenantAccess {
  const { name, tenantId, endpoints, scopes, credential, caPem, proxy } = tenant;
  return {
    tenantName: name,
    tenantId,
    loginUrl: endpoints.login,
    apis: {
      'graph-alerts': api(endpoints.graph, scopes.graph),
      'defender-alerts': api(endpoints.defender, scopes.defender),
      'siem-detections': api(endpoints.siem, scopes.siem),
    },
    credential: toCredential(credential),
    caPem,
    proxy: proxy === null ? null : toProxy(proxy),
  };
}

function api(url: string | null, scope: string): ApiAccess | null {
  return url === null ? null : { url, scope };
}

function toCredential(config: CredentialConfig): Credential {
  switch (config.kind) {
    case 'secret':
      return {
        ...config,
        secrets: config.secrets.map(
          ({ text }) =>
            () =>
              readSecretText(text),
        ),
      };
    case 'certificate':
      return {
        ...config,
        certificates: config.certificates.map((entry) => () => readCertificateMaterial(entry)),
      };
    case 'workload-identity': {
      const { kind, clientId, tokenFile } = config;
      return { kind, clientId, assertion: () => readSecretText({ kind: 'file', path: tokenFile }) };
    }
    case 'managed-identity': {
      const { kind, clientId, endpoint } = config;
      if (endpoint.kind === 'imds') return { kind, clientId, endpoint };
      const { header } = endpoint;
      return { kind, clientId, endpoint: { ...endpoint, header: () => Promise.resolve(header.reveal()) } };
    }
  }
}

function toProxy({ url, login, bypass }: ProxyConfig): ProxyAccess {
  if (login === null) return { url, login, bypass };
  return { url, login: { user: login.user, password: () => readSecretText(login.password) }, bypass };
}
