import { isIP, Socket } from 'node:net';
import { type buildConnector, Client } from 'undici';
import { BridgeError } from '../../domain/errors.ts';
import type { ProxyAccess } from '../credential.ts';
import { toNetworkError } from '../network-error.ts';
import { readPeerIssuer } from '../peer-issuer.ts';
import { createBypass } from './no-proxy.ts';
import { proxyRefused, proxyUnreachable } from './proxy-error.ts';

/** For TCP, TLS with the proxy and its answer to CONNECT together. */
const TUNNEL_TIMEOUT_MS = 10_000;

export interface TunnelDeps {
  readonly proxy: ProxyAccess;
  /** Connects to a host directly or to the proxy, or makes the inner TLS connection on a tunnel. */
  readonly connect: buildConnector.connector;
}

/**
 * Connections through an HTTP CONNECT proxy. undici's ProxyAgent is not used: its login is fixed when it is made, where
 * this one asks the reader for every tunnel, and it turns a 407 or a 403 of the proxy, and a certificate behind it that is
 * not trusted, into errors without a remedy. Throws PROXY_URL.
 */
export function createTunnelConnector({ proxy, connect }: TunnelDeps): buildConnector.connector {
  const proxyUrl = readProxyUrl(proxy.url);
  const isDirect = createBypass(proxy.bypass);

  async function connectThrough(options: buildConnector.Options): Promise<Socket> {
    const target = targetOf(options);
    const open = () => openTunnel({ proxy, proxyUrl, connect, target });
    const httpSocket = await open();
    try {
      return await new Promise((resolve, reject) => {
        connect({ ...options, httpSocket }, (error, socket) => {
          if (error === null) resolve(socket);
          else reject(error);
        });
      });
    } catch (thrown) {
      // Who signed the certificate must be asked through the proxy too: past it there may be no way, or another answer.
      const attempt = `connecting through the proxy ${proxyUrl.host}`;
      const url = new URL(`https://${target}`);
      const readIssuer = () =>
        open().then(
          (tunnel) => readPeerIssuer(url, tunnel),
          () => null,
        );
      throw await toNetworkError(thrown, { url, attempt, stage: 'head', readIssuer });
    }
  }

  return (options, callback) => {
    // Plain http is spoken to the machine itself alone (managed identity), which no proxy can reach for us.
    if (options.protocol !== 'https:' || isDirect(options.hostname, portOf(options))) {
      connect(options, callback);
      return;
    }
    connectThrough(options).then(
      (socket) => {
        callback(null, socket);
      },
      (failure: unknown) => {
        callback(failure instanceof Error ? failure : new Error(String(failure)), null);
      },
    );
  };
}

/** One tunnel to be opened. */
export interface Tunnel {
  readonly proxy: ProxyAccess;
  readonly proxyUrl: URL;
  readonly connect: buildConnector.connector;
  /** `host:port`. */
  readonly target: string;
}

/** A connection to the target through the proxy. Throws a BridgeError NETWORK_PROXY.... */
export async function openTunnel({ proxy, proxyUrl, connect, target }: Tunnel): Promise<Socket> {
  const attempt = { proxy: proxyUrl.host, target, hasLogin: proxy.login !== null };
  const headers = { host: target, ...(await loginHeader(proxy.login)) };
  const client = new Client(proxyUrl.origin, { connect });
  try {
    const signal = AbortSignal.timeout(TUNNEL_TIMEOUT_MS);
    const answer = await client.connect({ path: target, headers, signal });
    if (answer.statusCode >= 200 && answer.statusCode < 300 && answer.socket instanceof Socket) return answer.socket;
    answer.socket.on('error', () => undefined).destroy();
    throw proxyRefused(attempt, answer.statusCode, [answer.headers['proxy-authenticate'] ?? []].flat());
  } catch (thrown) {
    throw thrown instanceof BridgeError ? thrown : proxyUnreachable(attempt, thrown);
  } finally {
    // A socket that was handed over is no longer the client's.
    void client.destroy();
  }
}

/** Basic, RFC 7617, in UTF-8. */
async function loginHeader(login: ProxyAccess['login']): Promise<Record<string, string>> {
  if (login === null) return {};
  const pair = Buffer.from(`${login.user}:${await login.password()}`, 'utf8').toString('base64');
  return { 'proxy-authorization': `Basic ${pair}` };
}

function targetOf(options: buildConnector.Options): string {
  const { hostname } = options;
  return `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${portOf(options)}`;
}

function portOf({ port }: buildConnector.Options): number {
  return port === '' ? 443 : Number(port);
}

/** Throws PROXY_URL. */
export function readProxyUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.username + url.password === '') {
    return url;
  }
  throw new BridgeError({
    code: 'PROXY_URL',
    kind: 'operator',
    // The address is not repeated: it may hold a password.
    message: 'proxy.url of the tenant is not an http or https URL without a login',
    hint: 'Give the proxy as http://proxy.example:3128, and user and password under keys of their own.',
  });
}
