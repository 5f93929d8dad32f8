import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  CLIENT,
  createSetupRig,
  OTHER_TENANT,
  type Script,
  SECRET,
  type SetupRig,
  scripted,
  TENANT,
} from './setup-rig.ts';

const TENANT_ID = 'Directory (tenant) ID, as';
const CLIENT_ID = 'Application (client) ID, as';
const THE_SECRET = 'The Value of the client secret';
const GOOD: Script = { [TENANT_ID]: TENANT, [CLIENT_ID]: CLIENT, [THE_SECRET]: SECRET };

describe('setup, asked on a terminal', () => {
  let rig: SetupRig;
  beforeEach(async () => {
    rig = await createSetupRig();
  });
  afterEach(async () => {
    await rig.close();
  });

  const written = (): unknown => parse(readFileSync(join(rig.folder, 'flexbridge.yaml'), 'utf8'));
  const mode = (name: string): number => statSync(join(rig.folder, name)).mode & 0o777;

  it('writes configuration, secret and pack from three answers, and says which roles the token has', async () => {
    const asked = scripted(GOOD);
    const { code, out } = await rig.run({}, { scripted: asked });
    expect([code, out]).toEqual([0, '']);
    expect(rig.files()).toEqual(['client-secret', 'data', 'flexbridge.yaml', 'pack']);
    expect([mode('client-secret'), mode('flexbridge.yaml'), mode('pack/default.properties')]).toEqual([
      0o600, 0o640, 0o600,
    ]);
    expect(readFileSync(join(rig.folder, 'client-secret'), 'utf8')).toBe(`${SECRET}\n`);
    expect(written()).toMatchObject({ tenants: [{ tenantId: TENANT, cloud: 'custom' }] });
    const said = asked.said.join('\n');
    expect(said).toContain('roles SecurityAlert.Read.All');
    expect(said).toContain('Grant admin consent');
    expect(said).toMatch(/Fingerprint \(SHA-256\) of the CA in the pack: [0-9A-F:]{95}/);
    expect(said).toMatch(/^\d\. The tenant stands in the file now: unset .*FLEXBRIDGE_CA_FILE/m);
    expect(said).not.toContain(SECRET);
  });

  it('asks again where a secret looks like the Secret ID', async () => {
    const asked = scripted({ ...GOOD, [THE_SECRET]: [CLIENT, SECRET] });
    expect((await rig.run({}, { scripted: asked })).code).toBe(0);
    expect(asked.said.join('\n')).toContain('warning: This looks like the Secret ID, not the Value');
    expect(readFileSync(join(rig.folder, 'client-secret'), 'utf8')).toBe(`${SECRET}\n`);
  });

  it('lets a wrong tenant id be corrected after Microsoft has refused it', async () => {
    const wrong = '00000000-2222-4333-8444-555555555555';
    const asked = scripted({ ...GOOD, [TENANT_ID]: [wrong, TENANT], 'Which answer?': 'tenantId' });
    expect((await rig.run({}, { scripted: asked })).code).toBe(0);
    expect(asked.said.join('\n')).toMatch(/^bad: token: .*tenant/m);
    expect(written()).toMatchObject({ tenants: [{ tenantId: TENANT }] });
  });

  it('goes on all the same where that is wanted, and the exit code says that it would not work', async () => {
    const asked = scripted({ ...GOOD, [THE_SECRET]: 'another~secret-than-the-one-of-the-app', 'What now?': 'anyway' });
    expect((await rig.run({}, { scripted: asked })).code).toBe(1);
    expect(rig.files()).toContain('flexbridge.yaml');
  });

  it('makes a proposal anew when what it came from is corrected', async () => {
    const asked = scripted({
      ...GOOD,
      'Go on?': ['correct', 'write'],
      'Which answer?': 'port',
      'Port to listen': ['8443', '9443'],
    });
    expect((await rig.run({}, { scripted: asked })).code).toBe(0);
    expect(written()).toMatchObject({ server: { port: 9443, publicUrl: 'https://localhost:9443' } });
  });

  it.each([
    ['at the secret', { [THE_SECRET]: 'CTRL-C' }],
    ['at the last question', { 'Go on?': 'CTRL-C' }],
    ['by choice', { 'Go on?': 'leave' }],
  ])('writes nothing when it is left %s', async (_, script) => {
    const { error } = await rig.run({}, { scripted: scripted({ ...GOOD, ...script }) });
    expect(error).toBe('SETUP_CANCELLED');
    expect(rig.files()).toEqual([]);
  });

  it('takes what the flags say without asking', async () => {
    const asked = scripted(GOOD);
    expect((await rig.run({ tenantName: 'fabrikam', layout: 'esm' }, { scripted: asked })).code).toBe(0);
    expect(asked.said.some((text) => text.includes('Where does the victim stand'))).toBe(false);
    expect(written()).toMatchObject({ tenants: [{ name: 'fabrikam' }], feeds: [{ layout: 'esm' }] });
  });

  it('offers to add a tenant where there is a configuration, and touches nothing else of it', async () => {
    expect((await rig.run({}, { scripted: scripted(GOOD) })).code).toBe(0);
    const before = readFileSync(join(rig.folder, 'pack', 'default.properties'), 'utf8');
    const asked = scripted({
      ...GOOD,
      [TENANT_ID]: OTHER_TENANT,
      'is there already': 'add',
      'A short name': 'second',
    });
    expect((await rig.run({}, { scripted: asked })).code).toBe(0);
    expect(written()).toMatchObject({ tenants: [{ name: 'default' }, { name: 'second' }] });
    expect(rig.files()).toContain('client-secret-second');
    expect(rig.files()).toContain('flexbridge.yaml.bak');
    expect(readFileSync(join(rig.folder, 'pack', 'default.properties'), 'utf8')).toBe(before);
  });

  it('says which rule of the configuration the answers break, and lets them be corrected', async () => {
    expect((await rig.run({}, { scripted: scripted(GOOD) })).code).toBe(0);
    const asked = scripted({
      ...GOOD,
      [TENANT_ID]: [TENANT, OTHER_TENANT],
      'is there already': 'add',
      'A short name': 'second',
      'Which answer?': 'tenantId',
    });
    expect((await rig.run({}, { scripted: asked })).code).toBe(0);
    expect(asked.said.join('\n')).toMatch(/^bad: tenants\[1\]\.tenantId: /m);
    expect(written()).toMatchObject({ tenants: [{ tenantId: TENANT }, { tenantId: OTHER_TENANT }] });
  });

  it('refuses an existing file that cannot be read, before it asks anything', async () => {
    writeFileSync(join(rig.folder, 'flexbridge.yaml'), 'tenants: [');
    const { error } = await rig.run({}, { scripted: scripted({ 'is there already': 'add' }) });
    expect(error).toBe('CONFIG_INVALID');
  });
});

describe('setup without a terminal', () => {
  let rig: SetupRig;
  beforeEach(async () => {
    rig = await createSetupRig();
  });
  afterEach(async () => {
    await rig.close();
  });

  const FLAGS = { tenantId: TENANT, clientId: CLIENT, clientSecretFile: '-' };

  it('writes nothing where Microsoft refuses the access, and says why as JSON', async () => {
    const { code, out } = await rig.run({ ...FLAGS, json: true }, { input: 'wrong~secret' });
    const result = JSON.parse(out) as {
      ok: boolean;
      written: unknown[];
      access: { id: string; state: string; remedy: string }[];
    };
    expect([code, result.ok, result.written]).toEqual([1, false, []]);
    expect(result.access.find(({ state }) => state === 'failed')).toMatchObject({ id: 'token' });
    expect(rig.files()).toEqual([]);
  });

  it('warns of a Secret ID, and writes all the same with --anyway', async () => {
    const { code, out } = await rig.run({ ...FLAGS, anyway: true }, { input: CLIENT });
    expect(code).toBe(1);
    expect(out).toContain('warning: This looks like the Secret ID');
    expect(rig.files()).toContain('flexbridge.yaml');
  });

  it('prints with --dry-run what it would write, without the secret, and writes nothing', async () => {
    const { code, out } = await rig.run({ ...FLAGS, dryRun: true, service: 'systemd' }, { input: SECRET });
    expect(code).toBe(0);
    expect(out).toMatch(/flexbridge\.yaml \(mode 0640\)/);
    expect(out).toContain('(the client secret)');
    expect(out).toMatch(/ExecStart=.* serve --config .*flexbridge\.yaml/);
    expect(out).not.toContain(SECRET);
    expect(rig.files()).toEqual([]);
  });

  it('never writes over a configuration without --force, and keeps the old one with it', async () => {
    writeFileSync(join(rig.folder, 'flexbridge.yaml'), '# mine\n');
    expect((await rig.run(FLAGS, { input: SECRET })).error).toBe('SETUP_EXISTS');
    expect((await rig.run({ ...FLAGS, force: true }, { input: SECRET })).code).toBe(0);
    expect(readFileSync(join(rig.folder, 'flexbridge.yaml.bak'), 'utf8')).toBe('# mine\n');
  });

  it('keeps the client secret of a pack that is there when it runs again', async () => {
    expect((await rig.run(FLAGS, { input: SECRET })).code).toBe(0);
    const secretOf = () =>
      /^client_secret=(.*)$/m.exec(readFileSync(join(rig.folder, 'pack', 'default.properties'), 'utf8'))?.[1];
    const first = secretOf();
    expect((await rig.run({ ...FLAGS, force: true }, { input: SECRET })).code).toBe(0);
    expect(secretOf()).toBe(first);
  });

  it.each([
    ['basic', /^connector arcsight-01 \S+$/m],
    ['urlKey', /^connector arcsight-01 \S+$/m],
    ['oauth2', /^refresh-token arcsight-01 \S+$/m],
  ])('hands over what a login of the kind %s signs in with', async (login, line) => {
    const { code, out } = await rig.run({ ...FLAGS, login, json: true }, { input: SECRET });
    expect(code).toBe(0);
    const { connector } = JSON.parse(out) as { connector: { kind: string; secretsIn: string } };
    expect(connector.kind).toBe(login);
    expect(readFileSync(connector.secretsIn, 'utf8')).toMatch(line);
    expect(statSync(connector.secretsIn).mode & 0o777).toBe(0o600);
  });

  it('refuses a connector name that an operator or another kind of login has', async () => {
    expect((await rig.run({ ...FLAGS, connector: 'ops' }, { input: SECRET })).message).toContain("operator's login");
    expect(rig.files()).toEqual([]);
    expect((await rig.run(FLAGS, { input: SECRET })).code).toBe(0);
    const other = await rig.run({ ...FLAGS, force: true, login: 'basic' }, { input: SECRET });
    expect(other.message).toContain('signs in by oauth2');
  });

  it('names files with YAML syntax and quotes in them as they are', async () => {
    const name = `it's "a: b" #1`;
    writeFileSync(join(rig.folder, name), SECRET, { mode: 0o600 });
    expect((await rig.run({ ...FLAGS, clientSecretFile: name })).code).toBe(0);
    const { tenants } = parse(readFileSync(join(rig.folder, 'flexbridge.yaml'), 'utf8')) as {
      tenants: { credential: { secretFile: string } }[];
    };
    expect(tenants[0]?.credential.secretFile).toBe(name);
    expect(rig.files()).not.toContain('client-secret');
  });

  it('has nothing to add a tenant to where there is no configuration', async () => {
    expect((await rig.run({ ...FLAGS, addTenant: true }, { input: SECRET })).error).toBe('SETUP_NO_CONFIG');
  });
});
