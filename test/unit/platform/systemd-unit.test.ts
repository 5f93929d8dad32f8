import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { reportNotRun } from '../../support/java.ts';
import { parseUnitFile } from '../../support/unit-file.ts';

const FOLDER = new URL('../../../docs/systemd/', import.meta.url);
const text = readFileSync(new URL('flexbridge.service', FOLDER), 'utf8');
const unit = parseUnitFile(text);
const service = unit['Service'] ?? {};
const only = (name: string): string => {
  const values = service[name] ?? [];
  if (values.length !== 1) throw new Error(`${name} is there ${values.length} times`);
  return values.join();
};

/** What systemd-analyze gives for the unit is 1.1 of 10; without any hardening it is 9.2. */
const MOST_EXPOSED = 1.2;

describe('docs/systemd/flexbridge.service', () => {
  it('runs serve of the installed program with the configuration that lies beside the unit', () => {
    expect(only('ExecStart')).toBe(
      '/usr/bin/node /opt/flexbridge/dist/main.js serve --config /etc/flexbridge/flexbridge.yaml',
    );
    expect(only('ExecReload')).toBe('/bin/kill -HUP $MAINPID');
  });

  it('gives the bridge longer than its own ten seconds to stop, and does not start a refused configuration again', () => {
    expect(Number(only('TimeoutStopSec'))).toBeGreaterThan(10);
    expect(only('Restart')).toBe('on-failure');
    expect(only('RestartPreventExitStatus')).toBe('78');
    const [starts, seconds] = ['StartLimitBurst', 'StartLimitIntervalSec'].map((name) =>
      Number(unit['Unit']?.[name]?.join()),
    );
    // All starts of the limit fit into its time, or it would never be reached.
    expect((starts ?? 0) * Number(only('RestartSec'))).toBeLessThan(seconds ?? 0);
  });

  it('runs as a user without rights, in a file system of which it may write its own folders only', () => {
    expect([only('User'), only('CapabilityBoundingSet'), only('AmbientCapabilities')]).toEqual(['flexbridge', '', '']);
    expect([only('NoNewPrivileges'), only('ProtectSystem'), only('UMask')]).toEqual(['yes', 'strict', '0077']);
    expect([only('StateDirectory'), only('LogsDirectory')]).toEqual(['flexbridge', 'flexbridge']);
    expect(Object.keys(service)).not.toContain('ReadWritePaths');
    expect(readFileSync(new URL('flexbridge.sysusers.conf', FOLDER), 'utf8')).toMatch(/^u flexbridge - /m);
  });

  it('leaves V8 the memory that it compiles into', () => {
    expect(only('MemoryDenyWriteExecute')).toBe('no');
  });

  it('holds no secret and no address of a tenant', () => {
    expect(text).not.toMatch(/FLEXBRIDGE_/);
  });
});

describe('docs/systemd/configuration.yaml', () => {
  it('is a configuration that the bridge takes, and keeps everything in the folder that the unit lets it write', async () => {
    const yaml = readFileSync(new URL('configuration.yaml', FOLDER));
    const config = await loadConfig({
      argvPath: '/etc/flexbridge/flexbridge.yaml',
      env: {},
      files: {
        read: (path) => Promise.resolve(path.endsWith('.yaml') ? yaml : Buffer.from('the secret\n')),
        mode: () => Promise.resolve(0o400),
      },
    });
    expect(config.dataDir).toBe('/var/lib/flexbridge');
    const text = { kind: 'file', path: '/etc/flexbridge/client-secret' };
    expect(config.tenants[0]?.credential).toMatchObject({ kind: 'secret', secrets: [{ text }] });
    expect(config.warnings).toEqual([]);
  });
});

describe('the unit, asked of systemd-analyze', () => {
  const reason = whyNoAnalysis();
  if (reason !== null) {
    reportNotRun('the unit, asked of systemd-analyze', reason);
    it('has a reason for not being run', () => {
      expect(reason).not.toBe('');
    });
    return;
  }

  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexbridge-unit-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** The unit as it is, but for a program that this machine has. */
  function written(change: (text: string) => string = (same) => same): string {
    const file = join(folder, 'flexbridge.service');
    writeFileSync(file, change(text).replace('/usr/bin/node', process.execPath));
    return file;
  }

  function analyze(...args: readonly string[]) {
    return spawnSync('systemd-analyze', args, { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
  }

  it('has no complaint from verify', () => {
    const { status, stdout, stderr } = analyze('verify', '--man=no', written());
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });

  it('gets one for a setting that systemd does not know', () => {
    const { stderr } = analyze(
      'verify',
      '--man=no',
      written((same) => same.replace('UMask=', 'Umaskk=')),
    );
    expect(stderr).toContain('Umaskk');
  });

  it('is exposed to at most 1.2 of 10', () => {
    const exposed = analyze('security', '--offline=true', '--no-pager', written());
    const [, figure] = /exposure level for flexbridge\.service: ([\d.]+)/.exec(exposed.stdout) ?? [];
    expect(Number(figure), exposed.stdout + exposed.stderr).toBeLessThanOrEqual(MOST_EXPOSED);
  });
});

/** Null when systemd-analyze is here and can judge a file without a running systemd, which came with release 250. */
function whyNoAnalysis(): string | null {
  const { error, stdout } = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' });
  if (error !== undefined) return 'there is no systemd-analyze on the path';
  const release = Number(/^systemd (\d+)/.exec(stdout)?.[1] ?? 0);
  return release >= 250 ? null : `systemd-analyze is of release ${release}, 250 or later is needed`;
}
