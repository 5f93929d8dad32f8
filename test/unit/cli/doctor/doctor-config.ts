import type { Config } from '../../../../src/config/config.ts';
import { loadConfig } from '../../../../src/config/load.ts';
import { SECRET_HASH } from '../../config/config-folder.ts';

export const TENANT_ID = '11111111-2222-4333-8444-555555555555';

/** A configuration file of one tenant, with one connector. @param server YAML of the server block */
export function configYaml(
  server: string,
  more = '',
  credential = '{ clientId: client-1, secretFile: secret }',
): string {
  return `server: ${server}
store: { path: data/events.db }
tenants:
  - name: contoso
    tenantId: ${TENANT_ID}
    credential: ${credential}
connectors:
  - { name: arcsight-01, feeds: [default], auth: { kind: basic, secretHash: ${SECRET_HASH} } }
feeds:
  - name: default
    ${more}
`;
}

export function configOf(argvPath: string): Promise<Config> {
  return loadConfig({ argvPath, env: {} });
}
