import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeFile, systemdUnit } from '../../../../src/cli/setup/service-file.ts';
import { reportNotRun } from '../../../support/java.ts';

const TEMPLATE = readFileSync(
  fileURLToPath(new URL('../../../../docs/systemd/flexbridge.service', import.meta.url)),
  'utf8',
);
const PLACE = {
  node: process.execPath,
  main: '/opt/flexbridge/dist/main.js',
  configFile: '/srv/bridge/flexbridge.yaml',
  dataDir: '/srv/bridge/data',
  user: 'nobody',
};

const lines = (unit: string): readonly string[] => unit.split('\n');
const folder = mkdtempSync(join(tmpdir(), 'flexbridge-unit-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the unit for this place', () => {
  it('starts the configuration as the user, with the data folder alone to write to', () => {
    const unit = lines(systemdUnit(TEMPLATE, PLACE, 8443));
    expect(unit).toContain(
      `ExecStart=${process.execPath} /opt/flexbridge/dist/main.js serve --config /srv/bridge/flexbridge.yaml`,
    );
    for (const line of [
      'User=nobody',
      'WorkingDirectory=/srv/bridge/data',
      'ReadWritePaths=/srv/bridge/data',
      'ProtectSystem=strict',
    ])
      expect(unit).toContain(line);
    expect(unit.filter((line) => /^(StateDirectory|LogsDirectory|Group)/.test(line))).toEqual([]);
  });

  it('keeps every other line of the template', () => {
    const unit = new Set(lines(systemdUnit(TEMPLATE, PLACE, 8443)));
    const lost = lines(TEMPLATE.slice(TEMPLATE.indexOf('[Unit]'))).filter((line) => !unit.has(line));
    expect(
      lost.every((line) => /^(ExecStart|User|Group|StateDirectory|LogsDirectory|WorkingDirectory)/.test(line)),
    ).toBe(true);
  });

  it('sees the home folders where something of it lies there, and may take a low port', () => {
    const unit = lines(systemdUnit(TEMPLATE, { ...PLACE, configFile: '/root/flexbridge.yaml' }, 443));
    for (const line of ['ProtectHome=read-only', 'AmbientCapabilities=CAP_NET_BIND_SERVICE', 'PrivateUsers=no'])
      expect(unit).toContain(line);
  });

  it('quotes blanks, quotes, dollars and percent signs', () => {
    const unit = lines(systemdUnit(TEMPLATE, { ...PLACE, configFile: '/srv/a b/100%/"x"$HOME/flexbridge.yaml' }, 8443));
    expect(unit.find((line) => line.startsWith('ExecStart='))).toBe(
      `ExecStart=${process.execPath} /opt/flexbridge/dist/main.js serve --config "/srv/a b/100%%/\\"x\\"$$HOME/flexbridge.yaml"`,
    );
  });

  it('refuses a path that would begin a line of its own', () => {
    const path = '/srv/x\nExecStartPre=/bin/evil';
    expect(() => systemdUnit(TEMPLATE, { ...PLACE, dataDir: path }, 8443)).toThrow(/control character/);
    const named = systemdUnit(TEMPLATE, PLACE, 8443);
    expect(lines(named).filter((line) => line.startsWith('ExecStart='))).toHaveLength(1);
  });

  const { error } = spawnSync('systemd-analyze', ['--version']);
  if (error !== undefined)
    reportNotRun('systemd-analyze verify of the unit of setup', 'there is no systemd-analyze on the path');
  it.skipIf(error !== undefined)('is taken by systemd', () => {
    const unit = join(folder, 'flexbridge.service');
    const main = join(folder, 'it is 100% $HOME.js');
    writeFileSync(main, '');
    writeFileSync(unit, systemdUnit(TEMPLATE, { ...PLACE, main, dataDir: folder, user: 'root' }, 8443));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('the compose file for this place', () => {
  const text = composeFile(
    { configFile: '/srv/a "b": c/flexbridge.yaml', dataDir: '/srv/$HOME/data' },
    '/opt/flexbridge/',
    ['/srv/secret:/etc/flexbridge/client-secret:ro'],
    { host: '0.0.0.0', port: '9443' },
  );

  it('mounts configuration, secret and data, and publishes the port', () => {
    expect(parse(text)).toMatchObject({
      services: {
        bridge: {
          build: '/opt/flexbridge/',
          read_only: true,
          ports: ['9443:9443'],
          volumes: [
            '/srv/$$HOME/data:/data',
            '/srv/a "b": c/flexbridge.yaml:/etc/flexbridge/flexbridge.yaml:ro',
            '/srv/secret:/etc/flexbridge/client-secret:ro',
          ],
        },
      },
    });
  });

  it('publishes a port of this machine to this machine only', () => {
    const local = composeFile({ configFile: '/a', dataDir: '/b' }, '/c', [], { host: '127.0.0.1', port: '8443' });
    expect(parse(local)).toMatchObject({ services: { bridge: { ports: ['127.0.0.1:8443:8443'] } } });
  });
});
