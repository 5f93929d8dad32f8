import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type Bridge, createBridge } from '../../src/bridge.ts';
import { createServing, type Serving } from '../../src/bridge-serving.ts';
import { createConfigWatch } from '../../src/config/config-watch.ts';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { hashPassword, hashSecret } from '../../src/domain/credential.ts';
import type { BridgeError } from '../../src/domain/errors.ts';
import { createCertificateAuthority, issueServerCertificate } from '../../src/http/tls/certificate-authority.ts';
import { createSimulator } from '../../src/simulator/simulator.ts';
import { SECRETS, TENANT } from './bridge-rig.ts';
import { clientAuthority, clientCertificate } from './client-certificate.ts';
import { heldClock } from './held-clock.ts';
import { type Answer, type Ask, ask } from './https.ts';

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}

/** Files of a bridge with TLS files behind symlinks as Kubernetes makes them, a mTLS connector, and a simulated Microsoft. */
export async function createReloadFiles(backlog = 12) {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-reload-'));
  const simulator = createSimulator({
    seed: 3,
    clock: systemClock,
    tenants: [{ tenantId: TENANT, clientId: 'client-1', clientSecret: SECRETS.client }],
    world: { startMs: systemClock.now(), backlog, live: 0, livePeriodMs: 60_000 },
  });
  const microsoft = await simulator.start();
  const hosts = ['localhost', '127.0.0.1'];
  const notBeforeMs = Date.now() - 60_000;
  const authority = await createCertificateAuthority({ commonName: 'servers', hosts, notBeforeMs, years: 1 });
  const clients = await clientAuthority();
  const client = await clientCertificate(clients);
  writeFileSync(join(folder, 'microsoft.pem'), microsoft.caPem);
  writeFileSync(join(folder, 'client-secret'), SECRETS.client, { mode: 0o600 });
  const port = await freePort();
  const healthPort = await freePort();
  const passwordHash = await hashPassword(SECRETS.operator);
  let version = 0;

  /** As the kubelet does it: a new folder, then one rename of the link that all files are behind. */
  const swap = (files: Readonly<Record<string, string>>): void => {
    version += 1;
    const mount = join(folder, 'mount');
    const fresh = join(mount, `..v${version}`);
    mkdirSync(fresh, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(fresh, name), text, { mode: 0o600 });
    symlinkSync(`..v${version}`, join(mount, '..data_tmp'));
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    if (version > 1) return;
    for (const name of Object.keys(files)) symlinkSync(`..data/${name}`, join(mount, name));
  };
  const issue = async () => {
    const { certificatePem, privateKeyPem } = await issueServerCertificate(authority, { hosts, notBeforeMs, days: 30 });
    return { 'cert.pem': certificatePem, 'key.pem': privateKeyPem, 'clients.pem': clients.certificatePem };
  };
  swap(await issue());

  const file = join(folder, 'flexbridge.yaml');
  const text = (
    more: { readonly feed?: string; readonly server?: string; readonly rest?: string; readonly port?: number } = {},
  ) => `
server:
  host: 127.0.0.1
  port: ${more.port ?? port}
  tls: { certFile: mount/cert.pem, keyFile: mount/key.pem, clientCaFile: mount/clients.pem }
  health: ${healthPort}
  ${more.server ?? ''}
store: { path: data/flexbridge.db }
tenants:
  - name: contoso
    tenantId: ${TENANT}
    cloud: custom
    endpoints: { login: "${microsoft.url}", graph: "${microsoft.url}" }
    caFile: microsoft.pem
    credential: { kind: secret, clientId: client-1, secretFile: client-secret }
    sources: [{ api: graph-alerts, schedule: "*/1 * * * * *", settle: 0s }]
feeds:
  - { name: default, page: { maxEvents: 3 }${more.feed === undefined ? '' : `, ${more.feed}`} }
connectors:
  - { name: arcsight-01, feeds: [default], auth: { kind: basic, secretHash: ${hashSecret(SECRETS.connector)} } }
  - { name: arcsight-02, feeds: [default], auth: { kind: mtls, fingerprint: "${client.fingerprint}" } }
operators:
  - { name: ops, passwordHash: "${passwordHash}" }
${more.rest ?? ''}
`;
  const configure = (more?: Parameters<typeof text>[0] | string): void => {
    writeFileSync(file, typeof more === 'string' ? more : text(more));
  };
  configure();

  const askBridge = (path: string, asked: Ask = {}): Promise<Answer> =>
    ask(`https://localhost:${port}${path}`, authority.certificatePem, asked);
  return {
    folder,
    file,
    simulator,
    client,
    port,
    healthPort,
    swap,
    issue,
    configure,
    text,
    ask: askBridge,
    poll: (since: string) =>
      askBridge(`/v1/feeds/default/detections?since=${encodeURIComponent(since)}`, {
        user: 'arcsight-01',
        password: SECRETS.connector,
      }),
    health: (path: string) => ask(`http://127.0.0.1:${healthPort}${path}`, ''),
    /** Serial number of the certificate that a new connection gets, and the answer to a client with a certificate. */
    handshake: () =>
      new Promise<{ readonly serial: string; readonly status: string }>((resolve, reject) => {
        const { cert, key } = client;
        const socket = connect({ port, host: 'localhost', ca: authority.certificatePem, cert, key });
        const chunks: Buffer[] = [];
        let serial = '';
        socket.once('secureConnect', () => {
          serial = socket.getPeerCertificate().serialNumber;
          socket.write('GET /v1/feeds/default/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
        });
        socket.on('data', (chunk: Buffer) => chunks.push(chunk));
        socket.once('error', reject);
        socket.once('end', () => {
          resolve({ serial, status: Buffer.concat(chunks).toString().split('\r\n')[0] ?? '' });
        });
      }),
    findings: async () => {
      const { body } = await askBridge('/status.json', { user: 'ops', password: SECRETS.operator });
      return (JSON.parse(body) as { readonly findings: readonly { id: string; state: string; meaning: string }[] })
        .findings;
    },
    note: () => readFileSync(join(folder, 'data', 'config-reload.json'), 'utf8'),
    close: async () => {
      await simulator.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
export type ReloadFiles = Awaited<ReturnType<typeof createReloadFiles>>;

/** `serve` in this process on those files; looks at them when the test says so. */
export async function serveFiles(files: ReloadFiles) {
  const events: BridgeEvent[] = [];
  const fatal: BridgeError[] = [];
  const watch = createConfigWatch({ argvPath: files.file, env: {} });
  const bridges: Bridge[] = [];
  const emit = (event: BridgeEvent): void => {
    events.push(event);
  };
  const serving: Serving = createServing(await watch.load(), {
    watch,
    createBridge: (config) => {
      const bridge = createBridge(config, { emit, version: '0.0.0-test', pid: process.pid });
      bridges.push(bridge);
      return bridge;
    },
    applyLog: () => undefined,
    emit,
    clock: heldClock(Date.now()),
    pid: process.pid,
    onFatal: (error) => fatal.push(error),
  });
  await serving.start();
  return {
    ...serving,
    /** Two looks: what has changed is taken over with the second. */
    settle: async () => {
      await serving.look();
      await serving.look();
    },
    events,
    fatal,
    bridges,
    named: <Name extends BridgeEvent['name']>(name: Name) =>
      events.filter((event): event is Extract<BridgeEvent, { name: Name }> => event.name === name),
  };
}
