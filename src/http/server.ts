import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';

export type AnyServer = HttpServer | HttpsServer;
export type App = FastifyInstance<AnyServer>;

/** PEM texts. */
export interface ServerCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

/** A larger header block is refused by node itself (431). */
const LIMITS = {
  maxHeaderSize: 16_384,
  requestTimeout: 30_000,
  headersTimeout: 30_000,
  keepAliveTimeout: 75_000,
} as const;

/** TLS 1.2 or newer, or plain http when there is no certificate (`tls: off`, loopback only). */
export function createServer(handler: RequestListener, certificate: ServerCertificate | null): AnyServer {
  if (certificate === null) return createHttpServer(LIMITS, handler);
  const { certPem: cert, keyPem: key } = certificate;
  return createHttpsServer({ ...LIMITS, cert, key, minVersion: 'TLSv1.2' }, handler);
}
