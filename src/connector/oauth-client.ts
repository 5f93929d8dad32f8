import { STATUS_CODES } from 'node:http';
import type { Clock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import type { BearerTokens, TokenFound, TokenRefused } from './feed-login.ts';
import { createFeedRequest, type FeedAnswer, isProtectedUrl } from './feed-request.ts';

export interface OAuthClientOptions {
  /** `token_url` of the client properties file. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  /** Left out of the request when empty. */
  readonly scope?: string;
  /** Default `body`, as the APIs of the published guides take it; what the connector itself does is not known. */
  readonly clientAuthentication?: 'body' | 'header';
  /** PEM of the authorities to trust instead of the built-in ones. */
  readonly ca?: string | Buffer;
  readonly clock: Clock;
  /** Default 30000. */
  readonly timeoutMs?: number;
  /** Keeps the refresh token that an answer gave, in place of the one before. */
  readonly keepRefreshToken?: (refreshToken: string) => void;
}

/** What is worth telling of an answer of the token endpoint; no token is in it. */
export interface TokenReply {
  /** Seconds; null when the answer has none that is a number, or the text of one. */
  readonly expiresInSeconds: number | null;
  readonly tokenType: string | null;
  readonly hasRefreshToken: boolean;
  readonly isNewRefreshToken: boolean;
}

/** The connector's side of OAuth2 at run time: a refresh token for access tokens. */
export interface OAuthClient extends BearerTokens {
  /** Of the last refresh that succeeded; null before the first. */
  lastReply(): TokenReply | null;
  close(): void;
}

const MAX_BYTES = 1024 * 1024;
/** So long before its end a token is replaced; of a short-lived one, when half its time is over. */
const EARLY_MS = 60_000;

interface Kept {
  readonly accessToken: string;
  /** Monotonic; infinite when the answer did not say. */
  readonly renewAt: number;
}

/**
 * Refreshes as the connector is known to: a refused refresh is the end ("FATAL EXCEPTION", flexconnector 8), and no further
 * request is made. That a 5xx, a 429 or no answer is not the end is inferred. Throws BridgeError `TOKEN_URL`.
 */
export function createOAuthClient(options: OAuthClientOptions): OAuthClient {
  checkTokenUrl(options.tokenUrl);
  const { clock, timeoutMs = 30_000, ca, keepRefreshToken = () => undefined } = options;
  const request = createFeedRequest({
    keepAlive: false,
    timeoutMs,
    maxBytes: MAX_BYTES,
    ...(ca === undefined ? {} : { ca }),
  });
  let refreshToken = options.refreshToken;
  let kept: Kept | null = null;
  let end: TokenRefused | null = null;
  let lastReply: TokenReply | null = null;

  const refresh = async (signal: AbortSignal): Promise<TokenFound> => {
    if (end !== null) return end;
    const { headers, form } = refreshRequest(options, refreshToken);
    const askedAt = clock.monotonic();
    const answer = readAnswer(await request.post(new URL(options.tokenUrl), headers, form, signal));
    if (answer.kind === 'refused') {
      if (answer.isFatal) end = answer;
      return answer;
    }
    const given = answer.refreshToken;
    const isNewRefreshToken = given !== null && given !== refreshToken;
    if (isNewRefreshToken) {
      refreshToken = given;
      keepRefreshToken(given);
    }
    const { expiresInSeconds, tokenType, accessToken } = answer;
    lastReply = { expiresInSeconds, tokenType, hasRefreshToken: given !== null, isNewRefreshToken };
    kept = { accessToken, renewAt: askedAt + usableMs(expiresInSeconds) };
    return { kind: 'token', accessToken };
  };

  return {
    async token(signal) {
      if (end === null && kept !== null && clock.monotonic() < kept.renewAt)
        return { kind: 'token', accessToken: kept.accessToken };
      return refresh(signal);
    },
    renewed(signal) {
      kept = null;
      return refresh(signal);
    },
    lastReply: () => lastReply,
    close: () => {
      request.close();
    },
  };
}

function checkTokenUrl(text: string): void {
  if (isProtectedUrl(text)) return;
  throw new BridgeError({
    code: 'TOKEN_URL',
    kind: 'operator',
    message:
      'token_url of the client file is neither https nor plain http on the loopback: the secret would be readable on its way',
    hint: 'Take token_url from the pack as flexbridge generate writes it.',
  });
}

function usableMs(expiresInSeconds: number | null): number {
  if (expiresInSeconds === null) return Number.POSITIVE_INFINITY;
  const lifeMs = expiresInSeconds * 1000;
  return lifeMs - Math.min(EARLY_MS, lifeMs / 2);
}

function refreshRequest(
  { clientId, clientSecret, scope = '', clientAuthentication = 'body' }: OAuthClientOptions,
  refreshToken: string,
) {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
  if (scope !== '') form.set('scope', scope);
  const headers = { accept: 'application/json', 'user-agent': 'flexbridge-rehearsal' };
  if (clientAuthentication === 'body') {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
    return { headers, form };
  }
  // RFC 6749 2.3.1: both are form-encoded before they are joined.
  const pair = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
  return { headers: { ...headers, authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, form };
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

interface Granted {
  readonly kind: 'granted';
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly expiresInSeconds: number | null;
  readonly tokenType: string | null;
}

function readAnswer(answer: FeedAnswer): Granted | TokenRefused {
  if (answer.kind === 'failed') {
    const message = `the token endpoint could not be asked: ${answer.message}`;
    return { kind: 'refused', status: null, error: null, isFatal: false, message };
  }
  const { status, body } = answer;
  const reply = parseObject(body);
  if (status === 200 && reply !== null && isText(reply['access_token'])) {
    const { access_token: accessToken, refresh_token: token, token_type: tokenType, expires_in: expires } = reply;
    return {
      kind: 'granted',
      accessToken,
      refreshToken: isText(token) ? token : null,
      tokenType: isText(tokenType) ? tokenType : null,
      expiresInSeconds: secondsOf(expires),
    };
  }
  return refusal(status, reply === null ? null : errorOf(reply));
}

function refusal(status: number, error: string | null): TokenRefused {
  const said = error === null ? '' : ` (${error})`;
  const isFatal = status < 500 && status !== 429;
  const message = isFatal
    ? `${FATAL}: status=HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}${said}${status === 200 ? ', without an access_token' : ''}`
    : `the token endpoint answered ${status}${said}; the next poll asks again`;
  return { kind: 'refused', status, error, isFatal, message };
}

/** The connector's own words (flexconnector 8). */
const FATAL =
  'FATAL EXCEPTION: Could not refresh the access token. Failed to refresh the token. Set reauthenticate to true: Failed to refresh access token';

/** Only RFC 6749's own codes have this form; a description may repeat what was sent. */
function errorOf({ error }: Readonly<Record<string, unknown>>): string | null {
  return isText(error) && /^[a-z_]{1,40}$/.test(error) ? error : null;
}

/** Azure AD v1 sends it as text (flexconnector 3). */
function secondsOf(value: unknown): number | null {
  const seconds = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 ? seconds : null;
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return isObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
