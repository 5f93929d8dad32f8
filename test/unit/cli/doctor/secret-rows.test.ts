import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Rights, secretRows } from '../../../../src/cli/doctor/secret-rows.ts';
import { type Folder, folder } from '../../config/config-folder.ts';
import { configOf, configYaml } from './doctor-config.ts';

const ROOT: Rights = { uid: 0, groups: [0], hasModes: true };
/** Not the owner of what the test makes, but of its group. */
const SERVICE: Rights = { uid: 999, groups: [process.getgid?.() ?? 0], hasModes: true };

async function made(credential?: string): Promise<Folder> {
  const place = await folder();
  await place.write('secret', 'the-client-secret', 0o600);
  await place.write('flexbridge.yaml', configYaml('{ port: 8443 }', '', credential), 0o644);
  await mkdir(join(place.path, 'data', 'tls'), { recursive: true, mode: 0o700 });
  await chmod(join(place.path, 'data'), 0o700);
  for (const name of ['data/access.db', 'data/tls/ca-key.pem', 'data/tls/server-key.pem'])
    await place.write(name, 'x', 0o600);
  return place;
}

async function rows(place: Folder, rights = ROOT) {
  return secretRows(await configOf(join(place.path, 'flexbridge.yaml')), rights);
}

describe('files with secrets', () => {
  it('are ok when nobody else can read them, the configuration without a secret in it included', async () => {
    expect(await rows(await made())).toEqual([
      expect.objectContaining({
        id: 'config.secrets',
        state: 'ok',
        subject: 'files',
        meaning: expect.stringContaining('5 with secrets') as string,
      }),
    ]);
  });

  it.each([
    ['secret', 0o640, 'every member of its group', '600'],
    ['secret', 0o604, 'every user of this machine', '600'],
    ['data', 0o750, 'every member of its group', '700'],
    ['data/access.db', 0o644, 'every user of this machine', '600'],
    ['data/tls/ca-key.pem', 0o640, 'every member of its group', '600'],
    ['data/tls/server-key.pem', 0o640, 'every member of its group', '600'],
  ])('are a warning where others can read %s (mode %o)', async (name, mode, who, wanted) => {
    const place = await made();
    const path = join(place.path, name);
    await chmod(path, mode);
    expect(await rows(place)).toEqual([
      expect.objectContaining({
        id: 'config.secrets',
        state: 'warning',
        subject: path,
        meaning: expect.stringContaining(who) as string,
        remedy: expect.stringContaining(`chmod ${wanted} ${path}`) as string,
      }),
    ]);
  });

  it('may be readable by the group that a service reads them by', async () => {
    const place = await made();
    await chmod(join(place.path, 'secret'), 0o640);
    expect(await rows(place, SERVICE)).toEqual([expect.objectContaining({ state: 'ok' })]);
  });

  it('include a configuration with a secret in clear, which is not repeated', async () => {
    const place = await made('{ clientId: client-1, secret: inline-secret-value }');
    const found = await rows(place);
    expect(found).toEqual([
      expect.objectContaining({ state: 'warning', subject: join(place.path, 'flexbridge.yaml') }),
    ]);
    expect(JSON.stringify(found)).not.toContain('inline-secret-value');
  });

  it('have no modes on Windows, which is said', async () => {
    const place = await made();
    await chmod(join(place.path, 'secret'), 0o644);
    const found = await rows(place, { ...ROOT, hasModes: false });
    expect(found).toEqual([
      expect.objectContaining({ state: 'ok', meaning: expect.stringContaining('Windows') as string }),
    ]);
  });
});
