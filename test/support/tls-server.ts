import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { KeyAndCertificate } from '../../src/http/tls/certificate-authority.ts';

/** A server that shakes hands with this certificate and then says nothing. */
export async function startTlsServer({ certificatePem, privateKeyPem }: KeyAndCertificate): Promise<{
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}> {
  const sockets = new Set<TLSSocket>();
  const server = createServer({ cert: certificatePem, key: privateKeyPem }, (socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
