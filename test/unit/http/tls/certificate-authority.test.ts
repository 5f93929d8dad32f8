import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createCertificateAuthority,
  issueServerCertificate,
  type KeyAndCertificate,
} from '../../../../src/http/tls/certificate-authority.ts';

const HOSTS = ['bridge.example', 'localhost', '127.0.0.1', '2001:db8::1'];
const DAY_MS = 86_400_000;
const notBeforeMs = Date.now() - DAY_MS;

let ca: KeyAndCertificate;
let server: KeyAndCertificate;
let folder: string;

beforeAll(async () => {
  ca = await createCertificateAuthority({ commonName: 'Test CA', hosts: HOSTS, notBeforeMs, years: 10 });
  server = await issueServerCertificate(ca, { hosts: HOSTS, notBeforeMs, days: 397 });
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-ca-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a TLS client that trusts only the CA makes of a server; null when it is content. */
async function handshake(pair: KeyAndCertificate, trusted: KeyAndCertificate, host: string): Promise<string | null> {
  const listener = createServer({ cert: pair.certificatePem, key: pair.privateKeyPem }, (socket) => socket.end());
  listener.on('tlsClientError', () => undefined);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const isIp = /^[\d.:]+$/.test(host);
  const socket = connect({
    port,
    host: '127.0.0.1',
    ca: trusted.certificatePem,
    ...(isIp ? {} : { servername: host }),
  });
  const outcome = await once(socket, 'secureConnect').then(
    () => null,
    (error: unknown) => String(error),
  );
  socket.destroy();
  listener.close();
  return outcome;
}

/** What a tool of the machine prints; throws when it fails. */
function run(tool: string, ...args: readonly string[]): string {
  return execFileSync(tool, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function inPath(tool: string): boolean {
  try {
    run('which', tool);
    return true;
  } catch {
    return false;
  }
}

function write(name: string, pem: string): string {
  const file = join(folder, name);
  writeFileSync(file, pem);
  return file;
}

describe('a certificate authority of the bridge', () => {
  it('is a CA for ten years whose key fits', () => {
    const certificate = new X509Certificate(ca.certificatePem);
    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toBe('CN=Test CA');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(ca.privateKeyPem))).toBe(true);
    const lifeMs = Date.parse(certificate.validTo) - Date.parse(certificate.validFrom);
    expect(Math.round(lifeMs / DAY_MS / 365.25)).toBe(10);
    expect(ca.privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  it('issues certificates for every host asked for and for no other', () => {
    const certificate = new X509Certificate(server.certificatePem);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(['bridge.example', 'localhost'].map((host) => certificate.checkHost(host))).not.toContain(undefined);
    expect(['127.0.0.1', '2001:db8::1'].map((host) => certificate.checkIP(host))).not.toContain(undefined);
    expect([certificate.checkHost('other.example'), certificate.checkIP('127.0.0.2')]).toEqual([undefined, undefined]);
    expect(certificate.checkIssued(new X509Certificate(ca.certificatePem))).toBe(true);
    expect(certificate.verify(new X509Certificate(ca.certificatePem).publicKey)).toBe(true);
  });

  it('gives every certificate a serial number of its own, positive and 16 bytes long', async () => {
    const more = await Promise.all(
      [1, 2, 3, 4].map(() => issueServerCertificate(ca, { hosts: HOSTS, notBeforeMs, days: 1 })),
    );
    const serials = [ca, server, ...more].map(({ certificatePem }) => new X509Certificate(certificatePem).serialNumber);
    expect(new Set(serials).size).toBe(serials.length);
    expect(serials.filter((serial) => !/^[0-7][0-9A-F]{31}$/.test(serial))).toEqual([]);
  });

  it('issues nothing that outlives it', async () => {
    const short = await createCertificateAuthority({ commonName: 'Short', hosts: HOSTS, notBeforeMs, years: 1 });
    const long = await issueServerCertificate(short, { hosts: HOSTS, notBeforeMs, days: 4000 });
    expect(new X509Certificate(long.certificatePem).validTo).toBe(new X509Certificate(short.certificatePem).validTo);
  });

  it.each(['bridge.example', 'localhost', '127.0.0.1'])('is enough for a TLS client to trust %s', async (host) => {
    expect(await handshake(server, ca, host)).toBeNull();
  });

  it.each([
    ['another name', ['bridge.example', '127.0.0.1'], 'evil.example'],
    ['another name for a CA of addresses', ['127.0.0.1'], 'evil.example'],
    ['another address', ['bridge.example', '127.0.0.2'], '127.0.0.1'],
    ['an address for a CA of names', ['bridge.example'], '127.0.0.1'],
  ])('cannot vouch for %s', async (_name, hosts, host) => {
    const narrow = await createCertificateAuthority({ commonName: 'Narrow', hosts, notBeforeMs, years: 10 });
    const beyond = await issueServerCertificate(narrow, { hosts: [host], notBeforeMs, days: 30 });
    expect(await handshake(beyond, narrow, host)).toContain('subtree violation');
    const within = await issueServerCertificate(narrow, { hosts, notBeforeMs, days: 30 });
    const known = hosts.find((candidate) => candidate === 'bridge.example') ?? '127.0.0.1';
    expect(await handshake(within, narrow, known)).toBeNull();
  });

  it.runIf(inPath('openssl'))('stands the strict verification of OpenSSL', () => {
    const [caFile, certFile] = [write('ca.pem', ca.certificatePem), write('server.pem', server.certificatePem)];
    const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', caFile, certFile];
    expect(run('openssl', ...args)).toContain(': OK');
    const text = run('openssl', 'x509', '-in', caFile, '-noout', '-text');
    expect(text).toMatch(/X509v3 Name Constraints: critical/);
    expect(text).toContain('IP:127.0.0.1/255.255.255.255');
    expect(text).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign\n/);
  });

  it.runIf(inPath('keytool'))('is taken by the keytool of Java', () => {
    const store = join(folder, 'store.jks');
    const file = write('ca.pem', ca.certificatePem);
    const common = ['-keystore', store, '-storepass', 'changeit'];
    run('keytool', '-importcert', '-noprompt', '-alias', 'flexbridge', '-file', file, ...common);
    const listed = run('keytool', '-list', '-v', ...common);
    expect(listed).toContain('CN=Test CA');
    const printed = run('keytool', '-printcert', '-file', write('server.pem', server.certificatePem));
    expect(printed).toContain('DNSName: bridge.example');
  });
});
