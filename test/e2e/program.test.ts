import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { ask } from '../support/https.ts';
import { startProgram } from '../support/program.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const SECRET = 'the~client/secret+value';

describe('the program as its user starts it', () => {
  let folder: string;
  let simulator: Simulator | null = null;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexbridge-e2e-'));
  });
  afterEach(async () => {
    await simulator?.stop();
    simulator = null;
    rmSync(folder, { recursive: true });
  });

  /** Nothing but the three variables of a single tenant, and where the simulated Microsoft is. */
  async function environment(): Promise<Record<string, string>> {
    simulator = createSimulator({
      seed: 2,
      clock: systemClock,
      tenants: [{ tenantId: TENANT, clientId: 'client-1', clientSecret: SECRET }],
      world: { startMs: systemClock.now(), backlog: 8, live: 0, livePeriodMs: 60_000 },
    });
    const { url, caPem } = await simulator.start();
    writeFileSync(join(folder, 'ca.pem'), caPem);
    return {
      FLEXBRIDGE_TENANT_ID: TENANT,
      FLEXBRIDGE_CLIENT_ID: 'client-1',
      FLEXBRIDGE_CLIENT_SECRET: SECRET,
      FLEXBRIDGE_ENDPOINTS__LOGIN: url,
      FLEXBRIDGE_ENDPOINTS__GRAPH: url,
      FLEXBRIDGE_CA_FILE: join(folder, 'ca.pem'),
      FLEXBRIDGE_SERVER__PORT: '0',
    };
  }

  it('serves a tenant from three variables, gives its first logins once, and ends on SIGTERM with 0', async () => {
    const bridge = startProgram(['serve'], { cwd: folder, env: await environment() });
    const { url } = await bridge.logged('started');
    const created = await bridge.logged('credentialsCreated');
    await bridge.logged('pollFinished');
    const file = String(created['file']);
    expect(file).toBe(join(folder, 'data', 'initial-credentials'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [, name = '', secret = ''] = /^connector (\S+) (\S+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
    const ca = readFileSync(join(folder, 'data', 'tls', 'ca.pem'), 'utf8');
    const answer = await ask(
      `${String(url).replace('127.0.0.1', 'localhost')}/v1/feeds/default/detections?since=$START_AT_TIME`,
      ca,
      { user: name, password: secret },
    );
    expect(answer.status).toBe(200);
    expect((JSON.parse(answer.body) as unknown[]).length).toBeGreaterThan(7);
    bridge.child.kill('SIGTERM');
    const { code, out, err } = await bridge.ended;
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('"event":"stopped"');
    for (const text of [SECRET, secret]) expect(out).not.toContain(text);
  });

  it('refuses a second serve on the same database, with the pid of the first and exit code 1', async () => {
    const env = await environment();
    const first = startProgram(['serve'], { cwd: folder, env });
    await first.logged('started');
    const { code, err } = await startProgram(['serve'], { cwd: folder, env }).ended;
    expect(code).toBe(1);
    expect(err).toContain(`pid ${first.child.pid}`);
    expect(err).toContain('->');
    first.child.kill('SIGKILL');
    await first.ended;
    const third = startProgram(['serve'], { cwd: folder, env });
    await third.logged('started');
    third.child.kill('SIGTERM');
    expect((await third.ended).code).toBe(0);
  });

  it('reports every problem of the configuration at once, with its line, and exits with 78', async () => {
    writeFileSync(
      join(folder, 'flexbridge.yaml'),
      'server: { prot: 1 }\ntenants:\n  - name: contoso\n    tenantId: nonsense id\nfeeds:\n  - { name: a, tenants: [nobody] }\n',
    );
    const { code, err, out } = await startProgram(['check'], { cwd: folder }).ended;
    expect([code, out]).toEqual([78, '']);
    for (const part of ['flexbridge.yaml:1', 'port', 'flexbridge.yaml:4', 'flexbridge.yaml:6', 'nobody'])
      expect(err).toContain(part);
    expect(err).not.toContain('    at ');
  });

  it('checks online: names what Microsoft says of a wrong secret, and exits with 1', async () => {
    const env = { ...(await environment()), FLEXBRIDGE_CLIENT_SECRET: 'another-secret' };
    const { code, out } = await startProgram(['check', '--online'], { cwd: folder, env }).ended;
    expect(code).toBe(1);
    expect(out).toContain('AADSTS7000215');
    expect(out).not.toContain('another-secret');
    const good = await startProgram(['check', '--online', '--json'], { cwd: folder, env: await environment() }).ended;
    expect(good.code).toBe(0);
    expect(
      (JSON.parse(good.out) as { findings: { state: string }[] }).findings.every(({ state }) => state === 'ok'),
    ).toBe(true);
  });

  it('says that the bridge is not running when asked why no event arrives', async () => {
    const { code, out } = await startProgram(['doctor'], { cwd: folder, env: await environment() }).ended;
    expect(code).toBe(1);
    expect(out).toContain('not running');
  });

  it('writes the pack of a feed, and finds a deployed file that differs', async () => {
    const env = await environment();
    const pack = join(folder, 'pack');
    expect(
      (await startProgram(['generate', '--feed', 'default', '--out', pack], { cwd: folder, env }).ended).code,
    ).toBe(0);
    expect(
      (await startProgram(['generate', '--feed', 'default', '--out', pack, '--check'], { cwd: folder, env }).ended)
        .code,
    ).toBe(0);
    writeFileSync(join(pack, 'default.jsonparser.properties'), 'token.count=0\n');
    const { code, out } = await startProgram(['generate', '--feed', 'default', '--out', pack, '--check'], {
      cwd: folder,
      env,
    }).ended;
    expect(code).toBe(1);
    expect(out).toContain('different');
  });

  it('writes the same zip in every time zone', async () => {
    const zips = ['UTC', 'Pacific/Kiritimati', 'America/St_Johns'].map(async (TZ, index) => {
      const file = join(folder, `${index}.zip`);
      const env = { ...(await environment()), TZ };
      const { code } = await startProgram(['generate', '--feed', 'default', '--zip', file], { cwd: folder, env }).ended;
      return [code, readFileSync(file, 'hex')];
    });
    const [first, ...others] = await Promise.all(zips);
    expect(first?.[0]).toBe(0);
    expect(others).toEqual([first, first]);
  });
});

describe('npm run demo -- --once', () => {
  it('shows every alert of the simulated Microsoft as an ArcSight event and leaves nothing behind', async () => {
    const { code, out, err } = await startProgram(['demo', '--once'], { env: { TMPDIR: demoFolder } }).ended;
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /Microsoft had (\d+) alerts, stored \1 alerts as (\d+) events, delivered \2 events of \1 alerts\./,
    );
    expect(out.includes('\u001b')).toBe(false);
  });

  it('runs twice at the same time', async () => {
    const both = [
      startProgram(['demo', '--once'], { env: { TMPDIR: demoFolder } }),
      startProgram(['demo', '--once'], { env: { TMPDIR: demoFolder } }),
    ];
    const ended = await Promise.all(both.map((program) => program.ended));
    expect(ended.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ]);
  });

  const demoFolder = mkdtempSync(join(tmpdir(), 'flexbridge-demos-'));
  afterAll(() => {
    rmSync(demoFolder, { recursive: true });
  });
});
