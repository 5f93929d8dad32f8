import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { ServerConfig, TlsConfig } from '../../config/config.ts';

/** Where a server with this `server.host` is reached from its own machine; without brackets. */
export function loopbackOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** Host of a URL without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** PEM of what a client of the bridge would trust: its own CA, or public authorities and whatever is in its own file. */
export async function clientTrust(tls: TlsConfig): Promise<readonly string[]> {
  switch (tls.kind) {
    case 'off':
      return rootCertificates;
    case 'self-made':
      return [await textOf(join(tls.folder, 'ca.pem')), ...rootCertificates];
    case 'files':
      return [await textOf(tls.certFile), ...rootCertificates];
  }
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

/** `host:port` as it is configured, for people. */
export function shownAddress({ host, port }: Pick<ServerConfig, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
