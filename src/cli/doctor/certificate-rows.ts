import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { ServerConfig } from '../../config/config.ts';
import { type Finding, ok } from '../../domain/finding.ts';
import { printable } from '../../domain/printable.ts';
import { hostOf, loopbackOf } from './own-address.ts';

const ID = 'certificate';
const LIMIT_MS = 4000;
const DAY_MS = 86_400_000;
const SOON_MS = 14 * DAY_MS;

export interface CertificateLook {
  readonly server: ServerConfig;
  /** Path of the certificate on the disk; what the row is about. */
  readonly subject: string;
  /** True: the bridge runs, so it is asked for what it serves. */
  readonly isServed: boolean;
  readonly nowMs: number;
}

/** The certificate as a TLS client meets it: its end, its name against `server.publicUrl`, and whether it is the one on the disk. */
export async function certificateRows(look: CertificateLook): Promise<readonly Finding[]> {
  const { server, subject, isServed } = look;
  if (server.tls.kind === 'off') return [];
  const file = server.tls.kind === 'files' ? server.tls.certFile : join(server.tls.folder, 'server.pem');
  const onDisk = readCertificate(await readFile(file).catch(() => null));
  const served = isServed && server.port !== 0 ? await servedCertificate(server) : null;
  const certificate = served ?? onDisk;
  // What cannot be read at all keeps the bridge from starting: the configuration says so.
  if (certificate === null) return [];
  const where = served === null ? 'The certificate of the server' : 'The certificate that the bridge serves';
  const fault = timeFault(certificate, where, look) ?? nameFault(certificate, where, server);
  if (fault !== null) return [{ id: ID, subject, sinceMs: null, ...fault }];
  if (
    served !== null &&
    onDisk !== null &&
    served.fingerprint256 !== onDisk.fingerprint256 &&
    server.tls.kind === 'files'
  )
    return [{ id: ID, subject, sinceMs: null, ...replaced(onDisk) }];
  return [
    ok(ID, subject, `${where} names ${hostOf(new URL(server.publicUrl))} and is valid until ${day(certificate)}.`),
  ];
}

type Fault = Pick<Finding, 'state' | 'meaning' | 'remedy'>;

function timeFault(certificate: X509Certificate, where: string, { server, nowMs }: CertificateLook): Fault | null {
  const endMs = Date.parse(certificate.validTo);
  const remedy =
    server.tls.kind === 'files'
      ? 'Get a new one from your authority, put it in place of server.tls.certFile (with its key in keyFile) and reload or restart the bridge. Connectors need nothing if the authority stays the same.'
      : 'Restart the bridge: it renews its own certificate when it starts. Connectors need nothing, they trust its CA.';
  if (Date.parse(certificate.validFrom) > nowMs)
    return {
      state: 'failed',
      meaning: `${where} is not valid before ${certificate.validFrom}.`,
      remedy: 'Check date and time of this host; the row clock compares them with Microsoft.',
    };
  if (endMs <= nowMs)
    return {
      state: 'failed',
      meaning: `${where} expired on ${day(certificate)}: no connector connects any more.`,
      remedy,
    };
  if (endMs - nowMs > SOON_MS) return null;
  return {
    state: 'warning',
    meaning: `${where} expires on ${day(certificate)}, in ${Math.floor((endMs - nowMs) / DAY_MS)} days.`,
    remedy,
  };
}

/** Java's and Node's clients compare with the SAN alone, or with the CN where there is none (measured for Node). */
function nameFault(certificate: X509Certificate, where: string, { publicUrl, tls }: ServerConfig): Fault | null {
  const host = hostOf(new URL(publicUrl));
  const fits = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  if (fits !== undefined) return null;
  const names = printable((certificate.subjectAltName ?? certificate.subject).replaceAll(/DNS:|IP Address:/g, ''), 200);
  return {
    state: 'failed',
    meaning: `${where} names ${names}, and not ${host}, the host of server.publicUrl: no connector that is sent there trusts it.`,
    remedy:
      tls.kind === 'files'
        ? `Get a certificate with ${host} among its names (SAN), or set server.publicUrl to a name that it has and make the packs anew (flexbridge generate).`
        : 'Restart the bridge: its own certificate follows server.publicUrl. Then make the packs anew (flexbridge generate), for its CA is new, too.',
  };
}

function replaced(onDisk: X509Certificate): Fault {
  return {
    state: 'warning',
    meaning: `The bridge still serves an older certificate than the one on the disk, which is valid until ${day(onDisk)}.`,
    remedy:
      'Reload the bridge (systemctl reload flexbridge, or SIGHUP), or restart it; its log says why it did not take the new one.',
  };
}

/** What is shown on the bridge's own port; null when there is none to be had, which `server.port` tells. */
function servedCertificate({ host, port, publicUrl }: ServerConfig): Promise<X509Certificate | null> {
  const name = hostOf(new URL(publicUrl));
  return new Promise((resolve) => {
    // Read, and judged here: nothing is sent on this connection.
    const socket = connect({
      host: loopbackOf(host),
      port,
      rejectUnauthorized: false,
      ...(isIP(name) === 0 && { servername: name }),
    });
    const finish = (certificate: X509Certificate | null): void => {
      socket.destroy();
      resolve(certificate);
    };
    socket.setTimeout(LIMIT_MS, () => {
      finish(null);
    });
    socket.on('error', () => {
      finish(null);
    });
    socket.once('secureConnect', () => {
      finish(socket.getPeerX509Certificate() ?? null);
    });
  });
}

function readCertificate(bytes: Buffer | null): X509Certificate | null {
  try {
    return bytes === null ? null : new X509Certificate(bytes);
  } catch {
    return null;
  }
}

function day({ validTo }: X509Certificate): string {
  return new Date(Date.parse(validTo)).toISOString().slice(0, 10);
}
