import { describe, expect, it } from 'vitest';
import type { ProxyConfig } from '../../../src/config/config.ts';
import type { Environment } from '../../../src/config/environment.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { readSecretText } from '../../../src/config/secret-text.ts';
import { failure, folder, load, problemsOf, tenantYaml } from './config-folder.ts';

const yamlOf = (proxy: string) => `tenants:\n${tenantYaml('contoso', proxy === '' ? [] : [`proxy: ${proxy}`])}`;
const THIS_MACHINE = ['localhost', '127.0.0.0/8', '::1'];

async function proxyOf(proxy: string, env: Environment = {}): Promise<ProxyConfig | null> {
  const { tenants } = await load(yamlOf(proxy), env);
  return tenants[0]?.proxy ?? null;
}

describe('a configured proxy', () => {
  it('is taken with its exceptions', async () => {
    expect(await proxyOf('{ url: "http://proxy.example:3128/", noProxy: [.corp.example, 10.0.0.0/8] }')).toEqual({
      url: 'http://proxy.example:3128',
      login: null,
      bypass: ['.corp.example', '10.0.0.0/8'],
      variable: null,
    });
  });

  it('may ask for a user name, with the password in a file', async () => {
    const { path, write } = await folder();
    await write('flexbridge.yaml', yamlOf('{ url: "https://proxy.example", user: me, passwordFile: word }'));
    await write('word', 'p4ss\n');
    const { tenants } = await loadConfig({ cwd: path, env: {} });
    const login = tenants[0]?.proxy?.login;
    expect(login).toMatchObject({ user: 'me', password: { kind: 'file' } });
    expect(login && (await readSecretText(login.password))).toBe('p4ss');
  });

  it('wins over the environment, and so does off', async () => {
    const env = { HTTPS_PROXY: 'http://other.example' };
    expect((await proxyOf('{ url: "http://proxy.example" }', env))?.url).toBe('http://proxy.example');
    expect(await proxyOf('off', env)).toBeNull();
    expect((await proxyOf('null', env))?.url).toBe('http://other.example');
  });

  it('may be named by variables of our own', async () => {
    const env = { FLEXBRIDGE_TENANTS__0__PROXY__URL: 'http://proxy.example' };
    expect((await proxyOf('', env))?.url).toBe('http://proxy.example');
    expect(await proxyOf('', { FLEXBRIDGE_TENANTS__0__PROXY: 'off', HTTPS_PROXY: 'http://a.example' })).toBeNull();
  });

  it.each([
    ['{ url: "http://me:p4ss@proxy.example" }', 'proxy.url | must be an http or https URL without user name'],
    ['{ url: "socks5://proxy.example" }', 'proxy.url | must be an http or https URL'],
    ['"http://me:p4ss@proxy.example"', 'proxy | must be off, or a block with url'],
    ['{ noProxy: [a] }', 'proxy.url | is missing'],
    ['{ url: "http://a.example", user: me }', 'proxy.password | is missing, and so is passwordFile'],
    ['{ url: "http://a.example", password: p4ss }', 'proxy.user | is missing, and there is a password'],
    ['{ url: "http://a.example", user: me, password: p4ss, passwordFile: x }', 'proxy.password | password and passw'],
    ['{ url: "http://a.example", user: me, passwordFile: gone }', 'proxy.passwordFile | the file '],
  ])('that is wrong is refused without showing its password: %s', async (proxy, problem) => {
    const error = await failure(load(yamlOf(proxy)));
    expect(await problemsOf(yamlOf(proxy))).toEqual([expect.stringContaining(`5 | tenants[0].${problem}`)]);
    expect(error.toText()).not.toContain('p4ss');
  });
});

describe('the proxy of the environment', () => {
  it('is used where none is configured, lower case first, and never for this machine', async () => {
    expect(
      await proxyOf('', {
        https_proxy: 'http://lower.example:3128',
        HTTPS_PROXY: 'http://upper.example',
        NO_PROXY: 'one.example, .two.example  10.1.2.3:443',
      }),
    ).toEqual({
      url: 'http://lower.example:3128',
      login: null,
      bypass: ['one.example', '.two.example', '10.1.2.3:443', ...THIS_MACHINE],
      variable: 'https_proxy',
    });
  });

  it('may be written without a scheme', async () => {
    expect((await proxyOf('', { HTTPS_PROXY: 'proxy.example:3128' }))?.url).toBe('http://proxy.example:3128');
  });

  it('has its user name and password split off', async () => {
    const env = { HTTPS_PROXY: 'http://do%5Cmain:p%40ss%zz@proxy.example' };
    const { tenants } = await load(yamlOf(''), env);
    const proxy = tenants[0]?.proxy;
    expect(proxy).toMatchObject({ url: 'http://proxy.example', login: { user: 'do\\main' } });
    expect(proxy?.login && (await readSecretText(proxy.login.password))).toBe('p%40ss%zz');
    expect(JSON.stringify(tenants)).not.toContain('ss%zz');
  });

  it('is none when it excepts everything, or is empty', async () => {
    expect(await proxyOf('', { HTTPS_PROXY: 'http://a.example', NO_PROXY: '*' })).toBeNull();
    expect(await proxyOf('', { HTTPS_PROXY: '' })).toBeNull();
  });

  it.each(['socks5://me:p4ss@a.example', 'http://', 'http://[p4ss'])(
    'that is no http URL is a problem by its name, without its text: %s',
    async (text) => {
      const found = await problemsOf(yamlOf(''), { HTTPS_PROXY: text });
      expect(found).toEqual([
        'HTTPS_PROXY | tenants[0].proxy | is not an http or https URL | Correct the variable, or write proxy: off.',
      ]);
    },
  );
});
