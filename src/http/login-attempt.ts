import { isIP } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import { fingerprintOf } from '../domain/credential.ts';

/** What a request carries to say who it comes from. */
export type LoginAttempt =
  | { readonly by: 'basic'; readonly name: string; readonly password: string }
  | { readonly by: 'bearer'; readonly token: string }
  /** `authorized`: signed by the configured CA of clients, if there is one. */
  | { readonly by: 'certificate'; readonly fingerprint: string; readonly authorized: boolean }
  | { readonly by: 'urlKey'; readonly key: string }
  /** An `Authorization` header of another scheme, or one that cannot be read. */
  | { readonly by: 'other' };

/** Where a key in the URL is looked for: what connectors poll. */
const CONNECTOR_ROUTE = /^(?:\/v1\/feeds\/:feed\/(?:detections|events|api\/alerts)|\/api\/alerts)$/;

/** Everything that the request carries, the header first. */
export function readAttempts(request: FastifyRequest): readonly LoginAttempt[] {
  return [readHeader(request), readCertificate(request), readKey(request)].filter((attempt) => attempt !== null);
}

function readHeader({ headers: { authorization } }: FastifyRequest): LoginAttempt | null {
  if (authorization === undefined) return null;
  // RFC 6750 2.1; the scheme in any case (RFC 9110 11.1).
  const token = /^bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(authorization)?.[1];
  return token === undefined ? readBasic(authorization) : { by: 'bearer', token };
}

/** RFC 7617; UTF-8. */
export function readBasic(header: string): LoginAttempt {
  const match = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header);
  const text = Buffer.from(match?.[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? { by: 'other' } : { by: 'basic', name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** In a resumed session it is the certificate of the handshake that the session began with. */
function readCertificate({ raw: { socket } }: FastifyRequest): LoginAttempt | null {
  if (!(socket instanceof TLSSocket)) return null;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  return { by: 'certificate', fingerprint: fingerprintOf(certificate.raw), authorized: socket.authorized };
}

function readKey({ query, routeOptions: { url = '' } }: FastifyRequest): LoginAttempt | null {
  if (typeof query !== 'object' || query === null || !('key' in query) || !CONNECTOR_ROUTE.test(url)) return null;
  return typeof query.key === 'string' && query.key !== '' ? { by: 'urlKey', key: query.key } : null;
}

/** A trusted proxy may still pass on words that its own client wrote. */
export function addressOf({ ip, socket }: FastifyRequest): string {
  return isIP(ip) === 0 ? (socket.remoteAddress ?? 'unknown') : ip;
}
