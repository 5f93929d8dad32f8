import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { createCertificateAuthority } from '../../src/http/tls/certificate-authority.ts';
import { type ConnectorFolder, connectorFolder, findKeytool, giveJava, trusted } from '../support/connector-home.ts';
import { reportNotRun } from '../support/java.ts';

const PARSER = 'user/agent/flexagent/default.jsonparser.properties';
const CLIENT = 'user/agent/flexagent/default.properties';
const CATEGORIZER = 'user/agent/acp/categorizer/current/microsoft/microsoft_defender_atp.csv';
const PEM = 'user/agent/flexagent/flexbridge-ca.pem';
const RECORD = 'user/agent/flexagent/.flexbridge-install.json';

const CONFIG = `
server: { publicUrl: https://bridge.example:8443 }
store: { path: data/flexbridge.db }
tenants:
  - name: contoso
    tenantId: 11111111-2222-3333-4444-555555555555
    credential: { kind: secret, clientId: 66666666-7777-8888-9999-000000000000, secret: not-used-here }
connectors:
  - { name: arcsight-01, feeds: [default], auth: { kind: oauth2, secretHash: ${'a'.repeat(64)} } }
`;

let ca = '';
beforeAll(async () => {
  const options = {
    commonName: 'FlexBridge CA',
    hosts: ['bridge.example'],
    notBeforeMs: Date.now() - 60_000,
    years: 10,
  };
  ca = (await createCertificateAuthority(options)).certificatePem;
});

let folder: ConnectorFolder;
/** Of the bridge: configuration, data and packs. */
let bridge = '';
beforeEach(() => {
  folder = connectorFolder();
  bridge = mkdtempSync(join(tmpdir(), 'flexbridge-install-'));
  mkdirSync(join(bridge, 'data', 'tls'), { recursive: true });
  writeFileSync(join(bridge, 'data', 'tls', 'ca.pem'), ca);
  writeFileSync(join(bridge, 'flexbridge.yaml'), CONFIG);
});
afterEach(() => {
  rmSync(folder.above, { recursive: true, force: true });
  rmSync(bridge, { recursive: true, force: true });
});

async function flexbridge(...args: readonly string[]) {
  let out = '';
  let err = '';
  const console = {
    out: (part: string) => (out += part),
    err: (part: string) => (err += part),
    input: Readable.from([]),
    cwd: bridge,
    isTerminal: false,
  };
  return { code: await run(args, console), out, err };
}

const config = (): readonly string[] => ['--config', join(bridge, 'flexbridge.yaml')];
const install = (...args: readonly string[]) => flexbridge('install', '--arcsight-home', folder.home, ...args);

describe('flexbridge install', () => {
  it('puts the pack of the only feed in place, and prints the wizard answers and what to do next', async () => {
    const { code, out, err } = await install(...config());
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const path of [PARSER, CLIENT, CATEGORIZER, PEM]) expect(out).toMatch(new RegExp(`^new +${path}$`, 'm'));
    expect(out).toMatch(
      /^Events URL +https:\/\/bridge\.example:8443\/v1\/feeds\/default\/detections\?since=\$START_AT_TIME$/m,
    );
    expect(out).toMatch(new RegExp(`^OAuth2 Client Properties File +${folder.at(CLIENT)}$`, 'm'));
    expect(out).toContain('this connector has no jre/bin/keytool');
    expect(out).toContain(`keytool -importcert -alias flexbridge-`);
    expect(out).toContain('If it does, restart it');
    expect(out).toContain('default.properties has no client secret yet.');
    expect(folder.read(PARSER)).toContain('trigger.node.location=/');
    expect(folder.read(PEM)).toBe(ca);
    expect(statSync(folder.at(CLIENT)).mode & 0o777).toBe(0o600);
  });

  it('does nothing the second time, and says so', async () => {
    await install(...config());
    folder.put(CLIENT, folder.read(CLIENT).replace('PUT-THE-CLIENT-SECRET-HERE', 'real'), 0o600);
    const files = folder.files();
    const { code, out } = await install(...config());
    expect(code).toBe(0);
    expect(out).not.toContain('no client secret');
    expect(out).toContain('Everything was in place already; nothing was changed.');
    expect(out).toContain('Events URL');
    expect(folder.files()).toEqual(files);
  });

  it('takes a pack that generate has written, without a configuration', async () => {
    await flexbridge('generate', ...config(), '--feed', 'default', '--out', 'pack');
    const { code, out } = await install('--pack', 'pack', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      action: 'install',
      dryRun: false,
      home: folder.home,
      restart: true,
      files: [
        { path: PARSER, state: 'new', kept: null, note: null },
        { path: CLIENT, state: 'new' },
        { path: CATEGORIZER, state: 'new' },
        { path: PEM, state: 'new' },
      ],
      certificate: { state: 'by hand' },
    });
    expect(folder.read(PARSER)).toBe(readFileSync(join(bridge, 'pack', 'default.jsonparser.properties'), 'utf8'));
    // What a pack says is what a pack made now says.
    expect((await install(...config(), '--json')).out).toContain('"restart": false');
    const wizard = (json: string): unknown => (JSON.parse(json) as { wizard: unknown }).wizard;
    expect(wizard(out)).toEqual(wizard((await install(...config(), '--json')).out));
  });

  it('refuses a pack that somebody changed, one for another feed, and a folder without one', async () => {
    await flexbridge('generate', ...config(), '--feed', 'default', '--out', 'pack');
    const before = folder.files();
    expect((await install('--pack', 'pack', '--feed', 'other')).err).toContain('INSTALL_PACK');
    expect((await install('--pack', '.')).err).toContain('INSTALL_PACK');
    writeFileSync(join(bridge, 'pack', 'default.jsonparser.properties'), 'token.count=0\n');
    const { code, err } = await install('--pack', 'pack');
    expect(code).toBe(1);
    expect(err).toContain('default.jsonparser.properties is not as generate wrote it');
    expect(folder.files()).toEqual(before);
  });

  it('says what it would do, and changes nothing, with --dry-run', async () => {
    folder.put(PARSER, 'old');
    const before = folder.files();
    const { code, out } = await install(...config(), '--dry-run');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^would replace +${PARSER} +\\(before: .*\\.before-flexbridge-`, 'm'));
    expect(out).toContain('Nothing was changed (--dry-run).');
    expect(folder.files()).toEqual(before);
  });

  it('leaves the folder as it was after --uninstall, but for what somebody changed', async () => {
    folder.put(PARSER, 'old');
    const before = folder.files();
    await install(...config());
    const { code, out } = await install('--uninstall');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^put back +${PARSER}$`, 'm'));
    expect(folder.files()).toEqual(before);
    await install(...config());
    const filled = folder.read(CLIENT).replace('PUT-THE-CLIENT-SECRET-HERE', 's3cret');
    folder.put(CLIENT, filled, 0o600);
    expect((await install('--uninstall')).out).toMatch(
      new RegExp(`^changed +${CLIENT} +\\(somebody changed it since`, 'm'),
    );
    expect(folder.files()).toEqual({ ...before, [CLIENT]: filled });
    expect((await install('--uninstall')).out).toContain('nothing here that install has put there');
  });

  it('takes out nothing when --uninstall names one feed', async () => {
    await install(...config());
    const files = folder.files();
    const { code, err } = await install('--uninstall', '--feed', 'default');
    expect(code).toBe(1);
    expect(err).toContain('INSTALL_USE');
    expect(folder.files()).toEqual(files);
  });

  it('says so when the pack has no certificate', async () => {
    rmSync(join(bridge, 'data', 'tls', 'ca.pem'));
    expect((await install(...config())).out).toContain('The pack has no CA certificate');
    expect(Object.keys(folder.files())).not.toContain(PEM);
  });

  it('names the folder that is meant when the one above is given', async () => {
    const { code, err } = await flexbridge('install', '--arcsight-home', folder.above, ...config());
    expect(code).toBe(1);
    expect(err).toContain('NOT_A_CONNECTOR');
    expect(err).toContain(`--arcsight-home ${folder.home}`);
  });

  it('refuses to be led elsewhere by a link of somebody else', async () => {
    const victim = join(folder.above, 'victim');
    mkdirSync(victim);
    mkdirSync(folder.at('user/agent/acp'));
    spawnSync('ln', ['-s', victim, folder.at('user/agent/acp/categorizer')]);
    const before = folder.files();
    const { code, err } = await install(...config());
    expect(code).toBe(1);
    expect(err).toContain('INSTALL_LINK');
    expect(err).toContain(folder.at('user/agent/acp/categorizer'));
    expect(folder.files()).toEqual(before);
  });
});

const java = findKeytool();
if ('reason' in java) {
  reportNotRun('install with the keytool of the connector', java.reason);
} else {
  it('imports the certificate with the keytool of the connector, and takes it out again', async () => {
    giveJava(folder, java);
    const first = await install(...config());
    const alias = /certificate (flexbridge-[0-9a-f]{8}): imported/.exec(first.out)?.[1] ?? '';
    expect(trusted(folder, java.keytool, alias)).toContain('trustedCertEntry');
    expect((await install(...config())).out).toContain('nothing was changed');
    const { out } = await install('--uninstall');
    expect(out).toContain(`certificate ${alias}: taken out of jre/lib/security/cacerts`);
    expect(trusted(folder, java.keytool, alias)).toBeNull();
    expect((await install(...config(), '--no-certificate')).out).not.toContain('certificate flexbridge-');
  });
}

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** Any user that is neither root nor anybody of this machine. */
const OTHER = 61_234;

const SET_USER = 'setpriv';

const isRoot = process.getuid?.() === 0 && spawnSync(SET_USER, ['--version']).status === 0;
if (!isRoot) {
  reportNotRun('install by and for another user', 'it takes root and setpriv to become one');
} else {
  describe('flexbridge install and the user of the connector', () => {
    let pack = '';
    beforeEach(async () => {
      await flexbridge('generate', ...config(), '--feed', 'default', '--out', 'pack');
      pack = join(bridge, 'pack');
      for (const open of [folder.above, bridge]) chmodSync(open, 0o755);
    });

    const give = (): void => {
      spawnSync('chown', ['-R', `${OTHER}:${OTHER}`, folder.home]);
    };
    const asUser = [SET_USER, `--reuid=${OTHER}`, `--regid=${OTHER}`, '--clear-groups'];

    async function program(before: readonly string[], ...args: readonly string[]) {
      const [command = '', ...rest] = [
        ...before,
        process.execPath,
        MAIN,
        'install',
        '--arcsight-home',
        folder.home,
        ...args,
      ];
      const child = spawn(command, rest, {
        cwd: bridge,
        env: { PATH: process.env['PATH'] },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
      return { code, out, err };
    }

    it('works as that user, without root', async () => {
      give();
      const before = folder.files();
      expect(await program(asUser, '--pack', pack)).toMatchObject({ code: 0, err: '' });
      expect(lstatSync(folder.at(CLIENT)).uid).toBe(OTHER);
      expect((await program(asUser, '--uninstall')).code).toBe(0);
      expect(folder.files()).toEqual(before);
    });

    it('gives the files to that user when root installs them', async () => {
      folder.put(PARSER, 'old');
      // A keytool that takes note of who runs it.
      folder.put(
        'jre/bin/keytool',
        `#!/bin/sh\nid -u > '${folder.at('logs/ran-by')}'\necho "keytool error: no"\nexit 1\n`,
        0o755,
      );
      folder.put('jre/lib/security/cacerts', 'store');
      give();
      const { code, out } = await program([], '--pack', pack);
      expect(code).toBe(1);
      expect(out).toContain('keytool failed, and the store is as it was: keytool error: no');
      expect(folder.read('logs/ran-by').trim()).toBe(String(OTHER));
      for (const path of [PARSER, CLIENT, CATEGORIZER, RECORD, 'user/agent/acp', 'user/agent/flexagent'])
        expect({ path, uid: lstatSync(folder.at(path)).uid }).toEqual({ path, uid: OTHER });
    });

    it('says which folder that user may not write to, and changes nothing', async () => {
      const before = folder.files();
      const { code, err } = await program(asUser, '--pack', pack);
      expect(code).toBe(1);
      expect(err).toContain(`writing into ${folder.at('user/agent')} failed (EACCES)`);
      expect(err).toContain('INSTALL_UNWRITABLE');
      expect((await program(asUser, '--pack', pack, '--dry-run')).code).toBe(1);
      expect(folder.files()).toEqual(before);
    });

    it('puts the first file back when the second cannot be written', async () => {
      folder.put(PARSER, 'old');
      folder.put(CATEGORIZER, 'old');
      give();
      // A file that cannot be replaced: its folder belongs to somebody else and only lets names be added.
      const categorizers = folder.at(CATEGORIZER.split('/').slice(0, -1).join('/'));
      chownSync(folder.at(CATEGORIZER), 0, 0);
      chownSync(categorizers, 0, 0);
      chmodSync(categorizers, 0o1777);
      const before = folder.files();
      const { code, err } = await program(asUser, '--pack', pack);
      expect(code).toBe(1);
      expect(err).toContain(`replacing ${folder.at(CATEGORIZER)} failed (EPERM)`);
      expect(folder.files()).toEqual(before);
    });

    it('says that the disk is full, and leaves no half file', async () => {
      const script = [
        'mount -t tmpfs -o size=64k tmpfs "$1/user/agent"',
        'head -c 40000 /dev/zero > "$1/user/agent/ballast"',
        'before="$(find "$1" -type f | sort)"; shift',
        'code=0; "$@" || code=$?',
        'home="$5"; test "$before" = "$(find "$home" -type f | sort)" || echo "files were left"',
        'exit $code',
      ].join('\n');
      const mounted = ['unshare', '--mount', 'sh', '-uc', script, 'sh', folder.home];
      if (spawnSync('unshare', ['--mount', 'true']).status !== 0) {
        reportNotRun('install on a full disk', 'nothing can be mounted here');
        return;
      }
      const { code, out, err } = await program(mounted, '--pack', pack);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain('the disk is full [INSTALL_DISK_FULL]');
    });
  });
}
