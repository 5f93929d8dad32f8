import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { BridgeError } from '../domain/errors.ts';

/** `timeout` and `aborted` are told apart from what the network or the peer did. */
export type RequestFailure = 'network' | 'timeout' | 'aborted' | 'too-large';

type FeedAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: Buffer }
  | {
      readonly kind: 'failed';
      readonly reason: RequestFailure;
      readonly message: string;
      readonly bytes: number;
      readonly announcedBytes: number | null;
    };

export interface FeedRequestOptions {
  /** PEM of the authorities to trust instead of the built-in ones. */
  readonly ca?: string | Buffer;
  readonly keepAlive: boolean;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

export interface FeedRequest {
  /** One GET, no redirect followed. Never throws. */
  get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<FeedAnswer>;
  /** Closes idle connections. */
  close(): void;
}

/** Throws BridgeError `FEED_URL` for anything but https, or http on the loopback. */
export function checkFeedUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'https:') return;
  if (url?.protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) return;
  throw new BridgeError({
    code: 'FEED_URL',
    kind: 'operator',
    message: 'the events URL is neither https nor plain http on the loopback',
    hint: 'Give the URL as entered in the connector, for example https://bridge.example:8443/v1/feeds/default/detections?since=$START_AT_TIME.',
  });
}

/** HTTP as a connector speaks it: certificates are verified, the answer is taken whole. */
export function createFeedRequest(options: FeedRequestOptions): FeedRequest {
  const { keepAlive, ca } = options;
  const plain = new HttpAgent({ keepAlive });
  const secure = new HttpsAgent({ keepAlive, ...(ca === undefined ? {} : { ca }) });
  return {
    async get(url, headers, signal) {
      const timeout = AbortSignal.timeout(options.timeoutMs);
      const received: Received = { bytes: 0, announcedBytes: null };
      try {
        const both = AbortSignal.any([signal, timeout]);
        const common = { method: 'GET', headers, signal: both };
        const message = await answerTo((resolve) =>
          url.protocol === 'https:'
            ? httpsRequest(url, { ...common, agent: secure }, resolve)
            : httpRequest(url, { ...common, agent: plain }, resolve),
        );
        const body = await readBody(message, options.maxBytes, received);
        if (body === null) return failed('too-large', `the answer is larger than ${options.maxBytes} bytes`, received);
        return { kind: 'answered', status: message.statusCode ?? 0, body };
      } catch (thrown) {
        if (signal.aborted) return failed('aborted', 'the poll was given up', received);
        if (timeout.aborted) return failed('timeout', `no whole answer within ${options.timeoutMs} ms`, received);
        return failed('network', networkMessage(thrown), received);
      }
    },
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

function answerTo(
  send: (resolve: (message: IncomingMessage) => void) => ReturnType<typeof httpRequest>,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Not once: an error may follow the first one, and nobody else listens.
    send(resolve).on('error', reject).end();
  });
}

interface Received {
  bytes: number;
  announcedBytes: number | null;
}

/**
 * Null when the body outgrows the limit; rejects when the connection ends before the body does. Every byte is taken as
 * it comes, so that what was not taken when a poll is given up is still with the system, which then resets the connection.
 */
function readBody(message: IncomingMessage, maxBytes: number, received: Received): Promise<Buffer | null> {
  const announced = message.headers['content-length'];
  if (announced !== undefined) received.announcedBytes = Number(announced);
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    message.on('data', (chunk: Buffer) => {
      received.bytes += chunk.length;
      chunks.push(chunk);
      if (received.bytes <= maxBytes) return;
      resolve(null);
      message.destroy();
    });
    message.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
    message.on('error', reject);
    message.on('close', () => {
      reject(new Error('the answer ended too early'));
    });
  });
}

function failed(reason: RequestFailure, message: string, { bytes, announcedBytes }: Received): FeedAnswer {
  return { kind: 'failed', reason, message, bytes, announcedBytes };
}

function networkMessage(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const code = 'code' in thrown && typeof thrown.code === 'string' ? ` (${thrown.code})` : '';
  return `${thrown.message === '' ? 'the connection failed' : thrown.message}${code}`;
}
