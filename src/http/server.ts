import { randomBytes } from 'node:crypto';
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { hintAtHttps } from './plain-http-hint.ts';

export type AnyServer = HttpServer | HttpsServer;
export type App = FastifyInstance<AnyServer>;

/** PEM texts. */
export interface ServerCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

/** Of those who sign in with a certificate. */
export interface ClientCertificates {
  /** PEM of the CAs that a client's certificate may come from; null: any certificate is looked at. */
  readonly caPem: string | null;
  /** Whether a client is asked for one now: asked at every connection. */
  readonly wanted: () => boolean;
}

/** A larger header block is refused by node itself (431). */
const LIMITS = {
  maxHeaderSize: 16_384,
  requestTimeout: 30_000,
  headersTimeout: 30_000,
  keepAliveTimeout: 75_000,
} as const;

/** TLS 1.2 or newer, or plain http when there is no certificate (`tls: off`, loopback only). */
export function createServer(
  handler: RequestListener,
  certificate: ServerCertificate | null,
  clients: ClientCertificates,
): AnyServer {
  if (certificate === null) return closeIdle(createHttpServer(LIMITS, handler));
  // Whose certificate it is, is said by the login: a client without one may have another login.
  const tls = { ...contextOf(certificate, clients.caPem), rejectUnauthorized: false };
  return closeIdle(hintAtHttps(askForCertificates(createHttpsServer({ ...LIMITS, ...tls }, handler), clients)));
}

/**
 * Connections from now on get this certificate, and clients are held to this CA; open ones keep what they have.
 * Throws where certificate and key do not belong together, and the ones before go on being served.
 */
export function renewCertificate(server: AnyServer, certificate: ServerCertificate, clientCaPem: string | null): void {
  if (!('setSecureContext' in server)) return;
  const context = contextOf(certificate, clientCaPem);
  // setSecureContext would keep parts of what it refuses.
  createSecureContext(context);
  server.setSecureContext(context);
}

/** All of it at each change: what is left out of setSecureContext is gone, and clients would be shut out without `ca`. */
function contextOf({ certPem: cert, keyPem: key }: ServerCertificate, caPem: string | null): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2', ...(caPem === null ? {} : { ca: caPem }) };
}

/** Not asked for while nobody signs in with one: a browser would trouble its user with the choice. */
function askForCertificates(server: HttpsServer, { wanted }: ClientCertificates): HttpsServer {
  let isAsked = false;
  // Before node's own listener, which begins the handshake and reads the member.
  server.prependListener('connection', () => {
    if (wanted() === isAsked) return;
    isAsked = !isAsked;
    Object.assign(server, { requestCert: isAsked });
    // A session of before would be resumed with no certificate in it.
    server.setTicketKeys(randomBytes(48));
  });
  return server;
}

/** How long the peer may take to end its side of an idle connection. */
const FAREWELL_MS = 30_000;

/**
 * Ends idle connections orderly. Node would destroy them, and then nothing ever proves that the last answer was taken:
 * `acknowledge: response` of a connector that polls less often than keepAliveTimeout would repeat one page for ever.
 */
function closeIdle<Server extends AnyServer>(server: Server): Server {
  server.on('timeout', (socket: Socket) => {
    if (socket.writableEnded) {
      socket.destroy();
    } else {
      socket.setTimeout(FAREWELL_MS);
      socket.end();
    }
  });
  return server;
}
