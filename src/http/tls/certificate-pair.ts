import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { BridgeError } from '../../domain/errors.ts';
import type { KeyAndCertificate } from './certificate-authority.ts';
import { readIfPresent } from './certificate-files.ts';

export interface PairFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A checked pair from disk: the key is EC P-256, and the certificate was made for it. */
export interface StoredPair extends KeyAndCertificate {
  readonly certificate: X509Certificate;
}

/** What is on disk: nothing, a key whose certificate is missing, or the pair. */
export type PairState =
  | { readonly kind: 'none' }
  | { readonly kind: 'key'; readonly privateKeyPem: string }
  | { readonly kind: 'pair'; readonly pair: StoredPair };

/** Throws a BridgeError (`TLS_...`) that names the file when one of the two cannot be used. */
export async function readPair(files: PairFiles): Promise<PairState> {
  // The certificate first: a key is there before its certificate, so a certificate without a key is damage, not a start.
  const certificatePem = await readIfPresent(files.certFile);
  const privateKeyPem = await readIfPresent(files.keyFile);
  if (privateKeyPem === null) {
    if (certificatePem === null) return { kind: 'none' };
    throw damaged(files.keyFile, `is missing, although ${files.certFile} is there`, files);
  }
  const key = parseKey(privateKeyPem, files);
  if (certificatePem === null) return { kind: 'key', privateKeyPem };
  const certificate = parse(certificatePem, files);
  if (!certificate.checkPrivateKey(key)) {
    throw damaged(files.certFile, `does not belong to the key in ${files.keyFile}`, files);
  }
  return { kind: 'pair', pair: { certificatePem, privateKeyPem, certificate } };
}

function parseKey(pem: string, files: PairFiles): KeyObject {
  const key = attempt(() => createPrivateKey(pem), files.keyFile, 'holds no private key', files);
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  throw damaged(files.keyFile, 'holds a key of another kind than EC P-256', files);
}

function parse(pem: string, files: PairFiles): X509Certificate {
  return attempt(() => new X509Certificate(pem), files.certFile, 'holds no certificate', files);
}

function attempt<T>(make: () => T, file: string, problem: string, files: PairFiles): T {
  try {
    return make();
  } catch (cause) {
    throw damaged(file, problem, files, cause);
  }
}

function damaged(file: string, problem: string, files: PairFiles, cause?: unknown): BridgeError {
  return new BridgeError({
    code: 'TLS_FILE_DAMAGED',
    kind: 'operator',
    message: `${file} ${problem}`,
    hint: `Put the right file back, or remove both ${files.certFile} and ${files.keyFile} and restart: new ones are made. After a new ca.pem, import it into the connector again.`,
    ...(cause === undefined ? {} : { cause }),
  });
}
