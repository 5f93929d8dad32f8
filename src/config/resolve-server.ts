import { join, resolve } from 'node:path';
import type { ServerConfig, TlsConfig } from './config.ts';
import type { ConfigFiles } from './config-files.ts';
import type { ConfigPath } from './config-path.ts';
import type { Environment } from './environment.ts';
import { isLoopback } from './formats.ts';
import { readNamed, warnIfOpen } from './named-file.ts';
import { certificateBlocks, noCertificate, readCertificate, readPair } from './pem-pair.ts';
import type { Report } from './report.ts';
import { ServerSchema, type ServerSettings, TlsSchema } from './schema.ts';
import type { SchemaCheck } from './schema-check.ts';
import { toNode } from './schema-node.ts';

/** What resolving a part needs besides its settings. */
export interface ResolveContext {
  readonly report: Report;
  readonly check: SchemaCheck;
  readonly files: ConfigFiles;
  /** Of the process: Microsoft's and the system's variables; ours are in the tree already. */
  readonly env: Environment;
  /** Folder from which relative paths count. */
  readonly base: string;
}

/**
 * The files of the TLS block are looked at even when something else of the server is wrong.
 * @param dataDir holds the certificate that the bridge makes for itself
 */
export async function resolveServer(
  context: ResolveContext,
  settings: unknown,
  dataDir: string,
): Promise<ServerConfig | null> {
  const { report, check } = context;
  const tls = await resolveTls(context, toNode(settings)['tls'], dataDir);
  if (!check.fits(ServerSchema, ['server'], settings)) return null;
  const { host, port, trustProxy, urlKeys } = settings;
  const isOff = settings.tls === 'off';
  if (isOff && !isLoopback(host))
    report.problem(
      ['server', 'tls'],
      `plain http is served on a loopback host only, not on ${host}`,
      'Remove tls: off, or set server.host to 127.0.0.1.',
    );
  const health = resolveHealth(report, settings);
  checkPublicUrl(report, settings);
  warnOfEveryProxy(report, settings);
  const fallback = `${isOff ? 'http' : 'https'}://localhost:${port}`;
  return { host, port, publicUrl: baseUrl(settings.publicUrl ?? fallback), tls, trustProxy, urlKeys, health };
}

function resolveHealth(report: Report, { host, port, health }: ServerSettings): ServerConfig['health'] {
  if (health === null) return null;
  const wanted = typeof health === 'number' ? { host: '127.0.0.1', port: health, exposed: false } : health;
  if (!wanted.exposed && !isLoopback(wanted.host))
    report.problem(
      ['server', 'health', 'host'],
      `${wanted.host} is no loopback address, and this port answers everybody who reaches it without a login`,
      'Set server.health.host to 127.0.0.1. Where a firewall lets only probes and Prometheus reach the port, set server.health.exposed: true instead.',
    );
  if (wanted.port === port && (wanted.host === host || isEveryAddress(host) || isEveryAddress(wanted.host)))
    report.problem(
      ['server', 'health'],
      `port ${port} is that of the feed (server.port)`,
      'Take another port for one of the two.',
    );
  return { host: wanted.host, port: wanted.port };
}

function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** A base URL as others append to it: without trailing slash. */
export function baseUrl(text: string): string {
  const url = new URL(text);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function checkPublicUrl(report: Report, { host, tls, publicUrl }: ServerSettings): void {
  const path: ConfigPath = ['server', 'publicUrl'];
  if (publicUrl === null) {
    if (!isLoopback(host))
      report.warning(
        path,
        'is not set, so the generated files send connectors to localhost',
        'Set server.publicUrl to the URL under which the connectors reach this bridge.',
      );
    return;
  }
  const url = new URL(publicUrl);
  if (url.protocol === 'https:') return;
  if (tls !== 'off') report.problem(path, 'is http, but the bridge serves https', 'Write https://.');
  else if (!isLoopback(url.hostname))
    report.problem(
      path,
      'is http for another machine: passwords and detections would travel in the clear',
      'Serve it through a proxy with TLS and write its https URL, or remove tls: off.',
    );
}

function warnOfEveryProxy(report: Report, { trustProxy }: ServerSettings): void {
  for (const [index, range] of trustProxy.entries()) {
    if (range.endsWith('/0'))
      report.warning(
        ['server', 'trustProxy', index],
        'takes every address for a proxy, so anybody can choose the address that failed logins are counted by',
        'Write the addresses of the proxies only.',
      );
  }
}

async function resolveTls(context: ResolveContext, tls: unknown, dataDir: string): Promise<TlsConfig> {
  if (tls === 'off') return { kind: 'off' };
  const { report, check, files, base } = context;
  if (!check.fits(TlsSchema, ['server', 'tls'], tls)) return { kind: 'self-made', folder: join(dataDir, 'tls') };
  const at = (key: string): ConfigPath => ['server', 'tls', key];
  const certFile = resolve(base, tls.certFile);
  const keyFile = resolve(base, tls.keyFile);
  const clientCaFile = typeof tls.clientCaFile === 'string' ? resolve(base, tls.clientCaFile) : null;
  const certificate = await readNamed(context, at('certFile'), certFile);
  const key = await readNamed(context, at('keyFile'), keyFile);
  if (key !== null) await warnIfOpen({ files, report }, at('keyFile'), keyFile);
  if (certificate !== null && key !== null) {
    const { faults } = readPair({ file: certFile, bytes: certificate }, { file: keyFile, bytes: key });
    for (const { part, message, remedy } of faults)
      report.problem(at(part === 'certificate' ? 'certFile' : 'keyFile'), message, remedy);
  }
  if (clientCaFile !== null) await checkCa(context, at('clientCaFile'), clientCaFile);
  return { kind: 'files', certFile, keyFile, clientCaFile };
}

async function checkCa(context: ResolveContext, at: ConfigPath, file: string): Promise<void> {
  const bytes = await readNamed(context, at, file);
  if (bytes === null) return;
  const blocks = certificateBlocks(bytes);
  if (blocks.length > 0 && blocks.every((pem) => readCertificate(pem) !== null)) return;
  const { message, remedy } = noCertificate({ file });
  context.report.problem(at, message, remedy);
}
