import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashSecret } from '../../../src/domain/credential.ts';
import { aPosition } from '../../contract/detection-store.ts';
import { aKeyPair } from '../../support/key-pair.ts';
import { createLoginRig, type LoginRig } from './login-rig.ts';

let rig: LoginRig;
beforeEach(async () => {
  rig = createLoginRig();
  await rig.store(1);
});
afterEach(() => {
  rig.remove();
});

const authOf = (name: string) =>
  rig.logins((access) => access.connectors().find((one) => one.name === name)?.auth ?? null);
const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();

describe('flexbridge connector rotate', () => {
  it('makes a second secret beside the first, and end-rotation drops the older', async () => {
    const first = await rig.issue('create', 'arcsight-03');
    const second = await rig.issue('rotate', 'arcsight-03');
    expect(second.secret).not.toBe(first.secret);
    expect(authOf('arcsight-03')).toMatchObject({
      clientId: 'arcsight-03',
      secretHashes: [hashSecret(second.secret), hashSecret(first.secret)],
    });
    expect((await rig.command('connector', 'end-rotation', 'arcsight-03')).out).toContain(
      'Dropped the older client secret',
    );
    expect(authOf('arcsight-03')).toMatchObject({ secretHashes: [hashSecret(second.secret)] });
    expect((await rig.audited()).map(({ action }) => action)).toEqual([
      'connector-end-rotation',
      'connector-rotate',
      'connector-create',
    ]);
  });

  it('keeps the refresh tokens of an OAuth2 client, and makes none', async () => {
    const first = await rig.issue('create', 'arcsight-03');
    const { out } = await rig.command('connector', 'rotate', 'arcsight-03');
    expect(out).toContain('what it had stays valid too, until flexbridge connector end-rotation arcsight-03');
    expect(out).toMatch(/Refresh Token +\(stays valid; only the client secret is new\)\n/);
    expect(rig.logins((access) => access.refreshTokens().map(({ grant }) => grant))).toEqual([first.refreshToken?.id]);
  });

  it('refuses a third secret, and says how the rotation ends', async () => {
    await rig.issue('create', 'arcsight-03', '--kind', 'basic');
    await rig.issue('rotate', 'arcsight-03');
    const before = authOf('arcsight-03');
    const said = await rig.refusal('CONNECTOR_ROTATING', 'connector', 'rotate', 'arcsight-03');
    expect(said).toContain('flexbridge connector end-rotation arcsight-03');
    expect(authOf('arcsight-03')).toEqual(before);
  });

  it('pins a second certificate, and refuses one that is pinned already', async () => {
    const [old, next] = [aKeyPair('agent.example, old'), aKeyPair('next', 'P-256')];
    const files = [rig.write('old.pem', old.certificatePem), rig.write('next.pem', next.certificatePem)] as const;
    const made = await rig.command('connector', 'create', 'arcsight-03', '--kind', 'mtls', '--certificate', files[0]);
    for (const part of ['CN=agent.example\\, old', fingerprint(old.certificatePem), 'valid  ', 'ends at'])
      expect(made.out).toContain(part);
    const pinned = ['connector', 'rotate', 'arcsight-03', '--certificate'];
    expect(await rig.refusal('CERTIFICATE_PINNED', ...pinned, files[0])).toContain('arcsight-03');
    const { secret } = await rig.issue('rotate', 'arcsight-03', '--certificate', 'next.pem');
    expect(secret).toBeNull();
    expect(authOf('arcsight-03')).toEqual({
      kind: 'mtls',
      fingerprints: [fingerprint(next.certificatePem), fingerprint(old.certificatePem)],
    });
  });

  it.each<[string, string, readonly string[], string]>([
    ['an unknown connector', 'CONNECTOR_UNKNOWN', ['rotate', 'arcsight-09'], 'arcsight-01, arcsight-02'],
    ['one of the configuration', 'CONNECTOR_CONFIGURED', ['rotate', 'arcsight-01'], 'configuration file'],
    ['the end of no rotation', 'CONNECTOR_NOT_ROTATING', ['end-rotation', 'arcsight-03'], 'rotate arcsight-03'],
    ['a certificate for a secret', 'LOGIN_USE', ['rotate', 'arcsight-03', '--certificate', 'x'], 'kind mtls'],
    ['no name', 'LOGIN_USE', ['rotate'], 'connector rotate NAME'],
  ])('refuses %s', async (_what, code, args, part) => {
    await rig.issue('create', 'arcsight-03');
    const before = authOf('arcsight-03');
    expect(await rig.refusal(code, 'connector', ...args)).toContain(part);
    expect(authOf('arcsight-03')).toEqual(before);
  });
});

describe('flexbridge connector create --kind mtls', () => {
  const create = (file: string) => ['connector', 'create', 'arcsight-03', '--kind', 'mtls', '--certificate', file];

  it('warns of a certificate that has ended', async () => {
    const { out, code } = await rig.command(...create(rig.write('old.pem', EXPIRED)));
    expect(code).toBe(0);
    expect(out).toContain('Note: The certificate ended at 2020-01-02T00:00:00Z');
  });

  it.each([
    ['a file that is missing', null, 'cannot read the certificate'],
    ['a file without a certificate', 'secret text of somebody', 'holds no certificate in PEM form'],
    ['a private key', aKeyPair('x', 'P-256').privateKeyPem, 'holds no certificate in PEM form'],
  ])('refuses %s, and quotes nothing of it', async (_what, text, part) => {
    const file = text === null ? join(rig.folder, 'none.pem') : rig.write('wrong.pem', text);
    const said = await rig.refusal('CERTIFICATE_UNREADABLE', ...create(file));
    expect(said).toContain(part);
    expect(said).not.toContain('secret text');
    expect(authOf('arcsight-03')).toBeNull();
  });

  it('is refused by a server without TLS', async () => {
    rig.configure((text) => `server: { tls: off }\n${text}`);
    const said = await rig.refusal('LOGIN_USE', ...create(rig.write('a.pem', aKeyPair('x', 'P-256').certificatePem)));
    expect(said).toContain('without TLS');
  });
});

describe('flexbridge connector revoke', () => {
  it('takes the login and its tokens away, and says what becomes of its place in the feeds', async () => {
    await rig.issue('create', 'arcsight-03');
    await rig.command('token', 'create', '--connector', 'arcsight-03');
    await rig.withStore((store) => store.savePosition(aPosition({ connector: 'arcsight-03', acknowledged: 1 })));
    const { code, out, err } = await rig.command('connector', 'revoke', 'arcsight-03', '--yes');
    expect([code, err]).toEqual([0, '']);
    for (const part of ['2 refresh tokens with it', 'Its place in the feeds stays', 'store.retention.age, 30 d'])
      expect(out).toContain(part);
    expect(rig.logins((access) => [access.connectors(), access.refreshTokens()])).toEqual([[], []]);
    const left = await rig.withStore((store) => store.position('arcsight-03', 'default'));
    expect(left).toMatchObject({ acknowledged: 1 });
    expect((await rig.audited())[0]).toEqual({
      action: 'connector-revoke',
      details: { connector: 'arcsight-03', kind: 'oauth2', tokens: 2 },
    });
  });

  it('asks on a terminal, and takes anything but a yes for a no', async () => {
    await rig.issue('create', 'arcsight-03');
    for (const answer of ['\n', 'nope\n', '']) {
      const { code, out } = await rig.typed(answer, 'connector', 'revoke', 'arcsight-03');
      expect([code, out.endsWith('Nothing was changed.\n')]).toEqual([1, true]);
    }
    expect(authOf('arcsight-03')).not.toBeNull();
    expect((await rig.typed('y\n', 'connector', 'revoke', 'arcsight-03')).code).toBe(0);
    expect(authOf('arcsight-03')).toBeNull();
  });

  it('says that the next start makes a first login where none is left', async () => {
    rig.configure((text) => text.replace(/connectors:\n( .*\n)+/, ''));
    await rig.issue('create', 'arcsight-03');
    const { out } = await rig.command('connector', 'revoke', 'arcsight-03', '--yes');
    expect(out).toContain('the next start of serve makes a first one');
  });

  it('refuses what stands in the configuration, and what is not there', async () => {
    await rig.refusal('CONNECTOR_CONFIGURED', 'connector', 'revoke', 'arcsight-01', '--yes');
    await rig.refusal('CONNECTOR_UNKNOWN', 'connector', 'revoke', 'arcsight-09', '--yes');
  });
});

/** Self-signed, P-256, valid from 2020-01-01 to 2020-01-02. */
const EXPIRED = `-----BEGIN CERTIFICATE-----
MIIBEDCBt6ADAgECAgEBMAoGCCqGSM49BAMCMBIxEDAOBgNVBAMMB2V4cGlyZWQw
HhcNMjAwMTAxMDAwMDAwWhcNMjAwMTAyMDAwMDAwWjASMRAwDgYDVQQDDAdleHBp
cmVkMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOLP5NEtbS6PZvhzpodV1XgjH
hpO6TtG/1/XnRGbi6rIjOWsTJ6JtqjIF2o7CszGlaZPwZoamiBlvbKbSonrI/DAK
BggqhkjOPQQDAgNIADBFAiEA3AGdoErhkNpqVafvwJp+XluahoRytUGMfuZM5HAX
ETQCIDsRuUSHML6z8CuATc+tYn/MhjU4DWPt1qpd/iI9rfrj
-----END CERTIFICATE-----
`;
