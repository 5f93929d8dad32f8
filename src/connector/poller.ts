import type { Clock } from '../domain/clock.ts';
import { checkFeedUrl, createFeedRequest, type FeedRequest, type RequestFailure } from './feed-request.ts';
import { type ArcSightEvent, type InterpretWarning, interpret } from './interpreter/interpret.ts';
import type { ParserDefinition } from './interpreter/parser-definition.ts';

/**
 * What the connector puts in place of `$START_AT_TIME`; which of these the real one does is not documented
 * (flexconnector 2), so a feed must hold up against all.
 * wall-clock: when the previous answer had come. every-poll: when the previous poll began, even if it failed.
 * last-success: when the last poll that worked began. newest-event: greatest time of the events received so far.
 * frozen: always the start time. missing: none, the placeholder is sent as it stands.
 */
export type TimeMeaning = 'wall-clock' | 'every-poll' | 'last-success' | 'newest-event' | 'frozen' | 'missing';

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
  readonly meaning: TimeMeaning;
  /** Event field that `newest-event` goes by. Default `deviceReceiptTime`. */
  readonly timeField?: string;
  readonly clock: Clock;
  /** `s`: the connector keeps whole seconds only. Default `ms`. */
  readonly precision?: 'ms' | 's';
  /** Epoch ms as text. Default `yyyy-MM-dd'T'HH:mm:ss.SSS'Z'`. */
  readonly formatTime?: (epochMs: number) => string;
  readonly startTimeMs: number;
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
  /** Wall clock, epoch ms. */
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
  /** Free of the URL's query and of the body. */
  readonly message: string;
}

export type PollResult = PollReceived | PollFailed;

export interface Poller {
  /** Asks and interprets, but moves no time: what a connector has done when it dies before processing. */
  receive(signal: AbortSignal): Promise<PollResult>;
  /** The result is processed: time moves, if it is one that moves it. */
  accept(result: PollResult): void;
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
  let timeMs = options.startTimeMs;
  let newestMs: number | null = null;

  const accept = (result: PollResult): void => {
    if (result.kind === 'failed') {
      if (options.meaning === 'every-poll') timeMs = result.startedMs;
      return;
    }
    newestMs = newestOf(result.events, options.timeField ?? 'deviceReceiptTime', newestMs);
    timeMs = nextTime(options.meaning, result, newestMs) ?? timeMs;
  };
  const receive = (signal: AbortSignal): Promise<PollResult> =>
    ask(options, request, timeText(options, timeMs), signal);
  return {
    receive,
    accept,
    async poll(signal) {
      const result = await receive(signal);
      accept(result);
      return result;
    },
    close: () => {
      request.close();
    },
  };
}

function timeText({ meaning, precision, formatTime }: PollerOptions, timeMs: number): string {
  if (meaning === 'missing') return PLACEHOLDER;
  const kept = precision === 's' ? Math.floor(timeMs / 1000) * 1000 : timeMs;
  return formatTime === undefined ? new Date(kept).toISOString() : formatTime(kept);
}

async function ask(
  options: PollerOptions,
  request: FeedRequest,
  sinceText: string,
  signal: AbortSignal,
): Promise<PollResult> {
  const startedMs = options.clock.now();
  // A replacer function: in a replacement text the dollar of the placeholder itself would be read as a pattern.
  const url = new URL(options.url.replaceAll(PLACEHOLDER, () => sinceText));
  const answer = await request.get(url, headersFor(options.authorization), signal);
  const facts = { sinceText, startedMs, answeredMs: options.clock.now() };
  if (answer.kind === 'failed') return { ...facts, ...answer, status: null };
  const { status, body } = answer;
  const fail = (reason: PollFailed['reason'], message: string): PollFailed => {
    return { ...facts, kind: 'failed', reason, status, message, bytes: body.length };
  };
  if (status !== 200) {
    const isRedirect = status >= 300 && status < 400;
    return fail('status', `answered ${status}${isRedirect ? ', a redirect, which is not followed' : ''}`);
  }
  const document = parseBody(body);
  if (document === undefined) return fail('not-json', 'answered 200 with a body that is not JSON in UTF-8');
  if (!Array.isArray(document)) return fail('not-an-array', 'answered 200 with JSON that is not an array');
  const { events, warnings } = interpret(options.parser, document);
  return { ...facts, kind: 'received', status, events, warnings, rawCount: document.length, bytes: body.length };
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

function newestOf(events: readonly ArcSightEvent[], field: string, before: number | null): number | null {
  let newest = before;
  for (const { fields } of events) {
    const time = fields[field];
    if (typeof time === 'number' && (newest === null || time > newest)) newest = time;
  }
  return newest;
}

/** Null: time stays where it is. */
function nextTime(meaning: TimeMeaning, result: PollReceived, newestMs: number | null): number | null {
  switch (meaning) {
    case 'wall-clock':
      return result.answeredMs;
    case 'every-poll':
    case 'last-success':
      return result.startedMs;
    case 'newest-event':
      return newestMs;
    case 'frozen':
    case 'missing':
      return null;
  }
}
