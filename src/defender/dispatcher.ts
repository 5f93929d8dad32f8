import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { Agent, type Dispatcher } from 'undici';
import { BridgeError } from '../domain/errors.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 60_000;
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Connections of one tenant. `extraCa`: PEM of certificates to trust besides the public ones that Node brings, for a proxy that inspects
 * TLS. Throws CA_INVALID. The caller closes it.
 */
export function createDispatcher({ extraCa }: { extraCa?: string } = {}): Dispatcher {
  return new Agent({
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      minVersion: 'TLSv1.2',
      // Setting `ca` replaces Node's list, so it is repeated here.
      ...(extraCa !== undefined && { ca: [...rootCertificates, ...readCertificates(extraCa)] }),
    },
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  });
}

/** Node takes unreadable PEM without a word and then trusts nothing new; that is found out here. */
function readCertificates(pem: string): readonly string[] {
  const blocks = pem.match(PEM_BLOCK) ?? [];
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch (cause) {
    throw invalidCa('holds a certificate that cannot be read', cause);
  }
  if (blocks.length === 0) throw invalidCa('holds no certificate');
  return blocks;
}

function invalidCa(what: string, cause?: unknown): BridgeError {
  return new BridgeError({
    code: 'CA_INVALID',
    kind: 'operator',
    message: `the tenant's caFile ${what}`,
    hint: 'Give the PEM file (-----BEGIN CERTIFICATE-----) of the root certificate that your proxy signs with.',
    cause,
  });
}
