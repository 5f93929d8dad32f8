import type { ClientCertificate, FeedAnswer, FeedRequest } from './feed-request.ts';

/** In the events URL, for the time from which it asks (flexconnector.md). */
export const PLACEHOLDER = '$START_AT_TIME';

/** How it proves who it is. */
export type Authorization =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly tokens: BearerTokens }
  | { readonly kind: 'certificate'; readonly certificate: ClientCertificate }
  /** In the events URL as `key=...`, in place of what stands there. */
  | { readonly kind: 'urlKey'; readonly key: string }
  | { readonly kind: 'none' };

/** Where a bearer token comes from. Neither ever throws. */
export interface BearerTokens {
  /** The one that is kept, or a new one where it is about to run out. */
  token(signal: AbortSignal): Promise<TokenFound>;
  /** A new one in place of one that the feed has refused. */
  renewed(signal: AbortSignal): Promise<TokenFound>;
}

export type TokenFound = { readonly kind: 'token'; readonly accessToken: string } | TokenRefused;

export interface TokenRefused {
  readonly kind: 'refused';
  /** The connector stops for good; else it tries again with its next poll. */
  readonly isFatal: boolean;
  /** Null when no answer came. */
  readonly status: number | null;
  /** `error` of the answer (RFC 6749 5.2); null when it has none. */
  readonly error: string | null;
  /** Free of secrets. */
  readonly message: string;
}

/** What to ask with, and how. */
export interface Asked {
  readonly request: FeedRequest;
  readonly method: 'get' | 'head';
}

/** Asks with what the login gives; a bearer token that the feed refuses is replaced once. */
export async function askWithLogin(
  authorization: Authorization,
  { request, method }: Asked,
  url: URL,
  signal: AbortSignal,
): Promise<FeedAnswer | TokenRefused> {
  if (authorization.kind !== 'bearer') return request[method](url, headersWith(basicHeader(authorization)), signal);
  const { tokens } = authorization;
  const ask = async (found: TokenFound): Promise<FeedAnswer | TokenRefused> =>
    found.kind === 'refused' ? found : request[method](url, headersWith(`Bearer ${found.accessToken}`), signal);
  const answer = await ask(await tokens.token(signal));
  return answer.kind === 'answered' && answer.status === 401 ? ask(await tokens.renewed(signal)) : answer;
}

/** The events URL with a time in place of `$START_AT_TIME`, and with the key of a `urlKey` login. */
export function urlFor(
  { url, authorization }: { readonly url: string; readonly authorization: Authorization },
  sinceText: string,
): URL {
  // A replacer function: in a replacement text the dollar of the placeholder itself would be read as a pattern.
  const text = url.replaceAll(PLACEHOLDER, () => sinceText);
  if (authorization.kind !== 'urlKey') return new URL(text);
  const key = `key=${encodeURIComponent(authorization.key)}`;
  if (/[?&]key=/.test(text)) return new URL(text.replace(/(?<=[?&])key=[^&#]*/, () => key));
  return new URL(`${text}${text.includes('?') ? '&' : '?'}${key}`);
}

function basicHeader(authorization: Authorization): string | null {
  if (authorization.kind !== 'basic') return null;
  return `Basic ${Buffer.from(`${authorization.user}:${authorization.password}`).toString('base64')}`;
}

function headersWith(authorization: string | null): Record<string, string> {
  const headers = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'flexbridge-rehearsal' };
  return authorization === null ? headers : { ...headers, authorization };
}
