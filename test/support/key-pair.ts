import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  Certificate,
  Name,
  RelativeDistinguishedName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';

export interface KeyAndCertificate {
  readonly certificatePem: string;
  /** PKCS#8, not encrypted. */
  readonly privateKeyPem: string;
}

const DAY_MS = 86_400_000;
const COMMON_NAME = '2.5.4.3';
const SIGNED_WITH = { rsa: '1.2.840.113549.1.1.11', ec: '1.2.840.10045.4.3.2' };

/** A new key, RSA of so many bits or on a curve, with a self-signed certificate from an hour ago for 30 days. */
export function aKeyPair(commonName: string, key: number | 'P-256' = 2048): KeyAndCertificate {
  const { publicKey, privateKey } =
    key === 'P-256'
      ? generateKeyPairSync('ec', { namedCurve: key })
      : generateKeyPairSync('rsa', { modulusLength: key });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const value = new AttributeValue({ utf8String: commonName });
  const name = new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })])]);
  const startMs = Date.now() - 3_600_000;
  const algorithm = new AlgorithmIdentifier({ algorithm: SIGNED_WITH[key === 'P-256' ? 'ec' : 'rsa'] });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: new Uint8Array([1, ...Buffer.from(commonName)]).buffer,
    signature: algorithm,
    issuer: name,
    validity: new Validity({ notBefore: new Date(startMs), notAfter: new Date(startMs + 30 * DAY_MS) }),
    subject: name,
    subjectPublicKeyInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), privateKey);
  const signatureValue = new Uint8Array(signature).buffer;
  const certificate = new Certificate({ tbsCertificate, signatureAlgorithm: algorithm, signatureValue });
  const certificatePem = new X509Certificate(Buffer.from(AsnConvert.serialize(certificate))).toString();
  return { certificatePem, privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}
