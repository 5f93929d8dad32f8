import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readPair } from '../config/pem-pair.ts';
import type { Manifest } from '../connector/manifest.ts';
import type { RehearsalLogin } from '../connector/rehearsal.ts';
import { BridgeError, messageOf } from '../domain/errors.ts';
import type { Console } from './console.ts';
import { type ReadSecret, readSecret } from './rehearse-secret.ts';

export interface RehearsalLoginOptions {
  readonly user?: string;
  readonly secretFile?: string;
  readonly certificate?: string;
  readonly key?: string;
}

interface LoginMaterial {
  readonly login: RehearsalLogin;
  /** Where it came from; null for a certificate. */
  readonly secret: ReadSecret | null;
}

const SECRETS = { oauth2: 'the refresh token', basic: 'the password', urlKey: 'the URL key' } as const;

/** What the options give for the login kind of the pack. Throws BridgeError `REHEARSE_LOGIN` and `REHEARSE_SECRET`. */
export async function rehearsalLogin(
  { login: { kind, connector } }: Manifest,
  options: RehearsalLoginOptions,
  console: Console,
): Promise<LoginMaterial> {
  refuseForeign(kind, options);
  if (kind === 'mtls') return { login: certificateLogin(options, console.cwd), secret: null };
  if (options.secretFile === undefined)
    throw unusable(
      `the pack is for the login kind ${kind}, and --secret-file with ${SECRETS[kind]} is missing`,
      HINTS[kind](connector),
    );
  const secret = await readSecret(options.secretFile, console);
  switch (kind) {
    case 'oauth2':
      return { secret, login: { kind, refreshToken: secret.text } };
    case 'basic':
      return { secret, login: { kind, user: options.user ?? connector, password: secret.text } };
    case 'urlKey':
      return { secret, login: { kind, key: secret.text } };
  }
}

const HINTS = {
  oauth2: (connector: string) =>
    `Make one: flexbridge token create --connector ${connector}; the client secret is read from the pack.`,
  basic: (connector: string) =>
    `flexbridge connector create has shown it once; a new one: flexbridge connector rotate ${connector}.`,
  urlKey: (connector: string) =>
    `flexbridge connector create has shown it once; a new one: flexbridge connector rotate ${connector}.`,
};

function refuseForeign(
  kind: Manifest['login']['kind'],
  { user, certificate, key, secretFile }: RehearsalLoginOptions,
): void {
  const foreign = [
    ...(kind === 'mtls'
      ? [['--secret-file', secretFile]]
      : [
          ['--certificate', certificate],
          ['--key', key],
        ]),
    ...(kind === 'basic' ? [] : [['--user', user]]),
  ].filter(([, value]) => value !== undefined);
  const [first] = foreign;
  if (first === undefined) return;
  throw unusable(
    `the pack is for the login kind ${kind}, which has no use for ${first[0] ?? ''}`,
    'Leave the option out, or name the pack of another connector.',
  );
}

function certificateLogin({ certificate, key = certificate }: RehearsalLoginOptions, cwd: string): RehearsalLogin {
  if (certificate === undefined || key === undefined)
    throw unusable(
      'the pack is for the login kind mtls, and --certificate is missing',
      'Name the PEM files of the client certificate and its key.',
    );
  const [certFile, keyFile] = [certificate, key]
    .map((path) => resolve(cwd, path))
    .map((file) => ({ file, bytes: read(file) }));
  if (certFile === undefined || keyFile === undefined) throw unusable('a file is missing', 'Name both files.');
  const { faults, chain, keyPem } = readPair(certFile, keyFile);
  const [fault] = faults;
  if (fault !== undefined) throw unusable(fault.message, fault.remedy);
  return { kind: 'mtls', certificate: { certificatePem: chain.join('\n'), privateKeyPem: keyPem } };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (thrown) {
    throw unusable(`cannot read ${file}: ${messageOf(thrown)}`, 'Name PEM files that this account can read.');
  }
}

function unusable(message: string, hint: string): BridgeError {
  return new BridgeError({ code: 'REHEARSE_LOGIN', kind: 'operator', message, hint });
}
