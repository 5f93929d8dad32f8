import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import {
  failure,
  folder,
  load,
  PASSWORD_HASH,
  problemsOf,
  SECRET_HASH,
  tenantYaml,
  yamlWith,
} from './config-folder.ts';

describe('problems', () => {
  it('are all reported at once, in the order of the file, each with its line', async () => {
    const found = await problemsOf(
      [
        'server: { port: 70000 }', // 1
        'tenants:', // 2
        '  - name: Contoso', // 3
        '    tenantId: contoso', // 4
        '    cloud: comercial', // 5
        '    credential:', // 6
        '      clientId: abc', // 7
        '      secretFile: missing', // 8
        '    sources:', // 9
        '      - { schedule: often }', // 10
        '      - overlap: 15', // 11
        'feeds:', // 12
        '  - { name: one, tenants: [fabrikam] }', // 13
        'conectors: []', // 14
      ].join('\n'),
    );
    expect(found.map((text) => text.split(' | ').slice(0, 2).join(' '))).toEqual([
      '1 server.port',
      '3 tenants[0].name',
      '4 tenants[0].tenantId',
      '5 tenants[0].cloud',
      '8 tenants[0].credential.secretFile',
      '10 tenants[0].sources[0].schedule',
      '11 tenants[0].sources[1].overlap',
      '11 tenants[0].sources[1].api',
      '13 feeds[0].tenants[0]',
      '14 conectors',
    ]);
  });

  it('make a report for the terminal that names file and line, what is wrong and the remedy', async () => {
    const { path, write } = await folder();
    const file = await write('flexbridge.yaml', yamlWith('feeds: [{ changes: fist }]'));
    const error = await failure(loadConfig({ cwd: path, env: {} }));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', kind: 'operator' });
    expect(error.toText()).toBe(
      [
        'the configuration has 1 problem:',
        `${file}:5: feeds[0].changes: must be one of first, significant, all, not "fist"`,
        '    Did you mean first?',
        '',
      ].join('\n'),
    );
  });

  it('show nothing that would steer a terminal', async () => {
    const error = await failure(load(yamlWith('feeds: [{ changes: "\\u009b31m\\u202e" }]')));
    expect(error.toText()).not.toMatch(/[\u009b\u202e]/);
  });
});

describe('a key', () => {
  it.each([
    ['servr: {}', 'servr', 'Did you mean server?'],
    ['server: { public_url: https://a.example }', 'server.public_url', 'Did you mean publicUrl?'],
    ['publicUrl: https://a.example', 'publicUrl', 'Its place is server.publicUrl.'],
    ['heartbeat: 5m', 'heartbeat', 'Its place is feeds[].heartbeat.'],
    ['store: { size: 1 , wurst: 2 }', 'store.wurst', 'Remove it; the keys here are kind, path, retention.'],
    ['__proto__: { port: 1 }', '__proto__', 'Remove it'],
  ])('that is not known is refused: %s', async (line, path, remedy) => {
    const found = await problemsOf(yamlWith(line));
    expect(found.filter((text) => text.startsWith(`5 | ${path} | is not a known key | ${remedy}`))).toHaveLength(1);
  });

  it('with its blank forgotten does not bring the secret into the message', async () => {
    const yaml = yamlWith().replace('secret: inline-secret', 'secret:inline-secret');
    const error = await failure(load(yaml));
    expect(error.problems[0]).toMatchObject({
      line: 4,
      path: 'tenants[0].credential.secret...',
      remedy: 'Write a blank after the colon.',
    });
    expect(error.toText()).not.toContain('inline');
  });

  it('that is required is missed where it belongs', async () => {
    expect(await problemsOf('tenants:\n  - name: contoso\n    credential: { secret: x }\n')).toEqual([
      expect.stringMatching(/^2 \| tenants\[0\]\.tenantId \| is missing \| Add it: a directory/),
      expect.stringMatching(/^3 \| tenants\[0\]\.credential\.clientId \| is missing \|/),
    ]);
  });

  it('without a value that needs one says so', async () => {
    const found = await problemsOf(yamlWith('feeds:', '  - tenants:'));
    expect(found).toEqual([expect.stringMatching(/^6 \| feeds\[0\]\.tenants \| has no value; it must be a list/)]);
  });
});

describe('what the design names and this version does not have', () => {
  it.each([['store: { kind: postgres, url: "postgres://u:pw@db" }', 'store.kind', 'postgres', 'sqlite']])(
    'is refused by name and nothing else is said of it: %s',
    async (line, path, word, use) => {
      const found = await problemsOf(yamlWith(line));
      expect(found).toEqual([`5 | ${path} | ${word} is not available in this version; use ${use} | Write ${use}.`]);
    },
  );

  it.each(['store: { url: x }', 'role: reader'])('includes the key of %s', async (line) => {
    expect(await problemsOf(yamlWith(line))).toEqual([
      expect.stringMatching(/^5 \| \S+ \| \w+ is not available in this version \| Remove it\.$/),
    ]);
  });
});

describe('a value', () => {
  it.each([
    ['server: { port: -1 }', 'server.port'],
    ['server: { port: 84.43 }', 'server.port'],
    ['server: { port: "8443" }', 'server.port'],
    ['server: { host: "a b" }', 'server.host'],
    ['server: { tls: on }', 'server.tls'],
    ['server: { tls: [] }', 'server.tls'],
    ['server: { publicUrl: bridge.example }', 'server.publicUrl'],
    ['server: { publicUrl: "ftp://bridge.example" }', 'server.publicUrl'],
    ['server: { publicUrl: "https://bridge.example/?a=1" }', 'server.publicUrl'],
    ['store: { path: "" }', 'store.path'],
    ['store: { retention: { age: 30 days } }', 'store.retention.age'],
    ['store: { retention: { size: 0GB } }', 'store.retention.size'],
    ['store: { retention: { size: 20 GB } }', 'store.retention.size'],
    ['feeds: [{ legacyUpdates: 1 }]', 'feeds[0].legacyUpdates'],
    ['feeds: [{ heartbeat: on }]', 'feeds[0].heartbeat'],
    ['feeds: [{ name: a_b }]', 'feeds[0].name'],
    ['feeds: []', 'feeds'],
    ['feeds: text', 'feeds'],
    ['feeds: [{ tenants: [] }]', 'feeds[0].tenants'],
    ['feeds: [{ page: { maxEvents: 0 } }]', 'feeds[0].page.maxEvents'],
    ['feeds: [{ page: { maxBytes: 2GB } }]', 'feeds[0].page.maxBytes'],
    ['feeds: [{ page: { maxBytes: 0 } }]', 'feeds[0].page.maxBytes'],
    ['feeds: [{ filter: { minSeverity: Huge } }]', 'feeds[0].filter.minSeverity'],
    ['feeds: [{ initialLookback: 8d }]', 'feeds[0].initialLookback'],
    ['feeds: [{ layout: cef }]', 'feeds[0].layout'],
    ['connectors: [{ name: a, feeds: [], auth: { secretHash: x } }]', 'connectors[0].feeds'],
    ['connectors: [{ name: a, feeds: [default], auth: { secretHash: abc } }]', 'connectors[0].auth.secretHash'],
    ['operators: [{ name: a, passwordHash: hunter2 }]', 'operators[0].passwordHash'],
    [
      `operators: [{ name: a, passwordHash: "${PASSWORD_HASH.replace('ln=15', 'ln=2')}" }]`,
      'operators[0].passwordHash',
    ],
  ])('that does not fit is refused at its line: %s', async (line, path) => {
    const found = await problemsOf(yamlWith(line));
    expect(found.filter((text) => text.startsWith(`5 | ${path} | `))).toHaveLength(1);
  });

  it.each([
    'http://login.example',
    'https://login.example?a=1',
    'https://login.example#a',
    'https://user:pw@login.example',
    'login.example',
  ])('of an endpoint must be a bare https URL: %s', async (url) => {
    const lines = [`endpoints: { login: "${url}", graph: "https://graph.example" }`];
    const found = await problemsOf(`tenants:\n${tenantYaml('contoso', lines)}`);
    expect(found).toEqual([expect.stringMatching(/^5 \| tenants\[0\]\.endpoints\.login \| must be an https URL/)]);
    expect(found.join('')).not.toContain('user:pw');
  });

  it.each([
    'contoso',
    'common',
    'contoso_x.example',
    '00000000-0000-0000-0000-00000000000',
    'a b.example',
    '.example',
    '10.0.0.1',
  ])('of tenantId must be a GUID or a domain: %s', async (tenantId) => {
    const found = await problemsOf(yamlWith().replace('contoso.example', tenantId));
    expect(found).toEqual([expect.stringMatching(/^3 \| tenants\[0\]\.tenantId \| must be a directory/)]);
  });

  it('of a secret or its hash is never repeated', async () => {
    const yaml = [
      'tenants:',
      '  - { name: a, tenantId: a.example, credential: { clientId: "id S3cret", secret: 5309901 } }',
      '  - { name: b, tenantId: b.example, credential: S3cret }',
      '  - { name: c, tenantId: c.example, credential: { clientId: x, secret: { value: S3cret } } }',
      '  - { name: d, tenantId: d.example, credential: { clientId: x, secretFile: abc8Q~S3cretS3cretS3cretS3cretS3cret } }',
      'connectors: [{ name: k, feeds: [default], auth: { secretHash: S3cret } }]',
      'operators: [{ name: o, passwordHash: S3cret }, { name: p, passwordHash: [S3cret] }]',
      'server: { publicUrl: "https://me:S3cret@bridge.example" }',
    ].join('\n');
    const error = await failure(load(yaml));
    expect(error.problems).toHaveLength(9);
    expect(error.toText() + JSON.stringify(error.problems) + error.message).not.toMatch(/S3cret|5309901/);
  });
});

describe('parts that name each other', () => {
  it('must be there, and the nearest name is offered', async () => {
    const auth = `auth: { secretHash: ${SECRET_HASH} }`;
    const found = await problemsOf(
      yamlWith('feeds: [{ tenants: [contosso, x] }]', `connectors: [{ name: a, feeds: [defalt], ${auth} }]`),
    );
    expect(found).toEqual([
      '5 | feeds[0].tenants[0] | there is no tenant "contosso" | Did you mean contoso?',
      '5 | feeds[0].tenants[1] | there is no tenant "x" | The tenants are: contoso.',
      '6 | connectors[0].feeds[0] | there is no feed "defalt" | Did you mean default?',
    ]);
  });

  it('have names of their own', async () => {
    const auth = `auth: { secretHash: ${SECRET_HASH} }`;
    const found = await problemsOf(
      `tenants:\n${tenantYaml()}${tenantYaml().replace('contoso.example', 'CONTOSO.example')}${[
        'feeds: [{ name: a }, { name: b }, { name: a }]',
        `connectors: [{ name: k, feeds: [a], ${auth} }, { name: k, feeds: [a], ${auth} }]`,
        `operators: [{ name: k, passwordHash: "${PASSWORD_HASH}" }]`,
      ].join('\n')}`,
    );
    expect(found.map((text) => text.split(' | ').slice(0, 3).join(' | '))).toEqual([
      '5 | tenants[1].name | "contoso" is also the name of tenants[0]',
      '6 | tenants[1].tenantId | "CONTOSO.example" is also the tenantId of tenants[0]',
      '8 | feeds[2].name | "a" is also the name of feeds[0]',
      '9 | connectors[1].name | "k" is also the name of connectors[0]',
      '10 | operators[0].name | "k" is also the name of a connector',
    ]);
  });

  it('include each API of a tenant once', async () => {
    const found = await problemsOf(`tenants:\n${tenantYaml('contoso', ['sources: [{}, { settle: 1s }]'])}`);
    expect(found).toEqual(['5 | tenants[0].sources[1].api | graph-alerts is listed twice | Keep one of the two.']);
  });

  it('include the endpoints of a custom cloud', async () => {
    const found = await problemsOf(
      `tenants:\n${tenantYaml('contoso', ['cloud: custom', 'endpoints: { login: https://a.example }'])}`,
    );
    expect(found).toEqual([
      expect.stringMatching(
        /^6 \| tenants\[0\]\.endpoints\.graph \| is missing; cloud custom needs login and the host/,
      ),
    ]);
  });
});

describe('plain http', () => {
  it.each(['0.0.0.0', '192.0.2.1', 'bridge.example', '::'])('is refused on %s', async (host) => {
    const found = await problemsOf(yamlWith(`server: { host: "${host}", tls: off }`));
    expect(found).toEqual([expect.stringMatching(/^5 \| server\.tls \| plain http is served on a loopback host only/)]);
  });

  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('is served on %s', async (host) => {
    expect((await load(yamlWith(`server: { host: "${host}", tls: off }`))).server.host).toBe(host);
  });

  it.each([
    ['server: { publicUrl: http://bridge.example }', 'is http, but the bridge serves https'],
    ['server: { publicUrl: http://bridge.example, tls: off }', 'is http for another machine'],
  ])('is refused as the public URL: %s', async (line, message) => {
    expect(await problemsOf(yamlWith(line))).toEqual([expect.stringContaining(`5 | server.publicUrl | ${message}`)]);
  });

  it('may stand behind a proxy that does TLS', async () => {
    const { server } = await load(yamlWith('server: { tls: off, publicUrl: "https://bridge.example/flex/" }'));
    expect(server.publicUrl).toBe('https://bridge.example/flex');
  });
});
