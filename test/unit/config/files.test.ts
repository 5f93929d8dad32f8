import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import {
  CLIENT_ID,
  credentialOf,
  type Folder,
  failure,
  folder,
  secretsOf,
  TENANT_ENV,
  tenantYaml,
  tlsPair,
} from './config-folder.ts';

const CA_PEM = `-----BEGIN CERTIFICATE-----
MIIBmTCCAT+gAwIBAgIUaWyKnQw0525lS8q608UOdr0M6QIwCgYIKoZIzj0EAwIw
IjEgMB4GA1UEAwwXSW5zcGVjdGlvbiBDQSBvZiBhIHRlc3QwHhcNMjYxMTIzMTIy
MzE4WhcNMzYxMTIwMTIyMzE4WjAiMSAwHgYDVQQDDBdJbnNwZWN0aW9uIENBIG9m
IGEgdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFL5VRoj1VXRI69Re4VL
P0MTD+SnK8rG42YBeEKeSuQfFe4dXm6yWfVgoxOt06rxkSmykWnxvVJpMIAa4GWy
c9ujUzBRMB0GA1UdDgQWBBSZThPvQxb1wCEqA0kYk69mKKDwlTAfBgNVHSMEGDAW
gBSZThPvQxb1wCEqA0kYk69mKKDwlTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49
BAMCA0gAMEUCIBBNs8YWhgQ2UF/mlpgnFsuRxdKjp6cMWvpZNC7RzrVwAiEA+We0
mbvEJj2guOwVb+NW83bOLjP98vuN9oMdXtvsdTk=
-----END CERTIFICATE-----
`;

/** A tenant whose credential is the given YAML. */
const withCredential = (credential: string, more = '') =>
  `tenants:\n${tenantYaml().replace(/credential: .*/, `credential: { clientId: ${CLIENT_ID}, ${credential} }`)}${more}`;

async function problem({ path }: Folder, env: Record<string, string> = {}): Promise<string> {
  const { problems } = await failure(loadConfig({ cwd: path, env }));
  expect(problems).toHaveLength(1);
  return problems.map(({ variable, line, path: at, message }) => `${variable ?? line} ${at}: ${message}`).join();
}

describe('a secret in a file', () => {
  it.each([
    ['a line end', 's3cret\n'],
    ['a Windows line end', 's3cret\r\n'],
    ['a byte order mark', '\ufeffs3cret'],
    ['nothing around it', 's3cret'],
  ])('is taken with %s', async (_, content) => {
    const { path, write } = await folder();
    await write('etc/flexbridge.yaml', withCredential('secretFile: client-secret'));
    await write('etc/client-secret', content);
    const config = await loadConfig({ cwd: path, env: {}, argvPath: 'etc/flexbridge.yaml' });
    expect(await secretsOf(config)).toEqual(['s3cret']);
    expect(config.warnings).toEqual([]);
  });

  it.each([
    ['is missing', null, 'does not exist'],
    ['is empty', '', 'is empty'],
    ['is a line end only', '\n', 'is empty'],
    ['holds two lines', 'one\ntwo\n', 'holds more than one line'],
    ['is UTF-16', Buffer.from('\ufeffs3cret', 'utf16le'), 'is not UTF-8 text'],
  ])('that %s is a problem which names the file and its line', async (_, content, message) => {
    const place = await folder();
    await place.write('flexbridge.yaml', withCredential('secretFile: client-secret'));
    if (content !== null) await place.write('client-secret', content);
    expect(await problem(place)).toBe(
      `4 tenants[0].credential.secretFile: the file ${place.path}/client-secret ${message}`,
    );
  });

  it('may be named by a variable, from the working directory where there is no file', async () => {
    const { path, write } = await folder();
    await write('mounted/secret', 'from-file\n');
    const { FLEXBRIDGE_CLIENT_SECRET: _, ...rest } = TENANT_ENV;
    const config = await loadConfig({ cwd: path, env: { ...rest, FLEXBRIDGE_CLIENT_SECRET_FILE: 'mounted/secret' } });
    expect(await secretsOf(config)).toEqual(['from-file']);
  });

  it('does not go with one in the text', async () => {
    const place = await folder();
    await place.write('flexbridge.yaml', withCredential('secret: a, secretFile: b'));
    expect(await problem(place)).toBe('4 tenants[0].credential.secret: secret and secretFile are both given');
    const inEnv = await folder();
    expect(await problem(inEnv, { ...TENANT_ENV, FLEXBRIDGE_CLIENT_SECRET_FILE: 'x' })).toContain('are both given');
  });

  it('is overridden by one that comes from a variable', async () => {
    const { path, write } = await folder();
    await write('flexbridge.yaml', withCredential('secretFile: gone'));
    const config = await loadConfig({ cwd: path, env: { FLEXBRIDGE_TENANTS__0__CREDENTIAL__SECRET: 'from-env' } });
    expect(await secretsOf(config)).toEqual(['from-env']);
  });

  it('or in the text is required', async () => {
    const place = await folder();
    await place.write('flexbridge.yaml', withCredential('kind: secret'));
    expect(await problem(place)).toBe('4 tenants[0].credential.secret: is missing, and so is secretFile');
  });
});

describe('a file with a secret that everybody can open', () => {
  it('is taken with a warning', async () => {
    const { path, write } = await folder();
    await write('flexbridge.yaml', withCredential('secretFile: client-secret'), 0o644);
    const file = await write('client-secret', 's3cret', 0o644);
    const { warnings } = await loadConfig({ cwd: path, env: {} });
    expect(warnings).toEqual([
      {
        path: 'tenants[0].credential.secretFile',
        message: `every user of this machine can open ${file}, which holds a secret`,
        remedy: `chmod 600 ${file}`,
      },
    ]);
  });

  it('is the configuration itself when the secret stands in it', async () => {
    const { path, write } = await folder();
    const file = await write('flexbridge.yaml', withCredential('secret: abc'), 0o644);
    expect((await loadConfig({ cwd: path, env: {} })).warnings).toMatchObject([{ remedy: `chmod 600 ${file}` }]);
  });

  it('is warned of once, however many secrets stand in it', async () => {
    const { path, write } = await folder();
    await write('flexbridge.yaml', withCredential('secret: abc, next: { secret: def }'), 0o644);
    expect((await loadConfig({ cwd: path, env: {} })).warnings).toHaveLength(1);
  });

  it('is no matter of the operator below /run/secrets', async () => {
    const read = (file: string) =>
      file === '/run/secrets/client-secret'
        ? Promise.resolve(Buffer.from('mounted'))
        : Promise.reject(Object.assign(new Error('gone'), { code: 'ENOENT' }));
    const files = { read, mode: () => Promise.resolve(0o444) };
    const { FLEXBRIDGE_CLIENT_SECRET: _, ...rest } = TENANT_ENV;
    const env = { ...rest, FLEXBRIDGE_CLIENT_SECRET_FILE: '/run/secrets/client-secret' };
    const config = await loadConfig({ cwd: '/nowhere', env, files });
    expect(credentialOf(config, 'secret').secrets).toMatchObject([
      { text: { kind: 'file', path: '/run/secrets/client-secret' } },
    ]);
    expect(config.warnings).toEqual([]);
  });
});

describe('the files of TLS', () => {
  it('must all be there, even when something else of the server is wrong', async () => {
    const { path, write } = await folder();
    await write('key.pem', '');
    const tls = 'tls: { certFile: cert.pem, keyFile: key.pem, clientCaFile: ca.pem }';
    await write('flexbridge.yaml', `server: { port: x, ${tls} }\ntenants:\n${tenantYaml()}`);
    const { problems } = await failure(loadConfig({ cwd: path, env: {} }));
    expect(problems.map(({ path: at, line }) => `${line} ${at}`)).toEqual([
      '1 server.port',
      '1 server.tls.certFile',
      '1 server.tls.keyFile',
      '1 server.tls.clientCaFile',
    ]);
  });

  it('draw a warning when everybody can open the key', async () => {
    const { path, write } = await folder();
    const { certificatePem, privateKeyPem } = await tlsPair();
    await write('cert.pem', certificatePem, 0o644);
    await write('key.pem', privateKeyPem, 0o604);
    await write(
      'flexbridge.yaml',
      `server: { tls: { certFile: cert.pem, keyFile: key.pem } }\ntenants:\n${tenantYaml()}`,
    );
    const { warnings } = await loadConfig({ cwd: path, env: {} });
    expect(warnings.map(({ path: at }) => at)).toEqual(['server.tls.keyFile']);
  });
});

describe('an extra CA', () => {
  it('is read with its text', async () => {
    const { path, write } = await folder();
    await write('ca.pem', `# of the proxy\n${CA_PEM}${CA_PEM}`);
    const config = await loadConfig({ cwd: path, env: { ...TENANT_ENV, FLEXBRIDGE_CA_FILE: 'ca.pem' } });
    expect(config.tenants[0]?.caPem).toContain(CA_PEM);
  });

  it.each([
    ['binary', Buffer.from(CA_PEM.replaceAll(/-.*-|\n/g, ''), 'base64')],
    ['cut off', CA_PEM.replace('MIIBmTCC', 'MIIBmTAA')],
    ['a key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
  ])('that is %s is refused', async (_, content) => {
    const place = await folder();
    await place.write('ca.pem', content);
    expect(await problem(place, { ...TENANT_ENV, FLEXBRIDGE_CA_FILE: 'ca.pem' })).toBe(
      `FLEXBRIDGE_CA_FILE tenants[0].caFile: the file ${place.path}/ca.pem holds no certificate in PEM form that can be read`,
    );
  });
});

describe('what is doubtful', () => {
  it('is a server for other machines whose public URL nobody set', async () => {
    const { path } = await folder();
    const { warnings } = await loadConfig({ cwd: path, env: { ...TENANT_ENV, FLEXBRIDGE_SERVER__HOST: '0.0.0.0' } });
    expect(warnings).toMatchObject([{ path: 'server.publicUrl' }]);
  });

  it('is a category that nobody knows', async () => {
    const { path } = await folder();
    const env = { ...TENANT_ENV, FLEXBRIDGE_FEEDS: '[{"filter":{"categories":["Malware","InitialAcess"]}}]' };
    const { warnings } = await loadConfig({ cwd: path, env });
    expect(warnings).toEqual([
      {
        path: 'feeds[0].filter.categories[1]',
        message: '"InitialAcess" is no category that is known',
        remedy: 'Did you mean initialaccess?',
      },
    ]);
  });
});
