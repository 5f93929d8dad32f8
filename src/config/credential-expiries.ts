import { readFile } from 'node:fs/promises';
import type { CertificateEntry } from './certificate-material.ts';
import type { Config, CredentialConfig } from './config.ts';
import { certificateBlocks, readCertificate } from './pem-pair.ts';

/** When a secret or certificate expires, epoch ms; null when nobody said, or when it cannot be read. */
export interface CredentialExpiry {
  readonly tenantName: string;
  /** `client secret`, `next client secret`, `certificate CN=...`. */
  readonly what: string;
  readonly expiresMs: number | null;
}

/** Secrets as the configuration says, certificates as their files say now. Identities of the platform do not expire. */
export async function credentialExpiries({ tenants }: Config): Promise<readonly CredentialExpiry[]> {
  const all = await Promise.all(
    tenants.map(async ({ name, credential }) => {
      const found = await expiriesOf(credential);
      return found.map(({ what, expiresMs }, index) => ({
        tenantName: name,
        what: index === 0 ? what : `next ${what}`,
        expiresMs,
      }));
    }),
  );
  return all.flat();
}

async function expiriesOf(credential: CredentialConfig): Promise<readonly Omit<CredentialExpiry, 'tenantName'>[]> {
  switch (credential.kind) {
    case 'secret':
      return credential.secrets.map(({ expiresMs }) => ({ what: 'client secret', expiresMs }));
    case 'certificate':
      return Promise.all(credential.certificates.map(ofCertificate));
    case 'workload-identity':
    case 'managed-identity':
      return [];
  }
}

async function ofCertificate({ certificateFile }: CertificateEntry): Promise<Omit<CredentialExpiry, 'tenantName'>> {
  const bytes = await readFile(certificateFile).catch(() => Buffer.alloc(0));
  const [own = ''] = certificateBlocks(bytes);
  const certificate = readCertificate(own);
  if (certificate === null) return { what: `certificate ${certificateFile}`, expiresMs: null };
  const subject = certificate.subject.split('\n').find((part) => part.startsWith('CN=')) ?? certificateFile;
  return { what: `certificate ${subject}`, expiresMs: Date.parse(certificate.validTo) };
}
