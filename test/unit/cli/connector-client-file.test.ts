import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stageClientFile } from '../../../src/cli/connector-client-file.ts';
import { readProperties } from '../../../src/connector/interpreter/properties-reader.ts';
import { hashSecret } from '../../../src/domain/credential.ts';
import { createLoginRig, type LoginRig } from './login-rig.ts';

let rig: LoginRig;
beforeEach(() => {
  rig = createLoginRig();
});
afterEach(() => {
  rig.remove();
});

const at = (name: string) => join(rig.folder, name);
const valuesOf = (path: string) => Object.fromEntries(readProperties(readFileSync(path)).values);
const create = (path: string, name = 'arcsight-03') => ['connector', 'create', name, '--client-file', path];
const hasConnector = () => rig.logins((access) => access.connectors().length > 0);

describe('--client-file', () => {
  it('writes the complete client properties file, secret and all, for its owner alone', async () => {
    const made = await rig.issue('create', 'arcsight-03', '--feed', 'quiet', '--client-file', 'quiet.properties');
    expect(made.clientFile).toBe(at('quiet.properties'));
    expect(statSync(at('quiet.properties')).mode & 0o777).toBe(0o600);
    const values = valuesOf(at('quiet.properties'));
    expect(values).toMatchObject({
      client_id: 'arcsight-03',
      client_secret: made.secret,
      redirect_uri: 'http://localhost:44300/flexbridge',
      reauthenticate: 'false',
    });
    expect(values['auth_url']).toMatch(/^https:.*\/oauth2\/authorize$/);
    expect(values['token_url']).toMatch(/^https:.*\/oauth2\/token$/);
    expect(readdirSync(rig.folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('names the redirect URI that the connector was made with', async () => {
    await rig.issue('create', 'arcsight-03', '--redirect-uri', 'http://127.0.0.1:1/x', '--client-file', 'c.properties');
    expect(valuesOf(at('c.properties'))).toMatchObject({ redirect_uri: 'http://127.0.0.1:1/x' });
  });

  it('replaces the file of the same connector when it rotates, and one of the pack that waits to be filled in', async () => {
    const first = await rig.issue('create', 'arcsight-03', '--client-file', 'c.properties');
    const second = await rig.issue('rotate', 'arcsight-03', '--client-file', 'c.properties');
    expect(valuesOf(at('c.properties'))).toMatchObject({ client_secret: second.secret });
    const text = readFileSync(at('c.properties'), 'utf8');
    writeFileSync(at('pack.properties'), text.replace(/client_id=.*/, 'client_id=PUT-THE-CLIENT-ID-HERE'));
    const other = await rig.issue('create', 'arcsight-04', '--client-file', 'pack.properties');
    expect(valuesOf(at('pack.properties'))).toMatchObject({ client_id: 'arcsight-04', client_secret: other.secret });
    expect(first.secret).not.toBe(second.secret);
  });

  it.each<[string, (path: string) => void]>([
    [
      "another connector's client file",
      (path) => {
        writeFileSync(path, 'client_id=arcsight-07\ntoken_url=https://localhost:8443/oauth2/token\n');
      },
    ],
    [
      'the file of a client of that name at another bridge',
      (path) => {
        writeFileSync(path, 'client_id=arcsight-03\ntoken_url=https://other.example/oauth2/token\n');
      },
    ],
    [
      'any other file',
      (path) => {
        writeFileSync(path, 'a letter \\u00zz');
      },
    ],
    [
      'a folder',
      (path) => {
        mkdirSync(path);
      },
    ],
  ])('does not replace %s', async (_what, make) => {
    make(at('c.properties'));
    const stat = statSync(at('c.properties'));
    const said = await rig.refusal('CLIENT_FILE_EXISTS', ...create('c.properties'));
    expect(said).toContain('Nothing was changed');
    expect([statSync(at('c.properties')).ino, hasConnector()]).toEqual([stat.ino, false]);
  });

  it('writes through no link, wherever it leads', async () => {
    writeFileSync(at('target'), 'kept');
    symlinkSync(at('target'), at('c.properties'));
    symlinkSync(at('nowhere'), at('d.properties'));
    for (const name of ['c.properties', 'd.properties']) {
      await rig.refusal('CLIENT_FILE_LINK', ...create(name));
      expect(lstatSync(at(name)).isSymbolicLink()).toBe(true);
    }
    expect([readFileSync(at('target'), 'utf8'), existsSync(at('nowhere')), hasConnector()]).toEqual([
      'kept',
      false,
      false,
    ]);
  });

  it('leaves no file with a secret that the bridge does not know', async () => {
    await rig.command('connector', 'list');
    const db = new Database(at('data/access.db'));
    db.exec("CREATE TRIGGER deaf BEFORE INSERT ON connector BEGIN SELECT RAISE(ABORT, 'deaf'); END");
    db.close();
    expect((await rig.command(...create('c.properties'))).code).toBe(1);
    expect(readdirSync(rig.folder).filter((name) => name.startsWith('c.properties'))).toEqual([]);
  });

  it('makes no connector where the file cannot be written', async () => {
    const said = await rig.refusal('CLIENT_FILE', ...create('no/such/folder/c.properties'));
    expect(said).toContain('a folder that exists');
    expect(hasConnector()).toBe(false);
  });

  it('leaves the old file and its secret where the rotation is refused', async () => {
    await rig.issue('create', 'arcsight-03', '--client-file', 'c.properties');
    const { secret } = await rig.issue('rotate', 'arcsight-03', '--client-file', 'c.properties');
    await rig.refusal('CONNECTOR_ROTATING', 'connector', 'rotate', 'arcsight-03', '--client-file', 'c.properties');
    expect(valuesOf(at('c.properties'))).toMatchObject({ client_secret: secret });
    expect(rig.logins((access) => access.connectors()[0]?.auth)).toMatchObject({
      secretHashes: [hashSecret(secret), expect.any(String)],
    });
  });
});

describe('a client file that lies ready', () => {
  const TEXT = 'client_id=arcsight-03\ntoken_url=https://bridge.example/oauth2/token\n';

  it('is in its place only when it is told to, and gone when it is not wanted', () => {
    const staged = stageClientFile(at('c.properties'), TEXT);
    expect(existsSync(at('c.properties'))).toBe(false);
    staged.discard();
    expect(readdirSync(rig.folder).filter((name) => name.startsWith('c.properties'))).toEqual([]);
    stageClientFile(at('c.properties'), TEXT).commit();
    expect(readFileSync(at('c.properties'), 'utf8')).toBe(TEXT);
  });

  it('takes the place of a link that was put there meanwhile, and leaves where it leads alone', () => {
    writeFileSync(at('target'), 'kept');
    const staged = stageClientFile(at('c.properties'), TEXT);
    symlinkSync(at('target'), at('c.properties'));
    staged.commit();
    expect([lstatSync(at('c.properties')).isFile(), readFileSync(at('target'), 'utf8')]).toEqual([true, 'kept']);
  });

  it('says so when it cannot be put in its place, and leaves nothing of the secret', () => {
    const staged = stageClientFile(at('c.properties'), TEXT);
    mkdirSync(at('c.properties'));
    expect(() => {
      staged.commit();
    }).toThrow(expect.objectContaining({ code: 'CLIENT_FILE' }));
    expect(readdirSync(rig.folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });
});
