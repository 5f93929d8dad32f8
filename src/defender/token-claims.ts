import type { SourceName } from '../domain/detection.ts';
import { API_TABLE } from './api-table.ts';
import { plainText } from './plain-text.ts';
import { integer, isObject, type JsonObject, text, texts } from './schema.ts';
import type { TokenProblem } from './source.ts';

/** What a token should be for. */
export interface ExpectedToken {
  readonly api: SourceName;
  /** What it was asked for: the API's name and `/.default`. */
  readonly scope: string;
  /** As configured; only an id can be compared, a domain name cannot. */
  readonly tenantId: string;
  /** Any of these roles is enough; empty: no role is known. */
  readonly permissions: readonly string[];
  /** It has no app registration, so its roles are given in another place. */
  readonly isManagedIdentity: boolean;
}

/**
 * Names and app ids that Microsoft puts into `aud` of an API's tokens, without trailing slash; each API answers to all of
 * its own. defender-api 1.6, 3, 4; the app id of Defender for Endpoint is widely published, that of Azure AD Graph is from
 * memory.
 */
const AUDIENCES: Readonly<Record<SourceName, readonly string[]>> = {
  'graph-alerts': [
    'https://graph.microsoft.com',
    'https://graph.microsoft.us',
    'https://dod-graph.microsoft.us',
    '00000003-0000-0000-c000-000000000000',
  ],
  'defender-alerts': [
    'https://api.securitycenter.microsoft.com',
    'https://api.security.microsoft.com',
    'https://api.securitycenter.windows.com',
    'https://securitycenter.onmicrosoft.com/windowsatpservice',
    'fc780465-2017-40d4-a0c5-307022471b92',
  ],
  'siem-detections': ['https://graph.windows.net', '00000002-0000-0000-c000-000000000000'],
};

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * What is wrong with an access token by its own claims; null when nothing is, or when it cannot be read: Microsoft may
 * send opaque tokens. Nothing is verified here. It only explains a refusal before it comes: what a token is worth is for
 * the API alone to say, and the token is used all the same, but for one of another tenant (token-source.ts).
 */
export function findTokenProblem(token: string, expected: ExpectedToken): TokenProblem | null {
  const claims = decodeClaims(token);
  if (claims === null) return null;
  return (
    audienceProblem(claims, expected) ??
    tenantProblem(claims, expected) ??
    roleProblem(claims, expected) ??
    expiryProblem(claims)
  );
}

/** What a token says of itself, for people. */
export interface TokenFacts {
  /** Application permissions; empty where it carries none. */
  readonly roles: readonly string[];
  /** Name of the app; null when it says none. */
  readonly app: string | null;
  /** Epoch ms, by Microsoft's clock; null when it does not say. */
  readonly expiresMs: number | null;
}

/** Null for a token that cannot be read. Nothing is verified here. */
export function tokenFacts(token: string): TokenFacts | null {
  const claims = decodeClaims(token);
  if (claims === null) return null;
  const end = integer(claims, 'exp');
  const app = text(claims, 'app_displayname');
  return {
    roles: rolesOf(claims).map((role) => plainText(role)),
    app: app === undefined ? null : plainText(app),
    expiresMs: end === undefined ? null : end * 1000,
  };
}

function rolesOf(claims: JsonObject): readonly string[] {
  const single = text(claims, 'roles');
  return single === undefined ? (texts(claims, 'roles') ?? []) : [single];
}

function decodeClaims(token: string): JsonObject | null {
  const [, payload, signature, ...more] = token.split('.');
  if (payload === undefined || signature === undefined || more.length > 0) return null;
  try {
    const json: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}

function audienceProblem(claims: JsonObject, { api, scope }: ExpectedToken): TokenProblem | null {
  const named = text(claims, 'aud');
  const found = named === undefined ? (texts(claims, 'aud') ?? []) : [named];
  const accepted = [scope.replace(/\/\.default$/, ''), ...AUDIENCES[api]].map(comparable);
  if (found.length === 0 || found.some((audience) => accepted.includes(comparable(audience)))) return null;
  return {
    code: 'audience',
    meaning: `The access token is for ${shown(found)}, not for ${API_TABLE[api].title} (asked for: ${plainText(scope)}). The API will refuse it (401).`,
    remedy: 'Check `cloud`, `endpoints` and `scopes` of the tenant: API host and scope must belong to the same cloud.',
  };
}

function comparable(audience: string): string {
  return audience.replace(/\/+$/, '').toLowerCase();
}

function tenantProblem(claims: JsonObject, { tenantId }: ExpectedToken): TokenProblem | null {
  const issuedFor = text(claims, 'tid');
  if (issuedFor === undefined || !GUID.test(tenantId) || issuedFor.toLowerCase() === tenantId.toLowerCase())
    return null;
  return {
    code: 'tenant',
    meaning: `The access token was issued by tenant ${shown([issuedFor])}, but ${tenantId} is configured. It is not used: the alerts of another tenant would be stored as this one's.`,
    remedy:
      'Compare tenantId with the Tenant ID on the Overview page of the Entra admin center. A managed identity always ' +
      'belongs to the tenant of its Azure subscription.',
  };
}

function roleProblem(claims: JsonObject, expected: ExpectedToken): TokenProblem | null {
  const { permissions, api } = expected;
  const roles = rolesOf(claims);
  if (permissions.length === 0 || roles.some((role) => permissions.includes(role))) return null;
  const { title } = API_TABLE[api];
  const carried =
    roles.length === 0
      ? `it carries none at all${expected.isManagedIdentity ? '' : ', which is so where admin consent was not given'}`
      : `it carries ${shown(roles)}`;
  return {
    code: 'role',
    meaning: `The access token for ${title} lacks the application permission ${permissions.join(' or ')}; ${carried}. The API will refuse the requests (403).`,
    remedy: expected.isManagedIdentity ? assignRole(expected) : grantPermission(expected, roles.length > 0),
  };
}

function grantPermission({ api, permissions }: ExpectedToken, hasRoles: boolean): string {
  const { title, entraName } = API_TABLE[api];
  const [permission = ''] = permissions;
  const page = 'In the Entra admin center open App registrations > the app > API permissions';
  const add = `Add a permission > ${entraName ?? title} > Application permissions (not Delegated), add ${permission}`;
  const soon = 'It takes effect with the next token, within the hour.';
  if (hasRoles) return `${page} > ${add}, then press Grant admin consent. ${soon}`;
  return `${page} and press Grant admin consent. Where ${permission} is not in the list as an Application permission, do this first: ${add}. ${soon}`;
}

function assignRole({ api, permissions }: ExpectedToken): string {
  return (
    `A managed identity has no API permissions page: assign it the app role ${permissions[0] ?? ''} of ${API_TABLE[api].title} ` +
    'with New-MgServicePrincipalAppRoleAssignment (Microsoft Graph PowerShell). Azure keeps the tokens of a managed ' +
    'identity for up to 24 hours, so it can take as long to show.'
  );
}

/** By Microsoft's own two times: the local clock may be wrong. */
function expiryProblem(claims: JsonObject): TokenProblem | null {
  const issuedAt = integer(claims, 'iat');
  const end = integer(claims, 'exp');
  if (issuedAt === undefined || end === undefined || end > issuedAt) return null;
  return {
    code: 'expired',
    meaning: 'The access token had already expired when it was issued. The API will refuse it (401).',
    remedy: 'Check what answers at endpoints.login; if it is Microsoft, look at https://status.cloud.microsoft.',
  };
}

/** Somebody else's words: one line, not too long. */
function shown(words: readonly string[]): string {
  return plainText(words.join(', '));
}
