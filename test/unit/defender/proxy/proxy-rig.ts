import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createCertificateAuthority, issueServerCertificate } from '../../../../src/http/tls/certificate-authority.ts';

export interface SeenConnect {
  /** `host:port`. */
  readonly target: string;
  readonly authorization: string | undefined;
}

export interface ProxyRig {
  readonly host: string;
  readonly url: string;
  /** Of its own certificate; null where it speaks plain http. */
  readonly caPem: string | null;
  readonly connects: readonly SeenConnect[];
  close(): Promise<void>;
}

/** What the proxy says to CONNECT: a status line, or `reset`; null: it makes the tunnel. */
export type Verdict = (seen: SeenConnect) => string | null;

/** A real CONNECT proxy on loopback. */
export async function startProxy(verdict: Verdict = () => null, { tls = false } = {}): Promise<ProxyRig> {
  const connects: SeenConnect[] = [];
  const sockets = new Set<Duplex>();
  const pair = tls ? await ownPair() : null;
  const server: Server = pair === null ? createServer() : createTlsServer({ cert: pair.cert, key: pair.key });
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const seen = { target: request.url ?? '', authorization: request.headers['proxy-authorization'] };
    connects.push(seen);
    sockets.add(socket.on('error', () => undefined));
    answer(verdict(seen), seen.target, socket, head);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `${tls ? 'https' : 'http'}://${host}`,
    caPem: pair?.ca ?? null,
    connects,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function answer(said: ReturnType<Verdict>, target: string, socket: Duplex, head: Buffer): void {
  if (said === 'reset') {
    socket.destroy();
    return;
  }
  if (said !== null) {
    socket.end(`HTTP/1.1 ${said}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    return;
  }
  const [host = '', port = ''] = target.split(':');
  const onward = connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    onward.write(head);
    socket.pipe(onward).pipe(socket);
  });
  onward.on('error', () => socket.destroy());
  socket.on('close', () => onward.destroy());
}

async function ownPair() {
  const hosts = ['127.0.0.1'];
  const notBeforeMs = Date.now() - 86_400_000;
  const ca = await createCertificateAuthority({ commonName: 'Proxy Test Root', hosts, notBeforeMs, years: 1 });
  const { certificatePem, privateKeyPem } = await issueServerCertificate(ca, { hosts, notBeforeMs, days: 30 });
  return { ca: ca.certificatePem, cert: certificatePem, key: privateKeyPem };
}
