import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { reset } from '../../support/reset.ts';
import { readPage, type SeenPage } from './exchange.ts';
import type { PathTrouble } from './path.ts';

/** What a proxy got from the bridge: a whole answer, or nothing of use. */
export type Fetched =
  | { readonly kind: 'whole'; readonly status: number; readonly body: Buffer; readonly page: SeenPage | null }
  | { readonly kind: 'broken'; readonly why: string }
  /** Nobody listens: the request got nowhere. */
  | { readonly kind: 'refused' };

export interface FetchOptions {
  readonly port: number;
  readonly ca: Buffer;
  readonly path: string;
  readonly authorization: string;
  /** Where the connection is reset by the network; null: nowhere. */
  readonly cut: Extract<PathTrouble, { kind: 'cut' }>['at'] | null;
  /** The proxy gives up: closes as a program does, and what it has not read is reset by the system. */
  readonly signal: AbortSignal;
}

/** One request to the bridge over a connection of its own, every byte read as it comes. */
export function fetchFromBridge(options: FetchOptions): Promise<Fetched> {
  const { port, ca, path, authorization, cut, signal } = options;
  const tcp = connectTcp({ port, host: '127.0.0.1' });
  tcp.on('error', () => undefined);
  return new Promise((resolve) => {
    const fail = (error: Error): void => {
      resolve(wasRefused(error) ? { kind: 'refused' } : { kind: 'broken', why: error.message });
    };
    const cutOff = (where: string): void => {
      reset(tcp);
      resolve({ kind: 'broken', why: `the network cut the connection ${where}` });
    };
    const asking = request({
      host: 'localhost',
      path,
      headers: { authorization, accept: 'application/json', connection: 'close' },
      createConnection: () => secured(tcp, ca),
      signal,
    });
    asking.on('error', fail);
    asking.on('finish', () => {
      if (cut === 'request') setImmediate(cutOff, 'behind the request');
    });
    asking.on('response', (answer: IncomingMessage) => {
      if (cut === 'head') {
        cutOff('at the head of the answer');
        return;
      }
      answer.on('error', fail);
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (cut === 'body') cutOff('in the body of the answer');
      });
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        const status = answer.statusCode ?? 0;
        resolve({ kind: 'whole', status, body, page: status === 200 ? readPage(body) : null });
      });
    });
    asking.end();
  });
}

function wasRefused(error: Error): boolean {
  return 'code' in error && error.code === 'ECONNREFUSED';
}

function secured(tcp: Socket, ca: Buffer) {
  return connectTls({ socket: tcp, ca, servername: 'localhost' });
}
