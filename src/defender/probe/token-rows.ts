import { type Finding, ok } from '../../domain/finding.ts';
import { API_TABLE } from '../api-table.ts';
import type { TenantAccess } from '../registry.ts';
import type { TokenFacts } from '../token-claims.ts';
import type { ApiAsked } from './api-probe.ts';
import { failed, isOfToken } from './probe-rows.ts';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PASSING: ReadonlySet<string> = new Set(['TOKEN_THROTTLED', 'TOKEN_UNAVAILABLE']);

/** Whether Microsoft gives tokens, a row a tenant, and what they say of themselves, a row an API. */
export async function tokenRows(access: TenantAccess, asked: readonly ApiAsked[]): Promise<readonly Finding[]> {
  const refused = asked.find(({ error }) => error !== null && isOfToken(error.code));
  const given = asked.filter(
    ({ facts, error }) => facts !== null || error === null || error.code.startsWith('UPSTREAM_'),
  );
  const claims = given.flatMap((answer) => claimsRow(access.tenantName, answer));
  if (refused !== undefined) return [await refusalRow(access, refused), ...claims];
  if (given.length === 0) return claims;
  return [ok('token', access.tenantName, 'Microsoft accepts the credential.'), ...claims];
}

async function refusalRow(access: TenantAccess, { error }: ApiAsked): Promise<Finding> {
  const { tenantName } = access;
  if (error === null) return ok('token', tenantName, 'Microsoft accepts the credential.');
  const { code, message, hint } = error;
  if (code === 'TOKEN_OTHER_CLOUD') return failed('cloud', tenantName, message, hint);
  const row = failed('token', tenantName, message, hint);
  if (PASSING.has(code)) return { ...row, state: 'warning' };
  if (code !== 'TOKEN_SECRET_WRONG' || !(await isSecretId(access))) return row;
  const said = / Microsoft: .*$/s.exec(message)?.[0] ?? '';
  const meaning = `The client secret that is configured looks like a Secret ID (a GUID), not like a secret: Microsoft gives no token for it.${said}`;
  return { ...row, meaning };
}

/** What stands beside a secret in the portal is a GUID; a secret's own value has another form (inferred from many). */
async function isSecretId({ credential }: TenantAccess): Promise<boolean> {
  if (credential.kind !== 'secret') return false;
  const secrets = await Promise.all(credential.secrets.map((read) => read().catch(() => '')));
  return secrets.some((secret) => GUID.test(secret.trim()));
}

function claimsRow(tenantName: string, { api, error, facts, problem }: ApiAsked): readonly Finding[] {
  const subject = `${tenantName}/${api}`;
  if (problem !== null) {
    const row = failed('token.claims', subject, problem.meaning, problem.remedy);
    return [error === null ? { ...row, state: 'warning' } : row];
  }
  return facts === null ? [] : [ok('token.claims', subject, claimsWords(api, facts))];
}

function claimsWords(api: ApiAsked['api'], { roles, app, expiresMs }: TokenFacts): string {
  const parts = [
    `Token for ${API_TABLE[api].title}`,
    ...(app === null ? [] : [`app ${app}`]),
    roles.length === 0 ? 'no roles' : `roles ${roles.join(', ')}`,
    ...(expiresMs === null ? [] : [`good until ${new Date(expiresMs).toISOString().slice(0, 19)}Z`]),
  ];
  return `${parts.join('; ')}.`;
}
