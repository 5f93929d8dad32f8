import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { promisify } from 'node:util';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  Certificate,
  type Extensions,
  Name,
  RelativeDistinguishedName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import { authorityExtensions, serverExtensions, subjectKeyId } from './certificate-extensions.ts';
import { toCertificateHosts } from './certificate-host.ts';

/** A certificate and the key that belongs to it. */
export interface KeyAndCertificate {
  readonly certificatePem: string;
  /** PKCS#8. */
  readonly privateKeyPem: string;
}

export interface AuthorityOptions {
  readonly commonName: string;
  /** The only DNS names and IP addresses this CA may vouch for. */
  readonly hosts: readonly string[];
  readonly notBeforeMs: number;
  readonly years: number;
  /** PKCS#8 P-256 key to certify again; a new one without it. */
  readonly privateKeyPem?: string;
}

export interface ServerCertificateOptions {
  readonly hosts: readonly string[];
  readonly notBeforeMs: number;
  readonly days: number;
  /** PKCS#8 P-256 key to certify again; a new one without it. */
  readonly privateKeyPem?: string;
}

/** A self-signed CA (EC P-256) whose critical name constraints are exactly the hosts (RFC 5280 4.2.1.10). */
export async function createCertificateAuthority(options: AuthorityOptions): Promise<KeyAndCertificate> {
  const { commonName, hosts, notBeforeMs, years } = options;
  const privateKeyPem = options.privateKeyPem ?? (await createPrivateKeyPem());
  const publicKey = publicKeyOf(privateKeyPem);
  const name = commonNameOf(commonName);
  const notAfter = new Date(notBeforeMs);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + years);
  const certificatePem = signCertificate({
    subject: name,
    issuer: name,
    validity: new Validity({ notBefore: new Date(notBeforeMs), notAfter }),
    publicKey,
    extensions: authorityExtensions(toCertificateHosts(hosts), keyIdOf(publicKey)),
    signingKey: createPrivateKey(privateKeyPem),
  });
  return { certificatePem, privateKeyPem };
}

/** A server certificate under the CA; it never outlives the CA. */
export async function issueServerCertificate(
  ca: KeyAndCertificate,
  options: ServerCertificateOptions,
): Promise<KeyAndCertificate> {
  const privateKeyPem = options.privateKeyPem ?? (await createPrivateKeyPem());
  const publicKey = publicKeyOf(privateKeyPem);
  const issuer = parseCertificate(ca.certificatePem);
  const caEndMs = issuer.tbsCertificate.validity.notAfter.getTime().getTime();
  const notAfterMs = Math.min(options.notBeforeMs + options.days * DAY_MS, caEndMs);
  const hosts = toCertificateHosts(options.hosts);
  const certificatePem = signCertificate({
    // Not a host: OpenSSL checks a common name that looks like one against the CA's DNS constraints.
    subject: commonNameOf('FlexBridge server'),
    issuer: issuer.tbsCertificate.subject,
    validity: new Validity({ notBefore: new Date(options.notBeforeMs), notAfter: new Date(notAfterMs) }),
    publicKey,
    extensions: serverExtensions(
      hosts,
      keyIdOf(publicKey),
      subjectKeyId(issuer) ?? keyIdOf(publicKeyOf(ca.privateKeyPem)),
    ),
    signingKey: createPrivateKey(ca.privateKeyPem),
  });
  return { certificatePem, privateKeyPem };
}

/** A new EC P-256 key, PKCS#8 PEM. */
export async function createPrivateKeyPem(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Reads the first certificate of a PEM text; throws what node:crypto throws when there is none. */
export function parseCertificate(pem: string): Certificate {
  return AsnConvert.parse(new X509Certificate(pem).raw, Certificate);
}

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';

interface CertificateRequest {
  readonly subject: Name;
  readonly issuer: Name;
  readonly validity: Validity;
  readonly publicKey: SubjectPublicKeyInfo;
  readonly extensions: Extensions;
  readonly signingKey: KeyObject;
}

function signCertificate(request: CertificateRequest): string {
  const algorithm = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: randomSerial(),
    signature: algorithm,
    issuer: request.issuer,
    validity: request.validity,
    subject: request.subject,
    subjectPublicKeyInfo: request.publicKey,
    extensions: request.extensions,
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), request.signingKey);
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm,
    signatureValue: toArrayBuffer(signature),
  });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(certificate))).toString();
}

/** 127 random bits under a top byte of 01 to 7f: positive and without a leading zero octet in DER. */
function randomSerial(): ArrayBuffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return toArrayBuffer(bytes);
}

function publicKeyOf(privateKeyPem: string): SubjectPublicKeyInfo {
  const der = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'der' });
  return AsnConvert.parse(der, SubjectPublicKeyInfo);
}

/** SHA-1 of the public key's bits (RFC 5280 4.2.1.2, method 1): an identifier, not a safeguard. */
function keyIdOf(publicKey: SubjectPublicKeyInfo): ArrayBuffer {
  return toArrayBuffer(createHash('sha1').update(Buffer.from(publicKey.subjectPublicKey)).digest());
}

function commonNameOf(text: string): Name {
  const value = new AttributeValue({ utf8String: text });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })])]);
}

function toArrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
