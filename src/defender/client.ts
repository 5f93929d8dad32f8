import type { Clock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import type { Fetcher, HttpResponse } from './fetcher.ts';
import { parseAnswer, toResponseError } from './response-error.ts';
import { createServerClock } from './server-clock.ts';
import type { TokenSource } from './token-source.ts';

const TIMEOUT_MS = 120_000;
const MAX_BYTES = 64_000_000;
/** Microsoft Graph, list alerts_v2: least privileged application permission. */
const PERMISSION = 'SecurityAlert.Read.All';
const PROBE = '/v1.0/security/alerts_v2?$top=1';

export interface GraphClient {
  /**
   * JSON of a 200. `address`: a path below the base URL, or an absolute URL of the same origin.
   * Throws a BridgeError (UPSTREAM_..., NETWORK_..., TOKEN_...), or the signal's reason.
   */
  get(address: string, signal: AbortSignal): Promise<unknown>;
  /** Microsoft's clock, epoch ms, never ahead; asks it with one small request when it was not heard for ten minutes. */
  serverNow(signal: AbortSignal): Promise<number>;
}

export interface GraphClientDeps {
  /** For example https://graph.microsoft.com. */
  readonly baseUrl: string;
  readonly tokens: TokenSource;
  readonly fetcher: Fetcher;
  readonly clock: Clock;
  /** For one whole answer, milliseconds. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

/** Microsoft Graph for one tenant. Tries nothing twice but a refused token, and follows no redirect. */
export function createGraphClient(deps: GraphClientDeps): GraphClient {
  const { tokens, clock } = deps;
  const base = new URL(deps.baseUrl);
  const serverClock = createServerClock({ clock });

  function send(url: URL, token: string, signal: AbortSignal): Promise<HttpResponse> {
    const headers = {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      // Without it newer words come as `unknownFutureValue` (defender-api 4); nextLinks need it too.
      prefer: 'include-unknown-enum-members',
    };
    const { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = deps;
    return deps.fetcher(
      { method: 'GET', url, headers, attempt: 'asking Microsoft for alerts', timeoutMs, maxBytes },
      signal,
    );
  }

  async function get(address: string, signal: AbortSignal): Promise<unknown> {
    const url = resolve(base, address);
    let answer = await send(url, await tokens.token(signal), signal);
    // Once only: a token can be withdrawn before its time, but a second refusal means something else.
    if (answer.status === 401) answer = await send(url, await tokens.token(signal, { force: true }), signal);
    if (answer.status !== 200) throw toResponseError(answer, base.host, PERMISSION, clock.now());
    const json = parseAnswer(answer, base.host);
    serverClock.observe(answer.header('date'));
    return json;
  }

  return {
    get,
    async serverNow(signal) {
      const known = serverClock.now();
      if (known !== null) return known;
      await get(PROBE, signal);
      const asked = serverClock.now();
      if (asked === null) throw clockless(base.host);
      return asked;
    },
  };
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
