import { describe, expect, it } from 'vitest';
import { renderPack } from '../../../src/connector/bundle.ts';
import { zipPack } from '../../../src/connector/pack-zip.ts';
import { packSettings } from '../../support/pack-settings.ts';
import { unzipped } from '../../support/unzip.ts';

const PACK = renderPack(packSettings());

describe('zipPack', () => {
  it('gives every file back byte for byte to another program, readable for all', () => {
    expect(unzipped(zipPack(PACK))).toEqual(
      PACK.map(({ path, text }) => ({ path, text, mode: 0o644 })).toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    );
  });

  it('is the same bytes in another order of files', () => {
    expect(zipPack(PACK.toReversed()).equals(zipPack(PACK))).toBe(true);
  });
});
