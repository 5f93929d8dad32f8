import { createPrivateKey, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSigningCertificate } from '../../../src/defender/client-certificate.ts';
import type { CertificateMaterial } from '../../../src/defender/credential.ts';
import { aKeyPair, type KeyAndCertificate } from '../../support/key-pair.ts';
import { containing, failureOf } from './loopback.ts';

const PASSPHRASE = 'corr3ct horse';
const DAY_MS = 86_400_000;

let pair: KeyAndCertificate;
let other: KeyAndCertificate;
let curve: KeyAndCertificate;
let short: KeyAndCertificate;
beforeAll(() => {
  pair = aKeyPair('flexbridge');
  other = aKeyPair('other');
  curve = aKeyPair('curve', 'P-256');
  short = aKeyPair('short', 1024);
});

function read(material: Partial<CertificateMaterial> = {}, nowMs = Date.now()) {
  return readSigningCertificate({ ...pair, passphrase: null, ...material }, nowMs);
}

/** What reading fails with. */
function refusal(material: Partial<CertificateMaterial>, nowMs?: number): Promise<unknown> {
  return failureOf(Promise.resolve().then(() => read(material, nowMs)));
}

/** The key in another of the forms that files have. */
function printed(type: 'pkcs1' | 'pkcs8', passphrase: string | null): string {
  const lock = passphrase !== null && { cipher: 'aes-128-cbc', passphrase };
  return createPrivateKey(pair.privateKeyPem)
    .export({ type, format: 'pem', ...lock })
    .toString();
}

describe('a key', () => {
  it.each([
    ['PKCS#8', 'pkcs8', null, '-----BEGIN PRIVATE KEY-----'],
    ['PKCS#1', 'pkcs1', null, '-----BEGIN RSA PRIVATE KEY-----'],
    ['encrypted PKCS#8', 'pkcs8', PASSPHRASE, '-----BEGIN ENCRYPTED PRIVATE KEY-----'],
    ['encrypted PKCS#1', 'pkcs1', PASSPHRASE, 'Proc-Type: 4,ENCRYPTED'],
  ] as const)('may be %s', (_name, type, passphrase, mark) => {
    const privateKeyPem = printed(type, passphrase);
    expect(privateKeyPem).toContain(mark);
    const signing = read({ privateKeyPem, passphrase });
    expect(signing.privateKeyPem).toContain('-----BEGIN PRIVATE KEY-----');
    expect(createPrivateKey(signing.privateKeyPem).equals(createPrivateKey(pair.privateKeyPem))).toBe(true);
  });

  it('may stand in one file with its certificate', () => {
    const both = `${pair.certificatePem}${pair.privateKeyPem}`;
    expect(read({ certificatePem: both, privateKeyPem: both }).chainPem).toBe(pair.certificatePem);
  });
});

describe('the thumbprint', () => {
  it('is that of the certificate that belongs to the key, wherever it stands in the file, and that one goes first', () => {
    const certificatePem = `subject=/CN=other\r\n${other.certificatePem.replaceAll('\n', '\r\n')}\n${pair.certificatePem}`;
    const { thumbprintSha256, chainPem } = read({ certificatePem });
    const leaf = new X509Certificate(pair.certificatePem);
    expect(thumbprintSha256).toBe(leaf.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(chainPem).toBe(pair.certificatePem + other.certificatePem);
  });
});

describe('nothing is signed', () => {
  it.each([
    ['without a certificate', () => ({ certificatePem: 'hello' }), 'holds no certificate'],
    [
      'with a damaged certificate',
      () => ({ certificatePem: pair.certificatePem.replace(/MII\w{8}/, 'AAAA') }),
      'cannot be read',
    ],
    ['without a key', () => ({ privateKeyPem: pair.certificatePem }), 'holds no private key'],
    ['with a damaged key', () => ({ privateKeyPem: pair.privateKeyPem.replace(/MII\w{8}/, 'AAAA') }), 'cannot be read'],
    ['with the key of another certificate', () => ({ privateKeyPem: other.privateKeyPem }), 'does not belong'],
    ['with a key that is no RSA key', () => curve, '2048 bits'],
    ['with a short RSA key', () => short, '2048 bits'],
  ])('%s, and the error says so', async (_name, material, words) => {
    const failure = await refusal(material());
    expect(failure).toMatchObject({ code: 'TOKEN_CERTIFICATE_INVALID', kind: 'operator' });
    expect(failure).toHaveProperty('message', containing(words));
  });

  it('with an encrypted key and a wrong passphrase or none, and neither is shown', async () => {
    for (const type of ['pkcs8', 'pkcs1'] as const) {
      const privateKeyPem = printed(type, PASSPHRASE);
      const wrong = await refusal({ privateKeyPem, passphrase: 'wr0ng' });
      expect(wrong).toHaveProperty('message', containing('the passphrase is wrong'));
      expect(JSON.stringify(wrong) + String(wrong)).not.toContain('wr0ng');
      expect(await refusal({ privateKeyPem })).toHaveProperty('message', containing('there is no passphrase'));
    }
  });

  it('after the certificate has expired or before it is valid', async () => {
    const end = new X509Certificate(pair.certificatePem).validTo;
    expect(await refusal({}, Date.parse(end))).toMatchObject({
      code: 'TOKEN_CERTIFICATE_EXPIRED',
      message: containing(new Date(end).toISOString().slice(0, 10)),
    });
    expect(await refusal({}, Date.now() - DAY_MS)).toMatchObject({ code: 'TOKEN_CERTIFICATE_EARLY' });
  });
});
