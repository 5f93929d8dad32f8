import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Config, CredentialConfig } from '../../../src/config/config.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import type { Environment } from '../../../src/config/environment.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { readSecretText } from '../../../src/config/secret-text.ts';
import { createCertificateAuthority, type KeyAndCertificate } from '../../../src/http/tls/certificate-authority.ts';

export const CLIENT_ID = '11111111-2222-3333-4444-555555555555';
export const SECRET_HASH = 'ab'.repeat(32);
export const PASSWORD_HASH = `$scrypt$ln=15,r=8,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`;

/** The three variables that are enough for one tenant. */
export const TENANT_ENV = {
  FLEXBRIDGE_TENANT_ID: 'contoso.example',
  FLEXBRIDGE_CLIENT_ID: CLIENT_ID,
  FLEXBRIDGE_CLIENT_SECRET: 'env-secret',
} as const;

/** A tenant as a YAML list item; `more` are further lines of it. */
export function tenantYaml(name = 'contoso', more: readonly string[] = []): string {
  return [
    `  - name: ${name}`,
    `    tenantId: ${name}.example`,
    `    credential: { clientId: ${CLIENT_ID}, secret: inline-secret }`,
    ...more.map((line) => `    ${line}`),
    '',
  ].join('\n');
}

/** A configuration of one tenant, with further top-level lines after it. */
export function yamlWith(...lines: readonly string[]): string {
  return `tenants:\n${tenantYaml()}${lines.join('\n')}\n`;
}

export interface Folder {
  readonly path: string;
  readonly write: (name: string, content: string | Uint8Array, mode?: number) => Promise<string>;
}

/** A certificate with its key, new each time. */
export function tlsPair(): Promise<KeyAndCertificate> {
  return createCertificateAuthority({ commonName: 'a test', hosts: ['bridge.example'], notBeforeMs: 0, years: 100 });
}

/** The same with an RSA key, as Microsoft wants it. */
export function rsaPair(commonName = 'a test'): Promise<KeyAndCertificate> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return createCertificateAuthority({
    commonName,
    hosts: ['bridge.example'],
    notBeforeMs: 0,
    years: 100,
    privateKeyPem,
  });
}

/** The key as a file with that passphrase. */
export function lockedKey(privateKeyPem: string, passphrase: string): string {
  const form = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
  return createPrivateKey(privateKeyPem).export(form).toString();
}

/** A folder of its own for the running test. */
export async function folder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'flexbridge-config-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return {
    path,
    write: async (name, content, mode = 0o600) => {
      const file = join(path, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      await chmod(file, mode);
      return file;
    },
  };
}

/** Loads `yaml` (null: no file) from a new folder. */
export async function load(yaml: string | Uint8Array | null, env: Environment = {}): Promise<Config> {
  const { path, write } = await folder();
  if (yaml !== null) await write('flexbridge.yaml', yaml);
  return loadConfig({ cwd: path, env });
}

/** The credential of the first tenant, of the kind that the test is about. */
export function credentialOf<Kind extends CredentialConfig['kind']>(
  { tenants }: Config,
  kind: Kind,
): Extract<CredentialConfig, { kind: Kind }> {
  const credential = tenants[0]?.credential;
  const isOfKind = (found: CredentialConfig): found is Extract<CredentialConfig, { kind: Kind }> => found.kind === kind;
  if (credential === undefined || !isOfKind(credential)) throw new Error(`the credential is no ${kind}`);
  return credential;
}

/** The client secrets of the first tenant as they are now, the first one first. */
export function secretsOf(config: Config): Promise<readonly string[]> {
  return Promise.all(credentialOf(config, 'secret').secrets.map(({ text }) => readSecretText(text)));
}

/** The error that loading ends in; fails when it loads. */
export async function failure(loading: Promise<Config>): Promise<ConfigError> {
  try {
    await loading;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was taken');
}

/** Each problem as `line or variable | path | message | remedy`. */
export async function problemsOf(yaml: string | Uint8Array | null, env: Environment = {}): Promise<readonly string[]> {
  const { problems } = await failure(load(yaml, env));
  return problems.map(({ line, variable, path, message, remedy }) =>
    [variable ?? line ?? '-', path, message, remedy].join(' | '),
  );
}
