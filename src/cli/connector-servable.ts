import type { ConnectorAuthKind } from '../domain/connector-auth.ts';
import { BridgeError } from '../domain/errors.ts';
import type { ConnectorBook } from './connector-book.ts';
import { readConnectorCertificate, type SeenCertificate } from './connector-certificate.ts';
import { type ConnectorOptions, loginUse } from './connector-options.ts';
import { proofHashes } from './connector-proof.ts';

/** @throws BridgeError URL_KEYS_OFF, LOGIN_USE for a kind that the server would not take */
export function requireServable({ config: { server } }: ConnectorBook, kind: ConnectorAuthKind): void {
  if (kind === 'mtls' && server.tls.kind === 'off') {
    throw loginUse(
      'a client certificate cannot be shown to a server without TLS (server.tls: off)',
      'Give the server TLS, or choose another kind.',
    );
  }
  if (kind !== 'urlKey' || server.urlKeys) return;
  throw new BridgeError({
    code: 'URL_KEYS_OFF',
    kind: 'operator',
    message: 'keys in the Events URL are not taken: server.urlKeys is off',
    hint: 'A URL is written into files and logs that a password is not. Where the connector can send nothing else, set server.urlKeys: true and restart serve. Otherwise choose another kind.',
  });
}

/**
 * The certificate that `--certificate` names; null for the kinds without one.
 * @throws BridgeError CERTIFICATE_UNREADABLE, CERTIFICATE_PINNED
 */
export function readProofCertificate(
  book: ConnectorBook,
  kind: ConnectorAuthKind,
  { certificate: path }: ConnectorOptions,
  cwd: string,
): SeenCertificate | null {
  if (kind !== 'mtls' || path === undefined) return null;
  const certificate = readConnectorCertificate(cwd, path);
  const holder = book
    .entries()
    .find(({ auth }) => auth.kind === 'mtls' && proofHashes(auth).includes(certificate.fingerprint));
  if (holder === undefined) return certificate;
  throw new BridgeError({
    code: 'CERTIFICATE_PINNED',
    kind: 'operator',
    message: `this certificate already is that of the connector ${holder.name}`,
    hint: 'Give another one: a connector is known by its certificate.',
  });
}
