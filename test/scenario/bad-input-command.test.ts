import { chmodSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  configOf,
  contentOf,
  createScratch,
  expectParts,
  type Files,
  runHere,
  runProgram,
  runWithoutPrivileges,
  SECRET,
  TENANT_YAML,
} from './bad-input-rig.ts';

const scratch = createScratch();
afterAll(() => {
  scratch.remove();
});

const ALERT = { id: 'good-1', title: 'A title', severity: 'high', lastUpdateDateTime: '2026-03-01T10:05:00Z' };

function deep(levels: number): string {
  return `${'['.repeat(levels)}${']'.repeat(levels)}`;
}

describe('preview of a file that is no payload', () => {
  it.for<[name: string, content: string | Buffer | null, parts: readonly string[]]>([
    ['a folder', null, ['cannot read', 'input', 'EISDIR']],
    ['binary', Buffer.from([0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x00]), ['is not JSON: it is not UTF-8 text']],
    ['a terminal sequence', '\u001b[2J\u0000', ['is not JSON: Unexpected token']],
    ['empty', '', ['is not JSON: Unexpected end']],
    ['cut off', '{"value":[{"id":"1"', ['is not JSON: ']],
  ])('%s ends with 1, the reason and what to give', async ([, content, parts]) => {
    const folder = scratch.folder({ input: content });
    const { code, out, err } = await runHere(['preview', '--input', 'input'], folder);
    expect([code, out]).toEqual([1, '']);
    expectParts(err, [...parts, '[INPUT_UNREADABLE]', '-> Give a file with what Microsoft answered: {"value":[...]}']);
  });

  it('a file that is not there', async () => {
    const { code, err } = await runHere(['preview', '--input', 'nowhere'], scratch.folder());
    expect(code).toBe(1);
    expectParts(err, ['cannot read', 'nowhere', 'ENOENT', '-> Give a file']);
  });

  it('one that is larger than anything Microsoft sends is not read to its end', async () => {
    const folder = scratch.folder({ input: '' });
    // A sparse file: it takes no disk.
    truncateSync(join(folder, 'input'), 3 * 2 ** 30);
    const { code, err } = await runHere(['preview', '--input', 'input'], folder);
    expect(code).toBe(1);
    expectParts(err, ['has more than 256 MB', '-> Give a file']);
  });

  it('a hundred thousand levels are set aside with their id, and the other alerts are shown', async () => {
    const bad = JSON.stringify({ ...ALERT, id: 'deep-1', more: 0 }).replace('"more":0', `"more":${deep(100_000)}`);
    const folder = scratch.folder({ input: `{"value":[${JSON.stringify(ALERT)},${bad}]}`, only: deep(100_000) });
    const { code, out, err } = await runProgram(['preview', '--input', 'input', '--feed-json'], folder);
    expect(err).toBe('left out: deep-1: the alert is nested too deep\n');
    expect(code).toBe(0);
    expect((JSON.parse(out) as { AlertId: string }[]).map(({ AlertId }) => AlertId)).toEqual(['good-1']);
    const alone = await runProgram(['preview', '--input', 'only'], folder);
    expect([alone.code, alone.out]).toEqual([1, '']);
    expect(alone.err).toBe('left out: a record without id: the alert is nested too deep\n');
  });

  it('a layout that does not exist is refused whatever the file holds', async () => {
    const folder = scratch.folder({ input: '[]' });
    const { code, err } = await runHere(['preview', '--input', 'input', '--feed-json', '--layout', 'esn'], folder);
    expect(code).toBe(1);
    expectParts(err, ['there is no layout "esn"', '-> Use microsoft or esm.']);
  });
});

describe('generate into a place that cannot be written', () => {
  const FILES: Files = { 'flexbridge.yaml': TENANT_YAML, 'client-secret': SECRET, file: 'not a folder' };

  it.for([
    ['a regular file', 'file'],
    ['below a regular file', 'file/pack'],
    ['where no folder can be, though its parent is there', '/proc/flexbridge'],
  ])('%s ends with 1 and the remedy, and writes nothing', async ([, place = '']) => {
    const folder = scratch.folder(FILES);
    const before = contentOf(folder);
    const { code, out, err } = await runHere(
      ['generate', '--feed', 'default', '--out', place, ...configOf(folder)],
      folder,
    );
    expect([code, out]).toEqual([1, '']);
    expectParts(err, ['writing the pack into', place, '[PACK_UNWRITABLE]', '-> Choose a folder that the user']);
    expect(contentOf(folder)).toEqual(before);
  });

  it('by its mode, with an older pack in it, which stays', async () => {
    const folder = scratch.folder({ pack: null });
    writeFileSync(join(folder, 'pack', 'INSTALL.md'), 'of an older version\n');
    chmodSync(join(folder, 'pack'), 0o500);
    const before = contentOf(folder);
    const { code, out, err } = await runWithoutPrivileges(['generate', '--feed', 'default', '--out', 'pack'], folder);
    expect([code, out]).toEqual([1, '']);
    expectParts(err, ['writing the pack into', '[PACK_UNWRITABLE]', '-> Choose a folder']);
    expect(contentOf(folder)).toEqual(before);
  });

  it('for a feed that does not exist names those that do', async () => {
    const folder = scratch.folder(FILES);
    const { code, err } = await runHere(
      ['generate', '--feed', 'defualt', '--out', 'pack', ...configOf(folder)],
      folder,
    );
    expect(code).toBe(1);
    expectParts(err, ['the configuration has no feed "defualt"', '-> Its feeds are: default.']);
  });
});

describe('a command line that is wrong', () => {
  it.for([
    [['sevre'], "unknown command 'sevre'", 'Did you mean serve?'],
    [['serve', '--log-level', 'loud'], 'there is no log level "loud"', '-> Use one of error, warn, info, debug.'],
    [['preview'], "required option '-i, --input <file>' not specified", '--help shows what is possible'],
  ] as const)('%j ends with 1 and says what is possible', async ([args, ...parts]) => {
    const { code, out, err } = await runHere([...args], scratch.folder());
    expect([code, out]).toEqual([1, '']);
    expectParts(err, parts);
  });
});
