import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCertificateAuthority, issueServerCertificate } from '../../src/http/tls/certificate-authority.ts';
import { startProgram } from '../support/program.ts';
import {
  configOf,
  contentOf,
  createScratch,
  expectParts,
  type Files,
  NOBODY,
  runHere,
  runProgram,
  SECRET,
  TENANT_YAML,
} from './bad-input-rig.ts';

const DAY = 86_400_000;
const scratch = createScratch();
afterAll(() => {
  scratch.remove();
});

/** A configuration that is right but for what is added or replaced. */
function files(yaml: string, more: Files = {}): Files {
  return { 'flexbridge.yaml': `${TENANT_YAML}${yaml}`, 'client-secret': SECRET, ...more };
}

function aliasBomb(): string {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const items = Array.from({ length: 9 }, () => (level === 0 ? 'x' : `*level${level - 1}`));
    return `level${level}: &level${level} [${items.join(', ')}]\n`;
  });
  return levels.join('');
}

type Case = readonly [name: string, files: Files, parts: readonly string[]];

describe('a configuration that cannot be used ends serve with 78, and leaves all files as they are', () => {
  it.concurrent.for<Case>([
    [
      'there is none',
      {},
      ['no tenant is configured', 'there is no flexbridge.yaml in', 'FLEXBRIDGE_TENANT_ID', '--config'],
    ],
    [
      'unknown keys and a value of the wrong type',
      files('stor: {}\nserver: { pubicUrl: x, port: many }\n'),
      [
        'the configuration has 3 problems',
        'flexbridge.yaml:6: stor: is not a known key\n    Did you mean store?',
        'flexbridge.yaml:7: server.pubicUrl: is not a known key\n    Did you mean publicUrl?',
        'flexbridge.yaml:7: server.port: must be a port from 0 to 65535, not "many"\n    Correct the value',
      ],
    ],
    ['a folder in its place', { 'flexbridge.yaml': null }, ['flexbridge.yaml: ', 'is a folder', 'Correct the path']],
  ])('%s', async ([, given, parts]) => {
    const folder = scratch.folder(given);
    const before = contentOf(folder);
    const { code, out, err } = await runProgram(['serve'], folder);
    expect([code, out]).toEqual([78, '']);
    expectParts(err, parts);
    expect(contentOf(folder)).toEqual(before);
  });
});

describe('a file that cannot be read as it should is named, with what to do', () => {
  it.for<Case>([
    [
      'a secret file that is missing',
      { 'flexbridge.yaml': TENANT_YAML },
      ['flexbridge.yaml:5: tenants[0].credential.secretFile', 'client-secret does not exist', 'Correct the path'],
    ],
    [
      'a secret file that is empty',
      files('', { 'client-secret': '' }),
      ['tenants[0].credential.secretFile', 'client-secret is empty', 'Write its content'],
    ],
    [
      'ten thousand levels of brackets',
      { 'flexbridge.yaml': `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n` },
      ['flexbridge.yaml:1: the file is nested too deep', 'docs/configuration.md'],
    ],
    [
      'ten thousand levels of lists',
      { 'flexbridge.yaml': `${'- '.repeat(10_000)}x\n` },
      ['flexbridge.yaml:1: ', 'nested too deep'],
    ],
    ['an alias bomb', { 'flexbridge.yaml': aliasBomb() }, ['nested too deep', 'Write it without aliases']],
    ['binary', { 'flexbridge.yaml': Buffer.from([0x80, 0x00, 0x1b, 0xff]) }, ['not UTF-8', 'Save it as UTF-8']],
  ])('%s', async ([, given, parts]) => {
    const folder = scratch.folder(given);
    const before = contentOf(folder);
    const { code, out, err } = await runHere(['check', ...configOf(folder)], folder);
    expect([code, out]).toEqual([78, '']);
    expectParts(err, parts);
    expect(contentOf(folder)).toEqual(before);
  });
});

describe('a secret file that every user can open', () => {
  it('is used, with a warning that says how to close it', async () => {
    const folder = scratch.folder(files(''));
    chmodSync(join(folder, 'client-secret'), 0o644);
    const { code, out } = await runHere(['check', ...configOf(folder)], folder);
    expect(code).toBe(0);
    expectParts(out, [
      'warning config  tenants[0].credential.secretFile',
      'every user of this machine can open',
      `-> chmod 600 ${join(folder, 'client-secret')}`,
    ]);
  });
});

describe("everything that can be wrong with Microsoft's side", () => {
  it('is told at once, each with its line and its remedy', async () => {
    const yaml = [
      TENANT_YAML.replace('credential: {', 'credential: { kind: certificate,'),
      '    region: us\n',
      '    proxy: { url: "http://me:secret-word@proxy.example" }\n',
      '    sources: [{ api: defender-alerts, slice: 1s }, { api: siem-detections, rescan: { reach: 1m } }]\n',
    ].join('');
    const folder = scratch.folder({ 'flexbridge.yaml': yaml });
    const { code, out, err } = await runHere(['check', ...configOf(folder)], folder);
    expect([code, out]).toEqual([78, '']);
    expectParts(err, [
      'the configuration has 8 problems',
      'flexbridge.yaml:4: tenants[0].endpoints.defender: is missing; cloud custom needs',
      'flexbridge.yaml:4: tenants[0].endpoints.siem: is missing; cloud custom needs',
      'flexbridge.yaml:5: tenants[0].credential.secretFile: belongs to kind secret, and the kind here is certificate\n    Remove it, or write kind: secret.',
      'flexbridge.yaml:5: tenants[0].credential.certificateFile: is missing',
      'flexbridge.yaml:6: tenants[0].region: cloud custom has no such choice',
      'flexbridge.yaml:7: tenants[0].proxy.url: must be an http or https URL without user name',
      'flexbridge.yaml:8: tenants[0].sources[0].slice: must be from 1m to 24h, not 1s',
      'flexbridge.yaml:8: tenants[0].sources[1].rescan.reach: 1m is less than overlap (15m)',
    ]);
    expect(err).not.toContain('secret-word');
  });
});

describe('the hosts that get a secret or a token', () => {
  it('are listed by check for each tenant, with the API, the scope and the proxy', async () => {
    const yaml = files('    proxy: { url: "http://proxy.example:3128" }\n');
    const folder = scratch.folder(yaml);
    const { code, out } = await runHere(['check', ...configOf(folder)], folder);
    expect(code).toBe(0);
    expectParts(out, [
      'ok      cloud  contoso',
      `the client secret goes to ${NOBODY};`,
      `tokens go to ${NOBODY} (graph-alerts, scope ${NOBODY}/.default);`,
      'through the proxy http://proxy.example:3128',
    ]);
    const json = await runHere(['check', '--json', ...configOf(folder)], folder);
    expectParts(json.out, ['"id": "cloud"', '"subject": "contoso"', 'http://proxy.example:3128']);
  });
});

describe('files of TLS that no server can serve with', () => {
  let ours: { certificatePem: string; privateKeyPem: string };
  let other: typeof ours;
  const TLS = 'server: { port: 0, tls: { certFile: cert.pem, keyFile: key.pem } }\n';

  beforeAll(async () => {
    const made = { commonName: 'a test', hosts: ['localhost'], notBeforeMs: Date.now() - DAY, years: 1 };
    [ours, other] = await Promise.all([createCertificateAuthority(made), createCertificateAuthority(made)]);
  });

  it.for<[name: string, files: () => Files, parts: readonly string[]]>([
    [
      'the key of another certificate',
      () => ({ 'cert.pem': ours.certificatePem, 'key.pem': other.privateKeyPem }),
      ['flexbridge.yaml:6: server.tls.keyFile', 'does not belong to the certificate', 'Name the key that'],
    ],
    [
      'a certificate that is binary',
      () => ({ 'cert.pem': new X509Certificate(ours.certificatePem).raw, 'key.pem': ours.privateKeyPem }),
      ['server.tls.certFile', 'holds no certificate in PEM form', 'openssl x509 -inform der'],
    ],
    [
      'a certificate in the place of the key, and the other way round',
      () => ({ 'cert.pem': ours.privateKeyPem, 'key.pem': ours.certificatePem }),
      ['server.tls.certFile', 'server.tls.keyFile', 'holds no private key in PEM form', 'openssl pkey -inform der'],
    ],
    [
      'a key with a pass phrase',
      () => ({ 'cert.pem': ours.certificatePem, 'key.pem': lockedKey(ours.privateKeyPem) }),
      ['server.tls.keyFile', 'needs a passphrase', 'openssl pkey -in'],
    ],
  ])('%s', async ([, given, parts]) => {
    const folder = scratch.folder(files(TLS, given()));
    const before = contentOf(folder);
    const { code, out, err } = await runHere(['check', ...configOf(folder)], folder);
    expect([code, out]).toEqual([78, '']);
    expectParts(err, parts);
    expect(contentOf(folder)).toEqual(before);
  });

  it('a certificate that has ended is served all the same, and every view of health says so', async () => {
    const leaf = { hosts: ['localhost'], notBeforeMs: Date.now() - 10 * DAY, days: 1 };
    const { certificatePem, privateKeyPem } = await issueServerCertificate(ours, leaf);
    const folder = scratch.folder(files(TLS, { 'cert.pem': certificatePem, 'key.pem': privateKeyPem }));
    const { code, out } = await runHere(['check', ...configOf(folder)], folder);
    expect(code).toBe(1);
    expectParts(out, [
      'FAILED  certificate',
      'The server certificate expired on',
      '-> Replace the files of server.tls',
    ]);
    const serving = startProgram(['serve'], { cwd: folder });
    await serving.logged('started');
    serving.child.kill('SIGTERM');
    expect((await serving.ended).code).toBe(0);
  });
});

function lockedKey(pem: string): string {
  const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'a pass phrase' } as const;
  return createPrivateKey(pem).export(locked).toString();
}
