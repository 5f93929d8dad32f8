import type { Clock } from '../domain/clock.ts';
import { createConnectorTime, type SavedTime, TIME_MODES, type TimeMode, type TimeModeName } from './connector-time.ts';
import { checkFeedUrl, createFeedRequest, type FeedRequest, type RequestFailure } from './feed-request.ts';
import { type ArcSightEvent, type InterpretWarning, interpret } from './interpreter/interpret.ts';
import type { ParserDefinition } from './interpreter/parser-definition.ts';

type Authorization =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'none' };

export interface PollerOptions {
  /** Events URL as typed into the wizard, with `$START_AT_TIME`. */
  readonly url: string;
  /** PEM of the authorities to trust instead of the built-in ones. */
  readonly ca?: string | Buffer;
  readonly authorization: Authorization;
  readonly parser: ParserDefinition;
  /** What its time means: by name, or put together. */
  readonly mode: TimeModeName | TimeMode;
  /** Event field that `newest-event` goes by. Default `deviceReceiptTime`. */
  readonly timeField?: string;
  readonly clock: Clock;
  /** Epoch ms as text. Default `yyyy-MM-dd'T'HH:mm:ss.SSS'Z'`. */
  readonly formatTime?: (epochMs: number) => string;
  /** What it asks for when it has never polled. */
  readonly startTimeMs: number;
  /** What an earlier one has left on the disk, in place of `startTimeMs`. */
  readonly saved?: SavedTime;
  /** Default false: a connection for each poll. */
  readonly keepAlive?: boolean;
  /** Default 30000. */
  readonly timeoutMs?: number;
  /** Default 64 MiB. */
  readonly maxBytes?: number;
}

interface PollFacts {
  /** What stood in place of `$START_AT_TIME`. */
  readonly sinceText: string;
  /** Bytes of the body that arrived. */
  readonly bytes: number;
  /** The connector's clock, epoch ms. */
  readonly startedMs: number;
  readonly answeredMs: number;
}

interface PollReceived extends PollFacts {
  readonly kind: 'received';
  readonly status: number;
  readonly events: readonly ArcSightEvent[];
  readonly warnings: readonly InterpretWarning[];
  /** Elements of the array. */
  readonly rawCount: number;
}

interface PollFailed extends PollFacts {
  readonly kind: 'failed';
  readonly reason: RequestFailure | 'status' | 'not-json' | 'not-an-array';
  /** Null when no answer came. */
  readonly status: number | null;
  /** Bytes that the answer announced; null when none came or it announced none. */
  readonly announcedBytes: number | null;
  /** Free of the URL's query and of the body. */
  readonly message: string;
}

export type PollResult = PollReceived | PollFailed;

export interface Poller {
  /** Asks and interprets, but moves no time: what a connector has done when it dies before processing. */
  receive(signal: AbortSignal): Promise<PollResult>;
  /** The result is processed: time moves, if it is one that moves it. */
  accept(result: PollResult): void;
  /** What it would find on its disk if it started again now. */
  saved(): SavedTime;
  /** Sets its clock by so much, as an administrator would. */
  setClock(byMs: number): void;
  /** Both. Never throws for what the other side does. */
  poll(signal: AbortSignal): Promise<PollResult>;
  close(): void;
}

const PLACEHOLDER = '$START_AT_TIME';

/** A connector that polls one events URL. Throws BridgeError `FEED_URL`. */
export function createPoller(options: PollerOptions): Poller {
  checkFeedUrl(options.url);
  const { keepAlive = false, timeoutMs = 30_000, maxBytes = 64 * 1024 * 1024, ca } = options;
  const request = createFeedRequest({ keepAlive, timeoutMs, maxBytes, ...(ca === undefined ? {} : { ca }) });
  const time = createConnectorTime({
    ...options,
    mode: typeof options.mode === 'string' ? TIME_MODES[options.mode] : options.mode,
    start: options.saved ?? { timeMs: options.startTimeMs, newestMs: null },
  });

  const accept = (result: PollResult): void => {
    if (result.kind === 'received') time.processed(result);
  };
  const receive = async (signal: AbortSignal): Promise<PollResult> => {
    const { text, startedMs } = time.begin();
    const found = await ask(options, request, text, signal);
    return { ...found, sinceText: text, startedMs, answeredMs: time.now() };
  };
  return {
    receive,
    accept,
    async poll(signal) {
      const result = await receive(signal);
      accept(result);
      return result;
    },
    saved: () => time.saved(),
    setClock: (byMs) => {
      time.setClock(byMs);
    },
    close: () => {
      request.close();
    },
  };
}

/** An answer without what the connector's own clock says of it. */
type Found = Omit<PollReceived, keyof Timing> | Omit<PollFailed, keyof Timing>;
type Timing = Pick<PollFacts, 'sinceText' | 'startedMs' | 'answeredMs'>;

async function ask(
  options: PollerOptions,
  request: FeedRequest,
  sinceText: string,
  signal: AbortSignal,
): Promise<Found> {
  // A replacer function: in a replacement text the dollar of the placeholder itself would be read as a pattern.
  const url = new URL(options.url.replaceAll(PLACEHOLDER, () => sinceText));
  const answer = await request.get(url, headersFor(options.authorization), signal);
  if (answer.kind === 'failed') return { ...answer, status: null };
  const { status, body } = answer;
  const fail = (reason: PollFailed['reason'], message: string): Found => {
    return { kind: 'failed', reason, status, message, bytes: body.length, announcedBytes: body.length };
  };
  if (status !== 200) {
    const isRedirect = status >= 300 && status < 400;
    return fail('status', `answered ${status}${isRedirect ? ', a redirect, which is not followed' : ''}`);
  }
  const document = parseBody(body);
  if (document === undefined) return fail('not-json', 'answered 200 with a body that is not JSON in UTF-8');
  if (!Array.isArray(document)) return fail('not-an-array', 'answered 200 with JSON that is not an array');
  const { events, warnings } = interpret(options.parser, document);
  return { kind: 'received', status, events, warnings, rawCount: document.length, bytes: body.length };
}

function headersFor(authorization: Authorization): Record<string, string> {
  const headers = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'flexbridge-rehearsal' };
  if (authorization.kind === 'none') return headers;
  const pair = Buffer.from(`${authorization.user}:${authorization.password}`).toString('base64');
  return { ...headers, authorization: `Basic ${pair}` };
}

/** Undefined when it is no JSON, or no UTF-8, or begins with a byte order mark. */
function parseBody(body: Buffer): unknown {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
    return parsed;
  } catch {
    return undefined;
  }
}
