import { X509Certificate } from 'node:crypto';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { BridgeError } from '../domain/errors.ts';
import type { ProxyAccess } from './credential.ts';
import { createTunnelConnector } from './proxy/tunnel.ts';
import { createTrust, type Trust } from './trust.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 60_000;
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

export interface ConnectionOptions {
  /** PEM of certificates to trust besides the public ones that Node brings, for a proxy that inspects TLS. */
  readonly extraCa?: string | null;
  /** What https goes through; plain http (the machine's own managed identity endpoint) never does. */
  readonly proxy?: ProxyAccess | null;
  /** Shared by the tenants of a process. */
  readonly trust?: Trust;
}

/** Connections of one tenant. Throws CA_INVALID and PROXY_URL. The caller closes it. */
export function createDispatcher({ extraCa = null, proxy = null, trust }: ConnectionOptions = {}): Dispatcher {
  const connect = createConnector(extraCa, trust ?? createTrust());
  return new Agent({
    connect: proxy === null ? connect : createTunnelConnector({ proxy, connect }),
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  });
}

/** What is trusted is made with the first connection: a start with many tenants must not wait for it. Throws CA_INVALID. */
export function createConnector(extraCa: string | null, trust: Trust): buildConnector.connector {
  const tls = { timeout: CONNECT_TIMEOUT_MS, minVersion: 'TLSv1.2' as const };
  if (extraCa === null) return buildConnector(tls);
  const certificates = readCertificates(extraCa);
  let made: buildConnector.connector | null = null;
  return (options, callback) => {
    made ??= buildConnector({ ...tls, secureContext: trust(certificates) });
    made(options, callback);
  };
}

/** Node takes unreadable PEM without a word and then trusts nothing new; that is found out here. */
export function readCertificates(pem: string): readonly string[] {
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
