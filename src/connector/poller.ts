import type { Clock } from '../domain/clock.ts';
import { createConnectorTime, type SavedTime, TIME_MODES, type TimeMode, type TimeModeName } from './connector-time.ts';
import { type Asked, type Authorization, askWithLogin, PLACEHOLDER, urlFor } from './feed-login.ts';
import { checkFeedUrl, createFeedRequest, type FeedAnswer } from './feed-request.ts';
import { interpret } from './interpreter/interpret.ts';
import type { ParserDefinition } from './interpreter/parser-definition.ts';
import type { Checked, PollFailed, PollReceived, PollResult, Timing } from './poll-result.ts';

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

export interface Poller {
  /** Asks and interprets, but moves no time: what a connector has done when it dies before processing. */
  receive(signal: AbortSignal): Promise<PollResult>;
  /** The result is processed: time moves, if it is one that moves it. */
  accept(result: PollResult): void;
  /** HEAD on the events URL as it was typed in: whether URL and login are good. Reads nothing, and moves nothing. */
  check(signal: AbortSignal): Promise<Checked | PollFailed>;
  /** What it would find on its disk if it started again now. */
  saved(): SavedTime;
  /** Sets its clock by so much, as an administrator would. */
  setClock(byMs: number): void;
  /** Both. Never throws for what the other side does. */
  poll(signal: AbortSignal): Promise<PollResult>;
  close(): void;
}

/** A connector that polls one events URL. Throws BridgeError `FEED_URL`. */
export function createPoller(options: PollerOptions): Poller {
  checkFeedUrl(options.url);
  const { keepAlive = false, timeoutMs = 30_000, maxBytes = 64 * 1024 * 1024, ca } = options;
  const { authorization } = options;
  const request = createFeedRequest({
    keepAlive,
    timeoutMs,
    maxBytes,
    ...(ca === undefined ? {} : { ca }),
    ...(authorization.kind === 'certificate' ? { certificate: authorization.certificate } : {}),
  });
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
    const answer = await ask(options, { request, method: 'get' }, text, signal);
    const found = answer.kind === 'answered' ? read(options.parser, answer) : answer;
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
    async check(signal) {
      const startedMs = time.now();
      const answer = await ask(options, { request, method: 'head' }, PLACEHOLDER, signal);
      const timing = { sinceText: PLACEHOLDER, startedMs, answeredMs: time.now() };
      return answer.kind === 'answered'
        ? { kind: 'checked', announcedBytes: answer.announcedBytes, ...timing }
        : { ...answer, ...timing };
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

/** Without what the connector's own clock says of it. */
type Failed = Omit<PollFailed, keyof Timing>;
type Answered = Extract<FeedAnswer, { readonly kind: 'answered' }>;

/** Answered means 200. */
async function ask(
  options: PollerOptions,
  asked: Asked,
  sinceText: string,
  signal: AbortSignal,
): Promise<Answered | Failed> {
  const answer = await askWithLogin(options.authorization, asked, urlFor(options, sinceText), signal);
  if (answer.kind === 'failed') return { ...answer, status: null };
  if (answer.kind === 'refused') {
    const { isFatal, status, message } = answer;
    const reason = isFatal ? 'token-fatal' : 'token';
    return { kind: 'failed', reason, status, message, bytes: 0, announcedBytes: null };
  }
  if (answer.status === 200) return answer;
  const isRedirect = answer.status >= 300 && answer.status < 400;
  return failed(
    answer,
    'status',
    `answered ${answer.status}${isRedirect ? ', a redirect, which is not followed' : ''}`,
  );
}

function read(parser: ParserDefinition, answer: Answered): Omit<PollReceived, keyof Timing> | Failed {
  const { status, body } = answer;
  const document = parseBody(body);
  if (document === undefined) return failed(answer, 'not-json', 'answered 200 with a body that is not JSON in UTF-8');
  if (!Array.isArray(document)) return failed(answer, 'not-an-array', 'answered 200 with JSON that is not an array');
  const { events, warnings } = interpret(parser, document);
  return { kind: 'received', status, events, warnings, rawCount: document.length, bytes: body.length };
}

function failed({ status, body }: Answered, reason: PollFailed['reason'], message: string): Failed {
  return { kind: 'failed', reason, status, message, bytes: body.length, announcedBytes: body.length };
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
