import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { filesBelow } from '../../../src/connector/files-below.ts';
import { readManifest } from '../../../src/connector/manifest.ts';
import { hashSecret } from '../../../src/domain/credential.ts';
import { openAccessStore } from '../../../src/store/sqlite-access-store.ts';
import { unzipped } from '../../support/unzip.ts';

const NAMES = [
  'INSTALL.md',
  'categorizer/microsoft/microsoft_defender_atp.csv',
  'default.jsonparser.properties',
  'default.properties',
  'manifest.json',
];
const CONNECTORS = `connectors:
  - { name: hunter, feeds: [other], auth: { kind: basic, secretHash: ${hashSecret('a')} } }
  - name: soc-02
    feeds: [default]
    auth: { kind: oauth2, clientId: client-2, secretHash: ${hashSecret('b')}, redirectUris: ["http://127.0.0.1/x"] }
  - { name: soc-01, feeds: [default], auth: { kind: basic, secretHash: ${hashSecret('c')} } }
`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-generate-'));
  configure('');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function configure(more: string, server = '{ publicUrl: "https://bridge.example:8443" }'): void {
  writeFileSync(join(folder, 'secret'), 'a-secret', { mode: 0o600 });
  writeFileSync(
    join(folder, 'flexbridge.yaml'),
    `server: ${server}
store: { path: data/events.db }
tenants:
  - name: contoso
    tenantId: 11111111-2222-4333-8444-555555555555
    credential: { clientId: client-1, secretFile: secret }
feeds: [{ name: default }, { name: other }]
${more}`,
  );
}

async function generate(...args: readonly string[]) {
  let [out, err] = ['', ''];
  const code = await run(['generate', ...args, '--config', join(folder, 'flexbridge.yaml')], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    input: Readable.from(['']),
    cwd: folder,
    isTerminal: false,
  });
  return { code, out, err };
}

function written(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

function createConnector(name: string): void {
  mkdirSync(join(folder, 'data'));
  const access = openAccessStore(join(folder, 'data'));
  access.putConnector({ name, auth: { kind: 'mtls', fingerprints: ['ab'.repeat(32)] }, feeds: null, createdMs: 0 });
  access.close();
}

function loginIn(pack: string) {
  return readManifest(written(`${pack}/manifest.json`)).login;
}

describe('generate', () => {
  it('writes every file of the pack and says what comes next', async () => {
    const { code, out } = await generate('--feed', 'default', '--out', 'pack');
    expect(code).toBe(0);
    expect(await filesBelow(join(folder, 'pack'))).toEqual(NAMES);
    expect(out).toContain(`wrote ${folder}/pack/categorizer/microsoft/microsoft_defender_atp.csv\n`);
    expect(out).toContain('Next: open INSTALL.md');
  });

  it('takes the feed for the name of the folder, and prints JSON where it is asked to', async () => {
    const { out } = await generate('--feed', 'other', '--json');
    expect(JSON.parse(out)).toMatchObject({ feed: 'other', folder: join(folder, 'other') });
    expect(existsSync(join(folder, 'other', 'other.jsonparser.properties'))).toBe(true);
  });

  it('writes one zip with the same files, the same bytes each time', async () => {
    await generate('--feed', 'default', '--out', 'pack');
    expect((await generate('--feed', 'default', '--zip', 'new/pack.zip')).out).toContain(
      `wrote ${folder}/new/pack.zip`,
    );
    const first = readFileSync(join(folder, 'new', 'pack.zip'));
    const files = unzipped(first);
    expect(files.map(({ path }) => path)).toEqual(NAMES);
    for (const { path, text } of files) expect(text, path).toBe(written(`pack/${path}`));
    await generate('--feed', 'default', '--zip', 'new/pack.zip');
    expect(readFileSync(join(folder, 'new', 'pack.zip')).equals(first)).toBe(true);
  });

  it('holds the CA of the bridge once it has made one, and not where the bridge does not use it', async () => {
    mkdirSync(join(folder, 'data', 'tls'), { recursive: true });
    writeFileSync(
      join(folder, 'data', 'tls', 'ca.pem'),
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    );
    await generate('--feed', 'default', '--out', 'pack');
    expect(written('pack/flexbridge-ca.pem')).toBe(written('data/tls/ca.pem'));
    configure('', '{ tls: off, host: 127.0.0.1, publicUrl: "http://localhost:8443" }');
    await generate('--feed', 'default', '--out', 'plain');
    expect(await filesBelow(join(folder, 'plain'))).toEqual(NAMES);
  });

  it('keeps the secret of a client file that was filled in, while it brings the rest up to date', async () => {
    configure(CONNECTORS);
    const fill = (folderName: string): void => {
      const place = join(folder, folderName, 'default.properties');
      writeFileSync(place, readFileSync(place, 'utf8').replace('PUT-THE-CLIENT-SECRET-HERE', 'shown-once'));
    };
    await generate('--feed', 'default', '--connector', 'soc-02', '--out', 'pack');
    fill('pack');
    const { out } = await generate('--feed', 'default', '--connector', 'soc-02', '--out', 'pack');
    expect(out).toContain('default.properties was filled in already: its client id and secret were kept.');
    expect(written('pack/default.properties')).toContain('client_secret=shown-once\n');

    configure(CONNECTORS, '{ publicUrl: "https://moved.example" }');
    await generate('--feed', 'default', '--connector', 'soc-02', '--out', 'pack');
    const text = written('pack/default.properties');
    expect(text).toContain('client_secret=shown-once\n');
    expect(text).toContain('token_url=https://moved.example/oauth2/token\n');
    expect(statSync(join(folder, 'pack', 'default.properties')).mode & 0o777).toBe(0o600);
  });

  it('does not put the secret of one login into the client file of another', async () => {
    configure(
      CONNECTORS.replace(
        'name: soc-01, feeds: [default], auth: { kind: basic,',
        'name: soc-01, feeds: [default], auth: { kind: oauth2, clientId: client-1, redirectUris: ["http://127.0.0.1/x"],',
      ),
    );
    await generate('--feed', 'default', '--connector', 'soc-02', '--out', 'pack');
    const place = join(folder, 'pack', 'default.properties');
    writeFileSync(place, readFileSync(place, 'utf8').replace('PUT-THE-CLIENT-SECRET-HERE', 'shown-once'));
    const { out } = await generate('--feed', 'default', '--connector', 'soc-01', '--out', 'pack');
    expect(out).not.toContain('were kept');
    expect(written('pack/default.properties')).toContain(
      'client_id=client-1\nclient_secret=PUT-THE-CLIENT-SECRET-HERE\n',
    );
  });

  it('says what to do when it may not read the CA', async () => {
    mkdirSync(join(folder, 'data', 'tls', 'ca.pem'), { recursive: true });
    const { code, err } = await generate('--feed', 'default', '--out', 'pack');
    expect([code, existsSync(join(folder, 'pack'))]).toEqual([1, false]);
    expect(err).toContain('[CA_UNREADABLE]');
  });

  it.each([[['--out', 'a', '--zip', 'b']], [['--out', 'a', '--check', 'b']], [['--zip', 'a', '--check']]])(
    'does one thing at a time: %j',
    async (args) => {
      const { code, err } = await generate('--feed', 'default', ...args);
      expect(code).toBe(1);
      expect(err).toContain('[GENERATE_PLACE]');
    },
  );
});

describe('the connector that a pack is for', () => {
  it('is the first of the feed in the configuration, in its order', async () => {
    configure(CONNECTORS);
    await generate('--feed', 'default', '--out', 'pack');
    expect(loginIn('pack')).toEqual({ kind: 'oauth2', connector: 'soc-02' });
    expect(written('pack/default.properties')).toContain('\nclient_id=client-2\n');
    expect(written('pack/default.properties')).toContain('\nredirect_uri=http://127.0.0.1/x\n');
  });

  it('is the one that was asked for', async () => {
    configure(CONNECTORS);
    await generate('--feed', 'default', '--out', 'pack', '--connector', 'soc-01');
    expect(loginIn('pack')).toEqual({ kind: 'basic', connector: 'soc-01' });
  });

  it('may read the feed, or is refused with those that may', async () => {
    configure(CONNECTORS);
    const { code, err } = await generate('--feed', 'default', '--connector', 'hunter');
    expect(code).toBe(1);
    expect(err).toContain('no connector "hunter" may read the feed default [CONNECTOR_UNKNOWN]');
    expect(err).toContain('These may: soc-02, soc-01.');
  });

  it('is one that was created, where the configuration has none for the feed', async () => {
    createConnector('made-01');
    await generate('--feed', 'default', '--out', 'pack');
    expect(loginIn('pack')).toEqual({ kind: 'mtls', connector: 'made-01' });
  });

  it('is a configured one before a created one', async () => {
    configure(CONNECTORS);
    createConnector('made-01');
    await generate('--feed', 'default', '--out', 'pack');
    expect(loginIn('pack')).toEqual({ kind: 'oauth2', connector: 'soc-02' });
  });

  it('is the one that a first start makes where there is none yet, and no database is made for that', async () => {
    await generate('--feed', 'default', '--out', 'pack');
    expect(loginIn('pack')).toEqual({ kind: 'oauth2', connector: 'arcsight-01' });
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });
});

describe('generate --check', () => {
  beforeEach(async () => {
    await generate('--feed', 'default', '--out', 'pack');
  });

  it.each([[['--check', 'pack']], [['--out', 'pack', '--check']]])(
    'finds a pack that was just written the same, as %j',
    async (args) => {
      const { code, out } = await generate('--feed', 'default', ...args);
      expect(out).toBe(
        ['default.jsonparser.properties', 'default.properties', NAMES[1], 'INSTALL.md', 'manifest.json']
          .map((name) => `same      ${folder}/pack/${name}\n`)
          .join(''),
      );
      expect(code).toBe(0);
    },
  );

  it('lets a client secret that was filled in be', async () => {
    const filled = written('pack/default.properties').replace('PUT-THE-CLIENT-SECRET-HERE', 's3cret');
    writeFileSync(join(folder, 'pack', 'default.properties'), filled);
    expect((await generate('--feed', 'default', '--check', 'pack')).code).toBe(0);
  });

  it('shows an edited file, names a missing and an extra one, and ends with 1', async () => {
    const edited = written('pack/INSTALL.md').replace('## 1. What you need', '## 1. Mine \u001b[31m');
    writeFileSync(join(folder, 'pack', 'INSTALL.md'), edited);
    rmSync(join(folder, 'pack', 'manifest.json'));
    writeFileSync(join(folder, 'pack', 'notes.txt'), '');
    const { code, out } = await generate('--feed', 'default', '--check', 'pack');
    expect(code).toBe(1);
    expect(out).toContain(
      `different ${folder}/pack/INSTALL.md\n    - ## 1. Mine \ufffd[31m\n    + ## 1. What you need\n`,
    );
    expect(out).toContain(`missing   ${folder}/pack/manifest.json\n`);
    expect(out).toContain(`extra     ${folder}/pack/notes.txt\n`);
  });

  it('prints the comparison as JSON', async () => {
    writeFileSync(join(folder, 'pack', 'notes.txt'), '');
    const { code, out } = await generate('--feed', 'default', '--check', 'pack', '--json');
    const report = JSON.parse(out) as { same: boolean; files: { path: string; state: string }[] };
    expect([code, report.same]).toEqual([1, false]);
    expect(report.files.filter(({ state }) => state !== 'same')).toEqual([{ path: 'notes.txt', state: 'extra' }]);
  });

  it('compares the folder of a connector by where the files go in it', async () => {
    const home = join(folder, 'current');
    const place = join(home, 'user', 'agent', 'flexagent');
    mkdirSync(place, { recursive: true });
    for (const name of ['default.jsonparser.properties', 'default.properties'])
      writeFileSync(join(place, name), written(`pack/${name}`));
    writeFileSync(join(place, 'another.jsonparser.properties'), '');
    const { code, out } = await generate('--feed', 'default', '--check', 'current');
    const states = out.split('\n').filter((line) => line !== '');
    expect(states).toEqual([
      `same      ${place}/default.jsonparser.properties`,
      `same      ${place}/default.properties`,
      `missing   ${home}/user/agent/acp/categorizer/current/microsoft/microsoft_defender_atp.csv`,
    ]);
    expect(code).toBe(1);
  });
});
