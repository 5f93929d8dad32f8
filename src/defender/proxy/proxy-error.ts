import { BridgeError, type ErrorFacts } from '../../domain/errors.ts';
import { failureCode } from '../network-error.ts';
import { plainText } from '../plain-text.ts';

/** A CONNECT through a proxy: `proxy` and `target` are `host:port`, never with a login. */
export interface ProxyAttempt {
  readonly proxy: string;
  readonly target: string;
  readonly hasLogin: boolean;
}

/** Failures that pass by themselves; anything else in the way of a proxy (its name, its certificate) needs a person. */
const PASSING: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'TimeoutError',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_SOCKET',
]);

const CHECK = 'Check `proxy` of the tenant, that the proxy runs, and that this host may reach it.';

/** The proxy did not answer: no connection, no TLS with it, or nothing in time. */
export function proxyUnreachable({ proxy, target }: ProxyAttempt, thrown: unknown): BridgeError {
  const code = failureCode(thrown);
  return new BridgeError({
    code: 'NETWORK_PROXY',
    kind: PASSING.has(code) ? 'transient' : 'operator',
    message: `${target} was not reached: the proxy ${proxy} does not answer (${code})`,
    hint: `${CHECK} Where the proxy itself speaks https, its root certificate belongs into caFile.`,
    cause: new Error(code),
  });
}

/**
 * The proxy answered CONNECT with anything but a 2xx.
 * @param schemes its Proxy-Authenticate headers
 */
export function proxyRefused(attempt: ProxyAttempt, status: number, schemes: readonly string[]): BridgeError {
  return new BridgeError(status === 407 ? loginRefused(attempt, schemes) : tunnelRefused(attempt, status));
}

function loginRefused({ proxy, target, hasLogin }: ProxyAttempt, schemes: readonly string[]): ErrorFacts {
  const offered = schemes.map((scheme) => scheme.trim().split(/[\s,]/)[0] ?? '').filter((scheme) => scheme !== '');
  const hasBasic = offered.length === 0 || offered.some((scheme) => scheme.toLowerCase() === 'basic');
  const why = hasLogin ? 'refuses the login' : 'asks for a login';
  return {
    code: 'NETWORK_PROXY_LOGIN',
    kind: 'operator',
    message: `${target} was not reached: the proxy ${proxy} ${why} (407)${hasBasic ? '' : `; it takes only ${plainText(offered.join(', '))}`}`,
    hint: hasBasic
      ? 'Give user and password under `proxy` of the tenant, and check both with the people who run the proxy.'
      : 'FlexBridge can log in with Basic only. Ask for Basic, or for an exception for the address of this host.',
  };
}

function tunnelRefused({ proxy, target }: ProxyAttempt, status: number): ErrorFacts {
  const isFailing = status >= 500 || status === 429 || status === 408;
  return {
    code: isFailing ? 'NETWORK_PROXY_FAILED' : 'NETWORK_PROXY_DENIED',
    kind: isFailing ? 'transient' : 'operator',
    message: `${target} was not reached: the proxy ${proxy} ${isFailing ? 'could not connect to it' : 'does not allow it'} (${status})`,
    hint: isFailing
      ? 'Ask the people who run the proxy whether it resolves and reaches this host. FlexBridge tries again by itself.'
      : 'Ask the people who run the proxy to allow CONNECT to this host and port, or put the host on `proxy.noProxy`.',
  };
}
