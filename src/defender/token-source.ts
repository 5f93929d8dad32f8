import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import type { SourceName } from '../domain/detection.ts';
import { BridgeError, toBridgeError } from '../domain/errors.ts';
import { proofName, proofReaders } from './client-proof.ts';
import type { Credential } from './credential.ts';
import type { Fetcher } from './fetcher.ts';
import type { HostGate } from './host-gate.ts';
import { requestManagedToken } from './managed-identity.ts';
import { createProofOrder } from './proof-order.ts';
import { isNarrowable, type TokenProblem } from './source.ts';
import { findTokenProblem, type TokenFacts, tokenFacts } from './token-claims.ts';
import { type IssuedToken, requestToken } from './token-request.ts';
import { untilAborted } from './until-aborted.ts';

/** A new token is asked for after this share of the old one's life (defender-api 7: 80 to 90 %). */
const REFRESH_SHARE = 0.8;
/** Between two tries to replace a token that is still valid. */
const REFRESH_PAUSE_MS = 30_000;

export interface TokenSource {
  /**
   * A valid access token. `force`: the present one was refused, get another.
   * Throws a BridgeError (TOKEN_..., NETWORK_..., or the gate's), or the signal's reason.
   */
  token(signal: AbortSignal, options?: { readonly force?: boolean }): Promise<string>;
  /** What the present token says against itself; null when nothing, when it is opaque, or before the first. */
  problem(): TokenProblem | null;
}

export interface TokenSourceDeps {
  readonly tenantName: string;
  readonly tenantId: string;
  readonly loginUrl: string;
  readonly api: SourceName;
  /** Its readers are asked with every request to Microsoft; nothing is kept here. */
  readonly credential: Credential;
  readonly scope: string;
  /** Application permissions of the API, any of which is enough; empty: none is known. */
  readonly permissions: readonly string[];
  readonly fetcher: Fetcher;
  /** Of the login host, shared by all token sources of the tenant. */
  readonly gate: HostGate;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Told what each new token says of itself; not of one that cannot be read. */
  readonly onToken?: (facts: TokenFacts) => void;
  /** For one whole answer, milliseconds. */
  readonly timeoutMs?: number;
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

/** Access tokens of one tenant and API. All callers share one request at a time. */
export function createTokenSource(deps: TokenSourceDeps): TokenSource {
  const { clock, emit, tenantName } = deps;
  const issue = createIssuer(deps);
  const inspect = createInspector(deps);
  let kept: Kept | null = null;
  let flight: (Flight & { readonly result: Promise<string> }) | null = null;

  async function renew(signal: AbortSignal): Promise<string> {
    const startedAt = clock.monotonic();
    const { token, lifetimeMs } = await issue(signal);
    emit({ name: 'tokenAcquired', tenant: tenantName, expiresInMs: lifetimeMs });
    const problem = inspect.look(token);
    // The API would gladly answer with the alerts of the other tenant, and they would be stored as this one's.
    if (problem?.code === 'tenant') throw wrongTenant(problem);
    kept = { token, refreshAt: startedAt + lifetimeMs * REFRESH_SHARE, expiresAt: startedAt + lifetimeMs };
    return token;
  }

  /** A token that is still valid outlives a failure to replace it; one that was refused does not. */
  async function renewOrKeep(started: Flight): Promise<string> {
    const { signal } = started.abort;
    try {
      return await renew(signal);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = ofTheLogin(toBridgeError(thrown));
      const now = clock.monotonic();
      if (started.forced || kept === null || now >= kept.expiresAt) throw error;
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
    problem: inspect.problem,
  };
}

/** A login service that is slow or breaks off must not look like a page that is too heavy: no smaller one would help. */
function ofTheLogin(error: BridgeError): BridgeError {
  if (!isNarrowable(error)) return error;
  const { kind, message, hint } = error;
  return new BridgeError({ code: 'TOKEN_UNAVAILABLE', kind, message, hint, cause: error });
}

function wrongTenant({ meaning, remedy }: TokenProblem): BridgeError {
  return new BridgeError({ code: 'TOKEN_WRONG_TENANT', kind: 'operator', message: meaning, hint: remedy });
}

/** One request for a token, by whatever the tenant signs in with. */
function createIssuer(deps: TokenSourceDeps): (signal: AbortSignal) => Promise<IssuedToken> {
  const { credential } = deps;
  if (credential.kind === 'managed-identity') {
    return (signal) => requestManagedToken({ ...deps, ...credential }, signal);
  }
  const withProof = createProofOrder({
    readers: proofReaders(credential, deps.clock),
    proofName: proofName(credential),
    switched: (reason) => {
      deps.emit({ name: 'credentialSwitched', tenant: deps.tenantName, reason });
    },
  });
  return (signal) => withProof((proof) => requestToken({ ...deps, clientId: credential.clientId, proof }, signal));
}

/** Looks at the claims of each new token, and reports a problem once, not with every renewal. */
function createInspector(deps: TokenSourceDeps) {
  const { tenantName, scope, emit } = deps;
  const expected = { ...deps, isManagedIdentity: deps.credential.kind === 'managed-identity' };
  let problem: TokenProblem | null = null;
  return {
    look(token: string): TokenProblem | null {
      const before = problem;
      problem = findTokenProblem(token, expected);
      const facts = deps.onToken === undefined ? null : tokenFacts(token);
      if (facts !== null) deps.onToken?.(facts);
      if (problem === null || problem.meaning === before?.meaning) return problem;
      const { code, meaning } = problem;
      emit({ name: 'tokenProblem', tenant: tenantName, scope, code, meaning });
      return problem;
    },
    problem: () => problem,
  };
}
