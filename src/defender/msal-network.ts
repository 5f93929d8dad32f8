import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { BridgeError } from '../domain/errors.ts';
import type { Fetcher, HttpResponse } from './fetcher.ts';
import { isObject } from './schema.ts';

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 1_000_000;

/** How msal's one request went; msal itself drops the cause of a network failure. */
export interface MsalExchange {
  readonly module: INetworkModule;
  /** The answer, or what went wrong before there was one; null while nothing was sent. */
  outcome(): { readonly answer: HttpResponse } | { readonly failure: unknown } | null;
}

/**
 * Network of one msal token request on the tenant's own connections. Only a POST to `endpoint` passes, so that nothing
 * msal might look up can choose where the secret goes.
 */
export function createMsalNetwork(deps: { fetcher: Fetcher; endpoint: URL; signal: AbortSignal }): MsalExchange {
  let outcome: ReturnType<MsalExchange['outcome']> = null;

  async function post<T>(address: string, options: NetworkRequestOptions = {}): Promise<NetworkResponse<T>> {
    try {
      const url = new URL(address);
      if (url.origin !== deps.endpoint.origin || url.pathname !== deps.endpoint.pathname) throw unexpected(address);
      const answer = await deps.fetcher(
        {
          method: 'POST',
          url,
          headers: { ...options.headers, accept: 'application/json' },
          body: options.body ?? '',
          attempt: 'asking Microsoft for a token',
          timeoutMs: TIMEOUT_MS,
          maxBytes: MAX_BYTES,
        },
        deps.signal,
      );
      outcome = { answer };
      return { headers: {}, status: answer.status, body: parseBody(answer.body) as T };
    } catch (failure) {
      outcome ??= { failure };
      throw failure;
    }
  }

  return {
    outcome: () => outcome,
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
