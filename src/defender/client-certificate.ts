import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { BridgeError } from '../domain/errors.ts';
import type { CertificateMaterial } from './credential.ts';

const CERTIFICATE_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const KEY_BLOCK = /-----BEGIN ((?:[A-Z]+ )*)PRIVATE KEY-----[\s\S]+?-----END \1PRIVATE KEY-----/;
/** jsonwebtoken, which signs for msal, refuses shorter keys, and Entra takes RSA only. */
const SHORTEST_RSA_BITS = 2048;

/** What msal signs with. */
export interface SigningCertificate {
  /** Hexadecimal, computed here: a pasted thumbprint with colons would give a wrong `x5t#S256` without a word. */
  readonly thumbprintSha256: string;
  /** PKCS#8 PEM, not encrypted. */
  readonly privateKeyPem: string;
  /** PEM, leaf first: sent along as `x5c`. */
  readonly chainPem: string;
}

/**
 * A certificate with its key, checked before anything is sent. Throws a BridgeError (TOKEN_CERTIFICATE_...).
 * @param nowMs this host's clock
 */
export function readSigningCertificate(material: CertificateMaterial, nowMs: number): SigningCertificate {
  const certificates = readCertificates(material.certificatePem);
  const key = readKey(material.privateKeyPem, material.passphrase);
  const leaf = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (leaf === undefined) throw unusable('the private key does not belong to the certificate', PAIR);
  checkValidity(leaf, nowMs);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < SHORTEST_RSA_BITS) {
    throw unusable('the private key is not an RSA key of 2048 bits or more', RSA);
  }
  // Printed anew: msal reads the chain by a pattern that a blank after a line would escape.
  const chain = [leaf, ...certificates.filter((certificate) => certificate !== leaf)];
  return {
    thumbprintSha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    privateKeyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    chainPem: chain.map(String).join(''),
  };
}

function readCertificates(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(CERTIFICATE_BLOCK) ?? [];
  if (blocks.length === 0) throw unusable('the certificate file holds no certificate', PEM);
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw unusable('the certificate file holds a certificate that cannot be read', PEM);
  }
}

/** OpenSSL's own words are left out: they say nothing to a reader. */
function readKey(pem: string, passphrase: string | null): KeyObject {
  const block = KEY_BLOCK.exec(pem)?.[0];
  if (block === undefined) throw unusable('the key file holds no private key', PEM);
  const isEncrypted = /ENCRYPTED/.test(block);
  if (isEncrypted && passphrase === null)
    throw unusable('the private key is encrypted, and there is no passphrase', PASS);
  try {
    return createPrivateKey({ key: block, format: 'pem', ...(passphrase !== null && { passphrase }) });
  } catch {
    if (isEncrypted) throw unusable('the private key cannot be opened: the passphrase is wrong', PASS);
    throw unusable('the private key cannot be read', PEM);
  }
}

function checkValidity({ validFrom, validTo }: X509Certificate, nowMs: number): void {
  if (nowMs >= Date.parse(validTo)) {
    throw unusable(`the certificate has expired (${isoDate(validTo)})`, RENEW, 'TOKEN_CERTIFICATE_EXPIRED');
  }
  if (nowMs < Date.parse(validFrom)) {
    throw unusable(`the certificate is not valid before ${isoDate(validFrom)}`, EARLY, 'TOKEN_CERTIFICATE_EARLY');
  }
}

function isoDate(printed: string): string {
  return new Date(printed).toISOString().slice(0, 16).concat('Z');
}

const PEM =
  'Give PEM files: -----BEGIN CERTIFICATE----- and -----BEGIN PRIVATE KEY-----. A .pfx is turned into them with ' +
  '`openssl pkcs12 -in file.pfx -out file.pem`.';
const PAIR = 'certificateFile and keyFile must come from the same key pair. After a renewal, replace both.';
const PASS = 'Give the passphrase that the key was encrypted with, or a key without one.';
const RSA = 'Microsoft accepts RSA certificates for app sign-in. Make one with an RSA key of 2048 bits or more.';
const EARLY = 'Check the clock of this host. If it is right, wait, or use the certificate that is valid now.';
const RENEW =
  'Make a new certificate, upload it in the Entra admin center under App registrations > the app > Certificates & ' +
  'secrets > Certificates, and replace certificateFile and keyFile; no restart is needed. If it is valid, check the clock of this host.';

function unusable(what: string, hint: string, code = 'TOKEN_CERTIFICATE_INVALID'): BridgeError {
  return new BridgeError({ code, kind: 'operator', message: `no token could be asked for: ${what}`, hint });
}
