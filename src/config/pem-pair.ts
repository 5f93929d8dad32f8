import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** A file that was read. */
export interface NamedBytes {
  readonly file: string;
  readonly bytes: Buffer;
}

/** What is wrong with a certificate and its key, and of which of them it is said. */
export interface PairFault {
  readonly part: 'certificate' | 'key' | 'passphrase';
  readonly message: string;
  readonly remedy: string;
}

/** What the files hold; null where it could not be read, and then `faults` says why. */
export interface PemPair {
  readonly certificate: X509Certificate | null;
  /** PEM blocks of the certificate and its chain, in the order of the file. */
  readonly chain: readonly string[];
  readonly key: KeyObject | null;
  /** PEM block of the key as it stands in its file. */
  readonly keyPem: string;
  readonly faults: readonly PairFault[];
}

/** How the key is opened: `passphrase` null when there is none; `lockedRemedy`: what to do when it needs one. */
export interface KeyOpening {
  readonly passphrase: string | null;
  readonly lockedRemedy: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const KEY = /-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----[\s\S]+?-----END \1-----/;
const NO_PASSPHRASE: KeyOpening = {
  passphrase: null,
  lockedRemedy: 'Take it off and protect the file by its mode: openssl pkey -in FILE -out FILE.pem; chmod 600 FILE.pem',
};

/** Reads a certificate and its key: both PEM, made for each other. The certificate's own block comes first in its file. */
export function readPair(certFile: NamedBytes, keyFile: NamedBytes, opening: KeyOpening = NO_PASSPHRASE): PemPair {
  // As text: of bytes, the binary form would be taken too, which servers and Microsoft do not take.
  const chain = certificateBlocks(certFile.bytes);
  const [keyPem = ''] = KEY.exec(keyFile.bytes.toString('utf8')) ?? [];
  const certificate = readCertificate(chain[0] ?? '');
  const key = openKey(keyPem, opening.passphrase);
  const faults = [
    ...(certificate === null ? [noCertificate(certFile)] : []),
    ...(key === null ? [noKey(keyFile, keyPem, opening)] : []),
    ...(certificate !== null && key !== null && !certificate.checkPrivateKey(key) ? [stranger(certFile, keyFile)] : []),
  ];
  return { certificate, chain, key, keyPem, faults };
}

/** The certificates of a PEM text as they stand there. */
export function certificateBlocks(bytes: Buffer): readonly string[] {
  return bytes.toString('latin1').match(CERTIFICATE) ?? [];
}

export function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function openKey(pem: string, passphrase: string | null): KeyObject | null {
  try {
    return createPrivateKey({ key: pem, ...(passphrase === null ? {} : { passphrase }) });
  } catch {
    return null;
  }
}

export function noCertificate({ file }: Pick<NamedBytes, 'file'>): PairFault {
  return {
    part: 'certificate',
    message: `the file ${file} holds no certificate in PEM form that can be read`,
    remedy: 'A binary certificate is converted with: openssl x509 -inform der -in FILE -out FILE.pem',
  };
}

function noKey({ file }: NamedBytes, pem: string, { passphrase, lockedRemedy }: KeyOpening): PairFault {
  const isLocked = pem.includes('ENCRYPTED');
  if (isLocked && passphrase === null)
    return { part: 'key', message: `the key in ${file} needs a passphrase`, remedy: lockedRemedy };
  if (isLocked)
    return {
      part: 'passphrase',
      message: `the passphrase does not open the key in ${file}`,
      remedy: 'Name the passphrase that the key was locked with; try it with: openssl pkey -in FILE -noout',
    };
  return {
    part: 'key',
    message: `the file ${file} holds no private key in PEM form`,
    remedy: 'A binary key is converted with: openssl pkey -inform der -in FILE -out FILE.pem',
  };
}

function stranger(certificate: NamedBytes, key: NamedBytes): PairFault {
  return {
    part: 'key',
    message: `the key in ${key.file} does not belong to the certificate in ${certificate.file}`,
    remedy:
      'Name the key that the certificate was requested with. In a file with a chain, the certificate of the key itself comes first.',
  };
}
