import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerConfig } from './config/config.ts';
import type { Emit } from './domain/bridge-event.ts';
import type { Clock } from './domain/clock.ts';
import { BridgeError, messageOf } from './domain/errors.ts';
import type { ServerCertificate } from './http/server.ts';
import { loadSelfMadeCertificate } from './http/tls/self-made-certificate.ts';

export interface BridgeCertificate extends ServerCertificate {
  readonly notAfterMs: number;
  readonly subject: string;
}

/** The certificate the bridge serves: the configured one, or one of its own. Null for plain http. */
export async function bridgeCertificate(
  server: ServerConfig,
  deps: { readonly clock: Clock; readonly emit: Emit },
): Promise<BridgeCertificate | null> {
  const { tls } = server;
  switch (tls.kind) {
    case 'off':
      return null;
    case 'files': {
      const certPem = await readPem(tls.certFile, 'server.tls.certFile');
      return { certPem, keyPem: await readPem(tls.keyFile, 'server.tls.keyFile'), ...facts(certPem, tls.certFile) };
    }
    case 'self-made': {
      const { certPem, keyPem, notAfterMs, caFile } = await loadSelfMadeCertificate({
        folder: tls.folder,
        hosts: hostsOf(server),
        ...deps,
      });
      return { certPem, keyPem, notAfterMs, subject: caFile };
    }
  }
}

/** The certificate that is served, and that takes its place. */
export interface LiveCertificate {
  /** Null for plain http. */
  now(): BridgeCertificate | null;
  /** PEM of the CA of client certificates; null where none is configured. */
  clientCaPem(): string | null;
  /**
   * Reads or, where it ends soon, makes it anew.
   * @param serve takes over what is different from what is served; what it throws leaves the one before
   * @throws BridgeError TLS_FILE, TLS_PAIR, TLS_FILE_UNREADABLE, TLS_FILE_UNWRITABLE
   */
  renew(serve: (certificate: ServerCertificate, clientCaPem: string | null) => void): Promise<void>;
}

export async function openCertificate(
  server: ServerConfig,
  deps: { readonly clock: Clock; readonly emit: Emit },
): Promise<LiveCertificate> {
  let certificate = await bridgeCertificate(server, deps);
  let caPem = await clientCa(server);
  return {
    now: () => certificate,
    clientCaPem: () => caPem,
    async renew(serve) {
      const next = await bridgeCertificate(server, deps);
      const nextCa = await clientCa(server);
      if (next === null || certificate === null) return;
      if (next.certPem === certificate.certPem && next.keyPem === certificate.keyPem && nextCa === caPem) return;
      try {
        serve(next, nextCa);
      } catch (cause) {
        throw new BridgeError({
          code: 'TLS_PAIR',
          kind: 'operator',
          message: `the certificate ${next.subject} cannot be served: ${messageOf(cause)}`,
          hint: 'Put certificate and key of one pair into the files of server.tls. They are looked at again by themselves.',
          cause,
        });
      }
      certificate = next;
      caPem = nextCa;
      deps.emit({
        name: 'certificateRenewed',
        file: next.subject,
        notAfter: new Date(next.notAfterMs).toISOString(),
      });
    },
  };
}

/** PEM of the CA of client certificates; null where none is configured. */
async function clientCa({ tls }: ServerConfig): Promise<string | null> {
  return tls.kind === 'files' && tls.clientCaFile !== null
    ? readPem(tls.clientCaFile, 'server.tls.clientCaFile')
    : null;
}

/** End and origin of the certificate on the disk, for a command that looks on; null where there is none to be read. */
export async function servedCertificate({
  tls,
}: ServerConfig): Promise<Pick<BridgeCertificate, 'notAfterMs' | 'subject'> | null> {
  if (tls.kind === 'off') return null;
  const file = tls.kind === 'files' ? tls.certFile : join(tls.folder, 'server.pem');
  return existsSync(file) ? facts(await readPem(file, 'server.tls.certFile'), file) : null;
}

/** Every name the bridge is reached by: the public one, the address it listens on, and this machine itself. */
function hostsOf({ host, publicUrl }: ServerConfig): readonly string[] {
  const publicHost = new URL(publicUrl).hostname.replace(/^\[|\]$/g, '');
  const wildcard = host === '0.0.0.0' || host === '::';
  return [...new Set([publicHost, ...(wildcard ? [] : [host]), 'localhost', '127.0.0.1', '::1'])];
}

function facts(certPem: string, file: string): { readonly notAfterMs: number; readonly subject: string } {
  try {
    return { notAfterMs: Date.parse(new X509Certificate(certPem).validTo), subject: file };
  } catch (cause) {
    throw unreadable(file, 'server.tls.certFile', cause);
  }
}

async function readPem(file: string, key: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, key, cause);
  }
}

function unreadable(file: string, key: string, cause: unknown): BridgeError {
  return new BridgeError({
    code: 'TLS_FILE',
    kind: 'operator',
    message: `cannot read ${file}: ${messageOf(cause)}`,
    hint: `Set ${key} to a PEM file that the account of FlexBridge can read, or leave server.tls out for a self-made certificate.`,
    cause,
  });
}
