import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { hashPassword, hashSecret } from '../../src/domain/credential.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { ask } from '../support/https.ts';
import { startProgram } from '../support/program.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const SECRET = 'the~client/secret+value';
const CONNECTOR = 'connector-secret-value';
/** Any but root, whom no file mode keeps out. */
const ACCOUNT = 65_534;
const isRoot = process.getuid?.() === 0;
const account = isRoot ? { account: ACCOUNT } : {};

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}

describe('doctor beside the program that is served', () => {
  let folder: string;
  let simulator: Simulator;
  let publicUrl: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexbridge-doctor-'));
    simulator = createSimulator({
      seed: 2,
      clock: systemClock,
      tenants: [{ tenantId: TENANT, clientId: 'client-1', clientSecret: SECRET }],
      world: { startMs: systemClock.now(), backlog: 3, live: 0, livePeriodMs: 60_000 },
    });
    const { url, caPem } = await simulator.start();
    const port = await freePort();
    publicUrl = `https://localhost:${port}`;
    place('ca.pem', caPem);
    place('client-secret', SECRET);
    place(
      'flexbridge.yaml',
      `server: { port: ${port}, publicUrl: "${publicUrl}" }
tenants:
  - name: contoso
    tenantId: ${TENANT}
    cloud: custom
    endpoints: { login: "${url}", graph: "${url}" }
    caFile: ca.pem
    credential: { clientId: client-1, secretFile: client-secret }
connectors:
  - { name: arcsight-01, feeds: [default], auth: { kind: basic, secretHash: ${hashSecret(CONNECTOR)} } }
operators:
  - { name: ops, passwordHash: "${await hashPassword('a password')}" }
`,
    );
    if (isRoot) chownSync(folder, ACCOUNT, ACCOUNT);
  });
  afterEach(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true });
  });

  function place(name: string, text: string): void {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    if (isRoot) chownSync(join(folder, name), ACCOUNT, ACCOUNT);
  }

  const start = (...args: readonly string[]) => startProgram(args, { cwd: folder, ...account });

  async function diagnosis(): Promise<{ readonly code: number | null; readonly rows: readonly Finding[] }> {
    const { code, out, err } = await start('doctor', '--json').ended;
    expect(err).toBe('');
    expect(out).not.toContain(SECRET);
    return { code, rows: (JSON.parse(out) as { findings: readonly Finding[] }).findings };
  }

  it('finds every link of a healthy chain ok and exits with 0; then names what breaks first', async () => {
    const bridge = start('serve');
    await bridge.logged('pollFinished');
    const ca = readFileSync(join(folder, 'data', 'tls', 'ca.pem'), 'utf8');
    const feed = `${publicUrl}/v1/feeds/default/detections?since=${new Date().toISOString()}`;
    expect((await ask(feed, ca, { user: 'arcsight-01', password: CONNECTOR })).status).toBe(200);
    expect((await start('generate', '--feed', 'default', '--out', 'pack').ended).code).toBe(0);

    const well = await diagnosis();
    expect(well.rows.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(well.code).toBe(0);
    expect(new Set(well.rows.map(({ id }) => id))).toEqual(
      new Set(
        'config config.secrets store.writable store store.space server.port instance dns tls clock cloud token token.claims api credential.expiry source.poll store.retention feed certificate server.reach connector.poll connector.time connector.delivery pack'.split(
          ' ',
        ),
      ),
    );

    place('client-secret', 'another~secret');
    const ill = await diagnosis();
    expect(ill.code).toBe(1);
    expect(ill.rows[0]).toMatchObject({ id: 'token', state: 'failed', subject: 'contoso' });
    bridge.child.kill('SIGTERM');
    expect((await bridge.ended).code).toBe(0);
  });

  it('names the data folder that cannot be written before all that follows from it, and leaves it as it was', async () => {
    const bridge = start('serve');
    await bridge.logged('pollFinished');
    bridge.child.kill('SIGTERM');
    await bridge.ended;
    const data = join(folder, 'data');
    const before = readdirSync(data);
    chmodSync(data, 0o500);
    const { code, rows } = await diagnosis();
    chmodSync(data, 0o700);
    expect(code).toBe(1);
    expect(rows[0]).toMatchObject({ id: 'store.writable', state: 'failed', subject: 'store' });
    expect(readdirSync(data)).toEqual(before);
  });
});
