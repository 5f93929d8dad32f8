import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { aKeyPair } from './key-pair.ts';

/** The listener that a connector opens for the answer of the login (flexconnector 3). */
export interface RedirectListener {
  readonly redirectUri: string;
  /** Of the certificate, where it has one. */
  readonly ca: string;
  /** The request line's target of every request so far that was for the redirect URI. */
  readonly received: readonly string[];
  close(): Promise<void>;
}

/** @param host as it is written in the redirect URI */
export async function listenForRedirect(scheme: 'http' | 'https', host = 'localhost'): Promise<RedirectListener> {
  const received: string[] = [];
  const pair = aKeyPair('localhost', 'P-256');
  const answer: RequestListener = (request, response) => {
    if (request.url?.startsWith('/flexbridge?')) received.push(request.url);
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>connector</title><p>The connector has its answer.');
  };
  const server =
    scheme === 'http'
      ? createHttpServer(answer)
      : createHttpsServer({ cert: pair.certificatePem, key: pair.privateKeyPem }, answer);
  const address = host === '[::1]' ? '::1' : '127.0.0.1';
  await new Promise<void>((resolve) => {
    server.listen(0, address, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    redirectUri: `${scheme}://${host}:${port}/flexbridge`,
    ca: pair.certificatePem,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
