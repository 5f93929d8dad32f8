import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import type { Finding } from '../../../src/domain/finding.ts';
import type { StatusSnapshot } from '../../../src/domain/status-snapshot.ts';
import { type BridgeRig, createBridgeRig } from '../../support/bridge-rig.ts';

const ESCAPE = '\u001b';

describe('flexbridge status without a terminal', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    // Only the poll at the start, so that nothing changes between two looks.
    rig = await createBridgeRig({ schedule: '0 0 0 1 1 *' });
  });
  afterEach(async () => {
    await rig.close();
  });

  async function command(...args: readonly string[]) {
    let [out, err] = ['', ''];
    const code = await run([...args, '--config', join(rig.folder, 'flexbridge.yaml')], {
      out: (text) => (out += text),
      err: (text) => (err += text),
      input: Readable.from([]),
      cwd: rig.folder,
      isTerminal: false,
    });
    return { code, out, err };
  }
  const snapshot = async () => JSON.parse((await command('status', '--json')).out) as StatusSnapshot;

  it('prints one plain snapshot of a running bridge and ends with the exit code of doctor', async () => {
    await rig.startBridge();
    await rig.seen('pollFinished');
    const { code, out } = await command('status');
    expect(code).toBe(0);
    expect(out).toContain(`running (pid ${process.pid})`);
    expect(out).toMatch(/^contoso\/graph-alerts {2,}running( {2,}\d+ s ago){3} {2,}0 {2,}- {2,}0$/m);
    expect(out).toMatch(/^default {2,}\d+ s ago {2,}\d+$/m);
    expect(out).toMatch(/^arcsight-01\/default {2,}never {2,}never( {2,}-){4}$/m);
    expect(out).not.toContain(ESCAPE);

    await rig.stopBridge();
    const [stopped, doctor] = [await command('status'), await command('doctor')];
    expect([stopped.code, doctor.code]).toEqual([1, 1]);
    expect(stopped.out).toContain('FAILED  instance');
  });

  it('says in JSON what waits for a connector, and how that shrinks', async () => {
    await rig.startBridge();
    await rig.seen('pollFinished');
    const events = (JSON.parse((await rig.poll('2026-01-01T00:00:00Z')).body) as { FeedTime: number }[]).length;
    const before = await snapshot();
    const [waiting] = before.connectors;
    expect(before.feeds[0]).toMatchObject({ feed: 'default', lastSeq: events });
    expect(waiting).toMatchObject({
      connector: 'arcsight-01',
      feed: 'default',
      backlog: events,
      lastDeliveredMs: null,
    });
    expect(waiting?.lastPollMs).toBeGreaterThan(0);

    await rig.poll('2026-01-01T00:00:01Z');
    const [done] = (await snapshot()).connectors;
    expect(done?.backlog).toBe(0);
    expect(done?.lastDeliveredMs).toBeGreaterThanOrEqual(waiting?.lastPollMs ?? Infinity);
  });

  it('has the findings of doctor', async () => {
    await rig.startBridge();
    await rig.seen('pollFinished');
    const { findings } = JSON.parse((await command('doctor', '--json')).out) as { findings: readonly Finding[] };
    const shown = (await snapshot()).findings.map(({ id, subject, state }) => [id, subject, state]);
    const told = findings.map(({ id, subject, state }) => [id, subject, state]);
    expect(told).toEqual(expect.arrayContaining(shown));
  });

  it('shows a database that cannot be read as a finding with its remedy, and leaves it as it is', async () => {
    const path = join(rig.folder, 'data', 'flexbridge.db');
    mkdirSync(join(rig.folder, 'data'));
    writeFileSync(path, 'no database'.repeat(1000));
    for (const name of ['status', 'doctor']) {
      const { code, out, err } = await command(name);
      expect([code, err]).toEqual([1, '']);
      expect(out).toMatch(/^FAILED +store /m);
      expect(out).toMatch(/-> .*backup/);
    }
    expect(readFileSync(path, 'utf8')).toBe('no database'.repeat(1000));
  });

  it.each(['2', 'often', '499ms', '61m', '-1s'])(
    'refuses %s as an interval and says what it takes',
    async (interval) => {
      const { code, out, err } = await command('status', `--interval=${interval}`);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain(interval);
      expect(err).toContain('-> Give a number and a unit from 500ms to 1h');
    },
  );
});
