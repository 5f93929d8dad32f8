import { describe, expect, it } from 'vitest';
import { tenantAccess } from '../../../src/bridge-tenants.ts';
import { cloudNotes } from '../../../src/config/cloud-notes.ts';
import type { Config } from '../../../src/config/config.ts';
import type { Environment } from '../../../src/config/environment.ts';
import { tokenHosts } from '../../../src/defender/registry.ts';
import { load, problemsOf, tenantYaml } from './config-folder.ts';

const ALL = 'sources: [{ api: graph-alerts }, { api: defender-alerts }, { api: siem-detections }]';
const CUSTOM = 'login: "https://l.example", graph: "https://g.example/x"';

const yamlOf = (...lines: readonly string[]) => `tenants:\n${tenantYaml('contoso', lines)}`;
const loadWith = (lines: readonly string[], env: Environment = {}): Promise<Config> => load(yamlOf(...lines), env);
const problemsWith = (...lines: readonly string[]) => problemsOf(yamlOf(...lines));

describe('a cloud', () => {
  it.each([
    ['commercial', 'login.microsoftonline.com', 'graph.microsoft.com', 'api.securitycenter.microsoft.com', null],
    [
      'gcc',
      'login.microsoftonline.com',
      'graph.microsoft.com',
      'api-gcc.securitycenter.microsoft.us',
      'wdatp-alertexporter-us.gcc.securitycenter.windows.us',
    ],
    [
      'gcc-high',
      'login.microsoftonline.us',
      'graph.microsoft.us',
      'api-gov.securitycenter.microsoft.us',
      'wdatp-alertexporter-us.securitycenter.windows.us',
    ],
    [
      'dod',
      'login.microsoftonline.us',
      'dod-graph.microsoft.us',
      'api-gov.securitycenter.microsoft.us',
      'wdatp-alertexporter-us.securitycenter.windows.us',
    ],
  ])('%s has its own hosts, and tokens are asked for by them', async (cloud, login, graph, defender, siem) => {
    const { tenants } = await loadWith([`cloud: ${cloud}`]);
    expect(tenants).toMatchObject([
      {
        cloud,
        endpoints: {
          login: `https://${login}`,
          graph: `https://${graph}`,
          defender: `https://${defender}`,
          siem: siem === null ? null : `https://${siem}`,
        },
        scopes: {
          graph: `https://${graph}/.default`,
          defender: `https://${defender}/.default`,
          siem: 'https://graph.windows.net/.default',
        },
      },
    ]);
  });

  it.each([
    ['us', 'https://wdatp-alertexporter-us.windows.com'],
    ['eu', 'https://wdatp-alertexporter-eu.windows.com'],
    ['uk', 'https://wdatp-alertexporter-uk.windows.com'],
    ['au', null],
    ['swa', null],
    ['ina', null],
    ['aea', null],
  ])('has hosts in region %s, and the scope stays that of the service', async (region, siem) => {
    const { tenants } = await loadWith([`region: ${region}`]);
    expect(tenants).toMatchObject([
      {
        endpoints: { defender: `https://${region}.api.security.microsoft.com`, siem },
        scopes: { defender: 'https://api.securitycenter.microsoft.com/.default' },
      },
    ]);
  });

  it('has two families of SIEM hosts', async () => {
    const { tenants } = await loadWith(['region: eu', 'siemHosts: securitycenter.windows.com', ALL]);
    expect(tenants[0]?.endpoints.siem).toBe('https://wdatp-alertexporter-eu.securitycenter.windows.com');
  });

  it.each([
    [['cloud: gcc', 'region: us'], '6 | tenants[0].region | cloud gcc has no such choice'],
    [['cloud: dod', 'siemHosts: windows.com'], '6 | tenants[0].siemHosts | cloud dod has no such choice'],
    [['region: mars'], '5 | tenants[0].region | must be one of us, eu, uk'],
    [[ALL], '2 | tenants[0].region | is missing: siem-detections has a host in each region'],
    [['region: au', ALL], '5 | tenants[0].region | au has no host for siem-detections, only us, eu, uk have one'],
  ])('is refused with a region that it does not have, or without the one it needs: %s', async (lines, problem) => {
    expect(await problemsWith(...lines)).toEqual([expect.stringContaining(problem)]);
  });

  it('of its own needs the hosts of the APIs that are polled, and no others', async () => {
    expect(await problemsWith(`endpoints: { ${CUSTOM} }`, ALL)).toEqual([
      expect.stringContaining('5 | tenants[0].endpoints.defender | is missing; cloud custom needs'),
      expect.stringContaining('5 | tenants[0].endpoints.siem | is missing; cloud custom needs'),
    ]);
    const lines = [
      'endpoints: { login: "https://l.example", defender: "https://d.example" }',
      'sources: [{ api: defender-alerts }]',
    ];
    expect((await loadWith(lines)).tenants).toMatchObject([
      {
        cloud: 'custom',
        endpoints: { login: 'https://l.example', graph: null, defender: 'https://d.example', siem: null },
        scopes: { defender: 'https://api.securitycenter.microsoft.com/.default' },
      },
    ]);
  });

  it('of its own asks for tokens by the origin of its Graph', async () => {
    const { tenants } = await loadWith([`endpoints: { ${CUSTOM} }`]);
    expect(tenants[0]?.scopes.graph).toBe('https://g.example/.default');
  });

  it('has scopes that can be replaced one by one', async () => {
    const { tenants } = await loadWith(['scopes: { defender: "https://x.example/.default" }']);
    expect(tenants[0]?.scopes).toMatchObject({
      graph: 'https://graph.microsoft.com/.default',
      defender: 'https://x.example/.default',
    });
    expect(await problemsWith('scopes: { graph: "https://x.example" }')).toEqual([
      expect.stringContaining('5 | tenants[0].scopes.graph | must be a scope that ends in /.default'),
    ]);
  });

  it('takes the whole URL of the SIEM API, as guides print it, with a word', async () => {
    const lines = ['cloud: gcc', 'endpoints: { siem: "https://s.example/api/alerts/" }', ALL];
    const { tenants, warnings } = await loadWith(lines);
    expect(tenants[0]?.endpoints.siem).toBe('https://s.example');
    expect(warnings).toContainEqual({
      path: 'tenants[0].endpoints.siem',
      message: expect.stringContaining('ends in /api/alerts') as string,
      remedy: 'Write https://s.example',
    });
  });

  it('still has the SIEM API, with a warning that it has been retired', async () => {
    const { warnings } = await loadWith(['region: us', ALL]);
    expect(warnings).toEqual([
      {
        path: 'tenants[0].sources[2].api',
        message: expect.stringMatching(/25 November 2021.*31 December 2023.*31 December 2024/) as string,
        remedy: expect.stringContaining('graph-alerts') as string,
      },
    ]);
  });
});

describe('the note on a tenant', () => {
  const noteOf = async (lines: readonly string[], env: Environment = {}) => cloudNotes(await loadWith(lines, env))[0];

  it('names each host that gets a secret or a token, the API, the scope and the proxy', async () => {
    expect(await noteOf(['region: eu', 'sources: [{}, { api: defender-alerts }]'])).toEqual({
      tenantName: 'contoso',
      state: 'ok',
      meaning:
        'Cloud commercial: the client secret goes to https://login.microsoftonline.com; ' +
        'tokens go to https://graph.microsoft.com (graph-alerts, scope https://graph.microsoft.com/.default), ' +
        'https://eu.api.security.microsoft.com (defender-alerts, scope https://api.securitycenter.microsoft.com/.default); ' +
        'no proxy.',
      remedy: '',
    });
  });

  it.each([
    ['all APIs', ['region: us', ALL], {}],
    ['a cloud of its own', [`endpoints: { ${CUSTOM} }`], {}],
  ])('names every host that the program lets a token or secret out to: %s', async (_, lines, env) => {
    const config = await loadWith(lines, env);
    const [note] = cloudNotes(config);
    const hosts = config.tenants.flatMap((tenant) =>
      tokenHosts(
        tenantAccess(tenant),
        tenant.sources.map(({ api }) => api),
      ),
    );
    expect(hosts.length).toBeGreaterThan(1);
    for (const host of hosts) expect(note?.meaning).toContain(host);
  });

  it.each([
    [{}, 'from the instance metadata service http://169.254.169.254;'],
    [
      { IDENTITY_ENDPOINT: 'http://127.0.0.1:41741/MSI/token', IDENTITY_HEADER: 'h3ader' },
      'from the identity endpoint http://127.0.0.1:41741, which gets IDENTITY_HEADER;',
    ],
  ])('says where a managed identity gets its tokens, and names no login host then: %o', async (env, text) => {
    const yaml = yamlOf().replace(/credential: .*/, 'credential: { kind: managed-identity }');
    const [note] = cloudNotes(await load(yaml, env));
    expect(note?.meaning).toContain(text);
    expect(note?.meaning).not.toMatch(/login|h3ader/);
  });

  it('tells the proxy without its credentials', async () => {
    const note = await noteOf([], { HTTPS_PROXY: 'http://me:p4ss@proxy.example:3128', NO_PROXY: '.corp.example' });
    expect(note?.meaning).toContain('through the proxy http://proxy.example:3128 (from HTTPS_PROXY; with a user name');
    expect(note?.meaning).toContain('but not to .corp.example, localhost');
    expect(note?.meaning).not.toMatch(/p4ss|me:/);
  });

  it('warns of a Graph that has no alerts, where they are polled', async () => {
    const china = 'login: "https://login.chinacloudapi.cn", graph: "https://microsoftgraph.chinacloudapi.cn"';
    expect(await noteOf([`endpoints: { ${china} }`])).toMatchObject({
      state: 'warning',
      meaning: expect.stringContaining('has no alerts_v2') as string,
      remedy: expect.stringContaining('defender-alerts') as string,
    });
    const other = [`endpoints: { ${china}, defender: "https://d.example" }`, 'sources: [{ api: defender-alerts }]'];
    expect(await noteOf(other)).toMatchObject({ state: 'ok' });
  });
});
