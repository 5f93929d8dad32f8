import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { hashSecret } from '../../src/domain/credential.ts';
import type { SourceName } from '../../src/domain/detection.ts';
import { BENCH_TENANT } from './bench-tenant.ts';
import type { Helper } from './workspace.ts';

export const CONNECTOR_SECRET = 'bench-connector-secret';

export interface BridgeSettings {
  readonly upstream: Pick<Helper, 'told'>;
  /** `graph-alerts` without it. */
  readonly api?: SourceName;
  readonly connectors?: readonly string[];
  readonly operators?: readonly { readonly name: string; readonly passwordHash: string }[];
  readonly tls?: 'self-made' | 'off';
  /** Changes of how the source is read. */
  readonly source?: { readonly schedule?: string; readonly budget?: number };
  /** Without it, any free one. */
  readonly port?: number;
}

/** Writes the files of a bridge that keeps its data in `folder`/data. Gives the path of its configuration. */
export function writeBridgeFiles(folder: string, settings: BridgeSettings): string {
  const {
    upstream,
    api = 'graph-alerts',
    connectors = ['arcsight-01'],
    operators = [],
    tls = 'self-made',
    port = 0,
  } = settings;
  const { name, tenantId, clientId, clientSecret } = BENCH_TENANT;
  const { url = '', siemUrl = url, caPem = '' } = upstream.told;
  mkdirSync(join(folder, 'data'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'microsoft-ca.pem'), caPem);
  writeFileSync(join(folder, 'client-secret'), clientSecret, { mode: 0o600 });
  const source = {
    api,
    // One poll at the start that reads everything once, and none while something is measured.
    schedule: '0 0 1 1 *',
    settle: '0s',
    overlap: '0s',
    initialLookback: '48h',
    slice: '24h',
    rescan: 'off',
    budget: 10_000,
    ...settings.source,
  };
  const tenant = {
    name,
    tenantId,
    cloud: 'custom',
    endpoints: { login: url, graph: url, siem: siemUrl },
    caFile: 'microsoft-ca.pem',
    credential: { kind: 'secret', clientId, secretFile: 'client-secret' },
    sources: [source],
  };
  const secretHash = hashSecret(CONNECTOR_SECRET);
  const config = {
    server: { host: '127.0.0.1', port, ...(tls === 'off' && { tls }) },
    store: { path: 'data/flexbridge.db' },
    tenants: [tenant],
    feeds: [{ name: 'default' }],
    connectors: connectors.map((login) => ({ name: login, feeds: ['default'], auth: { kind: 'basic', secretHash } })),
    operators,
  };
  const file = join(folder, 'flexbridge.yaml');
  // Every JSON text is YAML too.
  writeFileSync(file, JSON.stringify(config, null, 2));
  return file;
}

/** The configuration of a bridge as `serve` reads it, for work in this process. */
export function bridgeConfig(folder: string, settings: BridgeSettings): Promise<Config> {
  return loadConfig({ argvPath: writeBridgeFiles(folder, settings), env: {} });
}
