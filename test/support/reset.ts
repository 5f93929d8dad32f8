import type { Socket } from 'node:net';

/**
 * Ends a connection as a broken network does: with a reset and nothing before it. Node's own `resetAndDestroy` ends its
 * side in order first (net.js, `_reset`), which the peer takes for an orderly end; what it sets before it destroys is set
 * here without that.
 */
export function reset(socket: Socket): void {
  Object.assign(socket, { resetAndClosing: true });
  socket.destroy();
}
