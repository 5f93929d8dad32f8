import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import {
  configOf,
  createScratch,
  expectParts,
  type Files,
  NOBODY,
  runHere,
  runProgram,
  SECRET,
  TENANT,
} from './bad-input-rig.ts';

const NO_ROLE = '22222222-2222-4333-8444-555555555555';
const scratch = createScratch();
let simulator: Simulator;
let microsoft = { url: '', caPem: '' };

beforeAll(async () => {
  const app = { clientId: 'client-1', clientSecret: SECRET };
  simulator = createSimulator({
    seed: 1,
    clock: systemClock,
    tenants: [
      { tenantId: TENANT, ...app },
      { tenantId: NO_ROLE, ...app, roles: ['User.Read.All'] },
    ],
    world: { startMs: systemClock.now(), backlog: 2, live: 0, livePeriodMs: 60_000 },
  });
  microsoft = await simulator.start();
});
afterAll(async () => {
  await simulator.stop();
  scratch.remove();
});

interface Tenant {
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly secret?: string;
  readonly url?: string;
  readonly caFile?: string;
}

function files({
  tenantId = TENANT,
  clientId = 'client-1',
  secret = SECRET,
  url = microsoft.url,
  caFile = 'ca.pem',
}: Tenant): Files {
  return {
    'ca.pem': microsoft.caPem,
    'client-secret': secret,
    'flexbridge.yaml': `tenants:
  - name: contoso
    tenantId: ${tenantId}
    endpoints: { login: "${url}", graph: "${url}" }
    caFile: ${caFile}
    credential: { clientId: ${clientId}, secretFile: client-secret }
`,
  };
}

interface Row {
  readonly id: string;
  readonly state: string;
  readonly subject: string;
  readonly meaning: string;
  readonly remedy: string;
}

/** The rows that are not ok, as `check --online` gives them. */
async function trouble(tenant: Tenant): Promise<{ code: number | null; rows: readonly Row[] }> {
  const folder = scratch.folder(files(tenant));
  const { code, out, err } = await runHere(['check', '--online', '--json', ...configOf(folder)], folder);
  expect(err).toBe('');
  expect(out).not.toContain(tenant.secret ?? SECRET);
  const { findings } = JSON.parse(out) as { findings: readonly Row[] };
  return { code, rows: findings.filter(({ state }) => state !== 'ok') };
}

describe('a tenant that Microsoft does not serve', () => {
  it.for<[what: string, tenant: Tenant, id: string, meaning: readonly string[], remedy: string]>([
    [
      'a wrong client secret',
      { secret: 'not~the/secret+value' },
      'token',
      ['the client secret is wrong', 'AADSTS7000215'],
      'make a new client secret, and put its Value (not its Secret ID)',
    ],
    [
      'an unknown tenant',
      { tenantId: '99999999-2222-4333-8444-555555555555' },
      'token',
      ['Microsoft knows no such tenant', 'AADSTS90002'],
      'Compare tenantId with the Tenant ID',
    ],
    [
      'an unknown client id',
      { clientId: 'client-2' },
      'token',
      ['the tenant has no such app', 'AADSTS700016'],
      'Compare clientId with the Application (client) ID',
    ],
    [
      'a missing permission',
      { tenantId: NO_ROLE },
      'token.claims',
      ['(403)', 'lacks the application permission SecurityAlert.Read.All'],
      'API permissions > Add a permission > Microsoft Graph',
    ],
    [
      'a certificate that nobody here trusts',
      { caFile: 'null' },
      'tls',
      ['no authority that is trusted here', 'TLS inspection by CN=FlexBridge simulator CA'],
      'put its root certificate (PEM) into tenants[].caFile',
    ],
  ])('%s is a failed finding with the remedy', async ([, tenant, id, meaning, remedy]) => {
    const { code, rows } = await trouble(tenant);
    expect(code).toBe(1);
    const row = rows.find((candidate) => candidate.id === id);
    expect(row?.state).toBe('failed');
    expectParts(row?.meaning ?? '', meaning);
    expect(row?.remedy).toContain(remedy);
  });

  it('a name that does not resolve is named, whether DNS says so or does not answer', async () => {
    const { rows } = await trouble({ url: 'https://login.flexbridge.invalid' });
    const row = rows.find(({ id }) => id === 'dns');
    expect(row?.meaning).toMatch(
      /login\.flexbridge\.invalid: (the name does not resolve|the DNS server did not answer)/,
    );
    expect(row?.remedy).toContain('the DNS of this host');
  });

  it('a connection that is refused is named with its address', async () => {
    const { code, rows } = await trouble({ url: NOBODY });
    expect(code).toBe(1);
    const row = rows.find(({ id }) => id === 'token');
    expect(row?.meaning).toContain('127.0.0.1:1: the connection was refused');
    expect(row?.remedy).toContain('firewall');
  });

  it('is told so on the command line, with the remedy behind an arrow', async () => {
    const folder = scratch.folder(files({ tenantId: NO_ROLE }));
    const { code, out, err } = await runProgram(['check', '--online'], folder);
    expect([code, err]).toEqual([1, '']);
    expect(out).toMatch(/^FAILED {2}token\.claims {2}contoso\/graph-alerts/);
    expect(out).toContain('          -> In the Entra admin center open App registrations');
  });
});
