import { readFile, stat } from 'node:fs/promises';
import type { Config, ProxyConfig, SecretText, TenantConfig } from '../../config/config.ts';
import { secretFiles } from '../doctor/secret-files.ts';

/** Larger ones hold no single secret: databases. */
const LARGEST_BYTES = 100_000;
/** A line of PEM that is shorter is the rest of one. */
const SHORTEST_LINE = 8;

/** Every secret that this machine's configuration leads to, as it is now: they must not be in anything that leaves it. */
export async function knownSecrets(config: Config): Promise<readonly string[]> {
  const files = await secretFiles(config);
  // The configuration itself is no secret from end to end; those that stand in it are taken from what was read of it.
  const texts = await Promise.all(files.filter(({ path }) => path !== config.file).map(({ path }) => secretsIn(path)));
  return [
    ...config.tenants.flatMap(givenSecrets),
    ...config.operators.map(({ passwordHash }) => passwordHash),
    ...config.connectors.flatMap(({ auth }) => hashesOf(auth)),
    ...texts.flat(),
  ];
}

function givenSecrets({ credential, proxy }: TenantConfig): readonly string[] {
  const header =
    credential.kind === 'managed-identity' && credential.endpoint.kind === 'app-service'
      ? [credential.endpoint.header.reveal()]
      : [];
  return [...header, ...[...credentialTexts(credential), ...proxyTexts(proxy)].flatMap(given)];
}

function credentialTexts(credential: TenantConfig['credential']): readonly SecretText[] {
  if (credential.kind === 'secret') return credential.secrets.map(({ text }) => text);
  if (credential.kind !== 'certificate') return [];
  return credential.certificates.flatMap(({ passphrase }) => passphrase ?? []);
}

function proxyTexts(proxy: ProxyConfig | null): readonly SecretText[] {
  return proxy?.login == null ? [] : [proxy.login.password];
}

function given(text: SecretText): readonly string[] {
  return text.kind === 'given' ? [text.secret.reveal()] : [];
}

/** Whatever in the block looks like a hash: kinds of logins have different ones. */
function hashesOf(auth: unknown): readonly string[] {
  return JSON.stringify(auth).match(/[0-9a-f]{64}/gi) ?? [];
}

/** Of PEM the lines, of the first logins their passwords, else the whole text. */
async function secretsIn(path: string): Promise<readonly string[]> {
  try {
    const facts = await stat(path);
    if (!facts.isFile() || facts.size > LARGEST_BYTES) return [];
    const text = (await readFile(path, 'utf8')).trim();
    const lines = text.split(/\s*\n\s*/);
    if (text.includes('\0')) return [];
    if (text.includes('-----BEGIN '))
      return lines.filter((line) => line.length >= SHORTEST_LINE && !line.startsWith('-----'));
    const passwords = lines.flatMap((line) => /^(?:connector|operator) \S+ (\S+)$/.exec(line)?.[1] ?? []);
    return passwords.length > 0 ? passwords : [text];
  } catch {
    // What this account cannot read cannot get into the bundle either.
    return [];
  }
}
