import type { Clock } from '../../domain/clock.ts';
import type { SimulatorRequest } from '../exchange.ts';
import type { AccessTokens, TokenClaims } from '../login/access-token.ts';
import type { Api } from '../service.ts';
import { Refusal } from './refusal.ts';

/** Whom an API lets in, and how it words that it does not. */
export interface AccessRule {
  readonly audience: string;
  /** Application permissions of which one is needed; none: every app is let in. */
  readonly roles: readonly string[];
  /** Error code of a 401. */
  readonly unauthorized: string;
  missingRole(granted: readonly string[]): string;
}

export const ACCESS_RULES: Readonly<Record<Api, AccessRule>> = {
  graph: {
    audience: 'https://graph.microsoft.com',
    roles: ['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All'],
    unauthorized: 'InvalidAuthenticationToken',
    missingRole: (granted) =>
      `Missing application roles. API required roles: SecurityAlert.Read.All, SecurityAlert.ReadWrite.All, application roles: ${granted.join(', ')}.`,
  },
  defender: {
    audience: 'https://api.securitycenter.microsoft.com',
    roles: ['Alert.Read.All', 'Alert.ReadWrite.All'],
    unauthorized: 'Unauthorized',
    missingRole: () =>
      'The application does not have any of the required application permissions (Alert.Read.All, Alert.ReadWrite.All) to access the resource.',
  },
  siem: {
    audience: 'https://graph.windows.net',
    roles: [],
    unauthorized: 'Unauthorized',
    missingRole: () => 'Access denied.',
  },
};

/** Role that an app usually has for an API. */
export const USUAL_ROLES: Readonly<Record<Api, readonly string[]>> = {
  graph: ['SecurityAlert.Read.All'],
  defender: ['Alert.Read.All'],
  siem: [],
};

export function bearerOf({ headers }: Pick<SimulatorRequest, 'headers'>): string | null {
  return /^Bearer\s+(\S+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? null;
}

/** Claims of the token, once it has passed every check; a Refusal (401 or 403) otherwise. */
export function authorize(
  { clock, tokens }: { readonly clock: Clock; readonly tokens: AccessTokens },
  rule: AccessRule,
  request: SimulatorRequest,
): TokenClaims {
  const unauthorized = (message: string) => new Refusal(401, rule.unauthorized, message);
  const token = bearerOf(request);
  if (token === null) throw unauthorized('Access token is empty.');
  if (token.split('.').length !== 3) throw unauthorized('IDX14100: JWT is not well formed, there are no dots (.).');
  const claims = tokens.read(token);
  if (claims === null) throw unauthorized('Signing key is invalid.');
  if (claims.aud !== rule.audience) throw unauthorized('Access token validation failure. Invalid audience.');
  if (claims.exp * 1000 <= clock.now()) throw unauthorized('Lifetime validation failed, the token is expired.');
  if (rule.roles.length > 0 && !claims.roles.some((role) => rule.roles.includes(role))) {
    throw new Refusal(403, 'Forbidden', rule.missingRole(claims.roles));
  }
  return claims;
}
