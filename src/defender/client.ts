import type { Clock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import { LONGEST_ANSWER, parseAnswer, withAnswer } from './answer-error.ts';
import type { ApiFacts } from './api-table.ts';
import type { HttpStream, StreamFetcher } from './fetcher.ts';
import type { HostGate } from './host-gate.ts';
import { toResponseError } from './response-error.ts';
import { retryAfterMs } from './retry-after.ts';
import { createServerClock } from './server-clock.ts';
import { isNarrowable, type TokenProblem } from './source.ts';
import type { TokenSource } from './token-source.ts';

const TIMEOUT_MS = 120_000;
const MAX_BYTES = 64_000_000;
/** The reader of a stream stores what it has read before it reads on; that time counts too. */
const STREAM_TIMEOUT_MS = 600_000;
const STREAM_MAX_BYTES = 256_000_000;

/**
 * One of Microsoft's APIs for one tenant. GET only. `address`: a path below the base URL, or an absolute URL of the
 * same origin. Throws a BridgeError (UPSTREAM_..., NETWORK_..., TOKEN_...), or the signal's reason.
 */
export interface ApiClient {
  /** Without port when it is 443. */
  readonly host: string;
  /** JSON of a 200. */
  get(address: string, signal: AbortSignal): Promise<unknown>;
  /** Body of a 200 while it arrives, for an answer that is too large to be held. */
  stream(address: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Microsoft's clock, epoch ms, never ahead; asks it with one small request when it was not heard for ten minutes. */
  serverNow(signal: AbortSignal): Promise<number>;
  tokenProblem(): TokenProblem | null;
}

export interface ApiClientDeps {
  readonly api: ApiFacts;
  /** For example https://graph.microsoft.com. */
  readonly baseUrl: string;
  readonly tokens: TokenSource;
  readonly fetcher: StreamFetcher;
  readonly gate: HostGate;
  readonly clock: Clock;
  /** For one whole answer, milliseconds. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

/** Of an answer that broke off, for the quarantine. A chunk is at most 64 KB. */
const MOST_CHUNKS = 16;

interface Limits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

interface Sent {
  readonly answer: HttpStream;
  /** The one it was asked with. */
  readonly token: string;
}

/** Tries nothing twice but a refused token, and follows no redirect. */
export function createApiClient(deps: ApiClientDeps): ApiClient {
  const { api, tokens, clock, gate } = deps;
  const base = new URL(deps.baseUrl);
  const serverClock = createServerClock({ clock });

  async function send(url: URL, limits: Limits, force: boolean, signal: AbortSignal): Promise<Sent> {
    const token = await tokens.token(signal, { force });
    await gate.pass(signal);
    const headers = { ...api.headers, accept: 'application/json', authorization: `Bearer ${token}` };
    const attempt = `asking ${api.title} for alerts`;
    const answer = await deps.fetcher({ method: 'GET', url, headers, attempt, ...limits }, signal);
    const wait = retryAfterMs(answer.header('retry-after'), answer.header('date'), clock.now());
    gate.observe({ status: answer.status, retryAfterMs: wait });
    return { answer, token };
  }

  async function ask(address: string, limits: Limits, signal: AbortSignal): Promise<HttpStream> {
    const url = resolve(base, address);
    const first = await send(url, limits, false, signal);
    if (first.answer.status === 200) return first.answer;
    const refused = await refusal(first, signal);
    if (first.answer.status !== 401) throw refused;
    // Once only: a token can be withdrawn before its time, but a second refusal means something else.
    const second = await send(url, limits, true, signal);
    if (second.answer.status === 200) return second.answer;
    throw await refusal(second, signal);
  }

  async function refusal({ answer, token }: Sent, signal: AbortSignal): Promise<BridgeError> {
    const arrivedAt = clock.monotonic();
    const body = await startOf(answer.body, signal);
    const error = toResponseError({ ...answer, body }, { host: base.host, api, nowMs: clock.now(), conceal: [token] });
    if (isBroken(error)) serverClock.observe(answer.header('date'), arrivedAt);
    return error;
  }

  async function get(address: string, signal: AbortSignal): Promise<unknown> {
    const { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = deps;
    const answer = await ask(address, { timeoutMs, maxBytes }, signal);
    const arrivedAt = clock.monotonic();
    const json = await readJson(answer, arrivedAt);
    serverClock.observe(answer.header('date'), arrivedAt);
    return json;
  }

  async function readJson(answer: HttpStream, arrivedAt: number): Promise<unknown> {
    try {
      return parseAnswer({ ...answer, body: await wholeOf(answer.body) }, base.host);
    } catch (thrown) {
      if (isBroken(thrown)) serverClock.observe(answer.header('date'), arrivedAt);
      throw thrown;
    }
  }

  /**
   * The probe asks for the newest record, and that one may be what Microsoft fails at: the date of such a failure is its
   * own all the same, and without it nothing would ever be narrowed.
   */
  async function probe(signal: AbortSignal): Promise<void> {
    try {
      await get(api.probe, signal);
    } catch (thrown) {
      if (!isBroken(thrown) || serverClock.now() === null) throw thrown;
    }
  }

  async function* stream(address: string, signal: AbortSignal) {
    const { timeoutMs = STREAM_TIMEOUT_MS, maxBytes = STREAM_MAX_BYTES } = deps;
    const answer = await ask(address, { timeoutMs, maxBytes }, signal);
    const arrivedAt = clock.monotonic();
    yield* answer.body;
    serverClock.observe(answer.header('date'), arrivedAt);
  }

  return {
    host: base.host,
    get,
    stream,
    tokenProblem: () => tokens.problem(),
    async serverNow(signal) {
      const known = serverClock.now();
      if (known !== null) return known;
      await probe(signal);
      const asked = serverClock.now();
      if (asked === null) throw clockless(base.host);
      return asked;
    },
  };
}

/** Microsoft answered, and broke down over what it was asked for. */
function isBroken(thrown: unknown): boolean {
  return thrown instanceof BridgeError && isNarrowable(thrown);
}

/** Enough of a refusal for Microsoft's words. The status says what it is even when the rest breaks off. */
async function startOf(body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= LONGEST_ANSWER) break;
    }
  } catch {
    signal.throwIfAborted();
  }
  return textOf(chunks);
}

async function wholeOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk);
  } catch (thrown) {
    if (!(thrown instanceof BridgeError)) throw thrown;
    throw withAnswer(thrown, textOf(chunks.slice(0, MOST_CHUNKS)));
  }
  return textOf(chunks);
}

/** Without a byte-order mark. */
function textOf(chunks: readonly Uint8Array[]): string {
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** The token goes to the configured origin only, whatever a nextLink says. */
function resolve(base: URL, address: string): URL {
  if (address.startsWith('/') && !address.startsWith('//')) {
    return new URL(`${base.origin}${base.pathname.replace(/\/+$/, '')}${address}`);
  }
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.origin === base.origin) return url;
  throw new BridgeError({
    code: 'UPSTREAM_FOREIGN_LINK',
    kind: 'upstream',
    message: `${base.host} sent a link to ${url === null ? 'something that is no URL' : url.origin}; it was not followed, because the token is for ${base.origin} only.`,
    hint: 'Check whether a proxy rewrites the answers of Microsoft. If it is a new host of Microsoft, please report it.',
  });
}

function clockless(host: string): BridgeError {
  return new BridgeError({
    code: 'UPSTREAM_NO_DATE',
    kind: 'upstream',
    message: `${host} sent no readable Date header, so its clock is not known.`,
    hint: 'Check whether a proxy removes the Date header. The local clock is not used in its place: it could skip alerts.',
  });
}
