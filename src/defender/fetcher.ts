import { type Dispatcher, request } from 'undici';
import { BridgeError } from '../domain/errors.ts';
import { toNetworkError } from './network-error.ts';
import { unpacked } from './unpacked.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For messages: what is being tried, for example `asking Microsoft for a token`. */
  readonly attempt: string;
  /** For the whole exchange, body included. */
  readonly timeoutMs: number;
  /** Of the body, after it was unpacked. */
  readonly maxBytes: number;
}

export interface HttpResponse {
  readonly status: number;
  /** First value of a header; the name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly body: string;
}

/**
 * One exchange over HTTP: no redirect is followed, nothing is tried twice, any status is an answer. Throws a BridgeError
 * (NETWORK_..., RESPONSE_TOO_LARGE), or the signal's reason when the caller gave up.
 */
export type Fetcher = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;

export interface HttpStream extends Omit<HttpResponse, 'body'> {
  /**
   * To be iterated once, to its end or not; the connection is held until then. Throws what the fetcher throws:
   * NETWORK_CUT when it broke on the way, RESPONSE_TOO_LARGE beyond `maxBytes`.
   */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Like `Fetcher`, but gives the body while it arrives. */
export type StreamFetcher = (request: HttpRequest, signal: AbortSignal) => Promise<HttpStream>;

export function createStreamFetcher({ dispatcher }: { dispatcher: Dispatcher }): StreamFetcher {
  return async (wanted, signal) => {
    const { method, url, attempt, body } = wanted;
    const headers = { 'accept-encoding': 'gzip', ...wanted.headers };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(wanted.timeoutMs)]);
    try {
      signal.throwIfAborted();
      const answer = await request(url, { dispatcher, method, headers, body: body ?? null, signal: limit });
      // A failure reaches whoever reads the body. With nobody reading yet, Node would end the process for it.
      answer.body.on('error', () => undefined);
      const header = (name: string) => [answer.headers[name]].flat()[0];
      const bytes = unpacked(answer.body, header('content-encoding'), url);
      return { status: answer.statusCode, header, body: bounded(bytes, wanted, signal) };
    } catch (thrown) {
      signal.throwIfAborted();
      throw thrown instanceof BridgeError ? thrown : await toNetworkError(thrown, { url, attempt, stage: 'head' });
    }
  };
}

export function createFetcher(deps: { dispatcher: Dispatcher }): Fetcher {
  const stream = createStreamFetcher(deps);
  return async (wanted, signal) => {
    const { status, header, body } = await stream(wanted, signal);
    return { status, header, body: await readText(body) };
  };
}

/** Without a byte-order mark. */
async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return new TextDecoder().decode(Buffer.concat(chunks));
}

async function* bounded(body: AsyncIterable<Uint8Array>, wanted: HttpRequest, signal: AbortSignal) {
  const { attempt, maxBytes, url } = wanted;
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(attempt, url, maxBytes);
      yield chunk;
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof BridgeError ? thrown : await toNetworkError(thrown, { url, attempt, stage: 'body' });
  }
}

function tooLarge(attempt: string, url: URL, maxBytes: number): BridgeError {
  return new BridgeError({
    code: 'RESPONSE_TOO_LARGE',
    kind: 'upstream',
    message: `${attempt} failed: ${url.host} answered with more than ${maxBytes} bytes`,
    hint: "Nothing was stored and the position did not move. Check what answers at this address: Microsoft's pages are far smaller.",
  });
}
