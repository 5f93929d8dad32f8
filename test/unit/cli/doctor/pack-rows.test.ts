import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { packRows } from '../../../../src/cli/doctor/pack-rows.ts';
import { readPackNotes } from '../../../../src/cli/pack-notes.ts';
import { run } from '../../../../src/cli/program.ts';
import type { Finding } from '../../../../src/domain/finding.ts';
import { type Folder, folder } from '../../config/config-folder.ts';
import { configOf, configYaml } from './doctor-config.ts';

let place: Folder;
let file = '';
beforeEach(async () => {
  place = await folder();
  file = join(place.path, 'flexbridge.yaml');
  await place.write('secret', 'a-secret', 0o600);
  await configure();
  mkdirSync(join(place.path, 'data'), { mode: 0o700 });
});

function configure(more = '', server = '{ publicUrl: "https://bridge.example:8443" }'): Promise<string> {
  return place.write('flexbridge.yaml', configYaml(server, more));
}

async function generate(out = 'pack'): Promise<void> {
  const sink = {
    out: () => undefined,
    err: () => undefined,
    input: Readable.from(['']),
    cwd: place.path,
    isTerminal: false,
  };
  expect(await run(['generate', '--feed', 'default', '--out', out, '--config', file], sink)).toBe(0);
}

async function rows(pack?: string): Promise<readonly Finding[]> {
  return packRows(await configOf(file), { pack, cwd: place.path, configPath: file });
}

describe('packs in use', () => {
  it('are known where one was written, and ok while they are as they would be made now', async () => {
    await generate();
    expect(await rows()).toEqual([
      expect.objectContaining({ id: 'pack', state: 'ok', subject: join(place.path, 'pack') }),
    ]);
  });

  it('are compared though a secret was filled in', async () => {
    await generate();
    const client = join(place.path, 'pack', 'default.properties');
    writeFileSync(client, readFileSync(client, 'utf8').replace(/^client_secret=.*$/m, 'client_secret=filled-in'));
    expect(await rows()).toEqual([expect.objectContaining({ state: 'ok' })]);
  });

  it.each([
    ['the layout', () => configure('layout: esm')],
    ['the address', () => configure('', '{ publicUrl: "https://other.example:8443" }')],
    ['the CA', () => place.write('data/tls/ca.pem', '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n')],
  ])('are stale when %s has changed, with the command that writes them anew', async (_, change) => {
    await generate();
    mkdirSync(join(place.path, 'data', 'tls'), { recursive: true });
    await change();
    const [row] = await rows();
    expect(row).toMatchObject({ state: 'warning', subject: join(place.path, 'pack') });
    expect(row?.meaning).toMatch(/differs|is missing/);
    expect(row?.remedy).toContain(
      `flexbridge generate --feed default --connector arcsight-01 --config ${file} --out ${join(place.path, 'pack')}`,
    );
  });

  it('are stale when a file of them is gone', async () => {
    await generate();
    rmSync(join(place.path, 'pack', 'INSTALL.md'));
    expect((await rows())[0]).toMatchObject({
      state: 'warning',
      meaning: expect.stringContaining('INSTALL.md is missing.') as string,
    });
  });

  it('say the versions that they were made with where those are older', async () => {
    await generate();
    const manifest = join(place.path, 'pack', 'manifest.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/("(?:mapping|parser)Version": )\d+/g, '$10'));
    expect((await rows())[0]?.meaning).toMatch(/made with mapping version 0, now \d+ and parser version 0, now \d+/);
  });

  it('are no longer asked for when their folder or their feed is gone', async () => {
    await generate();
    await generate('other');
    rmSync(join(place.path, 'pack'), { recursive: true });
    expect((await rows()).map(({ subject }) => subject)).toEqual([join(place.path, 'other')]);
    rmSync(join(place.path, 'other'), { recursive: true });
    expect(await rows()).toEqual([expect.objectContaining({ state: 'ok', subject: 'packs' })]);
  });

  it('can be named, and one that is for another feed or not there is told', async () => {
    await generate();
    rmSync(join(place.path, 'data', 'packs.json'));
    expect(await rows()).toEqual([expect.objectContaining({ subject: 'packs' })]);
    expect(await rows('pack')).toEqual([expect.objectContaining({ state: 'ok', subject: join(place.path, 'pack') })]);
    await expect(rows('nowhere')).rejects.toMatchObject({ code: 'PACK_FOLDER' });
  });

  it('are a warning where the connector that they are for is gone', async () => {
    await generate();
    const text = readFileSync(file, 'utf8').replace('arcsight-01', 'arcsight-02');
    writeFileSync(file, text);
    expect(await rows()).toEqual([
      expect.objectContaining({ state: 'warning', meaning: expect.stringContaining('arcsight-01') as string }),
    ]);
  });
});

describe('the notes of packs', () => {
  it('name feed, folder and connector, the latest last, each place once', async () => {
    await generate();
    await generate('other');
    await generate();
    const notes = await readPackNotes(join(place.path, 'data'));
    expect(notes.map(({ feed, folder: path, connector }) => [feed, path, connector])).toEqual([
      ['default', join(place.path, 'other'), 'arcsight-01'],
      ['default', join(place.path, 'pack'), 'arcsight-01'],
    ]);
  });

  it('are no reason to fail: without a data folder nothing is noted, and what is no note is passed over', async () => {
    rmSync(join(place.path, 'data'), { recursive: true });
    await generate();
    expect(await readPackNotes(join(place.path, 'data'))).toEqual([]);
    mkdirSync(join(place.path, 'data'));
    await place.write('data/packs.json', '[1, {"feed": 2}, null]');
    expect(await rows()).toEqual([expect.objectContaining({ state: 'ok' })]);
    mkdirSync(join(place.path, 'data', 'x'));
    rmSync(join(place.path, 'data', 'packs.json'));
    mkdirSync(join(place.path, 'data', 'packs.json'));
    await generate();
  });
});
