import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { expect } from 'vitest';
import { createDispatcher } from '../../../src/defender/dispatcher.ts';
import { createFetcher, createStreamFetcher, type Fetcher, type StreamFetcher } from '../../../src/defender/fetcher.ts';
import { createCertificateAuthority, issueServerCertificate } from '../../../src/http/tls/certificate-authority.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface CannedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Loopback {
  readonly url: string;
  readonly caPem: string;
  readonly requests: readonly SeenRequest[];
  /** Trusts the loopback's CA. */
  readonly fetcher: Fetcher;
  /** The same, for bodies that are read while they arrive. */
  readonly streamFetcher: StreamFetcher;
  close(): Promise<void>;
}

/** A real HTTPS server on loopback that answers what it is told to and keeps what it was asked. */
export async function startLoopback(
  answer: (request: SeenRequest) => CannedAnswer | Promise<CannedAnswer>,
): Promise<Loopback> {
  const requests: SeenRequest[] = [];
  return startRaw(requests, async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk as Uint8Array));
    const { method = '', url = '', headers } = incoming;
    const request = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
    requests.push(request);
    const { status, headers: answered = {}, body = '' } = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json', ...answered }).end(body);
  });
}

/** Like `startLoopback`, for servers that do not answer properly. */
export async function startRaw(
  requests: SeenRequest[],
  listener: (incoming: IncomingMessage, response: ServerResponse) => unknown,
): Promise<Loopback> {
  const hosts = ['127.0.0.1'];
  const notBeforeMs = Date.now() - 86_400_000;
  const ca = await createCertificateAuthority({ commonName: 'Loopback Test Root', hosts, notBeforeMs, years: 1 });
  const { certificatePem, privateKeyPem } = await issueServerCertificate(ca, { hosts, notBeforeMs, days: 30 });
  const server = createServer({ cert: `${certificatePem}\n${ca.certificatePem}`, key: privateKeyPem });
  server.on('request', (incoming, response) => void listener(incoming, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const dispatcher = createDispatcher({ extraCa: ca.certificatePem });
  return {
    url: `https://127.0.0.1:${port}`,
    caPem: ca.certificatePem,
    requests,
    fetcher: createFetcher({ dispatcher }),
    streamFetcher: createStreamFetcher({ dispatcher }),
    close: async () => {
      await dispatcher.destroy();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The error a promise fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}

/** A signal that nobody fires. */
export function calm(): AbortSignal {
  return new AbortController().signal;
}

/** A promise that the test settles itself. */
export function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return {
    promise,
    resolve: (value) => {
      settle(value);
    },
  };
}

/** Any text with these words in it. */
export function containing(words: string): unknown {
  return expect.stringContaining(words);
}
