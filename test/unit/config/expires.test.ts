import { describe, expect, it } from 'vitest';
import { credentialOf, load, problemsOf } from './config-folder.ts';

const withExpiry = (expires: string) => `tenants:
  - name: contoso
    tenantId: 00000000-0000-0000-0000-000000000001
    credential: { clientId: abc, secret: s3cret, expires: ${expires} }
`;

describe('the day a credential expires', () => {
  it('is unknown unless somebody says it', async () => {
    const config = await load(withExpiry('2027-01-31').replace(', expires: 2027-01-31', ''));
    expect(credentialOf(config, 'secret').secrets).toMatchObject([{ expiresMs: null }]);
  });

  it('is a day in UTC', async () => {
    const config = await load(withExpiry('2027-01-31'));
    const expiresMs = Date.parse('2027-01-31T00:00:00Z');
    expect(credentialOf(config, 'secret').secrets).toMatchObject([{ expiresMs }]);
  });

  it.each(['tomorrow', '31.01.2027', '2027-02-30', '"2027-01-31T00:00:00Z"'])('is no day: %s', async (text) => {
    const [problem] = await problemsOf(withExpiry(text));
    expect(problem).toContain('tenants[0].credential.expires');
    expect(problem).toContain('a date such as 2027-01-31');
  });
});
