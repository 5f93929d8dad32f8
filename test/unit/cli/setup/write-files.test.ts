import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFiles } from '../../../../src/cli/setup/write-files.ts';

describe('writing the files of setup', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexbridge-write-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const at = (name: string): string => join(folder, name);
  const modeOf = (name: string): number => statSync(at(name)).mode & 0o777;

  it('gives each its mode, whatever the umask, and leaves nothing beside them', () => {
    writeFiles([
      { path: at('secret'), text: 's', mode: 0o600 },
      { path: at('config'), text: 'c', mode: 0o640 },
      { path: at('unit'), text: 'u', mode: 0o646 },
    ]);
    expect([modeOf('secret'), modeOf('config'), modeOf('unit')]).toEqual([0o600, 0o640, 0o646]);
    expect(readdirSync(folder).toSorted()).toEqual(['config', 'secret', 'unit']);
  });

  it('keeps what stood there as .bak, each time under another name, with its mode', () => {
    writeFileSync(at('config'), 'first', { mode: 0o600 });
    expect(writeFiles([{ path: at('config'), text: 'second', mode: 0o640 }])[0]?.backup).toBe(at('config.bak'));
    writeFiles([{ path: at('config'), text: 'third', mode: 0o640 }]);
    expect(readFileSync(at('config.bak'), 'utf8')).toBe('first');
    expect(readFileSync(at('config.bak-2'), 'utf8')).toBe('second');
    expect([modeOf('config'), modeOf('config.bak')]).toEqual([0o600, 0o600]);
  });

  it('makes no copy of the same text', () => {
    writeFileSync(at('config'), 'same');
    expect(writeFiles([{ path: at('config'), text: 'same', mode: 0o640 }])[0]?.backup).toBeNull();
    expect(readdirSync(folder)).toEqual(['config']);
  });

  it('writes none where one cannot be written', () => {
    writeFileSync(at('config'), 'old');
    expect(() =>
      writeFiles([
        { path: at('config'), text: 'new', mode: 0o640 },
        { path: at('no-folder/secret'), text: 's', mode: 0o600 },
      ]),
    ).toThrow(/cannot write .*no-folder/);
    expect(readdirSync(folder)).toEqual(['config']);
    expect(readFileSync(at('config'), 'utf8')).toBe('old');
  });

  it('replaces the file that a link leads to, and leaves the link', () => {
    mkdirSync(at('real'));
    writeFileSync(at('real/config'), 'old');
    chmodSync(at('real/config'), 0o640);
    symlinkSync(at('real/config'), at('config'));
    writeFiles([{ path: at('config'), text: 'new', mode: 0o640 }]);
    expect(readFileSync(at('real/config'), 'utf8')).toBe('new');
    expect(readdirSync(at('real')).toSorted()).toEqual(['config', 'config.bak']);
  });
});
