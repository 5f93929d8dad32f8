import { type SetUp, startAll } from '../set-up.ts';
import { CLIENT_SECRET } from '../written.ts';

const DAY_MS = 86_400_000;

/** What is wrong between the configuration and the tenant at Microsoft. */
export const MICROSOFT_SET_UPS = {
  'wrong-secret': {
    title: 'wrong secret',
    make: (stage) => startAll(stage, { written: { clientSecret: 'another~secret+of/someone-else=1234567' } }),
  },
  'expired-secret': {
    title: 'expired secret',
    make: (stage) =>
      startAll(stage, {
        tenant: {
          clientSecret: 'the-one-that-came-after',
          secrets: [{ value: CLIENT_SECRET, expiresMs: Date.now() - DAY_MS }],
        },
      }),
  },
  'secret-id': {
    title: 'secret id in place of the value',
    make: (stage) => startAll(stage, { written: { clientSecret: '4f0c1d2e-7a3b-4c5d-8e9f-0a1b2c3d4e5f' } }),
  },
  'unknown-tenant': {
    title: 'unknown tenant',
    make: (stage) => startAll(stage, { written: { tenantId: '00000000-1111-4222-8333-444444444444' } }),
  },
  'missing-role': {
    title: 'missing role',
    make: (stage) => startAll(stage, { tenant: { roles: ['SecurityIncident.Read.All'] } }),
  },
  'missing-consent': {
    title: 'missing admin consent',
    make: (stage) => startAll(stage, { tenant: { roles: [] } }),
  },
  'wrong-cloud': {
    title: 'wrong cloud',
    make: (stage) => startAll(stage, { tenant: { livesIn: 'us-government' }, written: { cloud: 'commercial' } }),
  },
  'another-region': {
    title: 'API host of another region',
    make: (stage) => startAll(stage, { tenant: { elsewhere: ['defender'] }, written: { api: 'defender-alerts' } }),
  },
} as const satisfies Readonly<Record<string, SetUp>>;
