import { createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate, Extensions, id_ce_extKeyUsage } from '@peculiar/asn1-x509';
import { fingerprintOf } from '../../src/domain/credential.ts';
import {
  createCertificateAuthority,
  issueServerCertificate,
  type KeyAndCertificate,
  parseCertificate,
} from '../../src/http/tls/certificate-authority.ts';

const HOSTS = ['connector.example'];

export function clientAuthority(): Promise<KeyAndCertificate> {
  return createCertificateAuthority({
    commonName: 'clients',
    hosts: HOSTS,
    notBeforeMs: Date.now() - 60_000,
    years: 10,
  });
}

export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
  /** Hex SHA-256 of its DER. */
  readonly fingerprint: string;
}

/** A certificate for any use: the bridge issues them for servers only. */
export async function clientCertificate(authority?: KeyAndCertificate): Promise<ClientCertificate> {
  const ca = authority ?? (await clientAuthority());
  const made = await issueServerCertificate(ca, { hosts: HOSTS, notBeforeMs: Date.now() - 60_000, days: 30 });
  const certificate = parseCertificate(made.certificatePem);
  const { tbsCertificate, signatureAlgorithm } = certificate;
  tbsCertificate.extensions = new Extensions(
    Array.from(tbsCertificate.extensions ?? new Extensions()).filter(({ extnID }) => extnID !== id_ce_extKeyUsage),
  );
  const signature = sign(
    'sha256',
    Buffer.from(AsnConvert.serialize(tbsCertificate)),
    createPrivateKey(ca.privateKeyPem),
  );
  const signatureValue = new Uint8Array(signature).buffer;
  const signed = new X509Certificate(
    Buffer.from(AsnConvert.serialize(new Certificate({ tbsCertificate, signatureAlgorithm, signatureValue }))),
  );
  return { cert: signed.toString(), key: made.privateKeyPem, fingerprint: fingerprintOf(signed.raw) };
}
