import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { healthcheck } from '../../../src/cli/healthcheck.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { createCertificateAuthority, issueServerCertificate } from '../../../src/http/tls/certificate-authority.ts';

const DAY_MS = 86_400_000;

describe('the health check of a container', () => {
  let folder: string;
  let server: NetServer | null;
  let asked: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexbridge-health-'));
    mkdirSync(join(folder, 'data', 'tls'), { recursive: true });
    server = null;
    asked = [];
  });
  afterEach(async () => {
    const listening = server;
    if (listening !== null) await new Promise((resolve) => listening.close(resolve));
    rmSync(folder, { recursive: true });
  });

  async function certificates(hosts: readonly string[], startedDaysAgo = 1) {
    const notBeforeMs = systemClock.now() - startedDaysAgo * DAY_MS;
    const ca = await createCertificateAuthority({ commonName: 'test CA', hosts, notBeforeMs, years: 10 });
    return { ca, leaf: await issueServerCertificate(ca, { hosts, notBeforeMs, days: 397 }) };
  }

  const answering =
    (status: number): RequestListener =>
    (request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.writeHead(status).end('{}');
    };

  function secure({ leaf }: Awaited<ReturnType<typeof certificates>>, status = 200): Server {
    return createServer({ cert: leaf.certificatePem, key: leaf.privateKeyPem }, answering(status));
  }

  async function listen(made: NetServer): Promise<number> {
    server = made;
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    return (made.address() as AddressInfo).port;
  }

  /** Exit code and what was said, with these lines below `server`. */
  async function check(settings: string): Promise<readonly [number, string]> {
    const config = join(folder, 'flexbridge.yaml');
    const tenant = 'tenantId: contoso.example, credential: { clientId: c, secret: "not told" }';
    writeFileSync(config, `server: { ${settings} }\ntenants: [{ name: contoso, ${tenant} }]\n`);
    const said: string[] = [];
    const code = await healthcheck({ config }, { err: (text) => said.push(text) });
    return [code, said.join('')];
  }

  it('is content with a bridge that answers under its own CA, and asks for nothing but /livez', async () => {
    const made = await certificates(['localhost', '127.0.0.1']);
    writeFileSync(join(folder, 'data', 'tls', 'ca.pem'), made.ca.certificatePem);
    const port = await listen(secure(made));
    expect(await check(`host: 0.0.0.0, port: ${port}`)).toEqual([0, '']);
    expect(asked).toEqual(['GET /livez']);
  });

  it('is not content with an answer that is no 200', async () => {
    const made = await certificates(['127.0.0.1']);
    writeFileSync(join(folder, 'data', 'tls', 'ca.pem'), made.ca.certificatePem);
    const port = await listen(secure(made, 503));
    expect(await check(`host: 127.0.0.1, port: ${port}`)).toEqual([1, 'flexbridge: the bridge answers with 503\n']);
  });

  it('asks nobody whose certificate is of another CA', async () => {
    const port = await listen(secure(await certificates(['127.0.0.1'])));
    const { ca } = await certificates(['127.0.0.1']);
    writeFileSync(join(folder, 'data', 'tls', 'ca.pem'), ca.certificatePem);
    const [code, said] = await check(`host: 127.0.0.1, port: ${port}`);
    expect([code, asked]).toEqual([1, []]);
    expect(said).toContain(`https://127.0.0.1:${port}/livez does not answer: `);
  });

  it('takes a configured certificate for another name, from the file that is configured', async () => {
    const made = await certificates(['bridge.example']);
    writeFileSync(join(folder, 'cert.pem'), made.leaf.certificatePem);
    writeFileSync(join(folder, 'key.pem'), made.leaf.privateKeyPem, { mode: 0o600 });
    const port = await listen(secure(made));
    const files = 'tls: { certFile: cert.pem, keyFile: key.pem }';
    expect(await check(`host: 0.0.0.0, port: ${port}, ${files}`)).toEqual([0, '']);
    writeFileSync(join(folder, 'cert.pem'), (await certificates(['bridge.example'])).leaf.certificatePem);
    const [code] = await check(`host: 0.0.0.0, port: ${port}, ${files}`);
    expect(code).toBe(1);
    expect(asked).toHaveLength(1);
  });

  it('finds a certificate that has ended', async () => {
    const made = await certificates(['127.0.0.1'], 400);
    writeFileSync(join(folder, 'data', 'tls', 'ca.pem'), made.ca.certificatePem);
    const port = await listen(secure(made));
    const [code, said] = await check(`host: 127.0.0.1, port: ${port}`);
    expect(code).toBe(1);
    expect(said).toContain('expired');
  });

  it('asks over plain http where the bridge serves that', async () => {
    const port = await listen(createHttpServer(answering(200)));
    expect(await check(`host: 127.0.0.1, port: ${port}, tls: off`)).toEqual([0, '']);
  });

  it('says that nobody listens, that the CA is not there yet, and that a free port is unknown', async () => {
    const port = await listen(createHttpServer());
    server?.close();
    expect((await check(`port: ${port}`))[1]).toContain('ca.pem');
    expect((await check(`port: ${port}, tls: off`))[1]).toContain('ECONNREFUSED');
    expect((await check('port: 0'))[1]).toContain('server.port is 0');
  });

  it('reports a wrong configuration with 1, the only failure that Docker knows, and without the secret', async () => {
    const [code, said] = await check('prot: 8443');
    expect(code).toBe(1);
    expect(said).toContain('prot');
    expect(said).not.toContain('not told');
  });
});
