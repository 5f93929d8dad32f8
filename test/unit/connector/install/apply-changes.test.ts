import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyChanges, type Change } from '../../../../src/connector/install/apply-changes.ts';
import { readPresent } from '../../../../src/connector/install/present-file.ts';

let dir = '';
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'flexbridge-changes-')));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const at = (name: string): string => join(dir, name);
const names = (): readonly string[] => readdirSync(dir).toSorted();

async function change(name: string, text: string | null, keepAs: string | null = null): Promise<Change> {
  return {
    target: at(name),
    before: await readPresent(at(name)),
    after: text === null ? null : { bytes: Buffer.from(text), mode: 0o640 },
    keepAs: keepAs === null ? null : at(keepAs),
  };
}

const apply = (changes: readonly Change[], folders: readonly string[] = []) =>
  applyChanges({ changes, folders: folders.map(at), owner: null });

describe('applyChanges', () => {
  it('makes, replaces and removes files, keeps what is to be kept, and leaves nothing else', async () => {
    writeFileSync(at('b'), 'old b');
    writeFileSync(at('c'), 'old c');
    await apply([await change('a', 'new a'), await change('b', 'new b', 'b.kept'), await change('c', null)]);
    expect(names()).toEqual(['a', 'b', 'b.kept']);
    expect(readFileSync(at('a'), 'utf8')).toBe('new a');
    expect(readFileSync(at('b'), 'utf8')).toBe('new b');
    expect(readFileSync(at('b.kept'), 'utf8')).toBe('old b');
    expect(statSync(at('a')).mode & 0o777).toBe(0o640);
  });

  it('keeps a copy no more open than the new file', async () => {
    writeFileSync(at('secret'), 'old', { mode: 0o644 });
    const wide = await change('secret', 'new', 'secret.kept');
    await apply([{ ...wide, after: { bytes: Buffer.from('new'), mode: 0o600 } }]);
    expect(statSync(at('secret.kept')).mode & 0o777).toBe(0o600);
  });

  it('puts everything back when a later file was changed meanwhile', async () => {
    writeFileSync(at('b'), 'old b');
    writeFileSync(at('c'), 'old c');
    chmodSync(at('b'), 0o666);
    const changes = [
      await change('sub/a', 'new a'),
      await change('b', 'new b', 'b.kept'),
      await change('c', null),
      await change('d', 'new d'),
    ];
    writeFileSync(at('d'), "somebody else's");
    await expect(apply(changes, ['sub'])).rejects.toMatchObject({
      code: 'INSTALL_CHANGED',
      message: expect.stringContaining(at('d')) as string,
    });
    expect(names()).toEqual(['b', 'c', 'd']);
    expect(readFileSync(at('b'), 'utf8')).toBe('old b');
    expect(statSync(at('b')).mode & 0o777).toBe(0o666);
    expect(readFileSync(at('c'), 'utf8')).toBe('old c');
    expect(readFileSync(at('d'), 'utf8')).toBe("somebody else's");
  });

  it('puts everything back when a file cannot be written', async () => {
    writeFileSync(at('b'), 'old b');
    const changes = [await change('b', 'new b', 'b.kept'), await change('missing/c', 'new c')];
    await expect(apply(changes)).rejects.toMatchObject({ code: 'INSTALL_FAILED' });
    expect(names()).toEqual(['b']);
    expect(readFileSync(at('b'), 'utf8')).toBe('old b');
  });

  it('does not write through a link that has taken the place of a file', async () => {
    mkdirSync(at('outside'));
    writeFileSync(at('outside/target'), 'untouched');
    writeFileSync(at('b'), 'old b');
    const changes = [await change('a', 'new a'), await change('b', 'new b')];
    rmSync(at('b'));
    symlinkSync(at('outside/target'), at('b'));
    await expect(apply(changes)).rejects.toMatchObject({ code: 'INSTALL_LINK' });
    expect(names()).toEqual(['b', 'outside']);
    expect(readFileSync(at('outside/target'), 'utf8')).toBe('untouched');
  });

  it('overwrites no copy that is there already, and leaves it there', async () => {
    writeFileSync(at('b'), 'old b');
    writeFileSync(at('b.kept'), 'precious');
    await expect(apply([await change('b', 'new b', 'b.kept')])).rejects.toMatchObject({ code: 'INSTALL_FAILED' });
    expect(names()).toEqual(['b', 'b.kept']);
    expect(readFileSync(at('b.kept'), 'utf8')).toBe('precious');
  });
});
