import type { Socket } from 'node:net';

/** What a client's end behind an answer means: `unknown` where the connection was taken down before it could be asked. */
export type LastWord = 'taken' | 'refused' | 'unknown';

/**
 * Asks what the client's end behind an answer means.
 *
 * A client that gives up before the answer reaches it has ended its side too; what comes then its system answers with a
 * reset, one round trip later, which node does not tell once it has told the end (measured, TCP and TLS). But the next
 * write fails. So our side stays open a while after the client's end, then says one empty line more, which a client of
 * HTTP passes over (RFC 9112 2.2): where the reset has come, that fails at once; where all was taken, it leaves.
 */
export function askLastWord(socket: Socket, waitMs: number, known: (word: LastWord, reason: string) => void): void {
  // Node ends our side with the client's, in the same breath.
  socket.end = () => socket;
  const release = (): void => {
    Reflect.deleteProperty(socket, 'end');
  };
  const asking = setTimeout(() => {
    release();
    socket.off('close', tooLate);
    if (socket.destroyed) {
      known('unknown', '');
      return;
    }
    socket.write('\r\n', (error) => {
      known(error === null || error === undefined ? 'taken' : 'refused', error?.message ?? '');
      socket.end();
    });
  }, waitMs);
  const tooLate = (): void => {
    clearTimeout(asking);
    release();
    known('unknown', '');
  };
  socket.once('close', tooLate);
}
