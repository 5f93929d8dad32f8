import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import {
  createCertificateAuthority,
  issueServerCertificate,
  type KeyAndCertificate,
} from '../../../src/http/tls/certificate-authority.ts';
import { createTryWatch, type TryWatch } from '../../../src/http/try-watch.ts';
import { connectRaw, type RawClient } from '../../support/raw-client.ts';

export const KEY = 'arcsight-01\ndefault';
/** Fits the buffers of the system: `finish` fires although nobody reads. */
export const SMALL = Buffer.alloc(2_000, 'x');
/** Fits them too, and is more than a client gets to see at once. */
export const MIDDLING = Buffer.alloc(120_000, 'x');
/** Larger than every buffer between two processes on one machine. */
export const LARGE = Buffer.alloc(32_000_000, 'x');

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
export interface Rig {
  readonly port: number;
  readonly sockets: readonly Socket[];
  closeAllConnections(): void;
  close(): Promise<void>;
}

interface Certificates {
  readonly ca: KeyAndCertificate;
  readonly leaf: KeyAndCertificate;
}

async function makeCertificates(): Promise<Certificates> {
  const notBeforeMs = Date.now() - 60_000;
  const ca = await createCertificateAuthority({ commonName: 'test', hosts: ['localhost'], notBeforeMs, years: 1 });
  return { ca, leaf: await issueServerCertificate(ca, { hosts: ['localhost'], notBeforeMs, days: 1 }) };
}

type Undo = (step: () => Promise<void> | void) => void;

async function serve({ leaf }: Certificates, undo: Undo, transport: string, handler: Handler): Promise<Rig> {
  const tls = { cert: leaf.certificatePem, key: leaf.privateKeyPem };
  const server = transport === 'TLS' ? createHttpsServer(tls, handler) : createHttpServer(handler);
  const sockets: Socket[] = [];
  server.on(transport === 'TLS' ? 'secureConnection' : 'connection', (socket: Socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const rig: Rig = {
    port: (server.address() as AddressInfo).port,
    sockets,
    closeAllConnections: () => {
      server.closeAllConnections();
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  undo(() => rig.close());
  return rig;
}

export interface Client extends RawClient {
  ask(...headers: readonly string[]): void;
  /** Reads until that many bytes of bodies have come (headers are left out). */
  read(bodyBytes: number): Promise<void>;
}

async function connect({ ca }: Certificates, undo: Undo, transport: string, { port }: Rig): Promise<Client> {
  const client = await connectRaw(port, transport === 'TLS' ? ca.certificatePem : null);
  undo(() => {
    client.close();
  });
  return {
    ...client,
    ask: (...headers) => {
      client.socket.write(['GET / HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n'));
    },
    // Bodies are made of x only, which no header of these answers holds.
    read: (bodyBytes) =>
      client.read(bodyBytes, (chunk) => chunk.reduce((sum, byte) => sum + (byte === 0x78 ? 1 : 0), 0)),
  };
}

export interface Observed {
  readonly reports: readonly string[];
  readonly reasons: readonly string[];
  readonly responses: readonly ServerResponse[];
  readonly report: (outcome: string, reason: string) => void;
  /** Resolves once there are that many reports. */
  readonly count: (reports: number) => Promise<void>;
}

export function observe(): Observed {
  const reports: string[] = [];
  const reasons: string[] = [];
  const waiting = new Set<() => void>();
  return {
    reports,
    reasons,
    responses: [],
    report: (outcome, reason) => {
      reports.push(outcome);
      reasons.push(reason);
      for (const look of waiting) look();
    },
    count: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (reports.length < wanted) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

export function answer(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'Content-Length': body.length, 'Content-Type': 'application/json' });
  response.end(body);
}

export function only<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (item === undefined || items.length !== 1) throw new Error(`expected one, got ${items.length}`);
  return item;
}

/** Resolves once the socket is closed, whatever closed it. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
}

/** Another process that asks, reads the first bytes and then stops reading. */
function slowReader(undo: Undo, transport: string, { port }: Rig): ChildProcess {
  const open =
    transport === 'TLS'
      ? `require('node:tls').connect({ port: ${port}, host: '127.0.0.1', rejectUnauthorized: false })`
      : `require('node:net').connect(${port}, '127.0.0.1')`;
  const script = `
    const socket = ${open};
    socket.write('GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n');
    socket.once('data', () => { socket.pause(); process.stdout.write('reading'); });
    setTimeout(() => {}, 60000);
  `;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  undo(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Servers, clients and processes that all end with `close`. */
export interface Sockets {
  serve(transport: string, handler: Handler): Promise<Rig>;
  /** A server whose answers are watched, each with the stamp 1000, 2000, ... */
  watched(transport: string, body: Buffer): Promise<Observed & { readonly rig: Rig; readonly watch: TryWatch }>;
  connect(transport: string, rig: Rig): Promise<Client>;
  slowReader(transport: string, rig: Rig): ChildProcess;
  close(): Promise<void>;
}

export async function createSockets(): Promise<Sockets> {
  const certificates = await makeCertificates();
  const steps: (() => Promise<void> | void)[] = [];
  const undo: Undo = (step) => steps.push(step);
  const sockets: Sockets = {
    serve: (transport, handler) => serve(certificates, undo, transport, handler),
    async watched(transport, body) {
      const seen = observe();
      const responses: ServerResponse[] = [];
      const watch = createTryWatch();
      const rig = await sockets.serve(transport, (_request, response) => {
        responses.push(response);
        watch.watch(response, KEY, responses.length * 1000, seen.report);
        answer(response, body);
      });
      return { ...seen, responses, rig, watch };
    },
    connect: (transport, rig) => connect(certificates, undo, transport, rig),
    slowReader: (transport, rig) => slowReader(undo, transport, rig),
    async close() {
      for (const step of steps.splice(0).toReversed()) await step();
    },
  };
  return sockets;
}
