import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placedFiles, renderPack, writePack } from '../../../src/connector/bundle.ts';
import { comparePack, comparePackFolder } from '../../../src/connector/compare-pack.ts';
import { PACK_LOGINS, packSettings } from '../../support/pack-settings.ts';

const SETTINGS = packSettings({ feed: 'contoso', login: PACK_LOGINS.basic });
const PACK = renderPack(SETTINGS);

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flexbridge-compare-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe('comparePack', () => {
  it('finds a pack that was just written the same', async () => {
    await writePack(dir, PACK);
    expect(await comparePack(dir, PACK)).toEqual(PACK.map(({ path }) => ({ path, state: 'same' })));
  });

  it('names a missing file, also when the whole folder is missing', async () => {
    expect(await comparePack(join(dir, 'none'), PACK)).toEqual(PACK.map(({ path }) => ({ path, state: 'missing' })));
  });

  it('shows which lines a file of another layout has', async () => {
    await writePack(dir, renderPack({ ...SETTINGS, layout: 'esm' }));
    const [parser, client] = await comparePack(dir, PACK);
    const diff = parser?.state === 'different' ? parser.diff : [];
    expect(diff).toContain('- event.destinationHostName=MachineName');
    expect(diff).toContain('+ event.sourceHostName=MachineName');
    expect(client).toMatchObject({ state: 'same' });
  });

  it('says so when only the line ends were changed', async () => {
    const [parser] = PACK;
    await writeFile(join(dir, 'contoso.jsonparser.properties'), parser?.text.replaceAll('\n', '\r\n') ?? '');
    expect((await comparePack(dir, PACK))[0]).toMatchObject({
      diff: ['only the line ends differ: CR LF in the deployed file, LF in the generated one'],
    });
  });

  it('takes a client file with its id and secret filled in for the same', async () => {
    await deployClient((text) =>
      text.replace('PUT-THE-CLIENT-ID-HERE', 'abc').replace('PUT-THE-CLIENT-SECRET-HERE', 's3cret-value'),
    );
    expect((await comparePack(dir, PACK))[1]).toEqual({ path: 'contoso.properties', state: 'same' });
  });

  it('knows a filled-in client file also with CR LF line ends', async () => {
    await deployClient((text) => text.replace('PUT-THE-CLIENT-SECRET-HERE', 's3cret-value').replaceAll('\n', '\r\n'));
    expect((await comparePack(dir, PACK))[1]).toMatchObject({
      diff: [expect.stringContaining('only the line ends differ')],
    });
  });

  it.each([
    ['client_secret=s3cret-value\nscope=', 'scope=s3cret-value'],
    ['client_secret : s3cret-value', 'client_secret=\\\n  s3cret-value'],
    ['s3cret-value', '# s3cret-value'],
  ])('never shows a secret of a client file, however it is written (%j)', async (first, second) => {
    await deployClient((text) =>
      text.replace('client_secret=PUT-THE-CLIENT-SECRET-HERE', first).replace('scope=', second),
    );
    const state = (await comparePack(dir, PACK))[1];
    expect(state).toMatchObject({ state: 'different' });
    expect(JSON.stringify(state)).not.toContain('s3cret');
  });

  it('reports a file it may not read', async () => {
    await mkdir(join(dir, 'INSTALL.md'));
    await expect(comparePack(dir, PACK)).rejects.toMatchObject({ code: 'PACK_UNREADABLE' });
  });
});

describe('comparePack of a pack with a URL key', () => {
  const withKey = renderPack(packSettings({ login: PACK_LOGINS.urlKey }));
  const guide = withKey.find(({ path }) => path === 'INSTALL.md')?.text ?? '';

  it('takes any key in the place of its placeholder', async () => {
    await writePack(dir, withKey);
    await writeFile(join(dir, 'INSTALL.md'), guide.replaceAll('PUT-THE-URL-KEY-HERE&', 'the-real-key_1&'));
    expect(await comparePack(dir, withKey)).toEqual(withKey.map(({ path }) => ({ path, state: 'same' })));
  });

  it('never shows the key, also where the line was changed otherwise', async () => {
    const edited = guide.replaceAll('PUT-THE-URL-KEY-HERE&since', 'the-real-key_1&until');
    await writeFile(join(dir, 'INSTALL.md'), edited);
    const states = await comparePack(dir, withKey);
    expect(states.find(({ path }) => path === 'INSTALL.md')).toMatchObject({ state: 'different' });
    expect(JSON.stringify(states)).not.toContain('the-real-key');
  });
});

describe('comparePackFolder', () => {
  it('names what is not of the pack, in folders too, and follows no link', async () => {
    await writePack(dir, PACK);
    await mkdir(join(dir, 'categorizer', 'old'));
    await writeFile(join(dir, 'categorizer', 'old', 'a.csv'), '');
    await symlink(dirname(dir), join(dir, 'elsewhere'));
    const states = await comparePackFolder(dir, PACK);
    expect(states.filter(({ state }) => state !== 'same')).toEqual([
      { path: 'categorizer/old/a.csv', state: 'extra' },
      { path: 'elsewhere', state: 'extra' },
    ]);
  });

  it('finds everything missing where there is no folder', async () => {
    const states = await comparePackFolder(join(dir, 'none'), PACK);
    expect(states.map(({ state }) => state)).toEqual(PACK.map(() => 'missing'));
  });
});

describe('placedFiles', () => {
  it('are the files of a connector by their places in it', () => {
    expect(placedFiles(packSettings()).map(({ path }) => path)).toEqual([
      'user/agent/flexagent/default.jsonparser.properties',
      'user/agent/flexagent/default.properties',
      'user/agent/acp/categorizer/current/microsoft/microsoft_defender_atp.csv',
    ]);
  });
});

async function deployClient(edit: (text: string) => string): Promise<void> {
  const file = PACK.find(({ path }) => path === 'contoso.properties');
  await writeFile(join(dir, 'contoso.properties'), edit(file?.text ?? ''));
}
