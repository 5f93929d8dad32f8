import { afterEach, describe, expect, it } from 'vitest';
import { CLIENT, json, OWN_ALERTS, type Rig, SECRET, startRig, TENANT } from '../simulator-client.ts';

describe('a tenant that is not at home where it is asked for', () => {
  let rig: Rig | null = null;
  afterEach(() => rig?.simulator.stop());
  const own = { tenantId: TENANT, clientId: CLIENT, clientSecret: SECRET };

  it('of a national cloud is named by the discovery document, and gets no token', async () => {
    rig = await startRig({ tenants: [{ ...own, livesIn: 'us-government' }] });
    const document = json(await rig.ask(`/${TENANT}/v2.0/.well-known/openid-configuration`));
    expect(document).toMatchObject({ tenant_region_scope: 'USGov', cloud_instance_name: 'microsoftonline.us' });
    const refused = await rig.login();
    expect([refused.status, json(refused)['error_codes']]).toEqual([400, [900382]]);
  });

  it('of another region gets a token with its role, and a 403 of that API alone', async () => {
    rig = await startRig({ tenants: [{ ...own, elsewhere: ['defender'] }] });
    expect((await rig.api('defender', OWN_ALERTS)).status).toBe(403);
    expect((await rig.graph('/v1.0/security/alerts_v2')).status).toBe(200);
  });
});
