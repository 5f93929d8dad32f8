import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** A connection of one's own, whose TCP part can be reset whatever lies above it. */
export interface ResettableConnection {
  /** What http speaks on. */
  readonly socket: Socket;
  /** Ends it as a broken network does: with RST and no orderly end before it. */
  readonly reset: () => void;
}

/**
 * Connects to the host of the URL, over TLS for https. Http cannot end it in order by itself once it has read the answer:
 * the peer would take that for a receipt.
 */
export function connectForReset(url: URL, tls: ConnectionOptions): ResettableConnection {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isTls = url.protocol === 'https:';
  const tcp = connectTcp({ host, port: Number(url.port || (isTls ? 443 : 80)) });
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = isTls ? connectTls({ ...tls, ...name, host, socket: tcp }) : tcp;
  const reset = (): void => {
    resetTcp(tcp);
    socket.destroy();
  };
  // Http calls it when the answer is read and the connection is not kept, and insists that it is closed then.
  socket.destroySoon = reset;
  // Http listens for as long as a request runs; what comes after the reset is of no interest.
  for (const part of [tcp, socket]) part.on('error', () => undefined);
  return { socket, reset };
}

/** Node's `resetAndDestroy` leaves it to `destroySoon` to close the connection, and that one ends it in order first (net.js). */
function resetTcp(tcp: Socket): void {
  if (tcp.connecting) {
    tcp.destroy();
    return;
  }
  tcp.destroySoon = () => tcp.destroy();
  tcp.resetAndDestroy();
}
