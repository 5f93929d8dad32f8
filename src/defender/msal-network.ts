import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import type { Clock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import type { Fetcher, HttpResponse } from './fetcher.ts';
import type { HostGate } from './host-gate.ts';
import { retryAfterMs } from './retry-after.ts';
import { isObject } from './schema.ts';

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 1_000_000;

/** How msal's one request went; msal itself drops the cause of a network failure. */
export interface MsalExchange {
  readonly module: INetworkModule;
  /** The answer, or what went wrong before there was one; null while nothing was sent. */
  outcome(): { readonly answer: HttpResponse } | { readonly failure: unknown } | null;
  /** What was sent as proof: must not come back in a message. */
  sentProof(): readonly string[];
}

export interface MsalNetworkDeps {
  readonly fetcher: Fetcher;
  readonly gate: HostGate;
  readonly clock: Clock;
  readonly endpoint: URL;
  readonly signal: AbortSignal;
  /** For the whole answer, milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Network of one msal token request on the tenant's own connections. Only a POST to `endpoint` passes, so that nothing
 * msal might look up can choose where the secret goes.
 */
export function createMsalNetwork(deps: MsalNetworkDeps): MsalExchange {
  const { gate, signal, clock, timeoutMs = TIMEOUT_MS } = deps;
  let outcome: ReturnType<MsalExchange['outcome']> = null;
  let sentProof: readonly string[] = [];

  async function post<T>(address: string, options: NetworkRequestOptions = {}): Promise<NetworkResponse<T>> {
    try {
      const url = new URL(address);
      if (url.origin !== deps.endpoint.origin || url.pathname !== deps.endpoint.pathname) throw unexpected(address);
      sentProof = proofOf(options.body ?? '');
      await gate.pass(signal);
      const answer = await deps.fetcher(
        {
          method: 'POST',
          url,
          headers: { ...options.headers, accept: 'application/json' },
          body: options.body ?? '',
          attempt: 'asking Microsoft for a token',
          timeoutMs,
          maxBytes: MAX_BYTES,
        },
        signal,
      );
      outcome = { answer };
      const wait = retryAfterMs(answer.header('retry-after'), answer.header('date'), clock.now());
      gate.observe({ status: answer.status, retryAfterMs: wait });
      return { headers: {}, status: answer.status, body: parseBody(answer.body) as T };
    } catch (failure) {
      outcome ??= { failure };
      throw failure;
    }
  }

  return {
    outcome: () => outcome,
    sentProof: () => sentProof,
    module: {
      sendGetRequestAsync: (address) => {
        const failure = unexpected(address);
        outcome = { failure };
        return Promise.reject(failure);
      },
      sendPostRequestAsync: post,
    },
  };
}

function proofOf(body: string): readonly string[] {
  const form = new URLSearchParams(body);
  return [...form.getAll('client_secret'), ...form.getAll('client_assertion')];
}

/** Anything but an object would make msal stumble; the caller judges the answer itself. */
function parseBody(body: string): unknown {
  const json: unknown = JSON.parse(body);
  if (!isObject(json)) throw new SyntaxError('the answer is not an object');
  return json;
}

function unexpected(address: string): BridgeError {
  const host = URL.canParse(address) ? new URL(address).host : 'an address that is no URL';
  return new BridgeError({
    code: 'TOKEN_FOREIGN_HOST',
    kind: 'bug',
    message: `the login library wanted to ask ${host}; only the configured login endpoint is allowed`,
    hint: 'This is a defect of FlexBridge. Please report it.',
  });
}
