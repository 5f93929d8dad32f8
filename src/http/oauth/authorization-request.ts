import OAuth2Server from '@node-oauth/oauth2-server';
import type { OAuthClient } from '../access.ts';
import type { Message } from '../pages/message-page.ts';
import { pick } from './form.ts';
import { isRegisteredRedirect } from './loopback-redirect.ts';

/** `scope` is not among them: it is taken and means nothing here. */
const NAMES = [
  'response_type',
  'client_id',
  'redirect_uri',
  'state',
  'code_challenge',
  'code_challenge_method',
] as const;
type Name = (typeof NAMES)[number];

/** A request of a known client for one of its own redirect URIs: from here on errors go there. */
export interface AuthorizationRequest {
  readonly client: OAuthClient;
  readonly redirectUri: string;
  readonly parameters: ReadonlyMap<Name, string>;
  readonly repeated: readonly Name[];
}

export type ReadRequest =
  | { readonly kind: 'request'; readonly request: AuthorizationRequest }
  /** To be told to the person at the browser: nobody says that the redirect URI is the client's (RFC 6749 4.1.2.1). */
  | { readonly kind: 'refused'; readonly clientId: string; readonly message: Message };

/** @param findClient the client of that id; throws where that cannot be decided */
export function readAuthorizationRequest(
  sent: URLSearchParams,
  findClient: (clientId: string) => OAuthClient | null,
): ReadRequest {
  const { values: parameters, repeated } = pick(sent, NAMES);
  const clientId = parameters.get('client_id') ?? '';
  const redirectUri = parameters.get('redirect_uri');
  const refuse = (title: string, detail: string, hint: string): ReadRequest => ({
    kind: 'refused',
    clientId,
    message: { title, detail, hint },
  });
  const twice = repeated.find((name) => name === 'client_id' || name === 'redirect_uri');
  if (twice !== undefined) {
    return refuse(
      'Unclear request',
      `The address has the parameter ${twice} more than once.`,
      'Look at auth_url in the client file of the connector: the connector adds this parameter itself.',
    );
  }
  const client = clientId === '' ? null : findClient(clientId);
  if (client === null) {
    return refuse(
      'Unknown client',
      clientId === '' ? 'The address names no client (client_id).' : 'No connector of this bridge has this client id.',
      'Compare client_id in the client file of the connector with the one that "flexbridge connector create" has shown.',
    );
  }
  if (redirectUri === undefined || !isRegisteredRedirect(redirectUri, client.auth.redirectUris)) {
    return refuse(
      redirectUri === undefined ? 'No redirect URI' : 'Wrong redirect URI',
      `The answer may only go to an address of this computer that the connector ${client.connector} has: ${client.auth.redirectUris.join(' or ')}, with any port.`,
      'Write one of these as redirect_uri into the client file, or add yours to redirectUris of the connector. Scheme, name and path must be the same; capital letters count.',
    );
  }
  return { kind: 'request', request: { client, redirectUri, parameters, repeated } };
}

/** What is kept of a code; the rest is the caller's. */
export interface AskedCode {
  readonly code: string;
  readonly codeChallenge: string | null;
}

export interface Authorized {
  /** The redirect URI with code or error, and state. */
  readonly location: string;
  /** Null: it has a code. */
  readonly error: { readonly name: string; readonly reason: string } | null;
}

/**
 * The library's answer to a request.
 * @param keep called once with the code, before anything is sent; what it throws is thrown on
 */
export async function authorize(
  { client, redirectUri, parameters, repeated }: AuthorizationRequest,
  { isAllowed, newCode, keep }: { isAllowed: boolean; newCode: () => string; keep: (asked: AskedCode) => void },
): Promise<Authorized> {
  const known = { id: client.auth.clientId, grants: ['authorization_code'], redirectUris: [redirectUri] };
  const [twice] = repeated;
  const model: OAuth2Server.AuthorizationCodeModel = {
    getClient: () => Promise.resolve(known),
    // Asked first of all that the library does with the redirect URI in its hands.
    validateScope: () =>
      twice === undefined
        ? Promise.resolve(['feeds'])
        : Promise.reject(new OAuth2Server.InvalidRequestError(`The parameter ${twice} was sent more than once`)),
    generateAuthorizationCode: () => Promise.resolve(newCode()),
    saveAuthorizationCode(code) {
      keep({ code: code.authorizationCode, codeChallenge: code.codeChallenge ?? null });
      return Promise.resolve({ ...code, client: known, user: {} });
    },
    // These belong to the token endpoint; the library's types want them.
    getAuthorizationCode: () => Promise.resolve(null),
    revokeAuthorizationCode: () => Promise.resolve(false),
    saveToken: () => Promise.resolve(null),
    getAccessToken: () => Promise.resolve(null),
  };
  const query = { ...Object.fromEntries(parameters), ...(isAllowed ? {} : { allowed: 'false' }) };
  const response = new OAuth2Server.Response();
  const answer = (error: Authorized['error']): Authorized => ({
    location: response.headers?.['location'] ?? '',
    error,
  });
  try {
    await new OAuth2Server({ model }).authorize(
      new OAuth2Server.Request({ method: 'GET', headers: {}, query }),
      response,
      { allowEmptyState: true, authenticateHandler: { handle: () => ({}) } },
    );
    return answer(null);
  } catch (thrown) {
    if (!(thrown instanceof OAuth2Server.OAuthError) || thrown instanceof OAuth2Server.ServerError) {
      // Not sent on: the library would put the words of the cause into the address.
      throw thrown instanceof Error && 'inner' in thrown ? thrown.inner : thrown;
    }
    return answer({ name: thrown.name, reason: thrown.message });
  }
}
