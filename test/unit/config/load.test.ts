import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import {
  CLIENT_ID,
  folder,
  load,
  PASSWORD_HASH,
  SECRET_HASH,
  secretsOf,
  TENANT_ENV,
  tenantYaml,
  tlsPair,
  yamlWith,
} from './config-folder.ts';

/** The example of the design, with real values in the place of its dots. */
const EXAMPLE = `
server: { host: 127.0.0.1, port: 8443, publicUrl: https://bridge.example:8443,
          tls: { certFile: tls/cert.pem, keyFile: tls/key.pem, clientCaFile: null } }
store:  { kind: sqlite, path: data/flexbridge.db, retention: { age: 30d, size: 20GB, undelivered: 90d } }
tenants:
  - name: contoso
    tenantId: 00000000-0000-0000-0000-00000000000A
    cloud: commercial
    endpoints: {}
    caFile: null
    credential: { kind: secret, clientId: ${CLIENT_ID}, secretFile: client-secret }
    sources:
      - { api: graph-alerts, schedule: "*/30 * * * * *", overlap: 15m, settle: 30s, initialLookback: 24h }
feeds:
  - { name: default, tenants: [contoso], detections: perEvidence, changes: significant, layout: microsoft, receiptTime: feed,
      page: { maxEvents: 1000, maxBytes: 5MB }, acknowledge: progress, initialLookback: 24h, maxLookback: 7d,
      filter: { minSeverity: Informational, categories: [] } }
connectors:
  - { name: arcsight-01, feeds: [default], auth: { kind: basic, secretHash: ${SECRET_HASH.toUpperCase()} } }
operators:
  - { name: ops, passwordHash: "${PASSWORD_HASH}" }
`;

describe('the example of the design', () => {
  it('loads as it stands', async () => {
    const { path, write } = await folder();
    const { certificatePem, privateKeyPem } = await tlsPair();
    await write('tls/cert.pem', certificatePem);
    await write('tls/key.pem', privateKeyPem);
    await write('client-secret', 's3cret\r\n');
    await write('flexbridge.yaml', EXAMPLE);
    const config = await loadConfig({ cwd: path, env: {} });
    const { tenants, ...rest } = config;
    expect(rest).toEqual({
      file: join(path, 'flexbridge.yaml'),
      dataDir: join(path, 'data'),
      server: {
        host: '127.0.0.1',
        port: 8443,
        publicUrl: 'https://bridge.example:8443',
        tls: {
          kind: 'files',
          certFile: join(path, 'tls/cert.pem'),
          keyFile: join(path, 'tls/key.pem'),
          clientCaFile: null,
        },
        trustProxy: [],
        urlKeys: false,
        health: null,
      },
      log: { level: 'info', format: 'auto', auditFile: null },
      store: {
        kind: 'sqlite',
        path: join(path, 'data/flexbridge.db'),
        retention: { ageMs: 30 * 86_400_000, sizeBytes: 20e9, undeliveredMs: 90 * 86_400_000 },
      },
      feeds: [
        {
          name: 'default',
          tenantNames: ['contoso'],
          detections: 'perEvidence',
          changes: 'significant',
          layout: 'microsoft',
          receiptTime: 'feed',
          page: { maxEvents: 1000, maxBytes: 5_000_000 },
          acknowledge: 'progress',
          arcsight: DEFAULT_CHOICES,
          legacyUpdates: false,
          heartbeatMs: null,
          initialLookbackMs: 86_400_000,
          maxLookbackMs: 7 * 86_400_000,
          minSeverity: 'Informational',
          categories: [],
        },
      ],
      alarms: {
        connectorSilentMs: 300_000,
        connectorFailedMs: 900_000,
        nothingDeliveredMs: null,
        undeliveredMs: 3_600_000,
        freeBytes: 1e9,
      },
      connectors: [{ name: 'arcsight-01', feeds: ['default'], auth: { kind: 'basic', secretHashes: [SECRET_HASH] } }],
      operators: [{ name: 'ops', passwordHash: PASSWORD_HASH }],
      warnings: [],
    });
    expect(tenants).toMatchObject([
      {
        name: 'contoso',
        tenantId: '00000000-0000-0000-0000-00000000000a',
        cloud: 'commercial',
        endpoints: { login: 'https://login.microsoftonline.com', graph: 'https://graph.microsoft.com' },
        caPem: null,
        credential: { kind: 'secret', clientId: CLIENT_ID },
        sources: [
          {
            api: 'graph-alerts',
            schedule: '*/30 * * * * *',
            overlapMs: 900_000,
            settleMs: 30_000,
            initialLookbackMs: 86_400_000,
            sliceMs: 3_600_000,
            rescan: { everyMs: 3_600_000, reachMs: 86_400_000 },
            budgetPages: 50,
          },
        ],
      },
    ]);
    expect(await secretsOf(config)).toEqual(['s3cret']);
  });
});

describe('what is left out', () => {
  it('is the same as the values of the example', async () => {
    const config = await load(`tenants:\n${tenantYaml()}`);
    const [tenant] = config.tenants;
    expect(tenant?.cloud).toBe('commercial');
    expect(tenant?.sources).toEqual([
      {
        api: 'graph-alerts',
        schedule: '*/30 * * * * *',
        overlapMs: 900_000,
        settleMs: 30_000,
        initialLookbackMs: 86_400_000,
        sliceMs: 3_600_000,
        rescan: { everyMs: 3_600_000, reachMs: 86_400_000 },
        budgetPages: 50,
      },
    ]);
    expect(tenant?.proxy).toBeNull();
    expect(config.feeds).toHaveLength(1);
    expect(config.feeds[0]).toMatchObject({ name: 'default', page: { maxEvents: 1000, maxBytes: 5_000_000 } });
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8443, publicUrl: 'https://localhost:8443' });
    expect(config.server.tls).toEqual({ kind: 'self-made', folder: join(config.dataDir, 'tls') });
    expect([config.connectors, config.operators]).toEqual([[], []]);
  });

  it('may also stand there as a key without a value', async () => {
    const config = await load(yamlWith('server:', '  port:', 'store:', 'feeds:', 'connectors:', 'operators:'));
    expect(config.server.port).toBe(8443);
    expect(config.feeds.map(({ name }) => name)).toEqual(['default']);
  });

  it('gives a feed without tenants all of them', async () => {
    const feeds = 'feeds:\n  - name: all\n  - { name: one, tenants: [fabrikam] }\n';
    const config = await load(`tenants:\n${tenantYaml()}${tenantYaml('fabrikam')}${feeds}`);
    expect(config.feeds.map(({ tenantNames }) => tenantNames)).toEqual([['contoso', 'fabrikam'], ['fabrikam']]);
  });
});

describe('values', () => {
  it('of sizes may be decimal, binary or plain bytes', async () => {
    const feeds = ['5MB', '5MiB', '1234'].map((size, index) => `  - { name: f${index}, page: { maxBytes: ${size} } }`);
    const config = await load(yamlWith('feeds:', ...feeds));
    expect(config.feeds.map(({ page }) => page.maxBytes)).toEqual([5_000_000, 5_242_880, 1234]);
  });

  it('of categories are compared in lower case', async () => {
    const config = await load(yamlWith('feeds: [{ filter: { categories: [Malware] } }]'));
    expect(config.feeds[0]?.categories).toEqual(['malware']);
  });

  it('of endpoints without a cloud make it custom', async () => {
    const line = 'endpoints: { login: "https://login.example:4443/base/", graph: https://graph.example }';
    const config = await load(`tenants:\n${tenantYaml('contoso', [line])}`);
    expect(config.tenants[0]).toMatchObject({
      cloud: 'custom',
      endpoints: { login: 'https://login.example:4443/base', graph: 'https://graph.example' },
    });
  });

  it('of tls: off serve plain http on loopback', async () => {
    const { server } = await load(yamlWith('server: { tls: off, port: 0 }'));
    expect(server).toMatchObject({ tls: { kind: 'off' }, publicUrl: 'http://localhost:0', port: 0 });
  });

  it('can not be changed afterwards', async () => {
    const config = await load(null, TENANT_ENV);
    expect(
      [config, config.server.tls, config.tenants, config.tenants[0], config.feeds[0]?.page].every(Object.isFrozen),
    ).toBe(true);
  });
});

describe('the file', () => {
  it('named on the command line is taken before FLEXBRIDGE_CONFIG, and that before flexbridge.yaml', async () => {
    const { path, write } = await folder();
    for (const name of ['argv', 'env', 'flexbridge']) await write(`${name}.yaml`, `tenants:\n${tenantYaml(name)}`);
    const env = { FLEXBRIDGE_CONFIG: 'env.yaml' };
    const loaded = await Promise.all([
      loadConfig({ cwd: path, env, argvPath: 'argv.yaml' }),
      loadConfig({ cwd: path, env }),
      loadConfig({ cwd: path, env: {} }),
    ]);
    expect(loaded.map(({ tenants }) => tenants[0]?.name)).toEqual(['argv', 'env', 'flexbridge']);
  });

  it('is where relative paths count from', async () => {
    const { path, write } = await folder();
    await write('etc/bridge.yaml', `tenants:\n${tenantYaml()}store: { path: ../var/bridge.db }\n`);
    const config = await loadConfig({ cwd: path, env: {}, argvPath: 'etc/bridge.yaml' });
    expect([config.store.path, config.dataDir]).toEqual([join(path, 'var/bridge.db'), join(path, 'var')]);
  });
});
