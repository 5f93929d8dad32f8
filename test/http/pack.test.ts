import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderPack } from '../../src/connector/bundle.ts';
import { readManifest } from '../../src/connector/manifest.ts';
import type { Caller } from '../../src/http/access.ts';
import { type BridgeRig, createBridgeRig, SECRETS } from '../support/bridge-rig.ts';
import { someFeedSettings } from '../support/feed-settings.ts';
import { packSettings } from '../support/pack-settings.ts';
import { stubApp } from '../support/stub-app.ts';
import { unzipped } from '../support/unzip.ts';

const OPS = { user: 'ops', password: SECRETS.operator };
const CONNECTOR = { user: 'arcsight-01', password: SECRETS.connector };
const ZIP = '/v1/feeds/default/connector.zip';
const FOLDER = '/v1/feeds/default/connector';
const CATEGORIZER = `${FOLDER}/categorizer/microsoft/microsoft_defender_atp.csv`;

describe('the pack over HTTP', () => {
  let rig: BridgeRig;

  beforeAll(async () => {
    rig = await createBridgeRig();
    await rig.startBridge();
  });
  afterAll(async () => {
    await rig.close();
  });

  it.each([
    [`${FOLDER}/default.jsonparser.properties`, 'text/plain; charset=utf-8', 'trigger.node.location=/'],
    [`${FOLDER}/default.properties`, 'text/plain; charset=utf-8', 'client_secret=PUT-THE-CLIENT-SECRET-HERE'],
    [CATEGORIZER, 'text/csv; charset=utf-8', 'defender:process:execution,/Host/Resource/Process,'],
    [`${FOLDER}/flexbridge-ca.pem`, 'text/plain; charset=utf-8', '-----BEGIN CERTIFICATE-----'],
    [`${FOLDER}/INSTALL.md`, 'text/markdown; charset=utf-8', '**Basic**'],
    [`${FOLDER}/manifest.json`, 'application/json; charset=utf-8', '"formatVersion": 1'],
  ])('gives an operator %s as %s', async (path, type, part) => {
    const answer = await rig.ask(path, OPS);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, type]);
    expect(answer.body).toContain(part);
  });

  it('is made of the running settings: the first connector of the feed, and the CA that the bridge serves with', async () => {
    const { login, files } = readManifest((await rig.ask(`${FOLDER}/manifest.json`, OPS)).body);
    expect(login).toEqual({ kind: 'basic', connector: 'arcsight-01' });
    expect(files.map(({ purpose }) => purpose)).toEqual(['parser', 'client', 'categorizer', 'certificate', 'guide']);
    const ca = readFileSync(join(rig.folder, 'data', 'tls', 'ca.pem'), 'utf8');
    expect((await rig.ask(`${FOLDER}/flexbridge-ca.pem`, OPS)).body).toBe(ca);
    expect((await rig.ask(`${FOLDER}/INSTALL.md`, OPS)).body).toContain(new X509Certificate(ca).fingerprint256);
    const other = await rig.ask('/v1/feeds/private/connector/manifest.json', OPS);
    expect(readManifest(other.body).login).toEqual({ kind: 'basic', connector: 'arcsight-02' });
  });

  it.each([ZIP, CATEGORIZER, `${FOLDER}/INSTALL.md`])(
    'answers 304 without a body to the ETag of %s, and the whole to another',
    async (path) => {
      const { etag } = (await rig.ask(path, OPS)).headers;
      expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
      for (const known of [String(etag), `W/${String(etag)}`, `"x", ${String(etag)}`, '*']) {
        const again = await rig.ask(path, { ...OPS, headers: { 'if-none-match': known } });
        expect([again.status, again.body, again.headers['etag']]).toEqual([304, '', etag]);
      }
      expect((await rig.ask(path, { ...OPS, headers: { 'if-none-match': '"x"' } })).status).toBe(200);
    },
  );

  it('names the files that there are where one is asked for that is not', async () => {
    for (const path of [`${FOLDER}/setup.exe`, `${FOLDER}/categorizer/microsoft/other.csv`, `${FOLDER}/..%2Fdata`]) {
      const answer = await rig.ask(path, OPS);
      const { code, hint } = JSON.parse(answer.body) as { code: string; hint: string };
      expect([answer.status, code]).toEqual([404, 'PACK_FILE_UNKNOWN']);
      expect(hint).toContain('default.jsonparser.properties');
      expect(hint).toContain('categorizer/microsoft/microsoft_defender_atp.csv');
    }
  });

  it('is for operators alone', async () => {
    for (const path of [ZIP, CATEGORIZER, `${FOLDER}/INSTALL.md`]) {
      expect((await rig.ask(path)).status).toBe(401);
      expect((await rig.ask(path, CONNECTOR)).status).toBe(403);
    }
  });

  it('says which feeds there are for another one', async () => {
    const { status, body } = await rig.ask('/v1/feeds/hunting/connector.zip', OPS);
    expect(status).toBe(404);
    expect(JSON.parse(body)).toMatchObject({ code: 'FEED_UNKNOWN', hint: 'Feeds of this bridge: default, private.' });
  });

  it('holds no secret and no hash of one', async () => {
    const { files } = readManifest((await rig.ask(`${FOLDER}/manifest.json`, OPS)).body);
    const config = readFileSync(join(rig.folder, 'flexbridge.yaml'), 'utf8');
    const hashes = config.match(/[0-9a-f]{64}|\$scrypt\$[^"]+/g) ?? [];
    expect(hashes).toHaveLength(3);
    for (const { path } of [...files, { path: 'manifest.json' }]) {
      const { body } = await rig.ask(`${FOLDER}/${path}`, OPS);
      for (const secret of [...Object.values(SECRETS), ...hashes]) expect(body).not.toContain(secret);
    }
  });
});

describe('GET /v1/feeds/{feed}/connector.zip', () => {
  const caller: Caller = { kind: 'operator', name: 'ops', by: 'basic' };
  const pack = renderPack(packSettings());

  it('gives every file of the pack back byte for byte, under a name of its own', async () => {
    const feeds = new Map([['default', someFeedSettings({ name: 'default' })]]);
    const app = await stubApp(caller, { feeds, pack: () => Promise.resolve(pack) });
    const { statusCode, headers, rawPayload } = await app.inject({ url: ZIP });
    expect([statusCode, headers['content-type']]).toEqual([200, 'application/zip']);
    expect(headers['content-disposition']).toBe('attachment; filename="flexbridge-default.zip"');
    expect(headers['content-length']).toBe(String(rawPayload.length));
    expect(new Map(unzipped(rawPayload).map(({ path, text }) => [path, text]))).toEqual(
      new Map(pack.map(({ path, text }) => [path, text])),
    );
    await app.close();
  });
});
