import type { ConfigPath } from './config-path.ts';

export const CERTIFICATE_VARIABLE = 'FLEXBRIDGE_CLIENT_CERTIFICATE_FILE';

/** A single tenant needs no file: these variables describe it. Paths below the tenant. */
export const TENANT_VARIABLES: ReadonlyMap<string, ConfigPath> = new Map([
  ['FLEXBRIDGE_TENANT_NAME', ['name']],
  ['FLEXBRIDGE_TENANT_ID', ['tenantId']],
  ['FLEXBRIDGE_CLIENT_ID', ['credential', 'clientId']],
  ['FLEXBRIDGE_CLIENT_SECRET', ['credential', 'secret']],
  ['FLEXBRIDGE_CLIENT_SECRET_FILE', ['credential', 'secretFile']],
  [CERTIFICATE_VARIABLE, ['credential', 'certificateFile']],
  ['FLEXBRIDGE_CLIENT_CERTIFICATE_KEY_FILE', ['credential', 'keyFile']],
  ['FLEXBRIDGE_CLIENT_CERTIFICATE_PASSPHRASE_FILE', ['credential', 'passphraseFile']],
  ['FLEXBRIDGE_CREDENTIAL__KIND', ['credential', 'kind']],
  ['FLEXBRIDGE_CLOUD', ['cloud']],
  ['FLEXBRIDGE_REGION', ['region']],
  ['FLEXBRIDGE_ENDPOINTS__LOGIN', ['endpoints', 'login']],
  ['FLEXBRIDGE_ENDPOINTS__GRAPH', ['endpoints', 'graph']],
  ['FLEXBRIDGE_ENDPOINTS__DEFENDER', ['endpoints', 'defender']],
  ['FLEXBRIDGE_ENDPOINTS__SIEM', ['endpoints', 'siem']],
  ['FLEXBRIDGE_CA_FILE', ['caFile']],
]);

/** What to set when nothing describes a tenant. */
export const TENANT_REMEDY =
  'Set FLEXBRIDGE_TENANT_ID, FLEXBRIDGE_CLIENT_ID and FLEXBRIDGE_CLIENT_SECRET (or FLEXBRIDGE_CLIENT_SECRET_FILE), ' +
  'or write the tenants into flexbridge.yaml (another name: --config).';

/** Kubernetes sets these for each service of the namespace; a service may well be called flexbridge. */
const SERVICE_LINK =
  /^FLEXBRIDGE_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_\d+_[A-Z]+(?:_[A-Z]+)?)?)$/;

/** Whether a variable is none of ours, in spite of its prefix. */
export function isServiceLink(name: string, value: string): boolean {
  if (!SERVICE_LINK.test(name) || name.includes('__')) return false;
  return !name.endsWith('_PORT') || name.endsWith('_SERVICE_PORT') || /^(?:tcp|udp|sctp):\/\//.test(value);
}
