import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { BridgeError, toBridgeError } from '../domain/errors.ts';
import type { Fetcher } from './fetcher.ts';
import { requestToken } from './token-request.ts';
import { untilAborted } from './until-aborted.ts';

/** A new token is asked for after this share of the old one's life (defender-api 7: 80 to 90 %). */
const REFRESH_SHARE = 0.8;
/** Between two tries to replace a token that is still valid. */
const REFRESH_PAUSE_MS = 30_000;

export interface TokenSource {
  /**
   * A valid access token. `force`: the present one was refused, get another.
   * Throws a BridgeError (TOKEN_..., NETWORK_...), or the signal's reason.
   */
  token(signal: AbortSignal, options?: { readonly force?: boolean }): Promise<string>;
}

export interface TokenSourceDeps {
  readonly tenantName: string;
  readonly tenantId: string;
  readonly loginUrl: string;
  readonly clientId: string;
  /** Asked for with every request to Microsoft; never kept here. */
  readonly secret: () => string;
  readonly scope: string;
  readonly fetcher: Fetcher;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** Times are of the monotonic clock. */
interface Kept {
  readonly token: string;
  readonly refreshAt: number;
  readonly expiresAt: number;
}

interface Flight {
  readonly abort: AbortController;
  waiting: number;
  /** Somebody on it had the present token refused. */
  forced: boolean;
}

/** Access tokens of one tenant and API by client secret. All callers share one request at a time. */
export function createTokenSource(deps: TokenSourceDeps): TokenSource {
  const { clock, emit, tenantName } = deps;
  let kept: Kept | null = null;
  let flight: (Flight & { readonly result: Promise<string> }) | null = null;
  let gate: { readonly error: BridgeError; readonly until: number } | null = null;

  async function renew(signal: AbortSignal): Promise<string> {
    const startedAt = clock.monotonic();
    if (gate !== null && startedAt < gate.until) throw stillWaiting(gate.error, gate.until - startedAt);
    try {
      const { token, lifetimeMs } = await requestToken({ ...deps, secret: deps.secret() }, signal);
      kept = { token, refreshAt: startedAt + lifetimeMs * REFRESH_SHARE, expiresAt: startedAt + lifetimeMs };
      gate = null;
      emit({ name: 'tokenAcquired', tenant: tenantName, expiresInMs: lifetimeMs });
      return token;
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toBridgeError(thrown);
      if (error.retryAfterMs !== undefined) gate = { error, until: clock.monotonic() + error.retryAfterMs };
      throw error;
    }
  }

  /** A token that is still valid outlives a failure to replace it; one that was refused does not. */
  async function renewOrKeep(started: Flight): Promise<string> {
    const { signal } = started.abort;
    try {
      return await renew(signal);
    } catch (thrown) {
      signal.throwIfAborted();
      const now = clock.monotonic();
      if (started.forced || kept === null || now >= kept.expiresAt) throw thrown;
      const error = toBridgeError(thrown);
      emit({ name: 'tokenKept', tenant: tenantName, error, expiresInMs: Math.round(kept.expiresAt - now) });
      kept = { ...kept, refreshAt: now + REFRESH_PAUSE_MS };
      return kept.token;
    }
  }

  function takeOff() {
    const started: Flight = { abort: new AbortController(), waiting: 0, forced: false };
    const flying = Object.assign(started, { result: renewOrKeep(started) });
    const land = () => {
      if (flight === flying) flight = null;
    };
    flying.result.then(land, land);
    return flying;
  }

  return {
    async token(signal, { force = false } = {}) {
      signal.throwIfAborted();
      if (!force && kept !== null && clock.monotonic() < kept.refreshAt) return kept.token;
      flight ??= takeOff();
      const joined = flight;
      joined.waiting += 1;
      joined.forced ||= force;
      try {
        return await untilAborted(joined.result, signal);
      } finally {
        joined.waiting -= 1;
        if (joined.waiting === 0) {
          if (flight === joined) flight = null;
          joined.abort.abort();
        }
      }
    },
  };
}

function stillWaiting({ code, kind, message, hint }: BridgeError, restMs: number): BridgeError {
  return new BridgeError({ code, kind, message, hint, retryAfterMs: Math.ceil(restMs) });
}
