import { createPrivateKey } from 'node:crypto';
import type { SimulatedTenant } from '../../src/simulator/login/simulated-tenant.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { aKeyPair } from './key-pair.ts';
import type { Hidden } from './leak-check.ts';
import type { TenantSetup } from './tenant-rig.ts';

export const CREDENTIAL_KINDS = ['secret', 'certificate', 'workload-identity', 'imds', 'app-service'] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

export const TENANT_ID = '11111111-2222-4333-8444-555555555555';
export const CLIENT_ID = '99999999-8888-4777-8666-555555555555';
export const SECRET = 'client~secret+of/the=tenant';
export const PASSPHRASE = 'the passphrase & "its" key';
export const ASSERTION = federatedToken('the first');
/** Made once: a key takes a while. */
export const PAIR = aKeyPair('FlexBridge test');
export const LOCKED_KEY = createPrivateKey(PAIR.privateKeyPem)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE })
  .toString();

/** The tenant's app at Microsoft: it may sign in with any of them. */
export const REGISTERED: SimulatedTenant = {
  tenantId: TENANT_ID,
  clientId: CLIENT_ID,
  clientSecret: SECRET,
  certificates: [PAIR.certificatePem],
  federatedAssertions: [ASSERTION],
};

export const CREDENTIAL_SECRETS: readonly Hidden[] = [
  { what: 'the client secret', text: SECRET },
  { what: 'the private key', text: PAIR.privateKeyPem },
  { what: 'the locked private key', text: LOCKED_KEY },
  { what: 'the passphrase', text: PASSPHRASE },
  { what: 'the federated token', text: ASSERTION },
  { what: 'the identity header', text: 'simulated-identity-header' },
];

/** What the configuration says of such a credential, as YAML in `tenants`, with its files and variables. */
export async function credentialOf(kind: CredentialKind, simulator: Simulator): Promise<TenantSetup> {
  switch (kind) {
    case 'secret':
      return {
        tenants: `{ kind: secret, clientId: ${CLIENT_ID}, secretFile: client-secret }`,
        files: { 'client-secret': SECRET },
      };
    case 'certificate':
      return {
        tenants: `{ kind: certificate, clientId: ${CLIENT_ID}, certificateFile: app.pem, passphraseFile: passphrase }`,
        files: { 'app.pem': `${PAIR.certificatePem}${LOCKED_KEY}`, passphrase: PASSPHRASE },
      };
    case 'workload-identity':
      return {
        tenants: `{ kind: workload-identity, clientId: ${CLIENT_ID}, tokenFile: workload-token }`,
        files: { 'workload-token': `${ASSERTION}\n` },
      };
    case 'imds': {
      const { imdsUrl } = await simulator.startManagedIdentity();
      return { tenants: `{ kind: managed-identity, endpoint: "${imdsUrl}" }` };
    }
    case 'app-service': {
      const { appServiceUrl, header } = await simulator.startManagedIdentity();
      return {
        tenants: '{ kind: managed-identity }',
        env: { IDENTITY_ENDPOINT: appServiceUrl, IDENTITY_HEADER: header },
      };
    }
  }
}

/** A token as a platform gives it to a workload. Nobody checks its signature here. */
export function federatedToken(jti: string): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
  const claims = { iss: 'https://oidc.example', sub: 'system:serviceaccount:siem:flexbridge', jti };
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${Buffer.from(`signature of ${jti} token`).toString('base64url')}`;
}
