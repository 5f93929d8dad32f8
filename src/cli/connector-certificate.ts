import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { certificateBlocks, noCertificate, readCertificate } from '../config/pem-pair.ts';
import { fingerprintOf } from '../domain/credential.ts';
import { BridgeError, messageOf } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';
import { moment } from '../domain/time-words.ts';

/** A certificate as a person is asked to look at it. */
export interface SeenCertificate {
  /** On one line; the text is its maker's. */
  readonly subject: string;
  readonly validFromMs: number;
  readonly validToMs: number;
  /** SHA-256 of the certificate in DER, lower-case hex. */
  readonly fingerprint: string;
}

const MOST_BYTES = 1_000_000;
const SOON_MS = 30 * 86_400_000;

/**
 * The first certificate of a PEM file: the connector's own comes first, its chain behind it.
 * @throws BridgeError CERTIFICATE_UNREADABLE
 */
export function readConnectorCertificate(cwd: string, path: string): SeenCertificate {
  const file = resolve(cwd, path);
  const [block = ''] = certificateBlocks(readLimited(file));
  const certificate = readCertificate(block);
  if (certificate === null) {
    const { message, remedy } = noCertificate({ file });
    throw unreadable(message, remedy);
  }
  return {
    subject: printable(certificate.subject.split('\n').join(', '), 200),
    validFromMs: Date.parse(certificate.validFrom),
    validToMs: Date.parse(certificate.validTo),
    fingerprint: fingerprintOf(certificate.raw),
  };
}

function readLimited(file: string): Buffer {
  try {
    const bytes = readFileSync(file);
    if (bytes.length <= MOST_BYTES) return bytes;
  } catch (cause) {
    throw unreadable(
      `cannot read the certificate ${file}: ${messageOf(cause)}`,
      'Name a PEM file that this account can read.',
    );
  }
  throw unreadable(`${file} is no certificate: it has more than ${MOST_BYTES} bytes`, 'Name a PEM file.');
}

/** What its dates mean; empty when all is well. */
export function certificateWarnings({ validFromMs, validToMs }: SeenCertificate, nowMs: number): readonly string[] {
  if (nowMs >= validToMs)
    return [
      `The certificate ended at ${moment(validToMs)}. A bridge with server.tls.clientCaFile refuses it, and others may. Give a new one.`,
    ];
  if (nowMs < validFromMs) return [`The certificate is not valid before ${moment(validFromMs)}.`];
  if (validToMs - nowMs > SOON_MS) return [];
  return [`The certificate ends at ${moment(validToMs)}: rotate to a new one before that day.`];
}

function unreadable(message: string, hint: string): BridgeError {
  return new BridgeError({ code: 'CERTIFICATE_UNREADABLE', kind: 'operator', message, hint });
}
