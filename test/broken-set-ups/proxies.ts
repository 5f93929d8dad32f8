import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { createCertificateAuthority, issueServerCertificate } from '../../src/http/tls/certificate-authority.ts';

/** Common name of the authority that the inspecting proxy signs with. */
export const INSPECTOR = 'Example Corp TLS Inspection CA';

export interface InspectingProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** A CONNECT proxy that ends TLS with a certificate of its own for every host, and speaks TLS to the host itself. */
export async function startInspectingProxy(): Promise<InspectingProxy> {
  const hosts = ['127.0.0.1', 'localhost'];
  const notBeforeMs = Date.now() - 86_400_000;
  const authority = await createCertificateAuthority({ commonName: INSPECTOR, hosts, notBeforeMs, years: 5 });
  const own = await issueServerCertificate(authority, { hosts, notBeforeMs, days: 90 });
  const sockets = new Set<Duplex>();
  const keep = <One extends Duplex>(socket: One): One => {
    sockets.add(socket.on('error', () => undefined));
    return socket;
  };
  const proxy = createServer();
  proxy.on('connection', (socket: Socket) => keep(socket));
  proxy.on('connect', (request: IncomingMessage, socket: Duplex) => {
    const [host = '', port = ''] = (request.url ?? '').split(':');
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    const inside = createTlsServer({
      cert: `${own.certificatePem}${authority.certificatePem}`,
      key: own.privateKeyPem,
    });
    inside.on('secureConnection', (client) => {
      const onward = keep(connectTls({ host, port: Number(port), rejectUnauthorized: false }));
      keep(client).pipe(onward).pipe(client);
      client.on('close', () => onward.destroy());
    });
    inside.on('tlsClientError', () => undefined);
    inside.emit('connection', socket);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address: AddressInfo | string | null = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = once(proxy, 'close');
      proxy.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
