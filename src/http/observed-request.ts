import { TLSSocket as SecureSocket, type TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import type { ObservedShape } from '../domain/observation.ts';
import { type WrittenTime, writtenTime } from '../domain/observation-time.ts';
import { printable } from '../domain/printable.ts';

export type ShapeFacts = Omit<ObservedShape, 'count'>;

/** Headers whose values are kept. Never one that carries a login, or what a proxy or a cookie may have put there. */
const HARMLESS = ['accept', 'accept-encoding', 'user-agent', 'connection', 'host'] as const;
const LONGEST_VALUE = 120;
const LONGEST_NAME = 40;
const MOST_NAMES = 30;

const PATHS: ReadonlyMap<string, readonly [ShapeFacts['kind'], string]> = new Map([
  ['/v1/feeds/:feed/detections', ['page', 'detections']],
  ['/v1/feeds/:feed/api/alerts', ['page', 'old API']],
  ['/api/alerts', ['page', 'old API, without a feed']],
  ['/v1/feeds/:feed/events', ['events', 'events']],
  ['/oauth2/token', ['token', 'token']],
  ['/oauth2/authorize', ['authorize', 'authorize']],
]);

/** Which of its routes the bridge took the request for. */
export function placeOf(request: FastifyRequest): readonly [ShapeFacts['kind'], string] {
  return PATHS.get(request.routeOptions.url ?? '') ?? ['other', 'other'];
}

/**
 * How a request looks, without anything that is secret: of the URL only the names of its parameters. What a request for a
 * token asks stands in its body: `tokenOf`, once that is read.
 */
export function shapeOf(request: FastifyRequest): ShapeFacts {
  const [kind, path] = placeOf(request);
  const { headers, rawHeaders, httpVersion } = request.raw;
  const values = HARMLESS.flatMap((name): [string, string][] => {
    const value = headers[name];
    return value === undefined ? [] : [[name, printable(value, LONGEST_VALUE)]];
  });
  return {
    kind,
    method: request.method,
    path,
    login: loginOf(request),
    http: httpVersion,
    tls: tlsOf(request),
    headers: names(rawHeaders.filter((_, at) => at % 2 === 0)),
    values: Object.fromEntries(values),
    parameters: names(queryOf(request).keys()),
    token: null,
  };
}

/** As it stands in the URL; null when there is none. */
export function timeOf(request: FastifyRequest): WrittenTime | null {
  const found = rawQuery(request)
    .split('&')
    .find((part) => /^(?:since|sinceTimeUtc)=/i.test(part));
  return found === undefined ? null : writtenTime(found.slice(found.indexOf('=') + 1));
}

/** Names that say whose request it is where its login does not: a refused user name, the client of a token. */
export function namesOf(request: FastifyRequest): readonly string[] {
  const [kind] = placeOf(request);
  const form = kind === 'token' ? formOf(request.body) : new URLSearchParams();
  const query = kind === 'authorize' ? queryOf(request) : new URLSearchParams();
  const found = [basicUser(request.headers.authorization), form.get('client_id'), query.get('client_id')];
  return found.filter((name) => name !== null);
}

function loginOf(request: FastifyRequest): ShapeFacts['login'] {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [scheme = ''] = authorization.trim().split(' ');
    if (/^basic$/i.test(scheme)) return 'basic';
    return /^bearer$/i.test(scheme) ? 'oauth2' : 'other';
  }
  if (queryOf(request).has('key')) return 'urlKey';
  return secure(request)?.getPeerX509Certificate() === undefined ? 'none' : 'mtls';
}

function tlsOf(request: FastifyRequest): string | null {
  const socket = secure(request);
  if (socket === null) return null;
  // One that was destroyed knows neither any more.
  return socket.destroyed ? 'TLS' : `${socket.getProtocol() ?? 'TLS'} ${socket.getCipher().standardName}`;
}

function secure({ raw: { socket } }: FastifyRequest): TLSSocket | null {
  return socket instanceof SecureSocket ? socket : null;
}

/** Grant type, place of the client's secret, names of what else is in the form. */
export function tokenOf(request: FastifyRequest): ShapeFacts['token'] {
  const form = formOf(request.body);
  const isInHeader = basicUser(request.headers.authorization) !== null;
  const isInBody = form.has('client_secret');
  const known = ['grant_type', 'client_id', 'client_secret'];
  const grantType = form.get('grant_type');
  const contentType = request.headers['content-type'];
  return {
    grantType: grantType === null ? null : printable(grantType, LONGEST_NAME),
    credentials: isInHeader ? (isInBody ? 'both' : 'header') : isInBody ? 'body' : 'none',
    parameters: names([...form.keys()].filter((name) => !known.includes(name))),
    contentType: contentType === undefined ? null : printable(contentType, LONGEST_VALUE),
  };
}

/** A form, however it was parsed. */
function formOf(body: unknown): URLSearchParams {
  if (body instanceof URLSearchParams) return body;
  if (typeof body === 'string') return new URLSearchParams(body);
  if (body instanceof Uint8Array) return new URLSearchParams(Buffer.from(body).toString('utf8'));
  if (typeof body !== 'object' || body === null) return new URLSearchParams();
  const texts = Object.entries(body).flatMap(([name, value]: [string, unknown]): [string, string][] =>
    typeof value === 'string' ? [[name, value]] : [],
  );
  return new URLSearchParams(texts);
}

function basicUser(authorization: string | undefined): string | null {
  const match = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? '');
  if (match === null) return null;
  const [user = ''] = Buffer.from(match[1] ?? '', 'base64')
    .toString('utf8')
    .split(':');
  return user;
}

function rawQuery({ originalUrl }: FastifyRequest): string {
  const at = originalUrl.indexOf('?');
  return at < 0 ? '' : originalUrl.slice(at + 1);
}

function queryOf(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(rawQuery(request));
}

function names(all: Iterable<string>): string[] {
  return [...new Set(all)].slice(0, MOST_NAMES).map((name) => printable(name, LONGEST_NAME));
}
