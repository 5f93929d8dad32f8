import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config, SecretText, TenantConfig } from '../../config/config.ts';

/** A file or folder that only the account of the bridge should get at, and what is in it. */
export interface SecretFile {
  readonly path: string;
  readonly what: string;
}

/** Every file with a secret that the configuration names or the bridge has made, each once. */
export async function secretFiles(config: Config): Promise<readonly SecretFile[]> {
  const found = [
    ...(await configFile(config)),
    ...config.tenants.flatMap(tenantFiles),
    ...serverFiles(config),
    ...['access.db', 'initial-credentials'].map((name) => ({ path: join(config.dataDir, name), what: 'logins' })),
    { path: config.dataDir, what: 'the data folder: alerts, logins and keys' },
  ];
  const known = found.filter(({ path }) => existsSync(path));
  return [...new Map(known.map((file) => [file.path, file])).values()];
}

/** Only where a secret stands in it in clear; one from the environment does not. */
async function configFile({ file, tenants }: Config): Promise<readonly SecretFile[]> {
  if (file === null) return [];
  const text = await readFile(file, 'utf8').catch(() => '');
  const isInside = tenants
    .flatMap(secretTexts)
    .some((secret) => secret.kind === 'given' && text.includes(secret.secret.reveal()));
  return isInside ? [{ path: file, what: 'a secret in the configuration itself' }] : [];
}

function secretTexts({ credential, proxy }: TenantConfig): readonly SecretText[] {
  const login = proxy?.login == null ? [] : [proxy.login.password];
  if (credential.kind === 'secret') return [...login, ...credential.secrets.map(({ text }) => text)];
  if (credential.kind !== 'certificate') return login;
  return [...login, ...credential.certificates.flatMap(({ passphrase }) => passphrase ?? [])];
}

function tenantFiles(tenant: TenantConfig): readonly SecretFile[] {
  const { name, credential } = tenant;
  const texts = secretTexts(tenant).flatMap((text) =>
    text.kind === 'file' ? [{ path: text.path, what: `a secret of the tenant ${name}` }] : [],
  );
  if (credential.kind === 'workload-identity')
    return [...texts, { path: credential.tokenFile, what: `the workload's token of the tenant ${name}` }];
  if (credential.kind !== 'certificate') return texts;
  const keys = credential.certificates.map(({ keyFile }) => ({
    path: keyFile,
    what: `a private key of the tenant ${name}`,
  }));
  return [...texts, ...keys];
}

function serverFiles({ server: { tls } }: Config): readonly SecretFile[] {
  if (tls.kind === 'off') return [];
  const what = "a private key of the server's";
  if (tls.kind === 'files') return [{ path: tls.keyFile, what }];
  return ['ca-key.pem', 'server-key.pem'].map((name) => ({ path: join(tls.folder, name), what }));
}
