import { randomBytes } from 'node:crypto';
import type { ConnectorAuth, ConnectorAuthKind } from '../domain/connector-auth.ts';
import { generateSecret, hashSecret } from '../domain/credential.ts';
import type { SeenCertificate } from './connector-certificate.ts';

/** What a connector proves itself by, just made. */
export interface Proof {
  /** Hex SHA-256, all that is kept. */
  readonly hash: string;
  /** Null where the connector has it already: the key of a certificate. */
  readonly secret: string | null;
  readonly certificate: SeenCertificate | null;
}

/** A certificate given is its own proof; else a secret is made. */
export function makeProof(kind: ConnectorAuthKind, certificate: SeenCertificate | null): Proof {
  if (certificate !== null) return { hash: certificate.fingerprint, secret: null, certificate };
  // A URL is seen in more places than a password: it gets the longer one, 256 bits.
  const secret = kind === 'urlKey' ? randomBytes(32).toString('base64url') : generateSecret();
  return { hash: hashSecret(secret), secret, certificate };
}

/** Hashes or fingerprints, the newest first: two while a rotation lasts. */
export function proofHashes(auth: ConnectorAuth): readonly string[] {
  switch (auth.kind) {
    case 'basic':
    case 'oauth2':
      return auth.secretHashes;
    case 'urlKey':
      return auth.keyHashes;
    case 'mtls':
      return auth.fingerprints;
  }
}

export function withProofHashes(auth: ConnectorAuth, hashes: readonly string[]): ConnectorAuth {
  switch (auth.kind) {
    case 'basic':
    case 'oauth2':
      return { ...auth, secretHashes: hashes };
    case 'urlKey':
      return { ...auth, keyHashes: hashes };
    case 'mtls':
      return { ...auth, fingerprints: hashes };
  }
}

/** How the proof of a kind is called. */
export function proofWord(kind: ConnectorAuthKind): string {
  switch (kind) {
    case 'basic':
      return 'password';
    case 'oauth2':
      return 'client secret';
    case 'urlKey':
      return 'URL key';
    case 'mtls':
      return 'certificate';
  }
}
