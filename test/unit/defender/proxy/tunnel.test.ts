import { afterEach, describe, expect, it } from 'vitest';
import type { ProxyAccess } from '../../../../src/defender/credential.ts';
import { createDispatcher } from '../../../../src/defender/dispatcher.ts';
import { createFetcher, type HttpResponse } from '../../../../src/defender/fetcher.ts';
import { BridgeError } from '../../../../src/domain/errors.ts';
import { calm, containing, failureOf, type Loopback, startLoopback } from '../loopback.ts';
import { given, shownBy } from '../token-rig.ts';
import { type ProxyRig, startProxy, type Verdict } from './proxy-rig.ts';

const PASSWORD = 'pröxy:p4ss';
const BASIC = `Basic ${Buffer.from(`bridge:${PASSWORD}`, 'utf8').toString('base64')}`;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function startTarget(): Promise<Loopback> {
  const target = await startLoopback(() => ({ status: 200, body: '{"from":"target"}' }));
  closing.push(() => target.close());
  return target;
}

async function proxyWith(verdict?: Verdict, options?: { readonly tls: boolean }): Promise<ProxyRig> {
  const proxy = await startProxy(verdict, options);
  closing.push(() => proxy.close());
  return proxy;
}

/** One GET on connections of its own. */
async function get(url: string, proxy: Partial<ProxyAccess>, extraCa: string | null = null): Promise<HttpResponse> {
  const access = { url: 'http://127.0.0.1:1', login: null, bypass: [], ...proxy };
  const dispatcher = createDispatcher({ proxy: access, extraCa });
  const attempt = 'asking Microsoft for alerts';
  const wanted = { method: 'GET', url: new URL(url), headers: {}, attempt, timeoutMs: 20_000, maxBytes: 1000 } as const;
  try {
    return await createFetcher({ dispatcher })(wanted, calm());
  } finally {
    await dispatcher.destroy();
  }
}

function hostOf(url: string): string {
  return new URL(url).host;
}

describe('a request through the proxy', () => {
  it('goes over a tunnel to the host, with TLS to the host itself that the extra CA is used for', async () => {
    const [target, proxy] = [await startTarget(), await proxyWith()];
    const answer = await get(target.url, { url: proxy.url }, target.caPem);
    expect(answer).toMatchObject({ status: 200, body: '{"from":"target"}' });
    expect(proxy.connects).toEqual([{ target: hostOf(target.url), authorization: undefined }]);
    expect(target.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('shows the login to the proxy alone, and reads it anew for every connection', async () => {
    const [target, proxy] = [await startTarget(), await proxyWith()];
    const passwords = ['old', PASSWORD];
    const login = { user: 'bridge', password: () => Promise.resolve(passwords.shift() ?? '') };
    const dispatcher = createDispatcher({ proxy: { url: proxy.url, login, bypass: [] }, extraCa: target.caPem });
    closing.push(() => dispatcher.destroy());
    const fetcher = createFetcher({ dispatcher });
    const wanted = { method: 'GET', headers: {}, attempt: 'x', timeoutMs: 20_000, maxBytes: 1000 } as const;
    await fetcher({ ...wanted, url: new URL(target.url) }, calm());
    // A second origin on the same server makes a second connection.
    await failureOf(fetcher({ ...wanted, url: new URL(target.url.replace('127.0.0.1', 'localhost')) }, calm()));
    const old = `Basic ${Buffer.from('bridge:old').toString('base64')}`;
    expect(proxy.connects.slice(0, 2).map(({ authorization }) => authorization)).toEqual([old, BASIC]);
    expect(JSON.stringify(target.requests)).not.toContain('Basic');
  });

  it('may go through a proxy that speaks https itself', async () => {
    const [target, proxy] = [await startTarget(), await proxyWith(undefined, { tls: true })];
    const answer = await get(target.url, { url: proxy.url }, `${target.caPem}${proxy.caPem ?? ''}`);
    expect(answer.status).toBe(200);
    expect(proxy.connects).toHaveLength(1);
  });

  it('is made directly for a host on the bypass list', async () => {
    const [target, proxy] = [await startTarget(), await proxyWith()];
    await get(target.url, { url: proxy.url, bypass: ['127.0.0.0/8'] }, target.caPem);
    expect(proxy.connects).toEqual([]);
    expect(target.requests).toHaveLength(1);
  });

  it('to a host whose certificate is not trusted fails, and the issuer is asked through the proxy too', async () => {
    const [target, proxy] = [await startTarget(), await proxyWith()];
    const failure = await failureOf(get(target.url, { url: proxy.url }));
    expect(failure).toMatchObject({
      code: 'NETWORK_CERTIFICATE',
      kind: 'operator',
      message: containing('it was issued by: CN=Loopback Test Root'),
      hint: containing('caFile'),
    });
    expect(String(failure)).toContain(`through the proxy ${proxy.host}`);
    expect(proxy.connects).toHaveLength(2);
    expect(target.requests).toEqual([]);
  });
});

describe('a proxy that does not help', () => {
  it.each([
    ['407 Proxy Authentication Required', 'NETWORK_PROXY_LOGIN', 'operator', 'refuses the login (407)'],
    [
      '407 Nope\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM',
      'NETWORK_PROXY_LOGIN',
      'operator',
      'only Negotiate, NTLM',
    ],
    ['407 Nope\r\nProxy-Authenticate: Basic realm="x"', 'NETWORK_PROXY_LOGIN', 'operator', 'refuses the login'],
    ['403 Forbidden', 'NETWORK_PROXY_DENIED', 'operator', 'does not allow it (403)'],
    ['302 Found', 'NETWORK_PROXY_DENIED', 'operator', '302'],
    ['502 Bad Gateway', 'NETWORK_PROXY_FAILED', 'transient', 'could not connect to it (502)'],
    ['reset', 'NETWORK_PROXY', 'transient', 'does not answer'],
  ])('%j is %s, and names the proxy without its login', async (said, code, kind, words) => {
    const [target, proxy] = [await startTarget(), await proxyWith(() => said)];
    const login = { user: 'bridge-user', password: given(PASSWORD) };
    const failure = await failureOf(get(target.url, { url: proxy.url, login }, target.caPem));
    expect(failure).toMatchObject({ code, kind, message: containing(words) });
    expect(String(failure)).toContain(`the proxy ${proxy.host}`);
    expect(String(failure)).toContain(hostOf(target.url));
    const shown = shownBy(failure);
    for (const secret of [PASSWORD, 'bridge-user', BASIC.slice(6), 'Basic YnJp']) expect(shown).not.toContain(secret);
    expect(target.requests).toEqual([]);
  });

  it('asks for a login where none is configured', async () => {
    const [target, proxy] = [await startTarget(), await proxyWith(() => '407 Proxy Authentication Required')];
    const failure = await failureOf(get(target.url, { url: proxy.url }));
    expect(failure).toMatchObject({ code: 'NETWORK_PROXY_LOGIN', message: containing('asks for a login') });
  });

  it('is not there', async () => {
    const proxy = await startProxy();
    await proxy.close();
    const failure = await failureOf(get('https://login.example', { url: proxy.url }));
    expect(failure).toMatchObject({ code: 'NETWORK_PROXY', kind: 'transient', message: containing('ECONNREFUSED') });
    expect(String(failure)).toContain('login.example:443');
  });

  it('shows a certificate that is not trusted', async () => {
    const proxy = await proxyWith(undefined, { tls: true });
    const failure = await failureOf(get('https://login.example', { url: proxy.url }));
    expect(failure).toMatchObject({ code: 'NETWORK_PROXY', kind: 'operator', hint: containing('caFile') });
    expect(proxy.connects).toEqual([]);
  });

  it('has a password file that cannot be read', async () => {
    const proxy = await proxyWith();
    const lost = new BridgeError({ code: 'SECRET_FILE', kind: 'operator', message: 'cannot read', hint: '' });
    const login = { user: 'bridge', password: () => Promise.reject(lost) };
    expect(await failureOf(get('https://login.example', { url: proxy.url, login }))).toBe(lost);
    expect(proxy.connects).toEqual([]);
  });

  it.each(['http://user:p4ss@proxy.example:3128', 'socks5://proxy.example', 'proxy.example'])(
    'is refused as %s when the connections are made, and the address is not shown',
    async (url) => {
      const made = Promise.resolve().then(() => createDispatcher({ proxy: { url, login: null, bypass: [] } }));
      const failure = await failureOf(made);
      expect(failure).toMatchObject({ code: 'PROXY_URL', kind: 'operator' });
      expect(shownBy(failure)).not.toContain('p4ss');
    },
  );
});
