import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../../../src/cli/program.ts';
import type { Finding } from '../../../../src/domain/finding.ts';
import { type BridgeRig, createBridgeRig, SECRETS } from '../../../support/bridge-rig.ts';

let rig: BridgeRig;
beforeEach(async () => {
  rig = await createBridgeRig();
  await rig.startBridge();
  await rig.seen('pollFinished');
});
afterEach(async () => {
  await rig.close();
});

const file = (): string => join(rig.folder, 'flexbridge.yaml');

async function doctor(...args: readonly string[]) {
  let [out, err] = ['', ''];
  const code = await run(['doctor', '--config', file(), ...args], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    input: Readable.from(['']),
    cwd: rig.folder,
    isTerminal: false,
  });
  return { code, out, err };
}

async function rows(...args: readonly string[]): Promise<readonly Finding[]> {
  const { out } = await doctor('--json', ...args);
  for (const secret of Object.values(SECRETS)) expect(out).not.toContain(secret);
  return (JSON.parse(out) as { findings: readonly Finding[] }).findings;
}

function ids(found: readonly Finding[], state: Finding['state']): readonly string[] {
  return [...new Set(found.filter((row) => row.state === state).map(({ id }) => id))];
}

describe('doctor', () => {
  it('tries every link beside a running bridge, and says what is not ok first', async () => {
    await rig.poll(new Date().toISOString());
    const found = await rows();
    // Two logins of the rig have never asked.
    expect(found.filter(({ state }) => state !== 'ok').map(({ id, subject }) => `${id} ${subject}`)).toEqual([
      'connector.poll arcsight-02/default',
      'connector.poll arcsight-02/private',
    ]);
    expect(ids(found, 'ok')).toEqual(
      expect.arrayContaining(
        'config config.secrets store.writable store server.port instance dns tls clock cloud token token.claims api certificate connector.poll pack'.split(
          ' ',
        ),
      ),
    );
  });

  it('offline asks neither Microsoft nor the public address', async () => {
    await rig.stopBridge();
    const before = rig.simulator.requests.list().length;
    const found = await rows('--offline');
    expect(found.some(({ id }) => id === 'dns' || id === 'tls' || id === 'api' || id === 'server.reach')).toBe(false);
    expect(found).toContainEqual(expect.objectContaining({ id: 'config.secrets' }));
    expect(rig.simulator.requests.list()).toHaveLength(before);
  });

  it('without a bridge tries all the same, and exits with 1', async () => {
    await rig.stopBridge();
    const { code, out } = await doctor();
    expect(code).toBe(1);
    expect(out).toMatch(/^FAILED {2}instance {2}serve/);
    expect(out).toMatch(/^ok {6}api {2}contoso\/graph-alerts/m);
  });

  it('puts the token before the polls that fail for it, and exits with 1', async () => {
    writeFileSync(join(rig.folder, 'client-secret'), 'another~secret');
    const found = await rows();
    expect(found[0]).toMatchObject({ id: 'token', state: 'failed', subject: 'contoso' });
    expect(JSON.stringify(found)).not.toContain('another~secret');
  });

  it('names a program that holds the database, and puts it before all that follows from it', async () => {
    const other = new Database(join(rig.folder, 'data', 'flexbridge.db'));
    other.exec('BEGIN IMMEDIATE');
    try {
      expect((await rows('--offline'))[0]).toMatchObject({ id: 'store.writable', state: 'failed', subject: 'store' });
    } finally {
      other.close();
    }
  });

  it('shows every problem of a configuration that cannot be used, and exits with 78', async () => {
    writeFileSync(file(), `${readFileSync(file(), 'utf8')}nonsense: 1\n`);
    const { code, out } = await doctor('--json');
    expect(code).toBe(78);
    expect((JSON.parse(out) as { findings: readonly Finding[] }).findings).toEqual([
      expect.objectContaining({ id: 'config', state: 'failed', subject: 'nonsense' }),
    ]);
  });

  it('says at once that the folder of --pack is not there', async () => {
    const { code, out, err } = await doctor('--pack', 'nowhere');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('there is no folder');
  });

  it('leaves the bridge as it was: it polls and writes on, and nothing is left behind', async () => {
    await doctor();
    expect(rig.log()).not.toContain('"level":50');
    expect((await rig.ask('/readyz')).status).toBe(200);
    expect((await rig.poll()).status).toBe(200);
  });
});
