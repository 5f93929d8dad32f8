import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/config-error.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { fieldsOf, listOf, readCompose } from '../../support/compose.ts';
import { environmentOf, parseDockerfile } from '../../support/dockerfile.ts';

const ROOT = new URL('../../../', import.meta.url);
const compose = readCompose(new URL('docker-compose.yml', ROOT));
const bridge = compose.service('bridge');
const demo = compose.service('demo');
const runtime = parseDockerfile(readFileSync(new URL('Dockerfile', ROOT), 'utf8')).at(-1);
if (runtime === undefined) throw new Error('the Dockerfile has no stage');
const imageEnvironment = environmentOf(runtime);

/** The service's environment with the variables of `.env` put in, as compose does. */
function environmentOfService(service: Readonly<Record<string, unknown>>, dotEnv: Readonly<Record<string, string>>) {
  const own = Object.entries(fieldsOf(service['environment'], 'environment')).map(([name, value]): [string, string] => [
    name,
    String(value).replaceAll(/\$\{(\w+):-\}/g, (_all, variable: string) => dotEnv[variable] ?? ''),
  ]);
  return { ...imageEnvironment, ...Object.fromEntries(own) };
}

describe('docker-compose.yml', () => {
  it.each(['bridge', 'demo'])('runs %s without rights that it does not need', (name) => {
    const service = compose.service(name);
    expect(service).toMatchObject({ build: '.', read_only: true, cap_drop: ['ALL'], init: true });
    expect(listOf(service['security_opt'], 'security_opt')).toEqual(['no-new-privileges:true']);
    expect(listOf(service['tmpfs'], 'tmpfs').join()).toMatch(/^\/tmp:size=\d+m,mode=1777,noexec,nosuid,nodev$/);
    for (const key of ['privileged', 'cap_add', 'network_mode', 'pid', 'user', 'devices'])
      expect(Object.keys(service)).not.toContain(key);
    expect(service['mem_limit']).toMatch(/^\d+m$/);
    expect(service['pids_limit']).toBeGreaterThan(0);
  });

  it('publishes the feed on this machine only, unless somebody decides otherwise', () => {
    expect(listOf(bridge['ports'], 'ports')).toEqual(['127.0.0.1:8443:8443']);
    expect(Object.keys(demo)).not.toContain('ports');
  });

  it('keeps the data in a named volume at the one place that the image writes to', () => {
    expect(listOf(bridge['volumes'], 'volumes')).toEqual(['data:/data']);
    expect(Object.keys(fieldsOf(compose.root['volumes'], 'volumes'))).toEqual(['data']);
    expect(imageEnvironment['FLEXBRIDGE_STORE__PATH']).toMatch(/^\/data\//);
  });

  it('hands over the client secret as a file, never as a variable', () => {
    expect(listOf(bridge['secrets'], 'secrets')).toEqual(['client-secret']);
    const secrets = fieldsOf(compose.root['secrets'], 'secrets');
    expect(fieldsOf(secrets['client-secret'], 'client-secret')).toEqual({ file: './client-secret' });
    const environment = environmentOfService(bridge, {});
    expect(environment['FLEXBRIDGE_CLIENT_SECRET_FILE']).toBe('/run/secrets/client-secret');
    expect(Object.keys(environment)).not.toContain('FLEXBRIDGE_CLIENT_SECRET');
  });

  it('starts the bridge again after a crash or a reboot, and lets it end in order', () => {
    expect(bridge['restart']).toBe('unless-stopped');
    expect(Number.parseInt(String(bridge['stop_grace_period']), 10)).toBeGreaterThan(10);
  });

  it('leaves the health check of the image on', () => {
    expect(Object.keys(bridge)).not.toContain('healthcheck');
  });

  it('gives the bridge a configuration that it takes, from the ids in .env and the secret alone', async () => {
    const id = '00000000-0000-0000-0000-000000000001';
    const env = environmentOfService(bridge, {
      FLEXBRIDGE_TENANT_ID: id,
      FLEXBRIDGE_CLIENT_ID: id,
      FLEXBRIDGE_SERVER__PUBLIC_URL: 'https://bridge.example:8443',
    });
    const config = await loadConfig({ env, cwd: '/etc/flexbridge', files: containerFiles });
    expect(config.server).toMatchObject({ host: '0.0.0.0', port: 8443, publicUrl: 'https://bridge.example:8443' });
    expect(config.dataDir).toBe('/data');
    const text = { kind: 'file', path: '/run/secrets/client-secret' };
    expect(config.tenants[0]?.credential).toMatchObject({ kind: 'secret', secrets: [{ text }] });
    expect(config.warnings).toEqual([]);
  });

  it('says which variables are missing when nothing was configured', async () => {
    const env = environmentOfService(bridge, {});
    const failure: unknown = await loadConfig({ env, cwd: '/etc/flexbridge', files: containerFiles }).catch(
      (thrown: unknown) => thrown,
    );
    if (!(failure instanceof ConfigError)) throw new Error('it was taken');
    for (const name of ['FLEXBRIDGE_TENANT_ID', 'FLEXBRIDGE_CLIENT_ID']) expect(failure.toText()).toContain(name);
    expect(failure.toText()).not.toContain('CLIENT_SECRET_FILE:');
  });

  it('has a demo that nobody needs to configure and that starts only when asked for', () => {
    expect(demo).toMatchObject({ profiles: ['demo'], command: ['demo'] });
    for (const key of ['secrets', 'volumes', 'ports', 'restart']) expect(Object.keys(demo)).not.toContain(key);
    expect(Object.keys(bridge)).not.toContain('profiles');
  });

  it('keeps the settings of the image away from the demo, which has its own', () => {
    const set = Object.entries(environmentOfService(demo, {})).filter(([, value]) => value !== '');
    expect(set).toEqual([]);
  });
});

/** What a container of the bridge has: the mounted secret, and no flexbridge.yaml. */
const containerFiles = {
  read: (path: string): Promise<Buffer> =>
    path === '/run/secrets/client-secret'
      ? Promise.resolve(Buffer.from('the secret\n'))
      : Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' })),
  mode: (): Promise<number | null> => Promise.resolve(0o444),
};
