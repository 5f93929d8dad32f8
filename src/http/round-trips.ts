import type { Socket } from 'node:net';
import type { AnyServer } from './server.ts';

/** How far away the peers are. */
export interface RoundTrips {
  /** Milliseconds of the TLS handshake, which takes one round trip to the peer or more; 0 where there was none. */
  of(socket: Socket): number;
}

/** Node does not tell a round trip of TCP; what it tells is when a connection came, and when its handshake was over. */
export function measureRoundTrips(server: AnyServer, now: () => number): RoundTrips {
  const began = new Map<string, number>();
  const took = new WeakMap<Socket, number>();
  server.on('connection', (socket: Socket) => {
    const key = peerOf(socket);
    began.set(key, now());
    socket.once('close', () => began.delete(key));
  });
  server.on('secureConnection', (socket: Socket) => {
    took.set(socket, now() - (began.get(peerOf(socket)) ?? now()));
  });
  return { of: (socket) => took.get(socket) ?? 0 };
}

/** The same for a connection and for what TLS makes of it. */
function peerOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
