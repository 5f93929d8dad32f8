import { resolve } from 'node:path';
import type { CredentialConfig } from './config.ts';
import type { ConfigPath } from './config-path.ts';
import { credentialFile, readCredentialFile, readNamed, warnIfOpen } from './named-file.ts';
import { type NamedBytes, type PairFault, type PemPair, readPair } from './pem-pair.ts';
import type { ResolveContext } from './resolve-server.ts';
import type { SchemaNode } from './schema-node.ts';
import { hasSecret, isText, readSecretText, resolveSecret } from './secret-text.ts';

/** A certificate of a credential, as the configuration names it. */
export type CertificateEntry = Extract<CredentialConfig, { kind: 'certificate' }>['certificates'][number];

const LOCKED_REMEDY = 'Add passphraseFile (or passphrase).';

/** The certificate, its chain and its key as they are now, the files read anew. Throws CREDENTIAL_FILE. */
export async function readCertificateMaterial({ certificateFile, keyFile, passphrase: text }: CertificateEntry) {
  const certificate = { file: certificateFile, bytes: await readCredentialFile(certificateFile) };
  const key = keyFile === certificateFile ? certificate : { file: keyFile, bytes: await readCredentialFile(keyFile) };
  const passphrase = text === null ? null : await readSecretText(text);
  const pair = openPair(certificate, key, passphrase);
  const [fault] = pair.faults;
  if (fault !== undefined) throw credentialFile(fault.message, fault.remedy);
  return { certificatePem: `${pair.chain.join('\n')}\n`, privateKeyPem: `${pair.keyPem}\n`, passphrase };
}

/** Judges the files of a certificate. Null when one of them cannot be used; the report then says why. */
export async function resolveCertificate(
  context: ResolveContext,
  at: ConfigPath,
  block: SchemaNode,
): Promise<CertificateEntry | null> {
  const { base } = context;
  const isLocked = hasSecret(block, 'passphrase');
  const passphrase = isLocked ? await resolveSecret(context, at, block, 'passphrase') : null;
  const names = { certificate: block['certificateFile'], key: block['keyFile'] ?? block['certificateFile'] };
  if (!isText(names.certificate) || !isText(names.key)) return null;
  const certificateFile = resolve(base, names.certificate);
  const keyFile = resolve(base, names.key);
  const keyAt = [...at, block['keyFile'] === undefined ? 'certificateFile' : 'keyFile'];
  const certificate = await readNamed(context, [...at, 'certificateFile'], certificateFile);
  const key = keyFile === certificateFile ? certificate : await readNamed(context, keyAt, keyFile);
  if (key !== null) await warnIfOpen(context, keyAt, keyFile);
  // Without its passphrase there is nothing to say of the key.
  if (certificate === null || key === null || (isLocked && passphrase === null)) return null;
  const cert = { file: certificateFile, bytes: certificate };
  const { faults } = openPair(cert, { file: keyFile, bytes: key }, passphrase?.now.reveal() ?? null);
  const secretAt = [...at, block['passphrase'] === undefined ? 'passphraseFile' : 'passphrase'];
  const places = { certificate: [...at, 'certificateFile'], key: keyAt, passphrase: secretAt };
  for (const { part, message, remedy } of faults) context.report.problem(places[part], message, remedy);
  return faults.length > 0 ? null : { certificateFile, keyFile, passphrase: passphrase?.text ?? null };
}

function openPair(certificate: NamedBytes, key: NamedBytes, passphrase: string | null): PemPair {
  const pair = readPair(certificate, key, { passphrase, lockedRemedy: LOCKED_REMEDY });
  if (pair.key === null || pair.key.asymmetricKeyType === 'rsa') return pair;
  return { ...pair, faults: [...pair.faults, notRsa(key.file, pair.key.asymmetricKeyType ?? 'another')] };
}

/** The assertion is signed with RS256 or PS256 (msal-node); Entra takes certificates with RSA keys (inferred). */
function notRsa(file: string, type: string): PairFault {
  return {
    part: 'key',
    message: `the key in ${file} is of type ${type}, and Microsoft takes RSA only`,
    remedy: 'Make a certificate with an RSA key (2048 bits or more) and upload it to the app registration.',
  };
}
