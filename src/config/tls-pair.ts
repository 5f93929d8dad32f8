import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { ConfigPath } from './config-path.ts';
import type { Report } from './report.ts';

/** A file of the TLS block: where it is named, and what is in it. */
export interface TlsFile {
  readonly at: ConfigPath;
  readonly file: string;
  readonly bytes: Buffer;
}

/** Whether the server could serve with these two files: both PEM, the key without pass phrase, made for each other. */
export function checkTlsPair(report: Report, cert: TlsFile, key: TlsFile): void {
  const certificate = readCertificate(report, cert);
  const privateKey = readKey(report, key);
  if (certificate === null || privateKey === null || certificate.checkPrivateKey(privateKey)) return;
  report.problem(
    key.at,
    `the key in ${key.file} does not belong to the certificate in ${cert.file}`,
    "Name the key that the certificate was requested with. In a file with a chain, the server's own certificate comes first.",
  );
}

function readCertificate(report: Report, { at, file, bytes }: TlsFile): X509Certificate | null {
  try {
    // As text: of bytes, the binary form would be taken too, and the server takes only PEM.
    return new X509Certificate(bytes.toString('utf8'));
  } catch {
    const remedy = 'A binary certificate is converted with: openssl x509 -inform der -in FILE -out FILE.pem';
    report.problem(at, `the file ${file} holds no certificate in PEM form that can be read`, remedy);
    return null;
  }
}

function readKey(report: Report, { at, file, bytes }: TlsFile): KeyObject | null {
  const pem = bytes.toString('utf8');
  try {
    return createPrivateKey(pem);
  } catch {
    const isLocked = pem.includes('ENCRYPTED');
    report.problem(
      at,
      isLocked ? `the key in ${file} needs a pass phrase` : `the file ${file} holds no private key in PEM form`,
      isLocked
        ? 'Take it off and protect the file by its mode: openssl pkey -in FILE -out FILE.pem; chmod 600 FILE.pem'
        : 'A binary key is converted with: openssl pkey -inform der -in FILE -out FILE.pem',
    );
    return null;
  }
}
