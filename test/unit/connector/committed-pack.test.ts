import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { renderPack } from '../../../src/connector/bundle.ts';
import { filesBelow } from '../../../src/connector/files-below.ts';
import { packSettings } from '../../support/pack-settings.ts';

const FOLDER = new URL('../../../flexconnector/', import.meta.url);
const PACK = renderPack(
  packSettings({
    publicUrl: 'https://localhost:8443',
    login: {
      kind: 'oauth2',
      connector: 'arcsight-01',
      clientId: 'arcsight-01',
      redirectUri: 'http://localhost:44300/flexbridge',
    },
  }),
);

describe('the committed pack', () => {
  it('holds the files of the default feed and no other', async () => {
    expect(await filesBelow(fileURLToPath(FOLDER))).toEqual(PACK.map(({ path }) => path).sort());
  });

  it.each(PACK)('has $path byte for byte as the generator writes it', async ({ path, text }) => {
    const remedy = `flexconnector/${path} is out of date: npm run render, and look at the change before you commit it`;
    expect(await readFile(new URL(path, FOLDER), 'utf8'), remedy).toBe(text);
  });
});
