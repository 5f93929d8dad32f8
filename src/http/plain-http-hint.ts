import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { problemAnswer } from './client-error.ts';
import type { Problem } from './problem.ts';

const HTTPS_NEEDED: Problem = {
  status: 400,
  code: 'HTTPS_NEEDED',
  title: 'https is needed',
  detail: 'this port speaks https, and the request came over plain http',
  hint: 'Write https:// in place of http:// in the URL. Nothing of the request was used.',
};

/** OpenSSL's names for a first line of HTTP where a handshake should begin: a request, and CONNECT for a proxy. */
const HTTP_SPOKEN: ReadonlySet<string | undefined> = new Set(['ERR_SSL_HTTP_REQUEST', 'ERR_SSL_HTTPS_PROXY_REQUEST']);

/** Tells a client that speaks http to the https port what is wrong; node would only drop the connection. */
export function hintAtHttps(server: Server): Server {
  const open = new Map<string, Socket>();
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    open.set(peer, socket);
    socket.once('close', () => open.delete(peer));
  });
  // The TLS layer has given up by then; the connection below it still takes an answer in the clear.
  server.on('tlsClientError', (error: Error & { readonly code?: string }, socket) => {
    if (HTTP_SPOKEN.has(error.code)) open.get(peerOf(socket))?.end(problemAnswer(HTTPS_NEEDED));
  });
  return server;
}

function peerOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
