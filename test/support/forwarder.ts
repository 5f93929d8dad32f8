import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Another address of a server: what comes in goes there, byte by byte. */
export interface Forwarder {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Everything that clients have sent, as Latin-1. */
  readonly sent: () => string;
  close(): Promise<void>;
}

/** @param target `host:port` */
export async function startForwarder(target: string): Promise<Forwarder> {
  const [hostname = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  const chunks: Buffer[] = [];
  const server = createServer((socket) => {
    const onward = connect(Number(port), hostname);
    for (const end of [socket, onward]) sockets.add(end.on('error', () => undefined));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.pipe(onward).pipe(socket);
    socket.on('close', () => onward.destroy());
    onward.on('close', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => Buffer.concat(chunks).toString('latin1'),
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
