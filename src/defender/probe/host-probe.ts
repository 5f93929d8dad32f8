import { lookup } from 'node:dns/promises';
import { isIP, connect as netConnect, type Socket } from 'node:net';
import { type BridgeError, toBridgeError } from '../../domain/errors.ts';
import type { FindingId } from '../../domain/finding.ts';
import type { ProxyAccess } from '../credential.ts';
import { createConnector } from '../dispatcher.ts';
import { toNetworkError } from '../network-error.ts';
import { createBypass } from '../proxy/no-proxy.ts';
import { openTunnel, readProxyUrl } from '../proxy/tunnel.ts';
import type { Trust } from '../trust.ts';
import { shakeHands } from './tls-probe.ts';

/** What breaks the way to a host; `connection`: the name resolves, and nobody takes the connection. */
export interface HostFault {
  readonly link: Extract<FindingId, 'dns' | 'proxy' | 'tls'> | 'connection';
  readonly host: string;
  readonly meaning: string;
  readonly remedy: string;
}

/** A host that was reached, up to the end of the TLS handshake. */
export interface HostReached {
  readonly link: null;
  readonly host: string;
  /** Last issuer of the certificate's chain. */
  readonly issuer: string | null;
  /** `host:port` of the proxy in between; null without one. */
  readonly proxy: string | null;
}

export interface HostProbeDeps {
  readonly proxy: ProxyAccess | null;
  readonly caPem: string | null;
  readonly trust: Trust;
  /** For each step, milliseconds. */
  readonly timeoutMs: number;
}

const TRIED = 'opening a connection';
/** What the system says where it gives up itself; it takes minutes for that. */
const NO_CONNECTION = 'ETIMEDOUT';
const NO_DNS_ANSWER = 'EAI_AGAIN';

/**
 * Goes the way of a request up to the end of the TLS handshake: name, proxy, connection, certificate. Nothing is sent.
 * Throws CA_INVALID and PROXY_URL.
 */
export async function probeHost(url: URL, deps: HostProbeDeps): Promise<HostFault | HostReached> {
  const host = url.host;
  const proxy = proxyFor(url, deps.proxy);
  const proxyUrl = proxy === null ? null : readProxyUrl(proxy.url);
  const unresolved = await resolveName(proxyUrl ?? url, deps.timeoutMs);
  if (unresolved !== null) return { link: 'dns', host, ...dnsWords(unresolved, host, proxyUrl) };
  let socket: Socket;
  try {
    socket = await openWay(url, proxy, deps);
  } catch (thrown) {
    const { message, hint } = toBridgeError(thrown);
    return { link: proxy === null ? 'connection' : 'proxy', host, meaning: sentence(message), remedy: hint };
  }
  const shaken = await shakeHands(socket, url, deps);
  if ('fault' in shaken) return { link: 'tls', host, ...shaken.fault };
  return { link: null, host, issuer: shaken.issuer, proxy: proxyUrl?.host ?? null };
}

function proxyFor(url: URL, proxy: ProxyAccess | null): ProxyAccess | null {
  if (proxy === null || createBypass(proxy.bypass)(bare(url.hostname), portOf(url))) return null;
  return proxy;
}

function openWay(url: URL, proxy: ProxyAccess | null, deps: HostProbeDeps): Promise<Socket> {
  if (proxy === null) return connectTo(url, deps.timeoutMs);
  const hostname = bare(url.hostname);
  return openTunnel({
    proxy,
    proxyUrl: readProxyUrl(proxy.url),
    connect: createConnector(deps.caPem, deps.trust),
    target: `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${portOf(url)}`,
  });
}

function connectTo(url: URL, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = netConnect(portOf(url), bare(url.hostname));
    const fail = (thrown: unknown): void => {
      socket.destroy();
      toNetworkError(thrown, { url, attempt: TRIED, stage: 'head' }).then(reject, reject);
    };
    socket.setTimeout(timeoutMs, () => {
      fail(Object.assign(new Error('no connection in time'), { code: NO_CONNECTION }));
    });
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail).setTimeout(0);
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

/** Why the name does not resolve; null when it does, or when there is none to be resolved. */
async function resolveName(url: URL, timeoutMs: number): Promise<BridgeError | null> {
  const hostname = bare(url.hostname);
  if (isIP(hostname) !== 0) return null;
  const limit = new Promise<never>((_, reject) => {
    setTimeout(() => {
      reject(Object.assign(new Error('no answer in time'), { code: NO_DNS_ANSWER }));
    }, timeoutMs).unref();
  });
  try {
    await Promise.race([lookup(hostname), limit]);
    return null;
  } catch (thrown) {
    return toNetworkError(thrown, { url, attempt: 'looking up its name', stage: 'head' });
  }
}

function dnsWords(error: BridgeError, host: string, proxyUrl: URL | null): Pick<HostFault, 'meaning' | 'remedy'> {
  if (proxyUrl === null) return { meaning: sentence(error.message), remedy: DNS };
  return {
    meaning: sentence(
      `the way to ${host} leads through the proxy ${proxyUrl.host}, whose name is not found: ${error.message}`,
    ),
    remedy: 'Check `proxy.url` of the tenant (or HTTPS_PROXY) and the DNS of this host.',
  };
}

const DNS =
  'Check `cloud` and `endpoints` of the tenant for a misspelt host, then the DNS of this host (/etc/resolv.conf; nslookup NAME). Where only a proxy resolves public names, set `proxy` of the tenant.';

/** Messages of errors begin in lower case and have no full stop. */
export function sentence(message: string): string {
  const first = message.slice(0, 1).toUpperCase() + message.slice(1);
  return /[\p{L}\p{N}\p{Pe}]$/u.test(first) ? `${first}.` : first;
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function portOf({ port }: URL): number {
  return port === '' ? 443 : Number(port);
}
