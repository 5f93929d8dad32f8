import { dirname, join, resolve } from 'node:path';
import type { ServerConfig, StoreConfig, TlsConfig } from './config.ts';
import type { ConfigFiles } from './config-files.ts';
import type { ConfigPath } from './config-path.ts';
import { parseDuration } from './quantity.ts';
import type { Report } from './report.ts';
import type { ServerSettings, StoreSettings } from './schema.ts';
import type { SchemaCheck } from './schema-check.ts';
import { toNode } from './schema-node.ts';
import { readNamed, warnIfOpen } from './secret-text.ts';
import { checkTlsPair } from './tls-pair.ts';

/** What resolving a part needs besides its settings. */
export interface ResolveContext {
  readonly report: Report;
  readonly files: ConfigFiles;
  /** Folder from which relative paths count. */
  readonly base: string;
}

export function resolveStore({ base }: ResolveContext, settings: StoreSettings): StoreConfig {
  return {
    kind: settings.kind,
    path: resolve(base, settings.path),
    retention: { ageMs: durationMs(settings.retention.age) },
  };
}

/**
 * The files of the TLS block are looked at even when something else of the server is wrong.
 * @param dataDir holds the certificate that the bridge makes for itself
 */
export async function resolveServer(
  context: ResolveContext,
  settings: unknown,
  check: SchemaCheck,
  dataDir: string,
): Promise<ServerConfig | null> {
  const { report } = context;
  const tls = await resolveTls(context, toNode(settings)['tls'], check, dataDir);
  if (!check.isServer(settings)) return null;
  const { host, port } = settings;
  const isOff = settings.tls === 'off';
  if (isOff && !isLoopback(host))
    report.problem(
      ['server', 'tls'],
      `plain http is served on a loopback host only, not on ${host}`,
      'Remove tls: off, or set server.host to 127.0.0.1.',
    );
  checkPublicUrl(report, settings);
  const fallback = `${isOff ? 'http' : 'https'}://localhost:${port}`;
  return { host, port, publicUrl: baseUrl(settings.publicUrl ?? fallback), tls };
}

/** A base URL as others append to it: without trailing slash. */
export function baseUrl(text: string): string {
  const url = new URL(text);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** Milliseconds of a duration that the schema has checked. */
export function durationMs(text: string): number {
  return parseDuration(text) ?? 0;
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
  else if (!isLoopback(url.hostname.replaceAll(/[[\]]/g, '')))
    report.problem(
      path,
      'is http for another machine: passwords and detections would travel in the clear',
      'Serve it through a proxy with TLS and write its https URL, or remove tls: off.',
    );
}

async function resolveTls(
  context: ResolveContext,
  tls: unknown,
  check: SchemaCheck,
  dataDir: string,
): Promise<TlsConfig> {
  if (tls === 'off') return { kind: 'off' };
  if (!check.isTls(tls)) return { kind: 'self-made', folder: join(dataDir, 'tls') };
  const { report, files, base } = context;
  const at = (key: string): ConfigPath => ['server', 'tls', key];
  const certFile = resolve(base, tls.certFile);
  const keyFile = resolve(base, tls.keyFile);
  const clientCaFile = typeof tls.clientCaFile === 'string' ? resolve(base, tls.clientCaFile) : null;
  const cert = await readNamed(files, report, at('certFile'), certFile);
  const key = await readNamed(files, report, at('keyFile'), keyFile);
  if (key !== null) await warnIfOpen(files, report, at('keyFile'), keyFile);
  if (cert !== null && key !== null)
    checkTlsPair(
      report,
      { at: at('certFile'), file: certFile, bytes: cert },
      { at: at('keyFile'), file: keyFile, bytes: key },
    );
  if (clientCaFile !== null) await readNamed(files, report, at('clientCaFile'), clientCaFile);
  return { kind: 'files', certFile, keyFile, clientCaFile };
}

function isLoopback(host: string): boolean {
  return /^(localhost|::1|127(\.\d{1,3}){3})$/i.test(host);
}

/** Folder of the bridge's own files. */
export function dataFolder(store: StoreConfig): string {
  return dirname(store.path);
}
