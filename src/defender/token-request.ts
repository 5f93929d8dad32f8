import { type AuthenticationResult, ConfidentialClientApplication, LogLevel } from '@azure/msal-node';
import type { Clock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import type { ClientProof } from './client-proof.ts';
import type { Fetcher } from './fetcher.ts';
import type { HostGate } from './host-gate.ts';
import { createMsalNetwork, type MsalExchange } from './msal-network.ts';
import { integer, isObject } from './schema.ts';
import { toTokenError } from './token-error.ts';

export interface TokenRequest {
  readonly tenantId: string;
  /** Base URL of the login service; `/{tenant}/oauth2/v2.0/token` is put below it. */
  readonly loginUrl: string;
  readonly clientId: string;
  readonly proof: ClientProof;
  readonly scope: string;
  readonly fetcher: Fetcher;
  /** Of the login host. */
  readonly gate: HostGate;
  readonly clock: Clock;
  /** For the whole answer, milliseconds. */
  readonly timeoutMs?: number;
}

export interface IssuedToken {
  readonly token: string;
  readonly lifetimeMs: number;
}

/**
 * Asks once for a token with the client-credentials grant. A new msal client every time: it would otherwise refuse
 * locally for a minute after a 429 or 5xx and go on with a secret that has been replaced since.
 * Throws a BridgeError (TOKEN_..., NETWORK_...), or the signal's reason.
 */
export async function requestToken(wanted: TokenRequest, signal: AbortSignal): Promise<IssuedToken> {
  const { authority, endpoint } = addresses(wanted);
  const exchange = createMsalNetwork({ ...wanted, endpoint, signal });
  let result: AuthenticationResult | null = null;
  try {
    result = await createClient(wanted, authority, endpoint, exchange).acquireTokenByClientCredential({
      scopes: [wanted.scope],
      skipCache: true,
    });
  } catch (thrown) {
    signal.throwIfAborted();
    throw explain(thrown, exchange, wanted);
  }
  const lifetimeMs = lifetime(exchange);
  if (result === null || result.accessToken === '' || lifetimeMs <= 0) throw explain(null, exchange, wanted);
  return { token: result.accessToken, lifetimeMs };
}

/** From the answer itself, a number or digits: msal's `expiresOn` is a time of the local wall clock. */
function lifetime(exchange: MsalExchange): number {
  const outcome = exchange.outcome();
  const json: unknown = outcome !== null && 'answer' in outcome ? JSON.parse(outcome.answer.body) : null;
  return isObject(json) ? (integer(json, 'expires_in') ?? 0) * 1000 : 0;
}

function addresses({ loginUrl, tenantId }: TokenRequest): { authority: URL; endpoint: URL } {
  const base = URL.canParse(loginUrl) ? new URL(loginUrl) : null;
  if (base?.protocol !== 'https:') throw badLogin(loginUrl);
  // msal lower-cases the authority, so the metadata must be lower case to match it.
  const path = `${base.pathname.replace(/\/+$/, '')}/${encodeURIComponent(tenantId)}`.toLowerCase();
  return { authority: new URL(`${path}/`, base.origin), endpoint: new URL(`${path}/oauth2/v2.0/token`, base.origin) };
}

/** All that msal would look up over the network is given: the authority is pinned to the configured login service. */
function createClient(wanted: TokenRequest, authority: URL, endpoint: URL, { module }: MsalExchange) {
  const { host } = authority;
  return new ConfidentialClientApplication({
    auth: {
      clientId: wanted.clientId,
      ...msalProof(wanted.proof),
      authority: authority.href,
      knownAuthorities: [host],
      cloudDiscoveryMetadata: JSON.stringify({
        tenant_discovery_endpoint: new URL('v2.0/.well-known/openid-configuration', authority).href,
        metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
      }),
      authorityMetadata: JSON.stringify({
        authorization_endpoint: new URL('oauth2/v2.0/authorize', authority).href,
        token_endpoint: endpoint.href,
        issuer: new URL('v2.0', authority).href,
        jwks_uri: new URL('discovery/v2.0/keys', authority).href,
      }),
    },
    system: {
      networkClient: module,
      loggerOptions: { loggerCallback: () => undefined, piiLoggingEnabled: false, logLevel: LogLevel.Error },
    },
  });
}

function msalProof(proof: ClientProof) {
  switch (proof.kind) {
    case 'secret':
      return { clientSecret: proof.secret };
    case 'assertion':
      return { clientAssertion: proof.assertion };
    case 'certificate': {
      const { thumbprintSha256, privateKeyPem, chainPem } = proof.certificate;
      return { clientCertificate: { thumbprintSha256, privateKey: privateKeyPem, x5c: chainPem } };
    }
  }
}

function explain(thrown: unknown, exchange: MsalExchange, { clock }: TokenRequest): Error {
  const outcome = exchange.outcome();
  if (outcome !== null && 'answer' in outcome) {
    return toTokenError(outcome.answer, exchange.sentProof(), clock.now());
  }
  if (outcome !== null && outcome.failure instanceof BridgeError) return outcome.failure;
  const name = thrown instanceof Error ? thrown.name : 'unknown';
  return new BridgeError({
    code: 'TOKEN_FAILED',
    kind: 'operator',
    message: `no token could be asked for: the login library refused the settings (${name})`,
    hint: 'Check tenantId, clientId, the credential and endpoints.login of the tenant; none may be empty.',
  });
}

function badLogin(loginUrl: string): BridgeError {
  return new BridgeError({
    code: 'TOKEN_LOGIN_URL',
    kind: 'operator',
    message: `endpoints.login is not an https URL: ${loginUrl}`,
    hint: 'Give the base URL of the login service, for example https://login.microsoftonline.com.',
  });
}
