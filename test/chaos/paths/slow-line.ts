import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { reset } from '../../support/reset.ts';
import { ownExchange } from './direct.ts';
import type { Path, PathOptions } from './path.ts';

/**
 * A long line between connector and bridge, TLS from end to end. Bytes of the bridge may be under way for longer than the
 * connector waits. When they then arrive nobody is there, and the connector's system resets the connection: so does this.
 */
export async function startSlowLine({ bridge }: PathOptions): Promise<Path> {
  let holdMs = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const delayMs = holdMs;
    holdMs = 0;
    const onward = connect({ port: bridge.port, host: '127.0.0.1', allowHalfOpen: true });
    for (const end of [client, onward]) sockets.add(end.on('close', () => sockets.delete(end)));
    join(client, onward, delayMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the line has no port');
  return {
    origin: `https://localhost:${address.port}`,
    upset: (trouble) => {
      if (trouble.kind === 'hold') holdMs = trouble.ms;
    },
    exchanges: (poll) => Promise.resolve(ownExchange(poll, 'unsure')),
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await Promise.resolve();
    },
  };
}

function join(client: Socket, onward: Socket, delayMs: number): void {
  const later = (work: () => void): void => {
    if (delayMs === 0) work();
    else setTimeout(work, delayMs);
  };
  client.on('data', (chunk: Buffer) => onward.write(chunk));
  client.on('end', () => {
    onward.end();
  });
  client.on('error', () => {
    reset(onward);
  });
  client.on('close', () => {
    onward.end();
  });
  onward.on('data', (chunk: Buffer) => {
    later(() => {
      if (client.writable) client.write(chunk);
      // It arrives where nobody is any more, and is answered with a reset.
      else reset(onward);
    });
  });
  onward.on('end', () => {
    later(() => {
      client.end();
    });
  });
  onward.on('error', () => {
    later(() => {
      reset(client);
    });
  });
}
