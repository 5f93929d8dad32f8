import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Clock } from '../domain/clock.ts';
import { BridgeError, messageOf } from '../domain/errors.ts';
import type { KeyAndCertificate } from '../http/tls/certificate-authority.ts';
import type { Handler, SimulatorAnswer, SimulatorRequest } from './exchange.ts';

const HOST = '127.0.0.1';

export interface HttpsListener {
  /** @param port 0 takes any free one. Gives the port it listens on. */
  listen(port: number): Promise<number>;
  /** Ends every connection, also those in the middle of an answer. */
  close(): Promise<void>;
}

/** HTTPS on loopback in front of a handler. Every answer's Date comes from the injected clock, as Microsoft's does from its own. */
export function createHttpsListener(clock: Clock, certificate: KeyAndCertificate, handler: Handler): HttpsListener {
  const server = createServer({ cert: certificate.certificatePem, key: certificate.privateKeyPem });
  server.on('request', (incoming, response) => {
    respond(clock, handler, incoming, response).catch((thrown: unknown) => {
      response.destroy(thrown instanceof Error ? thrown : undefined);
    });
  });
  return { listen: (port) => listen(server, port), close: () => close(server) };
}

async function respond(clock: Clock, handler: Handler, incoming: IncomingMessage, response: ServerResponse) {
  const answer = answerFor(handler, await toRequest(incoming));
  response.sendDate = false;
  response.writeHead(answer.status, {
    date: new Date(clock.now()).toUTCString(),
    'content-length': String(Buffer.byteLength(answer.body)),
    ...answer.headers,
  });
  response.end(answer.body);
}

function answerFor(handler: Handler, request: SimulatorRequest): SimulatorAnswer {
  try {
    return handler(request);
  } catch (thrown) {
    const text = messageOf(thrown);
    return { status: 500, headers: { 'content-type': 'text/plain' }, body: `simulator defect: ${text}` };
  }
}

async function toRequest(incoming: IncomingMessage): Promise<SimulatorRequest> {
  const origin = `https://${incoming.headers.host ?? HOST}`;
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
    origin,
  };
}

async function listen(server: Server, port: number): Promise<number> {
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

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
