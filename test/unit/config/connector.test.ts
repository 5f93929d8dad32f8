import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { DEFAULT_REDIRECT_URIS } from '../../../src/domain/connector-auth.ts';
import { createCertificateAuthority } from '../../../src/http/tls/certificate-authority.ts';
import { folder, load, problemsOf, SECRET_HASH, tlsPair, yamlWith } from './config-folder.ts';

const OTHER_HASH = 'CD'.repeat(32);
const FINGERPRINT = Array.from({ length: 32 }, () => 'Ab').join(':');

function connectors(...auths: readonly string[]): string {
  return `connectors: [${auths.map((auth, index) => `{ name: c${index}, feeds: [default], auth: ${auth} }`).join(', ')}]`;
}

async function authOf(auth: string, ...lines: readonly string[]) {
  const config = await load(yamlWith(connectors(auth), ...lines));
  return config.connectors[0]?.auth;
}

describe('the login of a connector', () => {
  it('is HTTP Basic without a kind, with one hash or two during a rotation', async () => {
    expect(await authOf(`{ secretHash: ${OTHER_HASH} }`)).toEqual({
      kind: 'basic',
      secretHashes: [OTHER_HASH.toLowerCase()],
    });
    expect(await authOf(`{ secretHash: ${SECRET_HASH}, previousSecretHash: ${OTHER_HASH} }`)).toEqual({
      kind: 'basic',
      secretHashes: [SECRET_HASH, OTHER_HASH.toLowerCase()],
    });
  });

  it('of kind oauth2 needs a hash alone: its id is its name, its redirect URIs those of the client file', async () => {
    expect(await authOf(`{ kind: oauth2, secretHash: ${SECRET_HASH} }`)).toEqual({
      kind: 'oauth2',
      clientId: 'c0',
      secretHashes: [SECRET_HASH],
      redirectUris: DEFAULT_REDIRECT_URIS,
      acceptsBasic: false,
      rotatesRefreshTokens: false,
    });
  });

  it('of kind oauth2 takes every key of its own', async () => {
    const uris = ['http://127.0.0.1/a', 'https://[::1]:5/x', 'HTTP://LOCALHOST/y'];
    const auth = await authOf(
      `{ kind: oauth2, clientId: Cl-1.x, secretHash: ${SECRET_HASH}, previousSecretHash: ${OTHER_HASH}, redirectUris: ${JSON.stringify(uris)}, acceptBasic: true, rotateRefreshTokens: true }`,
    );
    expect(auth).toEqual({
      ...{ kind: 'oauth2', clientId: 'Cl-1.x', secretHashes: [SECRET_HASH, OTHER_HASH.toLowerCase()] },
      ...{ redirectUris: uris, acceptsBasic: true, rotatesRefreshTokens: true },
    });
  });

  it.each([
    ['https://bridge.example/x', 'leads to bridge.example'],
    ['https://localhost.example/x', 'leads to localhost.example'],
    ['http://127.0.0.2/', 'leads to 127.0.0.2'],
    ['http://localhost/#f', 'has a fragment'],
    ['http://localhost/a?b=c', 'has a query'],
    ['http://me:pw@localhost/', 'holds a user name'],
    ['http://localhost@evil.example/', 'holds a user name'],
    ['custom:/x', 'is no http or https URL'],
    ['http://localhost/a b', 'is no http or https URL'],
    ['', 'is no http or https URL'],
  ])('sends no code to %s', async (uri, fault) => {
    const auth = `{ kind: oauth2, secretHash: ${SECRET_HASH}, redirectUris: ["http://localhost/", ${JSON.stringify(uri)}] }`;
    const problems = await problemsOf(yamlWith(connectors(auth)));
    expect(problems).toEqual([expect.stringContaining(`connectors[0].auth.redirectUris[1] | ${fault}`)]);
  });

  it('of kind mtls has one fingerprint or two, with colons or without, and needs TLS', async () => {
    const auth = `{ kind: mtls, fingerprint: "${FINGERPRINT}", previousFingerprint: ${OTHER_HASH} }`;
    expect(await authOf(auth)).toEqual({
      kind: 'mtls',
      fingerprints: ['ab'.repeat(32), OTHER_HASH.toLowerCase()],
    });
    expect(await problemsOf(yamlWith(connectors(auth), 'server: { tls: off }'))).toEqual([
      expect.stringContaining('connectors[0].auth.kind | is mtls, and the server has no TLS'),
    ]);
  });

  it('of kind urlKey needs the word of the server', async () => {
    const auth = `{ kind: urlKey, keyHash: ${SECRET_HASH}, previousKeyHash: ${OTHER_HASH} }`;
    expect(await authOf(auth, 'server: { urlKeys: true }')).toEqual({
      kind: 'urlKey',
      keyHashes: [SECRET_HASH, OTHER_HASH.toLowerCase()],
    });
    for (const server of ['', 'server: { urlKeys: false }'])
      expect(await problemsOf(yamlWith(connectors(auth), server))).toEqual([
        expect.stringContaining('connectors[0].auth.kind | is urlKey, and server.urlKeys is off'),
      ]);
  });

  it.each([
    ['{ kind: oauth2 }', 'auth | secretHash is missing'],
    ['{ kind: mtls }', 'auth | fingerprint is missing'],
    ['{ kind: urlKey }', 'auth | keyHash is missing'],
    ['{ }', 'auth | secretHash is missing'],
    [`{ kind: basic, secretHash: ${SECRET_HASH}, clientId: x }`, 'clientId | belongs to kind oauth2'],
    [
      `{ kind: mtls, fingerprint: ${SECRET_HASH}, secretHash: ${SECRET_HASH} }`,
      'secretHash | belongs to kind basic or oauth2',
    ],
    ['{ kind: mtls, fingerprint: "ab:cd" }', 'fingerprint | '],
    [`{ kind: oauth2, secretHash: ${SECRET_HASH}, redirectUris: [] }`, 'redirectUris | '],
    [`{ kind: oauth2, secretHash: ${SECRET_HASH}, clientId: "a b" }`, 'clientId | '],
    [`{ kind: oauth2, secretHash: ${SECRET_HASH}, acceptBasic: yes please }`, 'acceptBasic | '],
  ])('is refused by the key that is wrong: %s', async (auth, said) => {
    const problems = await problemsOf(yamlWith('server: { urlKeys: true }', connectors(auth)));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(said.replace(/^auth \| (\w+) is missing$/, 'auth.$1 | is missing'));
  });

  it('says who it is, so no two may be the same', async () => {
    const found = await problemsOf(
      yamlWith(
        'server: { urlKeys: true }',
        connectors(
          `{ kind: oauth2, clientId: c1, secretHash: ${SECRET_HASH} }`,
          `{ kind: oauth2, secretHash: ${OTHER_HASH} }`,
          `{ kind: mtls, fingerprint: "${FINGERPRINT}" }`,
          `{ kind: mtls, fingerprint: ${'AB'.repeat(32)} }`,
          `{ kind: urlKey, keyHash: ${SECRET_HASH} }`,
          `{ kind: urlKey, keyHash: ${SECRET_HASH.toUpperCase()} }`,
        ),
      ),
    );
    expect(found.map((text) => text.split(' | ').slice(1, 3).join(' | '))).toEqual([
      'connectors[1].auth.clientId | is also that of connectors[0], and it says who the connector is',
      'connectors[3].auth.fingerprint | is also that of connectors[2], and it says who the connector is',
      'connectors[5].auth.keyHash | is also that of connectors[4], and it says who the connector is',
    ]);
  });
});

describe('the proxies that are trusted', () => {
  it('are none at first, and else addresses and ranges', async () => {
    expect((await load(yamlWith())).server).toMatchObject({ trustProxy: [], urlKeys: false });
    const server = 'server: { trustProxy: [10.0.0.1, 10.0.0.0/8, "::1", "fd00::/8"] }';
    expect((await load(yamlWith(server))).server.trustProxy).toEqual(['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8']);
  });

  it.each(['true', 'loopback', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '"::/129"', '10.0.0', 'proxy.example'])(
    'are not %s',
    async (range) => {
      expect(await problemsOf(yamlWith(`server: { trustProxy: [${range}] }`))).toHaveLength(1);
    },
  );

  it('are doubted when they are everybody', async () => {
    const { warnings } = await load(yamlWith('server: { trustProxy: ["0.0.0.0/0"] }'));
    expect(warnings.map(({ path }) => path)).toEqual(['server.trustProxy[0]']);
  });
});

describe('the CA of client certificates', () => {
  const withCa = async (text: string) => {
    const { path, write } = await folder();
    const { certificatePem, privateKeyPem } = await tlsPair();
    await write('cert.pem', certificatePem);
    await write('key.pem', privateKeyPem);
    await write('clients.pem', text);
    await write(
      'flexbridge.yaml',
      yamlWith('server: { tls: { certFile: cert.pem, keyFile: key.pem, clientCaFile: clients.pem } }'),
    );
    return loadConfig({ cwd: path, env: {} });
  };

  it('is a PEM file of certificates', async () => {
    const ca = await createCertificateAuthority({ commonName: 'c', hosts: ['c.example'], notBeforeMs: 0, years: 100 });
    expect((await withCa(ca.certificatePem)).server.tls).toMatchObject({ kind: 'files' });
    await expect(withCa('no certificate')).rejects.toThrow('holds no certificate in PEM form');
  });
});
