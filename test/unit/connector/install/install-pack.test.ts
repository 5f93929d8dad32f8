import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findConnectorHome } from '../../../../src/connector/install/connector-home.ts';
import { type InstallFile, installPack } from '../../../../src/connector/install/install-pack.ts';
import { uninstallPack } from '../../../../src/connector/install/uninstall-pack.ts';
import { type ConnectorFolder, connectorFolder } from '../../../support/connector-home.ts';

const PARSER = 'user/agent/flexagent/contoso.jsonparser.properties';
const CLIENT = 'user/agent/flexagent/contoso.properties';
const CATEGORIZER = 'user/agent/acp/categorizer/current/microsoft/microsoft_defender_atp.csv';
const RECORD = 'user/agent/flexagent/.flexbridge-install.json';

const NOW = Date.UTC(2026, 1, 1, 10, 0, 0, 7);
const STAMP = 'before-flexbridge-20260201T100000007Z';
const CLIENT_TEXT = 'client_id=PUT-THE-CLIENT-ID-HERE\nclient_secret=PUT-THE-CLIENT-SECRET-HERE\nscope=\n';

const PACK: readonly InstallFile[] = [
  { place: PARSER, text: 'token.count=0\n', kind: 'parser' },
  { place: CLIENT, text: CLIENT_TEXT, kind: 'client' },
  { place: CATEGORIZER, text: 'event.deviceEventClassId\n', kind: 'categorizer' },
];

let folder: ConnectorFolder;
let before: Readonly<Record<string, string>> = {};
beforeEach(() => {
  folder = connectorFolder();
  before = folder.files();
});
afterEach(() => {
  rmSync(folder.above, { recursive: true, force: true });
});

async function installed(files = PACK, { dryRun = false, nowMs = NOW } = {}) {
  const home = await findConnectorHome(folder.home);
  return installPack({ home, files, trust: true, dryRun, nowMs });
}

async function uninstalled({ dryRun = false } = {}) {
  return uninstallPack({ home: await findConnectorHome(folder.home), trust: true, dryRun });
}

const newer = (text: string): readonly InstallFile[] =>
  PACK.map((file) => (file.kind === 'parser' ? { ...file, text } : file));

describe('installPack', () => {
  it('puts each file in its place, the client file for its owner alone', async () => {
    const { files } = await installed();
    expect(files.map(({ path, state }) => [path, state])).toEqual([
      [PARSER, 'new'],
      [CLIENT, 'new'],
      [CATEGORIZER, 'new'],
    ]);
    expect(Object.keys(folder.files())).toEqual(
      [...Object.keys(before), PARSER, CLIENT, CATEGORIZER, RECORD].toSorted(),
    );
    expect(folder.read(PARSER)).toBe('token.count=0\n');
    expect(statSync(folder.at(CLIENT)).mode & 0o777).toBe(0o600);
  });

  it('does nothing at all the second time', async () => {
    await installed();
    const first = folder.files();
    const { files } = await installed(PACK, { nowMs: NOW + 1000 });
    expect(files.map(({ state }) => state)).toEqual(['same', 'same', 'same']);
    expect(folder.files()).toEqual(first);
  });

  it('keeps what it replaces under a name with the time, and its rights', async () => {
    folder.put(PARSER, 'old parser', 0o640);
    const { files } = await installed();
    expect(files[0]).toMatchObject({ state: 'replaced', kept: `${PARSER}.${STAMP}` });
    expect(folder.read(`${PARSER}.${STAMP}`)).toBe('old parser');
    expect(statSync(folder.at(`${PARSER}.${STAMP}`)).mode & 0o777).toBe(0o640);
    expect(statSync(folder.at(PARSER)).mode & 0o777).toBe(0o640);
  });

  it('leaves a filled-in client secret alone, and keeps it when another key changes', async () => {
    const filled = 'client_id=arcsight-01\nclient_secret=s3cret\nscope=\n';
    await installed();
    folder.put(CLIENT, filled, 0o600);
    expect((await installed()).files[1]?.state).toBe('same');
    expect(folder.read(CLIENT)).toBe(filled);
    const changed = PACK.map((file) =>
      file.kind === 'client' ? { ...file, text: CLIENT_TEXT.replace('scope=', 'scope=feed') } : file,
    );
    expect((await installed(changed)).files[1]).toMatchObject({
      state: 'replaced',
      note: 'its client id and secret were kept',
    });
    expect(folder.read(CLIENT)).toBe(filled.replace('scope=', 'scope=feed'));
    expect(statSync(folder.at(`${CLIENT}.${STAMP}`)).mode & 0o777).toBe(0o600);
  });

  it('says so when others may read a client file with a secret', async () => {
    folder.put(CLIENT, CLIENT_TEXT.replace('PUT-THE-CLIENT-SECRET-HERE', 's3cret'), 0o644);
    expect((await installed()).files[1]?.note).toContain('chmod 600');
  });

  it('changes nothing in a dry run', async () => {
    folder.put(PARSER, 'old parser');
    const files = folder.files();
    expect((await installed(PACK, { dryRun: true })).files.map(({ state }) => state)).toEqual([
      'replaced',
      'new',
      'new',
    ]);
    expect(folder.files()).toEqual(files);
  });

  it('puts everything back when one file in the middle cannot be written', async () => {
    folder.put(PARSER, 'old parser');
    // The name of a folder that is needed is taken by a file.
    folder.put('user/agent/acp/categorizer', 'no folder');
    const files = folder.files();
    await expect(installed()).rejects.toMatchObject({ code: 'INSTALL_NOT_A_FILE' });
    expect(folder.files()).toEqual(files);
  });

  it.each([
    ['../../etc/cron.d/job'],
    ['user/agent/agent.properties'],
    ['user/agent/flexagent/../agent.properties'],
    ['user/agent/flexagent/.flexbridge-install.json'],
    ['/etc/passwd'],
    ['jre/bin/keytool'],
    ['user\\agent\\flexagent\\a'],
  ])('refuses a pack that wants a file at %s', async (place) => {
    const files = folder.files();
    await expect(installed([...PACK, { place, text: 'x', kind: 'parser' }])).rejects.toMatchObject({
      code: 'INSTALL_PACK',
    });
    expect(folder.files()).toEqual(files);
  });
});

describe('installPack and links', () => {
  it.each([
    ['the home', ''],
    ['a folder in the middle', 'user'],
    ['the folder of the files', 'user/agent/flexagent'],
    ['a folder of the categorizer', 'user/agent/acp/categorizer'],
  ])('follows no link in the place of %s', async (_what, path) => {
    const outside = join(folder.above, 'outside');
    mkdirSync(join(outside, 'agent'), { recursive: true });
    mkdirSync(join(outside, 'user', 'agent'), { recursive: true });
    rmSync(folder.at(path === '' ? '' : path), { recursive: true, force: true });
    mkdirSync(join(folder.at(path), '..'), { recursive: true });
    symlinkSync(outside, path === '' ? folder.home : folder.at(path));
    await expect(installed()).rejects.toMatchObject({
      code: 'INSTALL_LINK',
      message: expect.stringContaining(
        `${path === '' ? folder.home : folder.at(path)} is a link (it leads to ${outside})`,
      ) as string,
    });
  });

  it.each([[PARSER], [CLIENT], [RECORD]])('follows no link at %s', async (path) => {
    const victim = join(folder.above, 'victim');
    writeFileSync(victim, 'untouched');
    mkdirSync(folder.at('user/agent/flexagent'));
    symlinkSync(victim, folder.at(path));
    await expect(installed()).rejects.toMatchObject({ code: 'INSTALL_LINK' });
    await expect(installed(PACK, { dryRun: true })).rejects.toMatchObject({ code: 'INSTALL_LINK' });
    expect(statSync(victim).size).toBe('untouched'.length);
  });

  it('follows no link that leads nowhere', async () => {
    mkdirSync(folder.at('user/agent/flexagent'));
    symlinkSync(join(folder.above, 'not-there'), folder.at(PARSER));
    await expect(installed()).rejects.toMatchObject({ code: 'INSTALL_LINK' });
  });

  it('refuses a folder where a file is to be', async () => {
    mkdirSync(folder.at(PARSER), { recursive: true });
    await expect(installed()).rejects.toMatchObject({ code: 'INSTALL_NOT_A_FILE' });
  });
});

describe('uninstallPack', () => {
  it('leaves the folder as it was before', async () => {
    await installed();
    expect((await uninstalled()).files.map(({ state }) => state)).toEqual(['removed', 'removed', 'removed']);
    expect(folder.files()).toEqual(before);
    expect(() => statSync(folder.at('user/agent/flexagent'))).toThrow();
    expect(() => statSync(folder.at('user/agent/acp'))).toThrow();
  });

  it('puts back what was there, also after several installs, with its rights', async () => {
    folder.put(PARSER, 'old parser', 0o640);
    before = folder.files();
    await installed();
    await installed(newer('token.count=1\n'), { nowMs: NOW + 1000 });
    expect(folder.read(PARSER)).toBe('token.count=1\n');
    const { files } = await uninstalled();
    expect(files.find(({ path }) => path === PARSER)).toEqual({ path: PARSER, state: 'put back', left: [] });
    expect(folder.files()).toEqual(before);
    expect(statSync(folder.at(PARSER)).mode & 0o777).toBe(0o640);
  });

  it('leaves a file that somebody changed since, and names it', async () => {
    await installed();
    folder.put(PARSER, 'mine now');
    const { files } = await uninstalled();
    expect(files.map(({ state }) => state)).toEqual(['changed', 'removed', 'removed']);
    expect(folder.files()).toEqual({ ...before, [PARSER]: 'mine now' });
  });

  it('keeps what others wrote between two installs', async () => {
    folder.put(PARSER, 'first');
    await installed();
    folder.put(PARSER, 'edited');
    await installed(PACK, { nowMs: NOW + 1000 });
    const { files } = await uninstalled();
    expect(files.find(({ path }) => path === PARSER)).toEqual({
      path: PARSER,
      state: 'put back',
      left: [`${PARSER}.${STAMP}`],
    });
    expect(folder.read(PARSER)).toBe('edited');
    expect(folder.read(`${PARSER}.${STAMP}`)).toBe('first');
  });

  it('says that a file is gone already, and leaves others alone', async () => {
    await installed();
    rmSync(folder.at(PARSER));
    folder.put('user/agent/flexagent/other.jsonparser.properties', 'x');
    expect((await uninstalled()).files.map(({ state }) => state)).toEqual(['gone', 'removed', 'removed']);
    expect(folder.files()).toEqual({ ...before, 'user/agent/flexagent/other.jsonparser.properties': 'x' });
  });

  it('takes out nothing that was there before in the same form', async () => {
    folder.put(PARSER, 'token.count=0\n');
    await installed();
    await uninstalled();
    expect(folder.read(PARSER)).toBe('token.count=0\n');
  });

  it('changes nothing in a dry run, or where nothing was installed', async () => {
    expect(await uninstalled()).toEqual({ files: [], certificates: [] });
    await installed();
    const files = folder.files();
    expect((await uninstalled({ dryRun: true })).files.map(({ state }) => state)).toContain('removed');
    expect(folder.files()).toEqual(files);
  });

  it.each([
    ['text', 'x'],
    [
      'another path',
      '{"version":1,"files":[{"path":"user/agent/agent.properties","sha256":"SHA","kept":[]}],"folders":[],"certificates":[]}',
    ],
    ['a path that leaves the folder', '{"version":1,"files":[],"folders":["user/agent/../../../x"],"certificates":[]}'],
    [
      'another alias',
      '{"version":1,"files":[],"folders":[],"certificates":[{"alias":"-J-evil","kept":"jre/lib/security/cacerts.before-flexbridge-20260201T100000007Z","keptSha256":"SHA"}]}',
    ],
    [
      'a copy of another file',
      `{"version":1,"files":[{"path":"${PARSER}","sha256":"SHA","kept":[{"path":"${CLIENT}.${STAMP}","sha256":"SHA","own":true}]}],"folders":[],"certificates":[]}`,
    ],
  ])('refuses a record that somebody changed: %s', async (_what, text) => {
    folder.put(RECORD, text.replaceAll('SHA', 'a'.repeat(64)));
    const files = folder.files();
    await expect(uninstalled()).rejects.toMatchObject({ code: 'INSTALL_RECORD' });
    await expect(installed()).rejects.toMatchObject({ code: 'INSTALL_RECORD' });
    expect(folder.files()).toEqual(files);
  });
});

describe('findConnectorHome', () => {
  it('says which folder is meant when the one above or one below is given', async () => {
    await expect(findConnectorHome(folder.above)).rejects.toMatchObject({
      code: 'NOT_A_CONNECTOR',
      hint: expect.stringContaining(`--arcsight-home ${folder.home}`) as string,
    });
    await expect(findConnectorHome(folder.at('user/agent'))).rejects.toMatchObject({
      code: 'NOT_A_CONNECTOR',
      hint: expect.stringContaining(`--arcsight-home ${folder.home}`) as string,
    });
  });

  it('refuses a folder of something else, and one that is not there', async () => {
    mkdirSync(join(folder.above, 'else'));
    await expect(findConnectorHome(join(folder.above, 'else'))).rejects.toMatchObject({
      code: 'NOT_A_CONNECTOR',
      message: expect.stringContaining('has no folder user') as string,
    });
    await expect(findConnectorHome(join(folder.above, 'missing'))).rejects.toMatchObject({
      code: 'NOT_A_CONNECTOR',
      message: expect.stringContaining('there is no folder') as string,
    });
  });
});
