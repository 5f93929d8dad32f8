import { once } from 'node:events';
import { createServer as createPlain, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { certificateRows } from '../../../../src/cli/doctor/certificate-rows.ts';
import { portRows } from '../../../../src/cli/doctor/port-rows.ts';
import { reachRows } from '../../../../src/cli/doctor/reach-rows.ts';
import type { ServerConfig } from '../../../../src/config/config.ts';
import {
  createCertificateAuthority,
  issueServerCertificate,
  type KeyAndCertificate,
} from '../../../../src/http/tls/certificate-authority.ts';
import { folder } from '../../config/config-folder.ts';

const DAY = 86_400_000;
const ALIVE: RequestListener = (_, response) => response.end('{"status":"ok"}');

async function issued(hosts: readonly string[], days = 200, notBeforeMs = Date.now() - DAY) {
  const all = [...hosts, '127.0.0.1', 'localhost', 'bridge.example', 'other.example'];
  const ca = await createCertificateAuthority({
    commonName: 'company CA',
    hosts: all,
    notBeforeMs: notBeforeMs - DAY,
    years: 10,
  });
  const pair = await issueServerCertificate(ca, { hosts, notBeforeMs, days });
  return { ...pair, certificatePem: `${pair.certificatePem}\n${ca.certificatePem}` };
}

/** A server with this certificate, and the configuration of a bridge at its address. */
async function serve(pair: KeyAndCertificate, listener = ALIVE, publicHost = '127.0.0.1'): Promise<ServerConfig> {
  const place = await folder();
  const certFile = await place.write('cert.pem', pair.certificatePem);
  const keyFile = await place.write('key.pem', pair.privateKeyPem, 0o600);
  const server = createServer({ cert: pair.certificatePem, key: pair.privateKeyPem }, listener);
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return {
    host: '127.0.0.1',
    port,
    publicUrl: `https://${publicHost}:${port}`,
    tls: { kind: 'files', certFile, keyFile, clientCaFile: null },
    trustProxy: [],
    urlKeys: false,
    health: null,
  };
}

async function freePort(): Promise<number> {
  const server = createPlain().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const closed = once(server, 'close');
  server.close();
  await closed;
  return port;
}

describe("the bridge's port", () => {
  it('is ok where the running bridge answers', async () => {
    const server = await serve(await issued(['127.0.0.1']));
    expect(await portRows(server, 4711)).toEqual([
      expect.objectContaining({ id: 'server.port', state: 'ok', subject: `127.0.0.1:${server.port}` }),
    ]);
  });

  it('is free for a bridge that does not run', async () => {
    const server = { ...(await serve(await issued(['127.0.0.1']))), port: await freePort() };
    expect(await portRows(server, null)).toEqual([expect.objectContaining({ state: 'ok' })]);
  });

  it('is taken by a program that is named, where no bridge runs', async () => {
    const server = await serve(await issued(['127.0.0.1']));
    const [row] = await portRows(server, null);
    expect(row).toMatchObject({ id: 'server.port', state: 'failed' });
    expect(row?.meaning).toContain(`port ${server.port} of 127.0.0.1 is taken by`);
    if (process.platform === 'linux') expect(row?.meaning).toContain(`(pid ${process.pid})`);
  });

  it('cannot be had at an address that is not of this machine', async () => {
    const server = { ...(await serve(await issued(['127.0.0.1']))), host: '192.0.2.1' };
    expect(await portRows(server, null)).toEqual([
      expect.objectContaining({
        state: 'failed',
        meaning: expect.stringContaining('no address of this machine') as string,
      }),
    ]);
  });

  it('is not the bridge where something else answers, or nobody', async () => {
    const server = await serve(await issued(['127.0.0.1']), (_, response) => response.writeHead(404).end());
    expect(await portRows(server, 4711)).toEqual([expect.objectContaining({ state: 'failed' })]);
    expect(await portRows({ ...server, port: await freePort() }, 4711)).toEqual([
      expect.objectContaining({ state: 'failed', meaning: expect.stringContaining('does not answer') as string }),
    ]);
  });
});

describe('the certificate that is served', () => {
  async function row(server: ServerConfig, isServed = true) {
    const [only] = await certificateRows({ server, subject: 'cert.pem', isServed, nowMs: Date.now() });
    return only;
  }

  it('is ok with the public name in it and time left', async () => {
    expect(await row(await serve(await issued(['127.0.0.1'])))).toMatchObject({
      id: 'certificate',
      state: 'ok',
      subject: 'cert.pem',
    });
  });

  it.each([
    ['that has expired', ['127.0.0.1'], 10, Date.now() - 20 * DAY, 'failed', 'expired on'],
    ['that ends soon', ['127.0.0.1'], 10, Date.now() - DAY, 'warning', 'in 8 days'],
    ['of tomorrow', ['127.0.0.1'], 10, Date.now() + DAY, 'failed', 'is not valid before'],
    ['of another name', ['other.example'], 200, Date.now() - DAY, 'failed', 'names other.example, and not 127.0.0.1'],
  ])('%s is told, whether it is served or on the disk', async (_, hosts, days, notBeforeMs, state, words) => {
    const server = await serve(await issued(hosts, days, notBeforeMs));
    for (const isServed of [true, false])
      expect(await row(server, isServed)).toMatchObject({ state, meaning: expect.stringContaining(words) as string });
  });

  it('is a warning where the disk has another one already', async () => {
    const [old, other] = [await serve(await issued(['127.0.0.1'])), await serve(await issued(['127.0.0.1']))];
    expect(await row({ ...old, tls: other.tls })).toMatchObject({
      state: 'warning',
      remedy: expect.stringContaining('Reload') as string,
    });
  });
});

describe('the public address', () => {
  it('is reached where the bridge answers with a certificate that its connectors trust', async () => {
    expect(await reachRows(await serve(await issued(['127.0.0.1'])))).toEqual([
      expect.objectContaining({ id: 'server.reach', state: 'ok' }),
    ]);
  });

  it.each<[string, RequestListener, string]>([
    [
      'redirects',
      (_, response) => response.writeHead(301, { location: 'https://elsewhere.example/' }).end(),
      'redirects (301)',
    ],
    [
      'shows a web page',
      (_, response) => response.setHeader('content-type', 'text/html').end('<p>'),
      'a web page (200)',
    ],
    ['is another server', (_, response) => response.end('{"status":"up"}'), 'something else than the bridge'],
  ])('is a failure where what answers %s', async (_, listener, words) => {
    expect(await reachRows(await serve(await issued(['127.0.0.1']), listener))).toEqual([
      expect.objectContaining({ state: 'failed', meaning: expect.stringContaining(words) as string }),
    ]);
  });

  it('is a failure where another certificate is shown', async () => {
    const [own, other] = [await serve(await issued(['127.0.0.1'])), await serve(await issued(['127.0.0.1']))];
    expect(await reachRows({ ...own, publicUrl: other.publicUrl })).toEqual([
      expect.objectContaining({ state: 'failed', meaning: expect.stringContaining('would refuse') as string }),
    ]);
  });

  it('is a warning where the name or the port leads nowhere from here', async () => {
    const server = await serve(await issued(['127.0.0.1']));
    for (const [publicUrl, words] of [
      ['https://bridge.flexbridge.invalid', 'is not found'],
      [`https://127.0.0.1:${await freePort()}`, 'ECONNREFUSED'],
    ] as const)
      expect(await reachRows({ ...server, publicUrl })).toEqual([
        expect.objectContaining({ state: 'warning', meaning: expect.stringContaining(words) as string }),
      ]);
  });
});
