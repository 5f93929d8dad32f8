import { describe, expect, it } from 'vitest';
import { CLIENT_ID, failure, load, problemsOf, secretsOf, TENANT_ENV, tenantYaml, yamlWith } from './config-folder.ts';

describe('a variable', () => {
  it.each([['FLEXBRIDGE_SERVER__PUBLIC_URL'], ['FLEXBRIDGE_SERVER__PUBLICURL']])(
    'overrides the file whichever way its words are joined: %s',
    async (name) => {
      const config = await load(yamlWith('server: { publicUrl: https://file.example }'), {
        [name]: 'https://env.example',
      });
      expect(config.server.publicUrl).toBe('https://env.example');
    },
  );

  it('is read as the type that its key has', async () => {
    const config = await load(yamlWith(), {
      FLEXBRIDGE_SERVER__PORT: '9000',
      FLEXBRIDGE_SERVER__TLS: 'off',
      FLEXBRIDGE_STORE__RETENTION__AGE: '5d',
      FLEXBRIDGE_TENANTS__0__CREDENTIAL__SECRET: '123456',
      FLEXBRIDGE_TENANTS__0__CA_FILE: 'null',
      FLEXBRIDGE_FEEDS: '[{ "name": "one" }, { "name": "two" }]',
      FLEXBRIDGE_FEEDS__0__PAGE__MAX_BYTES: '1000',
      FLEXBRIDGE_FEEDS__1__PAGE__MAX_BYTES: '1KiB',
      FLEXBRIDGE_FEEDS__1__TENANTS: '["contoso"]',
      FLEXBRIDGE_FEEDS__2__NAME: 'three',
    });
    expect(config.server).toMatchObject({ port: 9000, tls: { kind: 'off' } });
    expect(config.store.retention.ageMs).toBe(5 * 86_400_000);
    expect(await secretsOf(config)).toEqual(['123456']);
    expect(config.feeds.map(({ name, page }) => [name, page.maxBytes])).toEqual([
      ['one', 1000],
      ['two', 1024],
      ['three', 5_000_000],
    ]);
  });

  it('reaches one list item and leaves the others', async () => {
    const yaml = `tenants:\n${tenantYaml()}${tenantYaml('fabrikam')}`;
    const { tenants } = await load(yaml, { FLEXBRIDGE_TENANTS__1__CLOUD: 'gcc-high' });
    expect(tenants.map(({ cloud }) => cloud)).toEqual(['commercial', 'gcc-high']);
  });

  it('reaches one of two values that share a YAML anchor', async () => {
    const yaml = yamlWith('feeds:', '  - { name: a, page: &p { maxEvents: 5 } }', '  - { name: b, page: *p }');
    const { feeds } = await load(yaml, { FLEXBRIDGE_FEEDS__1__PAGE__MAX_EVENTS: '7' });
    expect(feeds.map(({ page }) => page.maxEvents)).toEqual([5, 7]);
  });

  it('makes list items in their order, up to ten and more', async () => {
    const names = Array.from({ length: 12 }, (_, index) => [`FLEXBRIDGE_FEEDS__${index}__NAME`, `f${index}`] as const);
    const env: Record<string, string> = Object.fromEntries(names.toReversed());
    const { feeds } = await load(yamlWith(), env);
    expect(feeds.map(({ name }) => name)).toEqual(names.map(([, name]) => name));
  });

  it('counts as not set when it is empty', async () => {
    const config = await load(yamlWith('server: { port: 9000 }'), {
      FLEXBRIDGE_SERVER__PORT: '',
      FLEXBRIDGE_TENANT_ID: '',
    });
    expect(config.server.port).toBe(9000);
  });

  it.each([
    ['FLEXBRIDGE_SERVER__PROT', 'Did you mean FLEXBRIDGE_SERVER__PORT?'],
    ['FLEXBRIDGE_STORE_PATH', 'Did you mean FLEXBRIDGE_STORE__PATH?'],
    ['FLEXBRIDGE_PORT', 'Did you mean FLEXBRIDGE_SERVER__PORT?'],
    ['FLEXBRIDGE_TENNANT_ID', 'Did you mean FLEXBRIDGE_TENANT_ID?'],
    ['FLEXBRIDGE_TENANTS__3__CLUOD', 'Did you mean FLEXBRIDGE_TENANTS__3__CLOUD?'],
    ['FLEXBRIDGE_TENANTS__CLOUD', 'Did you mean'],
    ['FLEXBRIDGE_SERVER__PORT__X', ''],
    ['FLEXBRIDGE_', ''],
  ])('that is not known is refused: %s', async (name, remedy) => {
    const found = await problemsOf(yamlWith(), { [name]: '1' });
    expect(found).toEqual([expect.stringContaining(`${name} |  | there is no such variable | ${remedy}`)]);
  });

  it('of another program is left alone', async () => {
    const env = { FLEXBRIDGECONFIG: 'x', PATH: '/bin', FLEX_BRIDGE_X: '1' };
    expect((await load(yamlWith(), env)).tenants).toHaveLength(1);
  });

  it('that Kubernetes sets for a service called flexbridge is left alone', async () => {
    const env = {
      FLEXBRIDGE_SERVICE_HOST: '192.0.2.1',
      FLEXBRIDGE_SERVICE_PORT: '8443',
      FLEXBRIDGE_SERVICE_PORT_HTTPS: '8443',
      FLEXBRIDGE_PORT: 'tcp://192.0.2.1:8443',
      FLEXBRIDGE_PORT_8443_TCP: 'tcp://192.0.2.1:8443',
      FLEXBRIDGE_PORT_8443_TCP_ADDR: '192.0.2.1',
      FLEXBRIDGE_HEALTH_SERVICE_HOST: '192.0.2.2',
    };
    expect((await load(yamlWith(), env)).server.port).toBe(8443);
  });

  it('that is wrong is named in the place of a line', async () => {
    const found = await problemsOf(yamlWith('server: { port: 1 }'), {
      FLEXBRIDGE_SERVER__PORT: 'many',
      FLEXBRIDGE_FEEDS: 'one, two',
      FLEXBRIDGE_TENANTS__0__CLOUD: 'azure',
      FLEXBRIDGE_CONNECTORS: '[{ "name": "a", "feeds": ["x"], "auth": {} }]',
    });
    expect(found.map((text) => text.split(' | ').slice(0, 2).join(' '))).toEqual([
      'FLEXBRIDGE_FEEDS feeds',
      'FLEXBRIDGE_SERVER__PORT server.port',
      'FLEXBRIDGE_TENANTS__0__CLOUD tenants[0].cloud',
      'FLEXBRIDGE_CONNECTORS connectors[0].auth.secretHash',
      'FLEXBRIDGE_CONNECTORS connectors[0].feeds[0]',
    ]);
  });

  it('that leaves a gap in a list, or finds no block to stand in, is refused', async () => {
    const found = await problemsOf(yamlWith('server: { tls: off }'), {
      FLEXBRIDGE_TENANTS__2__CLOUD: 'dod',
      FLEXBRIDGE_SERVER__TLS__CERT_FILE: 'cert.pem',
    });
    expect(found).toEqual([
      expect.stringContaining('server.tls.certFile | cannot be set: server.tls is not a block'),
      expect.stringContaining('tenants[2].cloud | cannot be set: tenants has no item before position 2'),
    ]);
  });

  it('with a secret in it is not shown when it is no JSON', async () => {
    const error = await failure(load(yamlWith(), { FLEXBRIDGE_TENANTS__0__CREDENTIAL: 'S3cret {' }));
    expect(error.problems).toMatchObject([{ variable: 'FLEXBRIDGE_TENANTS__0__CREDENTIAL', message: 'is not JSON' }]);
    expect(error.toText()).not.toContain('S3cret');
  });
});

describe('a single tenant', () => {
  it('needs three variables and no file', async () => {
    const config = await load(null, TENANT_ENV);
    expect(config.file).toBeNull();
    expect(config.tenants).toMatchObject([
      { name: 'default', tenantId: 'contoso.example', cloud: 'commercial', credential: { clientId: CLIENT_ID } },
    ]);
    expect(await secretsOf(config)).toEqual(['env-secret']);
    expect(config.feeds).toMatchObject([{ name: 'default', tenantNames: ['default'] }]);
    expect(config.warnings).toEqual([]);
  });

  it('stands beside a file that has no tenants', async () => {
    const config = await load('server: { port: 9000 }\ntenants:\n', TENANT_ENV);
    expect([config.server.port, config.tenants.length]).toEqual([9000, 1]);
  });

  it('can be named and sent to other hosts, and then its cloud is custom', async () => {
    const config = await load(null, {
      ...TENANT_ENV,
      FLEXBRIDGE_TENANT_NAME: 'contoso',
      FLEXBRIDGE_ENDPOINTS__LOGIN: 'https://127.0.0.1:4443/',
      FLEXBRIDGE_ENDPOINTS__GRAPH: 'https://127.0.0.1:4444',
      FLEXBRIDGE_ENDPOINTS__DEFENDER: 'https://127.0.0.1:4445',
      FLEXBRIDGE_ENDPOINTS__SIEM: 'https://127.0.0.1:4446',
      FLEXBRIDGE_TENANTS__0__SOURCES__0__SCHEDULE: '* * * * * *',
    });
    expect(config.tenants).toMatchObject([
      {
        name: 'contoso',
        cloud: 'custom',
        endpoints: { login: 'https://127.0.0.1:4443', graph: 'https://127.0.0.1:4444' },
        sources: [{ api: 'graph-alerts', schedule: '* * * * * *' }],
      },
    ]);
  });

  it('keeps a cloud that is named', async () => {
    const config = await load(null, { ...TENANT_ENV, FLEXBRIDGE_CLOUD: 'dod' });
    expect(config.tenants[0]?.cloud).toBe('dod');
  });

  it('is asked for by the names of its variables where one is missing', async () => {
    expect(await problemsOf(null, { FLEXBRIDGE_TENANT_ID: 'x', FLEXBRIDGE_CA_FILE: 'nope.pem' })).toEqual([
      expect.stringMatching(/^FLEXBRIDGE_TENANT_ID \| tenants\[0\]\.tenantId \| must be/),
      expect.stringMatching(
        /^FLEXBRIDGE_CLIENT_ID \| tenants\[0\]\.credential\.clientId \| is missing \| Set FLEXBRIDGE_CLIENT_ID/,
      ),
      expect.stringMatching(/^FLEXBRIDGE_CA_FILE \| tenants\[0\]\.caFile \| the file \S+nope.pem does not exist/),
      expect.stringMatching(
        /^FLEXBRIDGE_CLIENT_SECRET \| .* \| Set FLEXBRIDGE_CLIENT_SECRET or FLEXBRIDGE_CLIENT_SECRET_FILE\.$/,
      ),
    ]);
  });

  it('does not go with a file that has tenants', async () => {
    expect(await problemsOf(yamlWith(), TENANT_ENV)).toEqual([
      'FLEXBRIDGE_TENANT_ID | tenants | describes a tenant (so do FLEXBRIDGE_CLIENT_ID, FLEXBRIDGE_CLIENT_SECRET), ' +
        'and the file has tenants too | Remove these variables, or the tenants of the file.',
    ]);
  });

  it('that nobody describes is one problem, which names the variables and the file', async () => {
    const [only = '', ...others] = await problemsOf(null);
    expect(others).toEqual([]);
    for (const name of ['FLEXBRIDGE_TENANT_ID', 'FLEXBRIDGE_CLIENT_ID', 'FLEXBRIDGE_CLIENT_SECRET', 'flexbridge.yaml'])
      expect(only).toContain(name);
  });
});
