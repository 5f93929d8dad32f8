import { describe, expect, it } from 'vitest';
import { type ExpectedToken, findTokenProblem } from '../../../src/defender/token-claims.ts';
import type { SourceName } from '../../../src/domain/detection.ts';
import { containing } from './loopback.ts';
import { aJwt, TENANT } from './token-rig.ts';

const EXPECTED: ExpectedToken = {
  api: 'graph-alerts',
  scope: 'https://graph.microsoft.com/.default',
  tenantId: TENANT,
  permissions: ['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All'],
  isManagedIdentity: false,
};
const GOOD = {
  aud: 'https://graph.microsoft.com',
  tid: TENANT.toLowerCase(),
  iat: 1_700_000_000,
  exp: 1_700_003_600,
  roles: ['User.Read.All', 'SecurityAlert.ReadWrite.All'],
};

function problem(claims: object, expected: Partial<ExpectedToken> = {}) {
  return findTokenProblem(aJwt({ ...GOOD, ...claims }), { ...EXPECTED, ...expected });
}

describe('a token without a problem', () => {
  it('has the audience, the tenant, one of the roles and a life, however long ago that was', () => {
    expect(problem({})).toBeNull();
  });

  it.each(['opaque', '', 'a.b', 'a.b.c', 'a.bnVsbA.c', 'a.W10.c', 'eyJ.eyJ.eyJ.eyJ.eyJ'])(
    'may be opaque: %s',
    (token) => {
      expect(findTokenProblem(token, EXPECTED)).toBeNull();
    },
  );

  it('may say nothing of audience, tenant and times', () => {
    expect(findTokenProblem(aJwt({ roles: GOOD.roles }), EXPECTED)).toBeNull();
  });

  it.each<[SourceName, string, string]>([
    ['graph-alerts', 'https://graph.microsoft.com/.default', 'https://graph.microsoft.com/'],
    ['graph-alerts', 'https://graph.microsoft.us/.default', '00000003-0000-0000-C000-000000000000'],
    ['graph-alerts', 'https://graph.example/.default', 'https://graph.example'],
    ['graph-alerts', 'https://graph.example//.default', 'https://graph.example/'],
    ['defender-alerts', 'https://api.securitycenter.microsoft.com/.default', 'https://api.security.microsoft.com'],
    [
      'defender-alerts',
      'https://api.securitycenter.microsoft.com/.default',
      'https://securitycenter.onmicrosoft.com/windowsatpservice',
    ],
    ['defender-alerts', 'https://api.securitycenter.microsoft.com/.default', 'fc780465-2017-40d4-a0c5-307022471b92'],
    ['siem-detections', 'https://graph.windows.net/.default', '00000002-0000-0000-c000-000000000000'],
  ])('of %s for the scope %s may name the audience %s', (api, scope, aud) => {
    expect(problem({ aud }, { api, scope })).toBeNull();
  });

  it('may carry any role where none is known, and any tenant where a domain name is configured', () => {
    expect(problem({ roles: [] }, { permissions: [] })).toBeNull();
    expect(problem({ tid: '11111111-0000-4000-8000-000000000000' }, { tenantId: 'contoso.example' })).toBeNull();
  });
});

describe('a token with a problem', () => {
  it.each([
    [{ aud: 'https://vault.azure.net' }, 'audience', 'https://vault.azure.net', 'scopes'],
    [{ aud: ['https://a.example', 'https://b.example'] }, 'audience', 'https://a.example, https://b.example', 'cloud'],
    [{ aud: 'https://graph.microsoft.com.evil.example' }, 'audience', 'evil.example', 'cloud'],
    [{ tid: '11111111-0000-4000-8000-000000000000' }, 'tenant', '11111111-0000-4000', 'Tenant ID'],
    [
      { roles: ['User.Read.All'] },
      'role',
      'SecurityAlert.Read.All or SecurityAlert.ReadWrite.All',
      'Grant admin consent',
    ],
    [{ roles: ['User.Read.All'] }, 'role', 'it carries User.Read.All', 'Application permissions'],
    [{ roles: undefined }, 'role', 'none at all', 'SecurityAlert.Read.All'],
    [{ exp: GOOD.iat }, 'expired', 'already expired', 'endpoints.login'],
  ])('%j is named with its remedy: %s', (claims, code, meaning, remedy) => {
    expect(problem(claims)).toMatchObject({ code, meaning: containing(meaning), remedy: containing(remedy) });
  });

  it('of a managed identity names the place where its roles are given', () => {
    const found = problem({ roles: [] }, { isManagedIdentity: true });
    expect(found).toMatchObject({ code: 'role', remedy: containing('New-MgServicePrincipalAppRoleAssignment') });
  });

  it('shows the words of the claims in one clean line of bounded length', () => {
    const found = problem({ roles: [`a\u001b[31m\r\nlevel=error ${'x'.repeat(5000)}`, 'b\u202e'] });
    expect(found?.meaning).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(found?.meaning.length).toBeLessThan(600);
  });
});
