import OAuth2Server from '@node-oauth/oauth2-server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toBridgeError } from '../../domain/errors.ts';
import type { OAuthClient } from '../access.ts';
import { type ClientCredentials, readClientCredentials } from './client-credentials.ts';
import { type FormRequest, pick } from './form.ts';
import type { OAuthAudit } from './oauth-audit.ts';
import type { OAuthDeps } from './oauth-deps.ts';
import { sendOAuthError, sendUndecided } from './oauth-error.ts';
import type { TokenGrants } from './token-grants.ts';
import { createTokenModel, type TokenOutcome } from './token-model.ts';

export interface TokenEndpointDeps extends OAuthDeps {
  readonly grants: TokenGrants;
  readonly log: OAuthAudit;
}

const NAMES = [
  'grant_type',
  'code',
  'redirect_uri',
  'client_id',
  'client_secret',
  'refresh_token',
  'code_verifier',
] as const;
type Name = (typeof NAMES)[number];
type Form = ReadonlyMap<Name, string>;
type TokenRequest = FastifyRequest<FormRequest>;

/** Exchanges a code, or renews an access token. */
export async function answerTokenRequest(
  request: TokenRequest,
  reply: FastifyReply,
  deps: TokenEndpointDeps,
): Promise<FastifyReply> {
  const { values: form, repeated } = pick(request.body ?? new URLSearchParams(), NAMES);
  const [twice] = repeated;
  if (twice !== undefined) {
    const reason = `the parameter ${twice} was sent more than once`;
    deps.log.refused(request, { action: 'token-refused', who: form.get('client_id') ?? '', reason });
    return sendOAuthError(reply, 400, 'invalid_request', reason);
  }
  const client = authenticate(request, reply, form, deps);
  return client === null ? reply : exchange(request, reply, form, client, deps);
}

/** Null once it has been refused. Always with a secret: the library would do without one where PKCE is used. */
function authenticate(
  request: TokenRequest,
  reply: FastifyReply,
  form: Form,
  { access, log }: TokenEndpointDeps,
): OAuthClient | null {
  const shown = readClientCredentials(request, form);
  const { clientId } = shown;
  const refuse = (reason: string): void => {
    log.refused(request, { action: 'token-refused', who: clientId, client: clientId, reason });
  };
  if (shown.kind === 'contradictory') {
    const reason = 'the Authorization header and the form name different clients or secrets';
    refuse(reason);
    sendOAuthError(reply, 400, 'invalid_request', reason);
    return null;
  }
  const client = shown.kind === 'shown' ? access.client(request, clientId, secretsOf(shown)) : null;
  if (client !== null) return client;
  const reason =
    shown.kind === 'missing'
      ? 'client_id and client_secret are needed'
      : 'the client is not known, or its secret is wrong';
  refuse(reason);
  const waitSeconds = access.tooMany(request, clientId);
  if (waitSeconds !== null) {
    sendOAuthError(reply.header('retry-after', waitSeconds), 429, 'invalid_client', 'too many wrong client secrets');
  } else if (request.headers.authorization !== undefined) {
    // RFC 6749 5.2: a client that tried the header is told how.
    sendOAuthError(reply.header('www-authenticate', 'Basic realm="FlexBridge"'), 401, 'invalid_client', reason);
  } else {
    sendOAuthError(reply, 400, 'invalid_client', reason);
  }
  return null;
}

function secretsOf({ secret, decoded }: Extract<ClientCredentials, { kind: 'shown' }>): readonly string[] {
  return decoded === undefined ? [secret] : [secret, decoded];
}

async function exchange(
  request: TokenRequest,
  reply: FastifyReply,
  form: Form,
  client: OAuthClient,
  deps: TokenEndpointDeps,
): Promise<FastifyReply> {
  const { model, outcome } = createTokenModel(deps, { client, redirectUri: form.get('redirect_uri') });
  const server = new OAuth2Server({ model, alwaysIssueNewRefreshToken: false, allowExtendedTokenAttributes: true });
  const response = new OAuth2Server.Response();
  try {
    await server.token(libraryRequest(form, client), response);
  } catch (thrown) {
    return refuse(request, reply, { thrown, outcome, client, deps });
  }
  const { connector, auth } = client;
  if (outcome.issued !== null) {
    const { issued: grant } = outcome;
    deps.log.granted(request, { action: 'token-issued', who: connector, client: auth.clientId, grant });
  }
  const body: unknown = response.body;
  return reply
    .header('cache-control', 'no-store')
    .header('pragma', 'no-cache')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body));
}

/** Scope is left out: a client may read the feeds of its connector, whatever it asks for. */
function libraryRequest(form: Form, { auth }: OAuthClient): OAuth2Server.Request {
  const body = {
    ...Object.fromEntries(form),
    client_id: auth.clientId,
    // It was right already; the library only looks whether there is one.
    client_secret: 'checked',
  };
  const type = 'application/x-www-form-urlencoded';
  const headers = { 'content-type': type, 'content-length': '1' };
  return new OAuth2Server.Request({ method: 'POST', headers, query: {}, body });
}

interface Refusal {
  readonly thrown: unknown;
  readonly outcome: TokenOutcome;
  readonly client: OAuthClient;
  readonly deps: TokenEndpointDeps;
}

function refuse(request: TokenRequest, reply: FastifyReply, { thrown, outcome, client, deps }: Refusal): FastifyReply {
  const error = thrown instanceof OAuth2Server.OAuthError ? thrown : null;
  // The library makes one of whatever its model throws, with the words of the cause in it.
  if (error === null || error instanceof OAuth2Server.ServerError) {
    const cause: unknown = error !== null && 'inner' in error ? error.inner : thrown;
    deps.emit({ name: 'requestFailed', requestId: request.id, error: toBridgeError(cause) });
    return sendUndecided(reply);
  }
  const { reason = error.message, revoked } = outcome.refusal ?? {};
  const { connector: who, auth } = client;
  deps.log.refused(request, {
    action: 'token-refused',
    who,
    client: auth.clientId,
    reason,
    ...(revoked !== undefined && { revoked }),
  });
  return sendOAuthError(reply, 400, error.name, reason);
}
