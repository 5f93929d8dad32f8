import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderPack, writePack } from '../../../src/connector/bundle.ts';
import { readPack } from '../../../src/connector/pack-reader.ts';
import { DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import { createCertificateAuthority } from '../../../src/http/tls/certificate-authority.ts';

const PARSER = 'default.jsonparser.properties';
const CLIENT = 'default.properties';
const MANIFEST = 'manifest.json';

const { certificatePem: caPem } = await createCertificateAuthority({
  commonName: 'FlexBridge CA',
  hosts: ['bridge.example'],
  notBeforeMs: Date.now(),
  years: 1,
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-pack-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function generate(kind: 'oauth2' | 'basic' = 'oauth2', publicUrl = 'https://bridge.example:8443'): Promise<void> {
  const redirectUri = 'http://localhost:44300/flexbridge';
  const login =
    kind === 'oauth2'
      ? ({ kind, connector: 'arcsight-01', clientId: 'arcsight-01', redirectUri } as const)
      : ({ kind, connector: 'arcsight-01' } as const);
  const settings = { feed: 'default', layout: 'microsoft', receiptTime: 'feed', choices: DEFAULT_CHOICES } as const;
  await writePack(folder, renderPack({ ...settings, publicUrl, login, caPem }));
}

function edit(file: string, what: RegExp | string, by: string): void {
  const path = join(folder, file);
  writeFileSync(
    path,
    readFileSync(path, 'latin1').replace(what, () => by),
    'latin1',
  );
}

const fillSecret = (): void => {
  edit(CLIENT, /^client_secret=.*$/m, 'client_secret=the-secret');
};

async function problems(): Promise<readonly string[]> {
  const { problems: found } = await readPack(folder);
  expect(JSON.stringify(found)).not.toContain('the-secret');
  return found.map(({ code, file, level }) => `${level} ${code} ${file ?? ''}`);
}

describe('pack reader', () => {
  it('finds nothing wrong with a pack as it was written, the client secret filled in', async () => {
    await generate();
    fillSecret();
    expect(await problems()).toEqual([]);
    const { client, caPem: ca, parser, manifest } = await readPack(folder);
    expect(client).toEqual({
      clientId: 'arcsight-01',
      clientSecret: 'the-secret',
      tokenUrl: 'https://bridge.example:8443/oauth2/token',
      scope: '',
    });
    expect(ca).toBe(caPem);
    expect(parser?.mappings.length).toBeGreaterThan(10);
    expect(manifest.login).toMatchObject({ kind: 'oauth2', connector: 'arcsight-01' });
  });

  it('does not look at the client file of a pack for another login', async () => {
    await generate('basic');
    edit(CLIENT, /^client_id.*$/m, '');
    expect(await problems()).toEqual([]);
    expect((await readPack(folder)).client).toBeNull();
  });

  it('names the placeholder that still stands for the secret', async () => {
    await generate();
    expect(await problems()).toEqual([`error PLACEHOLDER ${CLIENT}`]);
    expect((await readPack(folder)).client).toBeNull();
  });

  it.each([
    [PARSER, `error FILE_MISSING ${PARSER}`],
    [CLIENT, `error FILE_MISSING ${CLIENT}`],
    ['flexbridge-ca.pem', 'error FILE_MISSING flexbridge-ca.pem'],
    ['INSTALL.md', 'warning FILE_MISSING INSTALL.md'],
  ])('names the missing file %s', async (file, problem) => {
    await generate();
    fillSecret();
    unlinkSync(join(folder, file));
    expect(await problems()).toEqual([problem]);
  });

  it.each([
    ['an edited value', PARSER, /^event\.deviceVendor=.*$/m, 'event.deviceVendor=__stringConstant("Other")', []],
    ['a byte order mark', PARSER, /^/, '\u00ef\u00bb\u00bf', ['error BYTE_ORDER_MARK', 'warning UNKNOWN_KEY']],
    ['a letter that is not ASCII', PARSER, /^#/, '# \u00fc', ['error NOT_ASCII']],
    ['line ends of Windows', PARSER, '\n', '\r\n', ['error LINE_ENDS']],
    ['a token that is not declared', PARSER, /^event\.name=.*$/m, 'event.name=Unknown', ['warning UNDECLARED_TOKEN']],
    ['a broken escape', PARSER, /^event\.name=.*$/m, 'event.name=\\user', ['error PROPERTIES_MALFORMED']],
  ])('names %s in the parser file, and that the file was changed', async (_, file, what, by, codes) => {
    await generate();
    fillSecret();
    edit(file, what, by);
    expect((await problems()).toSorted()).toEqual(
      ['error FILE_CHANGED', ...codes].map((code) => `${code} ${file}`).toSorted(),
    );
  });

  it.each([
    ['token_url', 'https://other.example/oauth2/token', 'URL_OTHER_HOST'],
    ['auth_url', 'https://bridge.example:9443/oauth2/authorize', 'URL_OTHER_HOST'],
    ['token_url', 'http://bridge.example:8443/oauth2/token', 'URL_PLAIN'],
    ['token_url', 'bridge', 'URL_INVALID'],
    ['redirect_uri', 'https://bridge.example/flexbridge', 'REDIRECT_NOT_LOCAL'],
    ['redirect_uri', 'custom://localhost/flexbridge', 'REDIRECT_NOT_LOCAL'],
    ['client_id', '', 'CLIENT_KEY_MISSING'],
  ])('names a client file with %s=%s', async (key, value, code) => {
    await generate();
    fillSecret();
    edit(CLIENT, new RegExp(`^${key}=.*$`, 'm'), `${key}=${value}`);
    expect(await problems()).toContain(`error ${code} ${CLIENT}`);
  });

  it('warns of a client file that makes the connector open a browser', async () => {
    await generate();
    fillSecret();
    edit(CLIENT, 'reauthenticate=false', 'reauthenticate=true');
    expect(await problems()).toContain(`warning REAUTHENTICATE ${CLIENT}`);
  });

  it.each([
    ['http://bridge.example:8080', 'URL_PLAIN'],
    ['http://127.0.0.1:8080', null],
  ])('judges an Events URL at %s', async (publicUrl, code) => {
    await generate('basic', publicUrl);
    expect(await problems()).toEqual(code === null ? [] : [`error ${code} ${MANIFEST}`]);
  });

  it('names a parser file that the Configuration File of the wizard does not lead to', async () => {
    await generate('basic');
    edit(MANIFEST, '"feed": "default"', '"feed": "other"');
    expect(await problems()).toEqual([`error PARSER_NAME ${PARSER}`]);
  });

  it('names an Events URL without the place for the time', async () => {
    await generate('basic');
    edit(MANIFEST, '$START_AT_TIME', '2026-01-01');
    expect(await problems()).toEqual([`error URL_WITHOUT_TIME ${MANIFEST}`]);
  });

  it('names a CA certificate that is none', async () => {
    await generate('basic');
    writeFileSync(join(folder, 'flexbridge-ca.pem'), 'nothing');
    expect((await problems()).toSorted()).toEqual([
      'error CA_INVALID flexbridge-ca.pem',
      'error FILE_CHANGED flexbridge-ca.pem',
    ]);
  });

  it('opens nothing outside the pack, whatever the manifest says', async () => {
    await generate('basic');
    edit(MANIFEST, `"path": "${PARSER}"`, '"path": "../secret"');
    const { problems: found, parser } = await readPack(folder);
    expect(parser).toBeNull();
    expect(found.map(({ message }) => message)).toContain(
      '"../secret" of the manifest has a path that leads out of the pack',
    );
  });

  it('refuses a folder without a manifest', async () => {
    await expect(readPack(folder)).rejects.toMatchObject({ code: 'PACK_READ' });
  });
});
