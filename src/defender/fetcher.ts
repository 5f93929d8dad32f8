import { type Dispatcher, request } from 'undici';
import { BridgeError } from '../domain/errors.ts';
import { toNetworkError } from './network-error.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For messages: what is being tried, for example `asking Microsoft for a token`. */
  readonly attempt: string;
  /** For the whole exchange, body included. */
  readonly timeoutMs: number;
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

export function createFetcher({ dispatcher }: { dispatcher: Dispatcher }): Fetcher {
  return async (wanted, signal) => {
    const { method, url, headers, body } = wanted;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(wanted.timeoutMs)]);
    try {
      signal.throwIfAborted();
      const answer = await request(url, { dispatcher, method, headers, body: body ?? null, signal: limit });
      return {
        status: answer.statusCode,
        header: (name) => [answer.headers[name]].flat()[0],
        body: await readBody(answer.body, wanted),
      };
    } catch (thrown) {
      signal.throwIfAborted();
      throw thrown instanceof BridgeError ? thrown : await toNetworkError(thrown, url, wanted.attempt);
    }
  };
}

async function readBody(body: AsyncIterable<Uint8Array>, { attempt, maxBytes, url }: HttpRequest): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(attempt, url, maxBytes);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function tooLarge(attempt: string, url: URL, maxBytes: number): BridgeError {
  return new BridgeError({
    code: 'RESPONSE_TOO_LARGE',
    kind: 'upstream',
    message: `${attempt} failed: ${url.host} answered with more than ${maxBytes} bytes`,
    hint: "Nothing was stored and the position did not move. Check what answers at this address: Microsoft's pages are far smaller.",
  });
}
