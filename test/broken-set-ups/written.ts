import { hashPassword, hashSecret } from '../../src/domain/credential.ts';

export const TENANT = '11111111-2222-4333-8444-555555555555';
export const CLIENT = '99999999-8888-4777-8666-555555555555';
export const CLIENT_SECRET = 'client~secret+value/1';
export const CONNECTOR = 'arcsight-01';
export const CONNECTOR_SECRET = 'connector-secret-value-1';

/** What the administrator has written, as far as it differs between set-ups. */
export interface Written {
  readonly clientSecret: string;
  readonly tenantId: string;
  readonly cloud: string;
  /** Base URLs by key; without it Microsoft's own. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly api: 'graph-alerts' | 'defender-alerts';
  readonly schedule: string;
  /** Further keys of the tenant, of the server and of the feed, each a line of YAML. */
  readonly tenant: readonly string[];
  readonly server: readonly string[];
  readonly feed: readonly string[];
}

/** @param microsoftUrl where the simulated Microsoft is */
export function usual(microsoftUrl: string): Written {
  return {
    clientSecret: CLIENT_SECRET,
    tenantId: TENANT,
    cloud: 'custom',
    endpoints: { login: microsoftUrl, graph: microsoftUrl, defender: microsoftUrl },
    api: 'graph-alerts',
    schedule: '*/30 * * * * *',
    tenant: [],
    server: [],
    feed: [],
  };
}

/** Made once: scrypt takes a while. */
const operatorHash = hashPassword('operator password value');

/** Text of flexbridge.yaml. */
export async function configText(written: Written, port: number): Promise<string> {
  const { tenantId, cloud, endpoints, api, schedule } = written;
  const hosts = Object.entries(endpoints).map(([key, url]) => `${key}: "${url}"`);
  return [
    'server:',
    ...indented(2, ['host: 127.0.0.1', `port: ${port}`, `publicUrl: "https://localhost:${port}"`, ...written.server]),
    'store: { path: data/flexbridge.db }',
    'tenants:',
    '  - name: contoso',
    ...indented(4, [
      `tenantId: ${tenantId}`,
      `cloud: ${cloud}`,
      `endpoints: { ${hosts.join(', ')} }`,
      'caFile: microsoft-ca.pem',
      ...written.tenant,
      `credential: { kind: secret, clientId: ${CLIENT}, secretFile: client-secret }`,
      `sources: [{ api: ${api}, schedule: "${schedule}", settle: 0s }]`,
    ]),
    'feeds:',
    '  - name: default',
    ...indented(4, written.feed),
    'connectors:',
    `  - { name: ${CONNECTOR}, feeds: [default], auth: { kind: basic, secretHash: ${hashSecret(CONNECTOR_SECRET)} } }`,
    'operators:',
    `  - { name: ops, passwordHash: "${await operatorHash}" }`,
    '',
  ].join('\n');
}

function indented(by: number, lines: readonly string[]): readonly string[] {
  return lines.map((line) => `${' '.repeat(by)}${line}`);
}
