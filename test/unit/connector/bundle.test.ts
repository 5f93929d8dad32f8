import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderPack, replaceFile, writePack } from '../../../src/connector/bundle.ts';
import { filesBelow } from '../../../src/connector/files-below.ts';
import { DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import { PACK_LOGINS, packSettings } from '../../support/pack-settings.ts';

const PACK = renderPack(packSettings({ feed: 'contoso' }));

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flexbridge-pack-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const NAMES = [
  'contoso.jsonparser.properties',
  'contoso.properties',
  'categorizer/microsoft/microsoft_defender_atp.csv',
  'INSTALL.md',
  'manifest.json',
];
const CA = '-----BEGIN CERTIFICATE-----\r\nAAAA\r\n-----END CERTIFICATE-----\r\n';

describe('renderPack', () => {
  it('names the files after the feed, the vendor and the product', () => {
    expect(PACK.map(({ path }) => path)).toEqual(NAMES);
  });

  it('follows a changed product into the path of the categorizer', () => {
    const choices = { ...DEFAULT_CHOICES, deviceVendor: 'Contoso Ltd', deviceProduct: 'EDR-2' };
    const [parser, , categorizer] = renderPack(packSettings({ choices }));
    expect(categorizer?.path).toBe('categorizer/contoso_ltd/edr_2.csv');
    expect(parser?.text).toContain('event.deviceProduct=__stringConstant("EDR-2")');
  });

  it('holds the CA certificate of the bridge where it has one, with LF line ends', () => {
    const files = renderPack(packSettings({ caPem: CA }));
    expect(files.find(({ path }) => path === 'flexbridge-ca.pem')?.text).toBe(CA.replaceAll('\r\n', '\n'));
  });

  it('has in each file what the settings say', () => {
    const [parser, client, , guide] = PACK.map(({ text }) => text);
    expect(parser).toContain('feed "contoso"');
    expect(client).toContain('\ntoken_url=https://bridge.example:8443/oauth2/token\n');
    expect(guide).toContain('`arcsight-07`');
  });

  it.each(Object.values(PACK_LOGINS))('is ASCII with LF and no byte order mark, for $kind', (login) => {
    for (const { path, text } of renderPack(packSettings({ login, caPem: CA })))
      expect(text, path).toMatch(/^[\n\x20-\x7e]+\n$/);
  });
});

describe('writePack', () => {
  it('makes the folder and leaves nothing but the files in it', async () => {
    const out = join(dir, 'new', 'pack');
    await writePack(out, PACK);
    expect(await filesBelow(out)).toEqual(NAMES.toSorted());
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

describe('replaceFile', () => {
  it('makes the folder above, and replaces what is there', async () => {
    const file = join(dir, 'new', 'pack.zip');
    await replaceFile(file, Buffer.from('old'));
    await replaceFile(file, Buffer.from('new'));
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await readdir(join(dir, 'new'))).toEqual(['pack.zip']);
  });

  it('says so when it cannot, and leaves nothing behind', async () => {
    await mkdir(join(dir, 'pack.zip', 'below'), { recursive: true });
    await expect(replaceFile(join(dir, 'pack.zip'), Buffer.from('x'))).rejects.toMatchObject({
      code: 'PACK_UNWRITABLE',
    });
    expect(await readdir(dir)).toEqual(['pack.zip']);
  });
});
