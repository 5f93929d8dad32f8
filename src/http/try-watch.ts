import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TryOutcome } from '../store/detection-store.ts';

export interface TryWatch {
  /** Stamp of the try that left last on this socket for this connector and feed; null when there is none. */
  stampOn(socket: Socket, key: string): number | null;
  /** Reports how the sending of a try ends. `report` may be called several times, in the order of events. */
  watch(
    response: ServerResponse,
    key: string,
    stampMs: number,
    report: (outcome: TryOutcome, reason: string) => void,
  ): void;
}

/**
 * Watches sockets for proof that an answer was taken. `finish` and `writableFinished` only mean that the operating
 * system has the bytes: both are set for a client that reset the connection or never read (measured, TCP and TLS). So a
 * finished answer is `sent`; an error afterwards makes it `broken`, and only the client's own orderly end `closed`.
 */
export function createTryWatch(): TryWatch {
  const last = new WeakMap<Socket, { readonly key: string; readonly stampMs: number; readonly forget: () => void }>();

  return {
    stampOn(socket, key) {
      const attempt = last.get(socket);
      return attempt?.key === key ? attempt.stampMs : null;
    },
    watch(response, key, stampMs, report) {
      const { socket } = response;
      if (socket === null) {
        report('broken', 'the connection was gone before the answer');
        return;
      }
      last.get(socket)?.forget();
      let ended = false;
      let reason = 'connection lost';
      const onError = (error: Error): void => {
        reason = error.message;
      };
      const onEnd = (): void => {
        ended = true;
      };
      const onFinish = (): void => {
        last.set(socket, { key, stampMs, forget });
        report('sent', '');
      };
      const onClose = (hadError: boolean): void => {
        if (hadError || !response.writableFinished) report('broken', reason);
        else if (ended) report('closed', '');
      };
      const forget = (): void => {
        response.off('finish', onFinish);
        socket.off('error', onError).off('end', onEnd).off('close', onClose);
      };
      response.on('finish', onFinish);
      socket.on('error', onError).on('end', onEnd).on('close', onClose);
    },
  };
}
