import autocannon, { type Client, type Request } from 'autocannon';
import { percentile } from './benchmark.ts';

/** An answer with the two ends of its body. */
export interface TakenAnswer {
  readonly status: number;
  readonly bytes: number;
  /** The first piece received, header block included. */
  readonly head: string;
  readonly tail: string;
}

/** What one connection asks, one request after the other. */
export interface Asker {
  next(): { readonly path: string; readonly login: string };
  /** The answer to it; throws when it is not the right one. */
  took(answer: TakenAnswer): void;
}

export interface LoadRequest {
  readonly url: string;
  readonly connections: number;
  /** Requests over all connections. */
  readonly amount: number;
  /** Makes the asker of a connection. */
  readonly asker: () => Asker;
}

export interface LoadFigures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly megabytesPerSecond: number;
}

interface Timed {
  readonly atMs: number;
  readonly bytes: number;
  readonly durationMs: number;
}

/** How often autocannon looks whether it is through. */
const LOOK_MS = 20;
const TAIL_BYTES = 60;

/**
 * Loads a server with autocannon and takes the figures from the single answers: autocannon's own come from samples a
 * second long and count the connecting in. Throws when a request fails or an answer is wrong.
 */
export async function load({ url, connections, amount, asker }: LoadRequest): Promise<LoadFigures> {
  const answers: Timed[] = [];
  const failures: unknown[] = [];
  const setupClient = (client: Client): void => {
    drive(client, asker(), { answers, failures });
  };
  const { errors } = await autocannon({ url, connections, amount, sampleInt: LOOK_MS, bailout: 1, setupClient });
  if (failures.length > 0) throw failures[0];
  if (errors > 0 || answers.length < amount) throw new Error(`${answers.length} of ${amount} requests were answered`);
  // The first answer of each connection waited for the connection.
  const counted = answers.slice(connections);
  const seconds = ((answers.at(-1)?.atMs ?? 0) - (answers[connections - 1]?.atMs ?? 0)) / 1000;
  const durations = counted.map(({ durationMs }) => durationMs);
  return {
    perSecond: counted.length / seconds,
    p50Ms: percentile(durations, 0.5),
    p99Ms: percentile(durations, 0.99),
    megabytesPerSecond: counted.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6 / seconds,
  };
}

function drive(
  client: Client,
  asker: Asker,
  { answers, failures }: { readonly answers: Timed[]; readonly failures: unknown[] },
): void {
  let pieces: Uint8Array[] = [];
  client.on('body', (piece) => {
    pieces.push(piece);
  });
  client.on('response', (status, bytes, durationMs) => {
    answers.push({ atMs: performance.now(), bytes, durationMs });
    const received = pieces;
    pieces = [];
    // Thrown here, it would be lost in autocannon's parser. What follows a failure says nothing any more.
    if (failures.length > 0) return;
    try {
      asker.took({
        status,
        bytes,
        head: textOf(received.slice(0, 1)),
        tail: textOf(received.slice(-2)).slice(-TAIL_BYTES),
      });
    } catch (error) {
      failures.push(error);
    }
  });
  const setupRequest = (request: Request): Request => {
    const { path, login } = asker.next();
    return { ...request, path, headers: { authorization: login } };
  };
  client.setRequests([{ setupRequest }]);
}

function textOf(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString('latin1');
}
