import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../../src/domain/bridge-event.ts';
import { loadSelfMadeCertificate, type SelfMadeCertificate } from '../../../../src/http/tls/self-made-certificate.ts';
import { type SteppedClock, steppedClock } from '../../../support/clock.ts';

const DAY_MS = 86_400_000;
const HOSTS = ['bridge.example', '127.0.0.1'];

let root: string;
let folder: string;
let clock: SteppedClock;
let events: BridgeEvent[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flexbridge-tls-'));
  folder = join(root, 'tls');
  clock = steppedClock('2026-11-20T08:00:00Z');
  events = [];
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function load(hosts: readonly string[] = HOSTS): Promise<SelfMadeCertificate> {
  return loadSelfMadeCertificate({ folder, hosts, clock, emit: (event) => events.push(event) });
}

function created(): readonly string[] {
  return events.flatMap((event) => (event.name === 'certificateCreated' ? [event.file.slice(folder.length + 1)] : []));
}

function fits({ certPem, keyPem, caPem }: SelfMadeCertificate): boolean {
  const certificate = new X509Certificate(certPem);
  const issuedByCa = certificate.verify(new X509Certificate(caPem).publicKey);
  return issuedByCa && certificate.checkPrivateKey(createPrivateKey(keyPem));
}

function read(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

describe('the self-made certificate', () => {
  it('is made at the first start, its keys for the owner only', async () => {
    const made = await load();
    expect(fits(made)).toBe(true);
    expect(made.renewed).toBe(true);
    expect(made.caFile).toBe(join(folder, 'ca.pem'));
    expect(Math.round((made.notAfterMs - clock.now()) / DAY_MS)).toBe(396);
    expect(created()).toEqual(['ca.pem', 'server.pem']);
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect(mode(folder)).toBe('700');
    expect(['ca-key.pem', 'server-key.pem'].map((name) => mode(join(folder, name)))).toEqual(['600', '600']);
    expect(readdirSync(folder).toSorted()).toEqual(['ca-key.pem', 'ca.pem', 'server-key.pem', 'server.pem']);
    expect([read('ca.pem'), read('server.pem'), read('server-key.pem')]).toEqual([
      made.caPem,
      made.certPem,
      made.keyPem,
    ]);
  });

  it('stays as it is at the next start', async () => {
    const first = await load();
    expect(await load([...HOSTS].reverse())).toEqual({ ...first, renewed: false });
    expect(created()).toEqual(['ca.pem', 'server.pem']);
  });

  it('closes a folder that others could read', async () => {
    mkdirSync(folder, { mode: 0o755 });
    await load();
    expect((statSync(folder).mode & 0o777).toString(8)).toBe('700');
  });

  it('is renewed under the same CA once fewer than 30 days are left', async () => {
    const first = await load();
    clock.step(first.notAfterMs - clock.now() - 30 * DAY_MS);
    expect((await load()).renewed).toBe(false);
    clock.step(1000);
    const second = await load();
    expect([second.renewed, second.caPem === first.caPem, fits(second)]).toEqual([true, true, true]);
    expect(second.notAfterMs - clock.now()).toBeGreaterThan(395 * DAY_MS);
    expect(created()).toEqual(['ca.pem', 'server.pem', 'server.pem']);
  });

  it('follows the hosts under the same CA as long as that may vouch for them', async () => {
    const first = await load();
    const second = await load(['bridge.example']);
    expect([second.caPem === first.caPem, fits(second)]).toEqual([true, true]);
    expect(new X509Certificate(second.certPem).subjectAltName).toBe('DNS:bridge.example');
  });

  it('gets a new CA, and says so, when the hosts leave the constraints of the old one', async () => {
    const first = await load();
    events = [];
    const second = await load([...HOSTS, 'new.example']);
    expect([second.caPem === first.caPem, fits(second)]).toEqual([false, true]);
    expect(created()).toEqual(['ca.pem', 'server.pem']);
    expect(await load([...HOSTS, 'new.example'])).toMatchObject({ renewed: false });
  });

  it('gets a new CA before the old one ends', async () => {
    const first = await load();
    clock.step(10 * 365.25 * DAY_MS - 20 * DAY_MS);
    const second = await load();
    expect([second.caPem === first.caPem, fits(second)]).toEqual([false, true]);
    expect(second.notAfterMs - clock.now()).toBeGreaterThan(395 * DAY_MS);
  });

  it('goes on after a crash between a key and its certificate', async () => {
    const first = await load();
    unlinkSync(join(folder, 'server.pem'));
    const second = await load();
    expect([second.keyPem === first.keyPem, second.renewed, fits(second)]).toEqual([true, true, true]);
  });

  it('never mixes the files of processes that start together', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => load()));
    expect(all.every(fits)).toBe(true);
    const kept = await load();
    expect([kept.renewed, fits(kept)]).toEqual([false, true]);
    expect(all.every(({ keyPem }) => keyPem === kept.keyPem)).toBe(true);
    const trusted = new X509Certificate(kept.caPem).publicKey;
    expect(all.every(({ certPem }) => new X509Certificate(certPem).verify(trusted))).toBe(true);
    expect(readdirSync(folder)).toHaveLength(4);
  });
});

describe('a damaged file of the self-made certificate', () => {
  beforeEach(() => load());

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const strange = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });

  it.each([
    ['an empty certificate', 'server.pem', '', 'server.pem'],
    ['a CA that is no certificate', 'ca.pem', 'not a certificate', 'ca.pem'],
    ['a key cut short', 'server-key.pem', '-----BEGIN PRIVATE KEY-----\nMIG', 'server-key.pem'],
    ['a key of another kind', 'ca-key.pem', String(rsa), 'ca-key.pem'],
    ['a key of another certificate', 'server-key.pem', String(strange), 'server.pem'],
  ])('is named with the remedy: %s', async (_name, file, content, blamed) => {
    writeFileSync(join(folder, file), content);
    const failure: unknown = await load().catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'TLS_FILE_DAMAGED', kind: 'operator' });
    expect(String(failure)).toContain(join(folder, blamed));
    expect((failure as { hint: string }).hint).toContain('remove both');
    expect(content === '' || !String(failure).includes(content)).toBe(true);
    expect(read(file)).toBe(content);
  });

  it('may be a key that is gone', async () => {
    unlinkSync(join(folder, 'ca-key.pem'));
    await expect(load()).rejects.toMatchObject({ code: 'TLS_FILE_DAMAGED', kind: 'operator' });
  });

  it('is made anew once the remedy was followed', async () => {
    writeFileSync(join(folder, 'server.pem'), 'x');
    await expect(load()).rejects.toMatchObject({ code: 'TLS_FILE_DAMAGED' });
    unlinkSync(join(folder, 'server.pem'));
    unlinkSync(join(folder, 'server-key.pem'));
    expect(fits(await load())).toBe(true);
  });

  it('is named when it cannot be read', async () => {
    unlinkSync(join(folder, 'server.pem'));
    mkdirSync(join(folder, 'server.pem'));
    const failure: unknown = await load().catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'TLS_FILE_UNREADABLE', kind: 'operator' });
    expect(String(failure)).toContain(join(folder, 'server.pem'));
  });
});

it('names the folder that cannot be written', async () => {
  writeFileSync(folder, 'a file where the folder should be');
  await expect(load()).rejects.toMatchObject({
    code: 'TLS_FILE_UNWRITABLE',
    kind: 'operator',
    message: expect.stringContaining(folder) as string,
  });
});
