import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type PackFile, renderPack } from '../../../src/connector/bundle.ts';
import { MANIFEST_FILE, readManifest } from '../../../src/connector/manifest.ts';
import { DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import { PACK_LOGINS, packSettings } from '../../support/pack-settings.ts';

const PACK = renderPack(packSettings());

function textOf(files: readonly PackFile[], path: string): string {
  return files.find((file) => file.path === path)?.text ?? '';
}

describe('manifest.json', () => {
  it('names every other file of the pack with the SHA-256 of its bytes', () => {
    const { files } = readManifest(textOf(PACK, MANIFEST_FILE));
    const others = PACK.filter(({ path }) => path !== MANIFEST_FILE);
    expect(files.map(({ path, sha256 }) => [path, sha256])).toEqual(
      others.map(({ path, text }) => [path, createHash('sha256').update(Buffer.from(text)).digest('hex')]),
    );
  });

  it('says where each file goes below ARCSIGHT_HOME', () => {
    const { files } = readManifest(textOf(PACK, MANIFEST_FILE));
    expect(files.map(({ purpose, goesTo }) => [purpose, goesTo])).toEqual([
      ['parser', 'user/agent/flexagent/default.jsonparser.properties'],
      ['client', 'user/agent/flexagent/default.properties'],
      ['categorizer', 'user/agent/acp/categorizer/current/microsoft/microsoft_defender_atp.csv'],
      ['guide', null],
    ]);
  });

  it.each(Object.values(PACK_LOGINS))('says how the connector of kind $kind is to be set up', (login) => {
    const manifest = readManifest(textOf(renderPack(packSettings({ login })), MANIFEST_FILE));
    expect(manifest.login).toEqual({ kind: login.kind, connector: 'arcsight-07' });
    expect(manifest.eventsUrl).toBe(
      login.kind === 'urlKey'
        ? 'https://bridge.example:8443/v1/feeds/default/detections?key=PUT-THE-URL-KEY-HERE&since=$START_AT_TIME'
        : 'https://bridge.example:8443/v1/feeds/default/detections?since=$START_AT_TIME',
    );
    expect(manifest.files.find(({ purpose }) => purpose === 'client')?.goesTo === null).toBe(login.kind !== 'oauth2');
  });

  it('is the same bytes for the same settings, and ASCII whatever the product is called', () => {
    const choices = { ...DEFAULT_CHOICES, deviceProduct: 'Défense \u{1F6E1}' };
    const once = renderPack(packSettings({ choices }));
    expect(renderPack(packSettings({ choices }))).toEqual(once);
    for (const { path, text } of once) expect(text, path).toMatch(/^[\n\x20-\x7e]+\n$/);
    const manifest = JSON.parse(textOf(once, MANIFEST_FILE)) as { settings: { arcsight: unknown } };
    expect(manifest.settings.arcsight).toEqual(choices);
  });

  it.each([
    ['no JSON', 'x'],
    ['a list', '[]'],
    ['another format', '{"formatVersion":2}'],
    ['no files', '{"formatVersion":1,"login":{}}'],
    ['a strange login', textOf(PACK, MANIFEST_FILE).replace('"oauth2"', '"kerberos"')],
    ['a file without a hash', textOf(PACK, MANIFEST_FILE).replace('"sha256"', '"md5"')],
  ])('is refused when it is %s', (_what, text) => {
    expect(() => readManifest(text)).toThrow(expect.objectContaining({ code: 'PACK_MANIFEST' }));
  });
});
