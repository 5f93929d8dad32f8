import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { knownConnectors } from '../../bridge-pack.ts';
import type { Config } from '../../config/config.ts';
import { readDeployed } from '../../connector/bundle.ts';
import { CLIENT_SECRET_KEY, PLACEHOLDERS } from '../../connector/client-file.ts';
import { readProperties } from '../../connector/interpreter/properties-reader.ts';
import { publicAddress } from '../../connector/public-url.ts';
import type { RehearsalLogin } from '../../connector/rehearsal.ts';
import type { ConnectorAuthKind } from '../../domain/connector-auth.ts';
import { FIRST_OPERATOR, keepInitialCredentials } from '../../store/first-logins.ts';
import { account } from '../account.ts';
import { type ConnectorBook, withBookOf } from '../connector-book.ts';
import { prepareConnector } from '../connector-create.ts';
import { loginUse, readKind } from '../connector-options.ts';
import { makeProof, proofHashes, withProofHashes } from '../connector-proof.ts';
import { keepLogin } from '../connector-publish.ts';
import type { Console } from '../console.ts';
import { mintRefreshToken } from '../token-mint.ts';
import type { Answers } from './answers.ts';

/** A login of a connector, as it was made or found. */
export interface IssuedLogin {
  readonly name: string;
  readonly kind: ConnectorAuthKind;
  /** Of the client file; null where the pack has it already, or the kind has none. */
  readonly clientSecret: string | null;
  /** What a rehearsal signs in with; null: the key of its certificate is not here. */
  readonly rehearsal: RehearsalLogin | null;
  /** File in which its owner finds what the wizard asks for; null where there is nothing to find. */
  readonly handedOverIn: string | null;
}

interface Issuing {
  readonly config: Config;
  readonly answers: Answers;
  readonly packFolder: string;
  readonly console: Console;
  readonly nowMs: number;
}

/**
 * Throws before anything is written where the login could not be made.
 * @throws BridgeError LOGIN_USE
 */
export function checkLogin(config: Config, { connector = '', login = '' }: Answers): void {
  const kind = readKind(login);
  if (connector === FIRST_OPERATOR)
    throw loginUse(`${connector} is the name of the operator's login`, 'Take another name: --connector NAME.');
  const known = knownConnectors(config).find(({ name }) => name === connector);
  if (known === undefined || known.auth.kind === kind) return;
  throw loginUse(
    `there is a connector ${connector} already, which signs in by ${known.auth.kind}`,
    `Give --login ${known.auth.kind}, or another name: --connector NAME.`,
  );
}

/**
 * Makes the login of the connector, or a second secret for one that is there and whose secret nobody can be shown again.
 * What the wizard asks for goes into `initial-credentials`, mode 0600, as at a first start.
 */
export function issueLogin(issuing: Issuing): Promise<IssuedLogin> {
  const { config, answers, nowMs } = issuing;
  const name = answers.connector ?? '';
  return withBookOf(config, async (book) => {
    const known = book.access.connectors().find((connector) => connector.name === name);
    if (known === undefined) return create(book, issuing);
    const { auth } = known;
    if (auth.kind === 'mtls') return certified(name);
    if (auth.kind === 'oauth2' && (await hasSecret(issuing))) {
      return withToken(book, { name, clientId: auth.clientId, clientSecret: null }, nowMs);
    }
    const proof = makeProof(auth.kind, null);
    book.access.putConnector({ ...known, auth: withProofHashes(auth, [proof.hash, ...proofHashes(auth).slice(0, 1)]) });
    if (auth.kind === 'oauth2')
      return withToken(book, { name, clientId: auth.clientId, clientSecret: proof.secret }, nowMs);
    return withSecret(config, name, auth.kind, proof.secret ?? '');
  });
}

function create(book: ConnectorBook, { config, answers, console, nowMs }: Issuing): IssuedLogin {
  const { connector: name = '', login: kind = '', connectorCertificate } = answers;
  const certificate =
    kind === 'mtls' && connectorCertificate !== undefined ? { certificate: connectorCertificate } : {};
  const made = prepareConnector(book, name, { kind, ...certificate }, console, nowMs);
  const refreshToken = keepLogin(book, made, null);
  const { auth } = made.connector;
  const secret = made.proof.secret ?? '';
  if (auth.kind === 'mtls') return certified(name);
  if (auth.kind !== 'oauth2') return withSecret(config, name, auth.kind, secret);
  return oauth2(config, name, secret, refreshToken?.token ?? '');
}

function withToken(
  { config, access }: ConnectorBook,
  { name, clientId, clientSecret }: { name: string; clientId: string; clientSecret: string | null },
  nowMs: number,
): IssuedLogin {
  const { token } = mintRefreshToken(access, { connector: name, clientId, createdBy: account() }, nowMs);
  return oauth2(config, name, clientSecret, token);
}

function oauth2(config: Config, name: string, clientSecret: string | null, refreshToken: string): IssuedLogin {
  const handedOverIn = keepInitialCredentials(config.dataDir, new Map([[`refresh-token ${name}`, refreshToken]]));
  return { name, kind: 'oauth2', clientSecret, rehearsal: { kind: 'oauth2', refreshToken }, handedOverIn };
}

function withSecret(config: Config, name: string, kind: 'basic' | 'urlKey', secret: string): IssuedLogin {
  const handedOverIn = keepInitialCredentials(config.dataDir, new Map([[`connector ${name}`, secret]]));
  const rehearsal = kind === 'basic' ? { kind, user: name, password: secret } : { kind, key: secret };
  return { name, kind, clientSecret: null, rehearsal, handedOverIn };
}

function certified(name: string): IssuedLogin {
  return { name, kind: 'mtls', clientSecret: null, rehearsal: null, handedOverIn: null };
}

/** Whether the pack that is there holds the secret of this login at this bridge. */
async function hasSecret({ packFolder, answers, config }: Issuing): Promise<boolean> {
  const [feed] = config.feeds;
  const file = `${feed?.name ?? ''}.properties`;
  if (!existsSync(join(packFolder, file))) return false;
  const { values } = readProperties(Buffer.from((await readDeployed(packFolder, file)) ?? ''));
  const secret = values.get(CLIENT_SECRET_KEY) ?? '';
  const isOurs = values.get('token_url') === publicAddress(config.server.publicUrl, '/oauth2/token');
  return (
    isOurs && values.get('client_id') === answers.connector && secret !== '' && secret !== PLACEHOLDERS.clientSecret
  );
}
