import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findConnectorHome } from '../../../../src/connector/install/connector-home.ts';
import { type InstallFile, installPack } from '../../../../src/connector/install/install-pack.ts';
import { uninstallPack } from '../../../../src/connector/install/uninstall-pack.ts';
import { createCertificateAuthority } from '../../../../src/http/tls/certificate-authority.ts';
import {
  type ConnectorFolder,
  connectorFolder,
  findKeytool,
  giveJava,
  trusted,
} from '../../../support/connector-home.ts';
import { reportNotRun } from '../../../support/java.ts';

const PEM_PLACE = 'user/agent/flexagent/flexbridge-ca.pem';
const STORE = 'jre/lib/security/cacerts';
const NOW = Date.UTC(2026, 1, 1, 10, 0, 0, 7);
const STAMP = 'before-flexbridge-20260201T100000007Z';

let folder: ConnectorFolder;
let pem = '';
beforeAll(async () => {
  const made = await createCertificateAuthority({
    commonName: 'FlexBridge CA',
    hosts: ['bridge.example'],
    notBeforeMs: Date.now() - 60_000,
    years: 10,
  });
  pem = made.certificatePem;
});
beforeEach(() => {
  folder = connectorFolder();
});
afterEach(() => {
  rmSync(folder.above, { recursive: true, force: true });
});

async function installed({ trust = true, dryRun = false, text = pem } = {}) {
  const home = await findConnectorHome(folder.home);
  const files: readonly InstallFile[] = [{ place: PEM_PLACE, text, kind: 'certificate' }];
  return (await installPack({ home, files, trust, dryRun, nowMs: NOW })).certificate;
}

async function uninstalled() {
  return uninstallPack({ home: await findConnectorHome(folder.home), trust: true, dryRun: false });
}

const found = findKeytool();
if ('reason' in found) {
  reportNotRun('keytool imports the certificate of the bridge', found.reason);
} else {
  const { keytool } = found;
  const list = (alias: string): string | null => trusted(folder, keytool, alias);

  describe("the connector's own store of certificates", () => {
    beforeEach(() => {
      giveJava(folder, found);
    });

    it('gets the certificate under an alias of its fingerprint, and a copy of it stays', async () => {
      const store = readFileSync(folder.at(STORE));
      const outcome = await installed();
      expect(outcome).toMatchObject({ state: 'imported', reason: null, kept: `${STORE}.${STAMP}` });
      expect(outcome?.alias).toMatch(/^flexbridge-[0-9a-f]{8}$/);
      const listed = list(outcome?.alias ?? '') ?? '';
      const digest = /\(SHA-256\): ([0-9A-F:]+)/.exec(listed)?.[1]?.replaceAll(':', '').toLowerCase() ?? '';
      expect(listed).toContain('trustedCertEntry');
      expect(outcome?.alias).toBe(`flexbridge-${digest.slice(0, 8)}`);
      expect(readFileSync(folder.at(`${STORE}.${STAMP}`))).toEqual(store);
    });

    it('is left as it is the second time', async () => {
      await installed();
      const files = folder.files();
      expect(await installed()).toMatchObject({ state: 'same', command: null });
      expect(folder.files()).toEqual(files);
    });

    it('loses that certificate, and no other, when the pack is taken out', async () => {
      const before = folder.files();
      const outcome = await installed();
      expect((await uninstalled()).certificates).toMatchObject([{ alias: outcome?.alias, state: 'removed' }]);
      expect(list(outcome?.alias ?? '')).toBeNull();
      expect(Object.keys(folder.files())).toEqual(Object.keys(before));
      const other = await createCertificateAuthority({
        commonName: 'x',
        hosts: ['x.example'],
        notBeforeMs: 0,
        years: 99,
      });
      expect(await installed({ text: other.certificatePem })).toMatchObject({ state: 'imported' });
    });

    it('is not touched in a dry run or without leave', async () => {
      const files = folder.files();
      expect(await installed({ dryRun: true })).toMatchObject({ state: 'imported' });
      expect(folder.files()).toEqual(files);
      expect(await installed({ trust: false })).toBeNull();
      expect(readFileSync(folder.at(STORE), 'latin1')).toBe(files[STORE]);
    });

    it('stays as it is where its password is another one, and the files are in place all the same', async () => {
      folder.put(STORE, Buffer.from('not a store'));
      const outcome = await installed();
      expect(outcome).toMatchObject({
        state: 'failed',
        command: expect.stringContaining(`-alias ${outcome?.alias}`) as string,
      });
      expect(outcome?.command).not.toContain('changeit');
      expect(outcome?.reason).toMatch(/keytool error/);
      expect(folder.read(STORE)).toBe('not a store');
      expect(folder.read(PEM_PLACE)).toBe(pem);
    });

    it('is forgotten by an upgrade of the connector, and gets the certificate again', async () => {
      const outcome = await installed();
      copyFileSync(found.cacerts, folder.at(STORE));
      rmSync(folder.at(`${STORE}.${STAMP}`));
      expect(await installed()).toMatchObject({ state: 'imported' });
      copyFileSync(found.cacerts, folder.at(STORE));
      expect((await uninstalled()).certificates).toMatchObject([{ alias: outcome?.alias, state: 'gone' }]);
    });

    it('leaves nothing in the temporary folder', async () => {
      const usual = process.env['TMPDIR'];
      process.env['TMPDIR'] = folder.above;
      try {
        expect(await installed()).toMatchObject({ state: 'imported' });
      } finally {
        if (usual === undefined) delete process.env['TMPDIR'];
        else process.env['TMPDIR'] = usual;
      }
      expect(readdirSync(folder.above)).toEqual(['current']);
    });
  });

  describe('the command is shown in place of an import', () => {
    beforeEach(() => {
      giveJava(folder, found);
    });

    it.each([
      ['keytool is missing', 'jre/bin/keytool', /no jre\/bin\/keytool/],
      ['the store is missing', STORE, /no jre\/lib\/security\/cacerts/],
    ])('where %s', async (_what, path, reason) => {
      rmSync(folder.at(path));
      expect(await installed()).toMatchObject({
        state: 'by hand',
        reason: expect.stringMatching(reason) as string,
        command: expect.stringContaining(`-importcert -alias flexbridge-`) as string,
      });
    });

    it.each([[STORE], ['jre/bin/keytool'], ['jre']])('where %s is a link', async (path) => {
      const real = join(folder.above, 'real');
      renameSync(folder.at(path), real);
      symlinkSync(real, folder.at(path));
      expect(await installed()).toMatchObject({
        state: 'by hand',
        reason: expect.stringContaining('is a link') as string,
      });
    });

    it('in FIPS mode, without a command, as its store has no public description', async () => {
      mkdirSync(folder.at('user/agent/fips'));
      expect(await installed({ dryRun: true })).toMatchObject({ state: 'imported' });
      folder.put('user/agent/agent.properties', 'agents.maxAgents=1\r\nfips.enabled=true\r\n');
      expect(await installed()).toMatchObject({
        state: 'by hand',
        reason: expect.stringContaining('FIPS') as string,
        command: null,
      });
    });
  });
}

describe('a keytool that does not work', () => {
  beforeEach(() => {
    folder.put(STORE, 'store');
  });

  it('is told in its own words', async () => {
    folder.put('jre/bin/keytool', '#!/bin/sh\necho "keytool error: no such thing" >&2\nexit 1\n', 0o755);
    expect(await installed()).toMatchObject({ state: 'failed', reason: 'keytool error: no such thing' });
  });

  it('is told when it cannot be started', async () => {
    folder.put('jre/bin/keytool', 'x', 0o644);
    expect(await installed()).toMatchObject({ state: 'failed', reason: expect.stringContaining('EACCES') as string });
  });

  it('gets no password on its command line', async () => {
    const said = join(folder.above, 'said');
    folder.put('jre/bin/keytool', `#!/bin/sh\necho "$@" >> '${said}'\nexit 1\n`, 0o755);
    await installed();
    expect(readFileSync(said, 'utf8')).toContain('-storepass:env');
    expect(readFileSync(said, 'utf8')).not.toContain('changeit');
  });

  it('stays recorded when it cannot take the certificate out', async () => {
    folder.put('jre/bin/keytool', '#!/bin/sh\ncase "$*" in *-list*) echo does not exist; exit 1;; esac\n', 0o755);
    const outcome = await installed();
    expect(outcome?.state).toBe('imported');
    rmSync(folder.at('jre/bin/keytool'));
    expect((await uninstalled()).certificates).toMatchObject([
      { alias: outcome?.alias, state: 'by hand', command: expect.stringContaining('-delete') as string },
    ]);
    folder.put('jre/bin/keytool', '#!/bin/sh\ncase "$*" in *-list*) echo does not exist; exit 1;; esac\n', 0o755);
    expect((await uninstalled()).certificates).toMatchObject([{ state: 'gone' }]);
    expect((await uninstalled()).certificates).toEqual([]);
  });
});

it('refuses a pack whose certificate is none', async () => {
  const files = folder.files();
  await expect(installed({ text: 'x' })).rejects.toMatchObject({ code: 'INSTALL_PACK' });
  expect(folder.files()).toEqual(files);
});
