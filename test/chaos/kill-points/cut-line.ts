import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { reset } from '../../support/reset.ts';

/** A line between connector and bridge that can be made to break in the middle of an answer. */
export interface CutLine {
  readonly port: number;
  /** Once so many more bytes of the bridge have come, their connection is reset on both sides. */
  cutAfter(bytes: number): void;
  close(): void;
}

export async function startCutLine(bridgePort: number): Promise<CutLine> {
  let left = Infinity;
  const sockets = new Set<Socket>();
  const isCut = (bytes: number): boolean => {
    left -= bytes;
    if (left > 0) return false;
    left = Infinity;
    return true;
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const onward = connect({ port: bridgePort, host: '127.0.0.1', allowHalfOpen: true });
    for (const end of [client, onward]) sockets.add(end.on('close', () => sockets.delete(end)));
    join(client, onward, isCut);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the line has no port');
  return {
    port: address.port,
    cutAfter: (bytes) => {
      left = bytes;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function join(client: Socket, onward: Socket, isCut: (bytes: number) => boolean): void {
  client.on('data', (chunk: Buffer) => onward.write(chunk));
  client.on('end', () => onward.end());
  client.on('error', () => {
    reset(onward);
  });
  client.on('close', () => onward.end());
  onward.on('data', (chunk: Buffer) => {
    client.write(chunk);
    if (isCut(chunk.length)) for (const end of [client, onward]) reset(end);
  });
  onward.on('end', () => client.end());
  onward.on('error', () => {
    reset(client);
  });
}
