import { systemClock } from '../domain/clock.ts';
import { type ConnectorAuth, type ConnectorAuthKind, DEFAULT_REDIRECT_URIS } from '../domain/connector-auth.ts';
import { BridgeError } from '../domain/errors.ts';
import type { ConnectorBook } from './connector-book.ts';
import { type ConnectorOptions, checkKind, readKind } from './connector-options.ts';
import { makeProof } from './connector-proof.ts';
import { type NewLogin, publishLogin } from './connector-publish.ts';
import { checkRedirectUri } from './connector-redirect.ts';
import { readProofCertificate, requireServable } from './connector-servable.ts';
import type { Console } from './console.ts';
import { chooseFeed } from './feed-choice.ts';

const LONGEST_NAME = 64;

/** Makes a connector that may log in from now on, and shows its secrets this once. */
export async function createConnector(
  book: ConnectorBook,
  name: string,
  options: ConnectorOptions,
  console: Console,
): Promise<void> {
  await publishLogin(book, prepareConnector(book, name, options, console, systemClock.now()), options, console);
}

/** A connector that could be made, with its secret; nothing is kept yet. @throws BridgeError where it could not */
export function prepareConnector(
  book: ConnectorBook,
  name: string,
  options: ConnectorOptions,
  { cwd }: Pick<Console, 'cwd'>,
  nowMs: number,
): NewLogin {
  checkName(book, name);
  const kind = readKind(options.kind ?? 'oauth2');
  checkKind(kind, options);
  requireServable(book, kind);
  const feeds = options.feed === undefined ? null : feedsOf(book, options.feed);
  const certificate = readProofCertificate(book, kind, options, cwd);
  const proof = makeProof(kind, certificate);
  const connector = { name, auth: newAuth(kind, name, proof.hash, options), feeds, createdMs: nowMs };
  return { connector, proof, notes: [], step: 'create', nowMs };
}

function newAuth(kind: ConnectorAuthKind, name: string, hash: string, options: ConnectorOptions): ConnectorAuth {
  switch (kind) {
    case 'basic':
      return { kind, secretHashes: [hash] };
    case 'urlKey':
      return { kind, keyHashes: [hash] };
    case 'mtls':
      return { kind, fingerprints: [hash] };
    case 'oauth2':
      return {
        kind,
        clientId: name,
        secretHashes: [hash],
        redirectUris: [...new Set((options.redirectUri ?? DEFAULT_REDIRECT_URIS).map(checkRedirectUri))],
        acceptsBasic: options.acceptBasic ?? false,
        rotatesRefreshTokens: options.rotateRefreshTokens ?? false,
      };
  }
}

function feedsOf({ config }: ConnectorBook, names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => chooseFeed(name, config).name))];
}

/** @throws BridgeError CONNECTOR_NAME, CONNECTOR_EXISTS */
function checkName(book: ConnectorBook, name: string): void {
  if (!/^[a-z0-9-]+$/.test(name) || name.length > LONGEST_NAME) {
    throw new BridgeError({
      code: 'CONNECTOR_NAME',
      kind: 'operator',
      message: `${JSON.stringify(name.slice(0, 80))} cannot be the name of a connector`,
      hint: `Use lower-case letters, digits and hyphens, at most ${LONGEST_NAME} of them.`,
    });
  }
  const { config, access } = book;
  const isOperator = [...config.operators, ...access.operators()].some((operator) => operator.name === name);
  if (isOperator) throw exists(`${name} is the name of an operator, and both sign in by name`, 'Take another name.');
  for (const entry of book.entries()) {
    if (entry.name !== name && !(entry.auth.kind === 'oauth2' && entry.auth.clientId === name)) continue;
    if (entry.name !== name)
      throw exists(`${name} is the client id of the connector ${entry.name}`, 'Take another name.');
    if (entry.origin === 'configuration') {
      throw exists(
        `the configuration has a connector ${name} already`,
        'A connector of the configuration wins by name and no command can change it. Take another name, or change it there and restart serve.',
      );
    }
    throw exists(
      `there is a connector ${name} already`,
      `For a new secret: flexbridge connector rotate ${name}. To begin anew: flexbridge connector revoke ${name}.`,
    );
  }
}

function exists(message: string, hint: string): BridgeError {
  return new BridgeError({ code: 'CONNECTOR_EXISTS', kind: 'operator', message, hint });
}
