import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A client that reads nothing until it is told to. */
export interface RawClient {
  readonly socket: Socket;
  /** Reads until that many bytes were counted, and leaves the rest. */
  read(bytes: number, count?: (chunk: Buffer) => number): Promise<void>;
  /** Ends it with RST, whatever lies above TCP. */
  reset(): void;
  close(): void;
}

/** Connects to this host; over TLS when there is a CA to trust. */
export async function connectRaw(port: number, caPem: string | null): Promise<RawClient> {
  const tcp = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
  tcp.on('error', () => undefined);
  await once(tcp, 'connect');
  const socket = caPem === null ? tcp : connectTls({ socket: tcp, ca: caPem, servername: 'localhost' });
  socket.on('error', () => undefined);
  if (socket !== tcp) await once(socket, 'secureConnect');
  return {
    socket,
    read: async (bytes, count = ({ length }) => length) => {
      let read = 0;
      while (read < bytes) {
        const chunk = socket.read() as Buffer | null;
        if (chunk === null) await once(socket, 'readable');
        else read += count(chunk);
      }
    },
    reset: () => {
      tcp.resetAndDestroy();
    },
    close: () => {
      socket.destroy();
      tcp.destroy();
    },
  };
}
