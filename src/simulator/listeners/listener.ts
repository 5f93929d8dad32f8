import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Clock } from '../../domain/clock.ts';
import { BridgeError, messageOf } from '../../domain/errors.ts';
import type { KeyAndCertificate } from '../../http/tls/certificate-authority.ts';
import type { Handler, SimulatorAnswer, SimulatorRequest } from '../exchange.ts';
import { deliver } from './deliver.ts';

const HOST = '127.0.0.1';

export interface Listener {
  /** @param port 0 takes any free one. Gives the port it listens on. */
  listen(port: number): Promise<number>;
  /** Ends every connection, also those in the middle of an answer. */
  close(): Promise<void>;
}

export interface TlsListener extends Listener {
  /** So many of the next connections meet this certificate; `onMet` is called for each. 0 ends it. */
  present(certificate: KeyAndCertificate, connections: number, onMet: () => void): void;
}

export interface ListenerDeps {
  readonly clock: Clock;
  readonly handler: Handler;
}

/** Plain http on loopback in front of a handler. */
export function createListener(deps: ListenerDeps): Listener {
  const server = createServer();
  serve(server, 'http', deps);
  return { listen: (port) => listen(server, port), close: () => close(server) };
}

/** HTTPS on loopback in front of a handler. */
export function createTlsListener(deps: ListenerDeps & { readonly certificate: KeyAndCertificate }): TlsListener {
  const own = secureContext(deps.certificate);
  const server = createTlsServer(own);
  serve(server, 'https', deps);
  let left = 0;
  let met: () => void = () => undefined;
  // A connection takes the certificate of the moment it comes in; this listener runs right after that.
  server.on('connection', () => {
    if (left === 0) return;
    left -= 1;
    met();
    if (left === 0) server.setSecureContext(own);
  });
  return {
    listen: (port) => listen(server, port),
    close: () => close(server),
    present: (certificate, connections, onMet) => {
      left = connections;
      met = onMet;
      server.setSecureContext(connections === 0 ? own : secureContext(certificate));
      // Who keeps an old connection would not notice.
      if (connections > 0) server.closeIdleConnections();
    },
  };
}

function secureContext({ certificatePem, privateKeyPem }: KeyAndCertificate) {
  return { cert: certificatePem, key: privateKeyPem };
}

function serve(server: Server | TlsServer, scheme: 'http' | 'https', { clock, handler }: ListenerDeps): void {
  // A reset needs the TCP socket, and a TLS socket does not hand out the one below it.
  const sockets = new Map<number, Socket>();
  server.on('connection', (socket: Socket) => {
    const { remotePort = 0 } = socket;
    sockets.set(remotePort, socket);
    socket.once('close', () => {
      if (sockets.get(remotePort) === socket) sockets.delete(remotePort);
    });
  });
  server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
    const { remotePort = 0 } = incoming.socket;
    const reset = () => {
      sockets.get(remotePort)?.resetAndDestroy();
    };
    respond(scheme, handler, incoming)
      .then((answer) => deliver(answer, { response, clock, reset }))
      .catch((thrown: unknown) => {
        response.destroy(thrown instanceof Error ? thrown : undefined);
      });
  });
}

async function respond(scheme: string, handler: Handler, incoming: IncomingMessage): Promise<SimulatorAnswer> {
  const request = await toRequest(scheme, incoming);
  try {
    return handler(request);
  } catch (thrown) {
    return { status: 500, headers: { 'content-type': 'text/plain' }, body: `simulator defect: ${messageOf(thrown)}` };
  }
}

async function toRequest(scheme: string, incoming: IncomingMessage): Promise<SimulatorRequest> {
  const url = incoming.url ?? '/';
  const [path = '', ...query] = url.split('?');
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const);
  return {
    method: incoming.method ?? 'GET',
    url,
    path,
    query: new URLSearchParams(query.join('?')),
    headers: Object.fromEntries(headers),
    body: await text(incoming),
    origin: `${scheme}://${incoming.headers.host ?? HOST}`,
  };
}

async function listen(server: Server | TlsServer, port: number): Promise<number> {
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
  } catch (cause) {
    throw new BridgeError({
      code: 'SIMULATOR_LISTEN_FAILED',
      kind: 'operator',
      message: `the simulator could not listen on ${HOST}:${port}`,
      hint: 'Choose another port, or none to take any free one.',
      cause,
    });
  }
  return portOf(server.address());
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function close(server: Server | TlsServer): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
