import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { renderPack } from '../../../src/connector/bundle.ts';

const FOLDER = new URL('../../../flexconnector/', import.meta.url);
const PACK = renderPack({
  feed: 'default',
  layout: 'microsoft',
  receiptTime: 'feed',
  publicUrl: 'https://localhost:8443',
  connectorName: 'arcsight-01',
});

describe('the committed pack', () => {
  it('holds the files of the default feed and no other', async () => {
    expect((await readdir(FOLDER)).sort()).toEqual(PACK.map(({ path }) => path).sort());
  });

  it.each(PACK)('has $path byte for byte as the generator writes it', async ({ path, text }) => {
    const remedy = `flexconnector/${path} is out of date: npm run render, and look at the change before you commit it`;
    expect(await readFile(new URL(path, FOLDER), 'utf8'), remedy).toBe(text);
  });
});
