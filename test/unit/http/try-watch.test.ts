import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createCertificateAuthority,
  issueServerCertificate,
  type KeyAndCertificate,
} from '../../../src/http/tls/certificate-authority.ts';
import { createTryWatch, type TryWatch } from '../../../src/http/try-watch.ts';

const KEY = 'arcsight-01\ndefault';
/** Fits the buffers of the system: `finish` fires although nobody reads. */
const SMALL = Buffer.alloc(2_000, 'x');
/** Larger than every buffer between two processes on one machine. */
const LARGE = Buffer.alloc(32_000_000, 'x');

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
interface Rig {
  readonly port: number;
  readonly sockets: readonly Socket[];
  closeAllConnections(): void;
  close(): Promise<void>;
}

let ca: KeyAndCertificate;
let leaf: KeyAndCertificate;
const undo: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  const notBeforeMs = Date.now() - 60_000;
  ca = await createCertificateAuthority({ commonName: 'test', hosts: ['localhost'], notBeforeMs, years: 1 });
  leaf = await issueServerCertificate(ca, { hosts: ['localhost'], notBeforeMs, days: 1 });
});
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

async function serve(transport: string, handler: Handler): Promise<Rig> {
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
  undo.push(() => rig.close());
  return rig;
}

/** A client that reads nothing until it is told to. `reset` ends it with RST, whatever lies above TCP. */
interface Client {
  readonly socket: Socket;
  ask(...headers: readonly string[]): void;
  /** Reads until that many bytes of bodies have come (headers are left out). */
  read(bodyBytes: number): Promise<void>;
  reset(): void;
}

async function connect(transport: string, { port }: Rig): Promise<Client> {
  const tcp = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
  tcp.on('error', () => undefined);
  await once(tcp, 'connect');
  const socket =
    transport === 'TLS'
      ? connectTls({ socket: tcp, ca: ca.certificatePem, servername: 'localhost', allowHalfOpen: true })
      : tcp;
  socket.on('error', () => undefined);
  if (socket !== tcp) await once(socket, 'secureConnect');
  undo.push(() => {
    socket.destroy();
    tcp.destroy();
  });
  return {
    socket,
    ask: (...headers) => {
      socket.write(['GET / HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n'));
    },
    read: async (bodyBytes) => {
      let read = 0;
      while (read < bodyBytes) {
        const chunk = socket.read() as Buffer | null;
        if (chunk === null) await once(socket, 'readable');
        // Bodies are made of x only, which no header of these answers holds.
        else read += chunk.reduce((sum, byte) => sum + (byte === 0x78 ? 1 : 0), 0);
      }
    },
    reset: () => {
      tcp.resetAndDestroy();
    },
  };
}

interface Observed {
  readonly reports: readonly string[];
  readonly reasons: readonly string[];
  readonly responses: readonly ServerResponse[];
  report(outcome: string, reason: string): void;
  /** Resolves once there are that many reports. */
  count(reports: number): Promise<void>;
}

function observe(): Observed {
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

function answer(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'Content-Length': body.length, 'Content-Type': 'application/json' });
  response.end(body);
}

/** A server whose answers are watched, each with the stamp 1000, 2000, ... */
async function watched(transport: string, body: Buffer): Promise<Observed & { rig: Rig; watch: TryWatch }> {
  const seen = observe();
  const responses: ServerResponse[] = [];
  const watch = createTryWatch();
  const rig = await serve(transport, (_request, response) => {
    responses.push(response);
    watch.watch(response, KEY, responses.length * 1000, seen.report);
    answer(response, body);
  });
  return { ...seen, responses, rig, watch };
}

function only<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (item === undefined || items.length !== 1) throw new Error(`expected one, got ${items.length}`);
  return item;
}

describe.each(['TCP', 'TLS'])('the watch of a try over %s', (transport) => {
  it.each([
    ['a small', SMALL],
    ['a large', LARGE],
  ])('calls %s answer sent and then closed when the client read all of it and ended orderly', async (_size, body) => {
    const { rig, reports, count } = await watched(transport, body);
    const client = await connect(transport, rig);
    client.ask();
    await client.read(body.length);
    client.socket.end();
    await count(2);
    expect(reports).toEqual(['sent', 'closed']);
  });

  it('calls an answer sent, and no more, while the client keeps the connection', async () => {
    const { rig, reports, watch } = await watched(transport, SMALL);
    const client = await connect(transport, rig);
    client.ask();
    await client.read(SMALL.length);
    expect(reports).toEqual(['sent']);
    expect(watch.stampOn(only(rig.sockets), KEY)).toBe(1000);
  });

  it('calls an answer broken when the client resets in the middle of it', async () => {
    const { rig, reports, count } = await watched(transport, LARGE);
    const client = await connect(transport, rig);
    client.ask();
    await client.read(1_000_000);
    client.reset();
    await count(1);
    expect(reports).toEqual(['broken']);
  });

  it('calls an answer broken when the client never reads a byte and goes', async () => {
    const { rig, reports, count } = await watched(transport, LARGE);
    const client = await connect(transport, rig);
    client.ask();
    await once(client.socket, 'readable');
    client.socket.destroy();
    await count(1);
    expect(reports).toEqual(['broken']);
  });

  it.each([
    ['a connection that is kept', []],
    ['Connection: close', ['Connection: close']],
  ])(
    'takes back sent when the client resets without reading, on %s, though writableFinished was true',
    async (_name, headers) => {
      const { rig, reports, responses, count } = await watched(transport, SMALL);
      const client = await connect(transport, rig);
      client.ask(...headers);
      await count(1);
      expect(reports).toEqual(['sent']);
      // The proof that node's own word for "done" must not be trusted: nothing has been read.
      expect(only(responses).writableFinished).toBe(true);
      client.reset();
      await count(2);
      expect(reports).toEqual(['sent', 'broken']);
    },
  );

  it('hears the end of a client that asked for Connection: close', async () => {
    const { rig, reports, count } = await watched(transport, SMALL);
    const client = await connect(transport, rig);
    client.ask('Connection: close');
    await client.read(SMALL.length);
    client.socket.end();
    await count(2);
    expect(reports).toEqual(['sent', 'closed']);
  });

  it('takes an end before the answer for no proof', async () => {
    const seen = observe();
    const watch = createTryWatch();
    const rig = await serve(transport, (request, response) => {
      request.socket.once('end', () => {
        watch.watch(response, KEY, 1000, seen.report);
        answer(response, SMALL);
      });
    });
    const client = await connect(transport, rig);
    client.ask();
    client.socket.end();
    await seen.count(1);
    expect(seen.reports).toEqual(['broken']);
  });

  it('calls an answer broken when the client ends before all of it has left, even if it goes on reading', async () => {
    const { rig, reports, count } = await watched(transport, LARGE);
    const client = await connect(transport, rig);
    client.ask();
    await once(client.socket, 'readable');
    const gone = once(only(rig.sockets), 'close');
    client.socket.end();
    await once(only(rig.sockets), 'end');
    client.socket.resume();
    await count(1);
    await gone;
    expect(reports).toEqual(['broken']);
  });

  it('calls an answer broken when the server stops while sending it', async () => {
    const { rig, reports, count } = await watched(transport, LARGE);
    const client = await connect(transport, rig);
    client.ask();
    await once(client.socket, 'readable');
    rig.closeAllConnections();
    await count(1);
    expect(reports).toEqual(['broken']);
  });

  it('calls an answer broken when the client process is killed while reading', async () => {
    const { rig, reports, count } = await watched(transport, LARGE);
    const child = slowReader(transport, rig);
    if (child.stdout === null) throw new Error('no output');
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await count(1);
    expect(reports).toEqual(['broken']);
  });

  it('gives the stamp of the answer before on the next request of the same socket, for its own feed only', async () => {
    const stamps: (number | null)[] = [];
    const watch = createTryWatch();
    const rig = await serve(transport, (request, response) => {
      stamps.push(watch.stampOn(request.socket, KEY), watch.stampOn(request.socket, 'arcsight-01\nother'));
      watch.watch(response, KEY, stamps.length * 500, () => undefined);
      answer(response, SMALL);
    });
    const client = await connect(transport, rig);
    for (let request = 0; request < 3; request += 1) {
      client.ask();
      await client.read(SMALL.length);
    }
    expect(stamps).toEqual([null, null, 1000, null, 2000, null]);
    const other = await connect(transport, rig);
    other.ask();
    await other.read(SMALL.length);
    expect(stamps.slice(6)).toEqual([null, null]);
  });

  it('adds no listeners with the requests of one socket', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => {
      warnings.push(warning);
    };
    process.on('warning', warn);
    undo.push(() => {
      process.off('warning', warn);
    });
    const { rig, reports } = await watched(transport, SMALL);
    const client = await connect(transport, rig);
    const counts: number[] = [];
    for (let request = 0; request < 100; request += 1) {
      client.ask();
      await client.read(SMALL.length);
      counts.push(['error', 'end', 'close'].reduce((sum, name) => sum + only(rig.sockets).listenerCount(name), 0));
    }
    expect(reports).toEqual(Array.from({ length: 100 }, () => 'sent'));
    expect(new Set(counts.slice(1)).size).toBe(1);
    expect(warnings.filter(({ name }) => name === 'MaxListenersExceededWarning')).toEqual([]);
  });

  it('takes requests that do not wait for each other for no proof', async () => {
    const { rig, reports, reasons, watch, count } = await watched(transport, SMALL);
    const client = await connect(transport, rig);
    client.socket.cork();
    client.ask();
    client.ask();
    client.socket.uncork();
    await client.read(2 * SMALL.length);
    await count(2);
    expect(reports.toSorted()).toEqual(['broken', 'sent']);
    expect(reasons.find((reason) => reason !== '')).toContain('pipelining');
    expect(watch.stampOn(only(rig.sockets), KEY)).toBeNull();
    const gone = once(only(rig.sockets), 'close');
    client.socket.end();
    await gone;
    expect(reports).toHaveLength(2);
  });

  it('says at once that a connection is gone before its answer', async () => {
    const seen = observe();
    const watch = createTryWatch();
    let arrived = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const rig = await serve(transport, (request, response) => {
      arrived();
      request.socket.once('close', () => {
        watch.watch(response, KEY, 1000, seen.report);
        answer(response, SMALL);
      });
    });
    const client = await connect(transport, rig);
    client.ask();
    await asked;
    client.reset();
    await seen.count(1);
    expect(seen.reports).toEqual(['broken']);
  });

  it('calls a page broken when an error answer went out in its place', async () => {
    const seen = observe();
    const watch = createTryWatch();
    const rig = await serve(transport, (_request, response) => {
      watch.watch(response, KEY, 1000, seen.report);
      response.statusCode = 503;
      response.end(SMALL);
    });
    const client = await connect(transport, rig);
    client.ask();
    await client.read(SMALL.length);
    const gone = once(only(rig.sockets), 'close');
    client.socket.end();
    await gone;
    expect(seen.reports).toEqual(['broken']);
    expect(watch.stampOn(only(rig.sockets), KEY)).toBeNull();
  });
});

/** Another process that asks, reads the first bytes and then stops reading. */
function slowReader(transport: string, { port }: Rig): ChildProcess {
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
  undo.push(() => {
    child.kill('SIGKILL');
  });
  return child;
}
