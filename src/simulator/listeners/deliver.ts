import type { ServerResponse } from 'node:http';
import type { Clock } from '../../domain/clock.ts';
import type { Delivery, SimulatorAnswer } from '../exchange.ts';

export interface Outlet {
  readonly response: ServerResponse;
  readonly clock: Clock;
  /** Resets the connection under the response. */
  reset(): void;
}

const FILLING = Buffer.alloc(65_536, 'x');

/** Sends an answer the way it is meant to arrive. Its Date comes from the injected clock, as Microsoft's does from its own. */
export async function deliver(answer: SimulatorAnswer, outlet: Outlet): Promise<void> {
  const body = Buffer.from(answer.body);
  outlet.response.sendDate = false;
  if (answer.delivery !== undefined) return broken(answer, answer.delivery, body, outlet);
  writeHead(answer, outlet, { 'content-length': String(body.length) });
  outlet.response.end(body);
}

async function broken(answer: SimulatorAnswer, delivery: Delivery, body: Buffer, outlet: Outlet): Promise<void> {
  switch (delivery.kind) {
    case 'hang':
      return;
    case 'reset': {
      const { afterShare } = delivery;
      if (afterShare !== null) {
        writeHead(answer, outlet, { 'content-length': String(body.length) });
        await write(outlet, body.subarray(0, Math.floor(body.length * afterShare)));
      }
      outlet.reset();
      return;
    }
    case 'truncate':
      writeHead(answer, outlet, {});
      await write(outlet, body.subarray(0, Math.ceil(body.length / 2)));
      outlet.response.socket?.end();
      return;
    case 'drip':
      writeHead(answer, outlet, { 'content-length': String(body.length) });
      await drip(outlet, body.subarray(0, Math.min(delivery.bytes, body.length - 1)), delivery.everyMs);
      outlet.reset();
      return;
    case 'swell':
      writeHead(answer, outlet, {});
      await write(outlet, body.subarray(0, delivery.offset));
      await fill(outlet, delivery.bytes);
      outlet.response.end(body.subarray(delivery.offset));
  }
}

function writeHead(
  { status, headers }: SimulatorAnswer,
  { response, clock }: Outlet,
  length: Record<string, string>,
): void {
  response.writeHead(status, { date: new Date(clock.now()).toUTCString(), ...length, ...headers });
}

/** Ends early when the client has gone. */
async function drip(outlet: Outlet, bytes: Buffer, everyMs: number): Promise<void> {
  const gone = new AbortController();
  outlet.response.once('close', () => {
    gone.abort();
  });
  for (const byte of bytes) {
    await write(outlet, Buffer.of(byte));
    await outlet.clock.sleep(everyMs, gone.signal).catch(() => undefined);
    if (gone.signal.aborted) return;
  }
}

async function fill(outlet: Outlet, bytes: number): Promise<void> {
  for (let left = bytes; left > 0 && !outlet.response.destroyed; left -= FILLING.length) {
    await write(outlet, FILLING.subarray(0, left));
  }
}

/** Resolves when the bytes are on their way, or when there is nobody to take them. */
function write({ response }: Outlet, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.write(bytes, () => {
      response.off('close', resolve);
      resolve();
    });
  });
}
