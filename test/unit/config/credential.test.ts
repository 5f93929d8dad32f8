import { X509Certificate } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCertificateMaterial } from '../../../src/config/certificate-material.ts';
import type { Config } from '../../../src/config/config.ts';
import { credentialExpiries } from '../../../src/config/credential-expiries.ts';
import type { Environment } from '../../../src/config/environment.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { readSecretText } from '../../../src/config/secret-text.ts';
import {
  CLIENT_ID,
  credentialOf,
  type Folder,
  failure,
  folder,
  load,
  lockedKey,
  problemsOf,
  rsaPair,
  secretsOf,
  tlsPair,
} from './config-folder.ts';

/** One tenant; its credential starts in line 5. */
const tenantWith = (...credential: readonly string[]) =>
  ['tenants:', '  - name: contoso', '    tenantId: contoso.example', '    credential:', ...credential]
    .map((line, index) => (index < 4 ? line : `      ${line}`))
    .join('\n');

const ID = `clientId: ${CLIENT_ID}`;

/** Loads the credential from a folder that has its files. */
function loadFrom({ path }: Folder, env: Environment = {}): Promise<Config> {
  return loadConfig({ cwd: path, env });
}

async function problemsFrom(place: Folder, env: Environment = {}): Promise<readonly string[]> {
  const { problems } = await failure(loadFrom(place, env));
  return problems.map(({ line, variable, path, message }) => `${variable ?? line} ${path}: ${message}`);
}

describe('a key of another kind', () => {
  it.each([
    ['kind: certificate', 'secret: abc', 'secret', 'secret'],
    ['kind: secret', 'keyFile: key.pem', 'keyFile', 'certificate'],
    ['kind: workload-identity', 'endpoint: https://a.example', 'endpoint', 'managed-identity'],
    ['kind: managed-identity', 'tokenFile: token', 'tokenFile', 'workload-identity'],
    ['kind: managed-identity', 'next: { secret: abc }', 'next', 'secret or certificate'],
  ])('is a problem that says which kind has it: %s, %s', async (kind, line, key, owner) => {
    const found = await problemsOf(tenantWith(kind, ID, line));
    const [, own] = kind.split(' ');
    expect(found).toContain(
      `7 | tenants[0].credential.${key} | belongs to kind ${owner}, and the kind here is ${own} | Remove it, or write kind: ${owner}.`,
    );
  });

  it('is found inside next as well', async () => {
    const found = await problemsOf(tenantWith(ID, 'secret: abc', 'next: { secret: b, keyFile: key.pem }'));
    expect(found).toEqual([expect.stringContaining('7 | tenants[0].credential.next.keyFile | belongs to kind certif')]);
  });

  it('is no problem of its own where the kind is no word that is known', async () => {
    const found = await problemsOf(tenantWith('kind: certifcate', ID, 'certificateFile: a.pem'));
    expect(found).toEqual([
      expect.stringMatching(/^5 \| tenants\[0\]\.credential\.kind .* Did you mean certificate\?$/),
    ]);
  });
});

describe('two live secrets', () => {
  it('are kept in their order, each with the day it expires', async () => {
    const config = await load(
      tenantWith(ID, 'secret: old', 'expires: 2027-01-31', 'next: { secret: new, expires: 2028-01-31 }'),
    );
    expect(await secretsOf(config)).toEqual(['old', 'new']);
    expect(await credentialExpiries(config)).toEqual([
      { tenantName: 'contoso', what: 'client secret', expiresMs: Date.parse('2027-01-31T00:00:00Z') },
      { tenantName: 'contoso', what: 'next client secret', expiresMs: Date.parse('2028-01-31T00:00:00Z') },
    ]);
  });

  it('may come from files, and each file is judged', async () => {
    const place = await folder();
    await place.write('flexbridge.yaml', tenantWith(ID, 'secretFile: one', 'next: { secretFile: two }'));
    await place.write('two', 'a\nb\n');
    expect(await problemsFrom(place)).toEqual([
      expect.stringContaining('6 tenants[0].credential.secretFile: the file'),
      expect.stringContaining('7 tenants[0].credential.next.secretFile: the file'),
    ]);
  });

  it('need a secret each', async () => {
    const found = await problemsOf(tenantWith(ID, 'secret: old', 'next: { expires: 2028-01-31 }'));
    expect(found).toEqual([
      '7 | tenants[0].credential.next.secret | is missing, and so is secretFile | Add secretFile (or secret).',
    ]);
  });
});

describe('a secret file at run time', () => {
  it('is read anew, so that a replaced one needs no restart', async () => {
    const place = await folder();
    await place.write('flexbridge.yaml', tenantWith(ID, 'secretFile: one'));
    await place.write('one', 'first\n');
    const config = await loadFrom(place);
    await place.write('one', 'second\r\n');
    expect(await secretsOf(config)).toEqual(['second']);
  });

  it.each([
    ['is gone', null, 'does not exist'],
    ['is empty', '', 'is empty'],
    ['holds two lines', 'one\ntwo', 'holds more than one line'],
  ])('that %s is an error with its path and what to do', async (_, content, fault) => {
    const { path, write } = await folder();
    if (content !== null) await write('one', content);
    const file = join(path, 'one');
    await expect(readSecretText({ kind: 'file', path: file })).rejects.toMatchObject({
      code: 'CREDENTIAL_FILE',
      kind: 'operator',
      message: `the file ${file} ${fault}`,
      hint: expect.stringContaining('no restart is needed') as string,
    });
  });
});

describe('a certificate', () => {
  let ours: Awaited<ReturnType<typeof rsaPair>>;
  let other: typeof ours;
  beforeAll(async () => {
    [ours, other] = await Promise.all([rsaPair('FlexBridge app'), rsaPair('another')]);
  });

  /** A folder with `cert.pem` and `key.pem`, and a credential that names them. */
  async function placeWith(files: Readonly<Record<string, string>>, ...lines: readonly string[]): Promise<Folder> {
    const place = await folder();
    for (const [name, content] of Object.entries(files)) await place.write(name, content);
    await place.write('flexbridge.yaml', tenantWith('kind: certificate', ID, ...lines));
    return place;
  }

  it('stands in one file with its chain and its key', async () => {
    const chain = `${ours.privateKeyPem}${ours.certificatePem}${other.certificatePem}`;
    const config = await loadFrom(await placeWith({ 'app.pem': chain }, 'certificateFile: app.pem'));
    const [entry] = credentialOf(config, 'certificate').certificates;
    if (entry === undefined) throw new Error('there is no certificate');
    const material = await readCertificateMaterial(entry);
    expect(material.passphrase).toBeNull();
    expect(material.privateKeyPem).toBe(ours.privateKeyPem);
    expect(material.certificatePem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(material.certificatePem).not.toContain('PRIVATE');
    expect(new X509Certificate(material.certificatePem).subject).toBe('CN=FlexBridge app');
  });

  it('may have its key in a file of its own, with a passphrase', async () => {
    const files = { 'cert.pem': ours.certificatePem, 'key.pem': lockedKey(ours.privateKeyPem, 'open'), word: 'open\n' };
    const lines = ['certificateFile: cert.pem', 'keyFile: key.pem', 'passphraseFile: word'];
    const place = await placeWith(files, ...lines);
    const [entry] = credentialOf(await loadFrom(place), 'certificate').certificates;
    expect(entry).toMatchObject({ passphrase: { kind: 'file', path: join(place.path, 'word') } });
    if (entry === undefined) throw new Error('there is no certificate');
    expect(await readCertificateMaterial(entry)).toMatchObject({ passphrase: 'open' });
  });

  it('may have a second one beside it, and both ends are read from the files as they are now', async () => {
    const files = {
      'a.pem': ours.privateKeyPem + ours.certificatePem,
      'b.pem': other.privateKeyPem + other.certificatePem,
    };
    const place = await placeWith(files, 'certificateFile: a.pem', 'next: { certificateFile: b.pem }');
    const config = await loadFrom(place);
    const expiresMs = Date.parse('2070-01-01T00:00:00Z');
    expect(await credentialExpiries(config)).toEqual([
      { tenantName: 'contoso', what: 'certificate CN=FlexBridge app', expiresMs },
      { tenantName: 'contoso', what: 'next certificate CN=another', expiresMs },
    ]);
    await rename(join(place.path, 'b.pem'), join(place.path, 'a.pem'));
    expect((await credentialExpiries(config)).map(({ what, expiresMs: end }) => [what, end])).toEqual([
      ['certificate CN=another', expiresMs],
      [`next certificate ${join(place.path, 'b.pem')}`, null],
    ]);
  });

  it.each<[string, () => Readonly<Record<string, string>>, readonly string[], string]>([
    ['a file that is missing', () => ({}), [], '7 tenants[0].credential.certificateFile: the file'],
    [
      'a file without a certificate',
      () => ({ 'cert.pem': ours.privateKeyPem, 'key.pem': ours.privateKeyPem }),
      ['keyFile: key.pem'],
      '7 tenants[0].credential.certificateFile: the file /cert.pem holds no certificate in PEM form that can be read',
    ],
    [
      'a certificate without a key',
      () => ({ 'cert.pem': ours.certificatePem }),
      [],
      '7 tenants[0].credential.certificateFile: the file /cert.pem holds no private key in PEM form',
    ],
    [
      'the key of another certificate',
      () => ({ 'cert.pem': ours.certificatePem, 'key.pem': other.privateKeyPem }),
      ['keyFile: key.pem'],
      '8 tenants[0].credential.keyFile: the key in /key.pem does not belong to the certificate in /cert.pem',
    ],
    [
      'a locked key without its passphrase',
      () => ({ 'cert.pem': ours.certificatePem, 'key.pem': lockedKey(ours.privateKeyPem, 'open') }),
      ['keyFile: key.pem'],
      '8 tenants[0].credential.keyFile: the key in /key.pem needs a passphrase',
    ],
    [
      'a wrong passphrase',
      () => ({ 'cert.pem': ours.certificatePem, 'key.pem': lockedKey(ours.privateKeyPem, 'open') }),
      ['keyFile: key.pem', 'passphrase: sesame'],
      '9 tenants[0].credential.passphrase: the passphrase does not open the key in /key.pem',
    ],
  ])('is refused by name: %s', async (_, files, lines, problem) => {
    const place = await placeWith(files(), 'certificateFile: cert.pem', ...lines);
    const found = await problemsFrom(place);
    expect(found.map((text) => text.replaceAll(place.path, ''))).toEqual([expect.stringContaining(problem)]);
    expect(found.join('')).not.toContain('sesame');
  });

  it('with a key that is not RSA is refused: Microsoft would', async () => {
    const { certificatePem, privateKeyPem } = await tlsPair();
    const place = await placeWith({ 'cert.pem': certificatePem + privateKeyPem }, 'certificateFile: cert.pem');
    expect(await problemsFrom(place)).toEqual([expect.stringContaining('is of type ec, and Microsoft takes RSA only')]);
  });

  it('must be named, and so must the application', async () => {
    expect(await problemsOf(tenantWith('kind: certificate', 'next: {}'))).toEqual([
      expect.stringMatching(/^4 \| tenants\[0\]\.credential\.clientId \| is missing/),
      expect.stringMatching(/^4 \| tenants\[0\]\.credential\.certificateFile \| is missing/),
      expect.stringMatching(/^6 \| tenants\[0\]\.credential\.next\.certificateFile \| is missing/),
    ]);
  });

  it('whose key every user can open draws a warning', async () => {
    const place = await placeWith({ 'key.pem': ours.privateKeyPem }, 'certificateFile: cert.pem', 'keyFile: key.pem');
    await place.write('cert.pem', ours.certificatePem, 0o644);
    await place.write('key.pem', ours.privateKeyPem, 0o644);
    expect((await loadFrom(place)).warnings).toMatchObject([{ path: 'tenants[0].credential.keyFile' }]);
  });

  it('that went wrong since the start is an error with its path and what to do', async () => {
    const place = await placeWith(
      { 'cert.pem': ours.certificatePem + ours.privateKeyPem },
      'certificateFile: cert.pem',
    );
    const [entry] = credentialOf(await loadFrom(place), 'certificate').certificates;
    if (entry === undefined) throw new Error('there is no certificate');
    await place.write('cert.pem', ours.certificatePem + other.privateKeyPem);
    await expect(readCertificateMaterial(entry)).rejects.toMatchObject({
      code: 'CREDENTIAL_FILE',
      message: expect.stringContaining('does not belong to the certificate') as string,
    });
  });

  it('needs three variables and no file', async () => {
    const place = await folder();
    await place.write('app.pem', ours.certificatePem + ours.privateKeyPem);
    const env = { FLEXBRIDGE_TENANT_ID: 'contoso.example', FLEXBRIDGE_CLIENT_ID: CLIENT_ID };
    const config = await loadFrom(place, { ...env, FLEXBRIDGE_CLIENT_CERTIFICATE_FILE: 'app.pem' });
    expect(credentialOf(config, 'certificate').certificates).toHaveLength(1);
  });
});

describe('a workload identity', () => {
  it('takes what the webhook of Azure has put into the environment', async () => {
    const place = await folder();
    await place.write('flexbridge.yaml', tenantWith('kind: workload-identity'));
    const file = await place.write('token', 'a.b.c', 0o644);
    const config = await loadFrom(place, { AZURE_CLIENT_ID: 'from-env', AZURE_FEDERATED_TOKEN_FILE: file });
    expect(credentialOf(config, 'workload-identity')).toEqual({
      kind: 'workload-identity',
      clientId: 'from-env',
      tokenFile: file,
    });
    expect(await credentialExpiries(config)).toEqual([]);
  });

  it('is configured before that', async () => {
    const place = await folder();
    await place.write('flexbridge.yaml', tenantWith('kind: workload-identity', ID, 'tokenFile: token'));
    await place.write('token', 'a.b.c');
    const config = await loadFrom(place, { AZURE_CLIENT_ID: 'other', AZURE_FEDERATED_TOKEN_FILE: '/gone' });
    expect(credentialOf(config, 'workload-identity')).toMatchObject({
      clientId: CLIENT_ID,
      tokenFile: join(place.path, 'token'),
    });
  });

  it('without either is told what is missing, and a file that is gone by its variable', async () => {
    const yaml = tenantWith('kind: workload-identity');
    expect(await problemsOf(yaml)).toEqual([
      expect.stringContaining('tenants[0].credential.clientId | is missing, and AZURE_CLIENT_ID is not set'),
      expect.stringContaining(
        'tenants[0].credential.tokenFile | is missing, and AZURE_FEDERATED_TOKEN_FILE is not set',
      ),
    ]);
    expect(await problemsOf(yaml, { AZURE_CLIENT_ID: 'a', AZURE_FEDERATED_TOKEN_FILE: '/gone/token' })).toEqual([
      expect.stringContaining(
        'AZURE_FEDERATED_TOKEN_FILE | tenants[0].credential.tokenFile | the file /gone/token does',
      ),
    ]);
  });
});

describe('a managed identity', () => {
  const yaml = tenantWith('kind: managed-identity');

  it('asks the metadata service of the machine', async () => {
    expect(credentialOf(await load(yaml), 'managed-identity')).toEqual({
      kind: 'managed-identity',
      clientId: null,
      endpoint: { kind: 'imds', url: 'http://169.254.169.254' },
    });
  });

  it('asks what App Service announces in the environment, with its header', async () => {
    const url = 'http://127.0.0.1:41741/MSI/token/';
    const config = await load(yaml, { IDENTITY_ENDPOINT: url, IDENTITY_HEADER: 'h3ader' });
    const { endpoint } = credentialOf(config, 'managed-identity');
    expect(endpoint).toMatchObject({ kind: 'app-service', url });
    expect(endpoint.kind === 'app-service' && endpoint.header.reveal()).toBe('h3ader');
    expect(JSON.stringify(config)).not.toContain('h3ader');
  });

  it('asks what is configured before that, and names a user-assigned one', async () => {
    const own = tenantWith('kind: managed-identity', ID, 'endpoint: "http://127.0.0.1:4000/"');
    const config = await load(own, { IDENTITY_ENDPOINT: 'http://a.example', IDENTITY_HEADER: 'x' });
    expect(credentialOf(config, 'managed-identity')).toMatchObject({
      clientId: CLIENT_ID,
      endpoint: { kind: 'imds', url: 'http://127.0.0.1:4000' },
    });
  });

  it.each(['http://169.254.1.1', 'http://localhost:1', 'http://[::1]:1', 'http://[fe80::1]', 'https://a.example'])(
    'may have its endpoint at %s',
    async (url) => {
      const own = tenantWith('kind: managed-identity', `endpoint: "${url}"`);
      expect(credentialOf(await load(own), 'managed-identity').endpoint).toMatchObject({ url });
    },
  );

  it.each(['http://a.example', 'http://192.0.2.1', 'http://169.254.1.1.example', 'ftp://127.0.0.1'])(
    'gets no token in the clear from another machine: %s',
    async (url) => {
      const found = await problemsOf(tenantWith('kind: managed-identity', `endpoint: "${url}"`));
      expect(found).toEqual([expect.stringContaining('6 | tenants[0].credential.endpoint | must be an https URL, or')]);
    },
  );
});
