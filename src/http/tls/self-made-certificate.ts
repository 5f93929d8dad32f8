import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { Emit } from '../../domain/bridge-event.ts';
import type { Clock } from '../../domain/clock.ts';
import {
  createCertificateAuthority,
  createPrivateKeyPem,
  issueServerCertificate,
  type KeyAndCertificate,
  parseCertificate,
} from './certificate-authority.ts';
import { namedHosts, permittedHosts } from './certificate-extensions.ts';
import { ensurePrivateFolder, keepFirstKey, replaceCertificate } from './certificate-files.ts';
import { type CertificateHost, toCertificateHosts } from './certificate-host.ts';
import { type PairFiles, readPair, type StoredPair } from './certificate-pair.ts';

export interface SelfMadeOptions {
  /** Holds `ca.pem`, `ca-key.pem`, `server.pem`, `server-key.pem`; made when missing. */
  readonly folder: string;
  /** DNS names and IP addresses that connectors use for the bridge. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  readonly emit: Emit;
}

export interface SelfMadeCertificate {
  readonly certPem: string;
  readonly keyPem: string;
  /** What a connector has to trust. */
  readonly caPem: string;
  readonly caFile: string;
  /** End of the server certificate, epoch ms. */
  readonly notAfterMs: number;
  /** Whether this call made a certificate. */
  readonly renewed: boolean;
}

const DAY_MS = 86_400_000;
const CA_YEARS = 10;
/** Longest that clients commonly take (CA/Browser Forum, since 2020: 398 days). */
const SERVER_DAYS = 397;
const RENEW_BEFORE_MS = 30 * DAY_MS;
/** A connector whose clock is behind must not meet a certificate from the future. */
const BACKDATE_MS = DAY_MS;

/**
 * The bridge's own certificate: kept, renewed 30 days before its end or when the hosts change. The CA stays as long as
 * its name constraints cover the hosts. Safe when several processes start at once. Throws a BridgeError (`TLS_...`).
 */
export async function loadSelfMadeCertificate(options: SelfMadeOptions): Promise<SelfMadeCertificate> {
  const { folder } = options;
  await ensurePrivateFolder(folder);
  const caFiles = { certFile: join(folder, 'ca.pem'), keyFile: join(folder, 'ca-key.pem') };
  const serverFiles = { certFile: join(folder, 'server.pem'), keyFile: join(folder, 'server-key.pem') };
  const ca = await keep(options, caFiles, coversHosts(options), (base) =>
    createCertificateAuthority({ ...base, commonName: 'FlexBridge CA', years: CA_YEARS }),
  );
  const server = await keep(options, serverFiles, namesHosts(options, ca.pair), (base) =>
    issueServerCertificate(ca.pair, { ...base, days: SERVER_DAYS }),
  );
  return {
    certPem: server.pair.certificatePem,
    keyPem: server.pair.privateKeyPem,
    caPem: ca.pair.certificatePem,
    caFile: caFiles.certFile,
    notAfterMs: Date.parse(new X509Certificate(server.pair.certificatePem).validTo),
    renewed: ca.made || server.made,
  };
}

interface MakeBase {
  readonly hosts: readonly string[];
  readonly notBeforeMs: number;
  readonly privateKeyPem: string;
}

/** The pair on disk when it will do, else a new certificate for the key on disk, or for a new key. */
async function keep(
  { hosts, clock, emit }: SelfMadeOptions,
  files: PairFiles,
  willDo: (pair: StoredPair) => boolean,
  make: (base: MakeBase) => Promise<KeyAndCertificate>,
): Promise<{ readonly pair: KeyAndCertificate; readonly made: boolean }> {
  const state = await readPair(files);
  if (state.kind === 'pair' && willDo(state.pair)) return { pair: state.pair, made: false };
  const kept = state.kind === 'pair' ? state.pair.privateKeyPem : state.kind === 'key' ? state.privateKeyPem : null;
  const privateKeyPem = kept ?? (await keepFirstKey(files.keyFile, await createPrivateKeyPem()));
  const pair = await make({ hosts, notBeforeMs: clock.now() - BACKDATE_MS, privateKeyPem });
  await replaceCertificate(files.certFile, pair.certificatePem);
  emit({ name: 'certificateCreated', file: files.certFile, hosts });
  return { pair, made: true };
}

function coversHosts({ hosts, clock }: SelfMadeOptions): (pair: StoredPair) => boolean {
  return ({ certificate, certificatePem }) => {
    const permitted = keys(permittedHosts(parseCertificate(certificatePem)));
    const covered = [...keys(toCertificateHosts(hosts))].every((host) => permitted.has(host));
    return certificate.ca && covered && isCurrent(certificate, clock.now());
  };
}

function namesHosts({ hosts, clock }: SelfMadeOptions, ca: KeyAndCertificate): (pair: StoredPair) => boolean {
  return ({ certificate, certificatePem }) => {
    const named = [...keys(namedHosts(parseCertificate(certificatePem)))].toSorted().join();
    const wanted = [...keys(toCertificateHosts(hosts))].toSorted().join();
    const issuer = new X509Certificate(ca.certificatePem);
    return named === wanted && certificate.verify(issuer.publicKey) && isCurrent(certificate, clock.now());
  };
}

function isCurrent(certificate: X509Certificate, nowMs: number): boolean {
  return Date.parse(certificate.validFrom) <= nowMs && Date.parse(certificate.validTo) - nowMs >= RENEW_BEFORE_MS;
}

function keys(hosts: readonly CertificateHost[]): ReadonlySet<string> {
  return new Set(hosts.map(({ kind, value }) => `${kind}:${value}`));
}
