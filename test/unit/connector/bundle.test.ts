import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderPack, writePack } from '../../../src/connector/bundle.ts';
import { comparePack } from '../../../src/connector/compare-pack.ts';

const SETTINGS = {
  feed: 'contoso',
  layout: 'microsoft',
  receiptTime: 'feed',
  publicUrl: 'https://bridge.example:8443',
  connectorName: 'arcsight-07',
} as const;
const PACK = renderPack(SETTINGS);

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flexbridge-pack-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe('renderPack', () => {
  it('names the files after the feed', () => {
    expect(PACK.map(({ path }) => path)).toEqual(['contoso.jsonparser.properties', 'contoso.properties', 'INSTALL.md']);
  });

  it('has in each file what the settings say', () => {
    const [parser, client, guide] = PACK.map(({ text }) => text);
    expect(parser).toContain('feed "contoso"');
    expect(client).toContain('\ntoken_url=https://bridge.example:8443/oauth2/token\n');
    expect(guide).toContain('`arcsight-07`');
  });
});

describe('writePack', () => {
  it('makes the folder and leaves nothing but the files in it', async () => {
    const out = join(dir, 'new', 'pack');
    await writePack(out, PACK);
    expect((await readdir(out)).sort()).toEqual(['INSTALL.md', 'contoso.jsonparser.properties', 'contoso.properties']);
    expect(await readFile(join(out, 'INSTALL.md'), 'utf8')).toBe(PACK.find(({ path }) => path === 'INSTALL.md')?.text);
  });

  it('replaces files that are there', async () => {
    await writeFile(join(dir, 'INSTALL.md'), 'old');
    await writePack(dir, [{ path: 'INSTALL.md', text: 'new' }]);
    expect(await readFile(join(dir, 'INSTALL.md'), 'utf8')).toBe('new');
  });

  it('makes the folders of a nested file', async () => {
    await writePack(dir, [{ path: 'categorizer/microsoft/a.csv', text: 'x\n' }]);
    expect(await readFile(join(dir, 'categorizer', 'microsoft', 'a.csv'), 'utf8')).toBe('x\n');
  });

  it.each(['../out.txt', '/out.txt', 'a/../../out.txt', './out.txt', 'a//b', '', 'C:\\out.txt', 'a\\..\\b', 'C:x'])(
    'refuses the path "%s" before it writes anything',
    async (path) => {
      const out = join(dir, 'pack');
      await expect(writePack(out, [...PACK, { path, text: 'x' }])).rejects.toMatchObject({ code: 'PACK_PATH' });
      expect(await readdir(dir)).toEqual([]);
    },
  );

  it('follows no link out of the folder', async () => {
    const elsewhere = join(dir, 'elsewhere');
    const out = join(dir, 'pack');
    await mkdir(elsewhere);
    await mkdir(out);
    await symlink(elsewhere, join(out, 'sub'));
    await expect(writePack(out, [{ path: 'sub/a.txt', text: 'x' }])).rejects.toMatchObject({ code: 'PACK_PATH' });
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('replaces a link to a file by the file and leaves what it pointed to', async () => {
    const secret = join(dir, 'other.txt');
    await writeFile(secret, 'untouched');
    await mkdir(join(dir, 'pack'));
    await symlink(secret, join(dir, 'pack', 'INSTALL.md'));
    await writePack(join(dir, 'pack'), [{ path: 'INSTALL.md', text: 'new' }]);
    expect(await readFile(secret, 'utf8')).toBe('untouched');
  });

  it('leaves the old files and no temporary one when it fails', async () => {
    await writeFile(join(dir, 'INSTALL.md'), 'old');
    await writeFile(join(dir, 'file'), '');
    const files = [
      { path: 'INSTALL.md', text: 'new' },
      { path: 'file/below.txt', text: 'x' },
    ];
    await expect(writePack(dir, files)).rejects.toMatchObject({ code: 'PACK_UNWRITABLE', kind: 'operator' });
    expect((await readdir(dir)).sort()).toEqual(['INSTALL.md', 'file']);
    expect(await readFile(join(dir, 'INSTALL.md'), 'utf8')).toBe('old');
  });
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

async function deployClient(edit: (text: string) => string): Promise<void> {
  const file = PACK.find(({ path }) => path === 'contoso.properties');
  await writeFile(join(dir, 'contoso.properties'), edit(file?.text ?? ''));
}
