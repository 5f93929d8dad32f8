import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Answers } from '../../../../src/cli/setup/answers.ts';
import { configYaml } from '../../../../src/cli/setup/config-yaml.ts';
import { extendedYaml } from '../../../../src/cli/setup/extended-yaml.ts';
import { QUESTIONS, withInitial } from '../../../../src/cli/setup/questions.ts';
import { yamlValue } from '../../../../src/cli/setup/yaml-value.ts';
import { CLIENT, placeOf, TENANT } from './setup-rig.ts';

function answers(more: Answers = {}): Answers {
  return withInitial(QUESTIONS, { tenantId: TENANT, clientId: CLIENT, ...more }, placeOf());
}

const HOSTILE = [
  'a: b',
  '# no comment',
  'x # y',
  '- item',
  '{ a: b }',
  '[a]',
  '*alias',
  '&anchor',
  '!tag',
  '"quoted"',
  "it's",
  'back\\slash',
  'line\nbreak',
  'tenants:\n  - name: evil',
  'true',
  'null',
  'no',
  '2027-01-31',
  '1e3',
  '0x1f',
  '~',
  '.inf',
  ' blank',
  'blank ',
  '%directive',
  '\u2028',
  '\u0085',
  '\u0000',
  'https://host:',
];

describe('a text as a YAML value', () => {
  it.each(HOSTILE)('reads back as it was: %j', (text) => {
    expect(parse(`key: ${yamlValue(text)}\n`)).toEqual({ key: text });
  });

  it('reads back as it was, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(parse(`key: ${yamlValue(text)} # comment\n`)).toEqual({ key: text });
      }),
    );
  });

  it('leaves ids, addresses and plain names without quotes, for people', () => {
    for (const text of [TENANT, 'https://bridge.example:8443', '0.0.0.0', 'client-secret', 'certs/client.pem'])
      expect(yamlValue(text)).toBe(text);
  });
});

describe('the configuration that setup writes', () => {
  it('has the answers at their keys', () => {
    expect(parse(configYaml(answers(), 'client-secret'))).toEqual({
      server: { host: '127.0.0.1', port: 8443, publicUrl: 'https://localhost:8443' },
      tenants: [
        {
          name: 'default',
          tenantId: TENANT,
          cloud: 'commercial',
          credential: { kind: 'secret', clientId: CLIENT, secretFile: 'client-secret' },
          sources: [{ api: 'graph-alerts' }],
        },
      ],
      feeds: [{ name: 'default', detections: 'perEvidence', layout: 'microsoft' }],
    });
  });

  it('has what goes with a certificate, a proxy, other hosts, own TLS files and keys in URLs', () => {
    const given: Answers = {
      credential: 'certificate',
      clientCertificate: 'a: "b".pem',
      clientKey: "it's.key",
      proxy: 'http://proxy.example:3128',
      graphUrl: 'https://graph.example',
      login: 'urlKey',
      certificate: 'files',
      serverCertificate: 'tls/server.pem',
      serverKey: '# key',
      minSeverity: 'High',
      service: 'none',
    };
    expect(parse(configYaml(answers(given), ''))).toMatchObject({
      server: { urlKeys: true, tls: { certFile: 'tls/server.pem', keyFile: '# key' } },
      tenants: [
        {
          endpoints: { graph: 'https://graph.example' },
          proxy: { url: 'http://proxy.example:3128' },
          credential: { kind: 'certificate', certificateFile: 'a: "b".pem', keyFile: "it's.key" },
        },
      ],
      feeds: [{ filter: { minSeverity: 'High' } }],
    });
  });
});

describe('a configuration with one more tenant', () => {
  const OLD =
    '# mine\nserver: { port: 9443 } # as agreed\ntenants:\n  - name: first # the old one\n    tenantId: a.example\n';

  it('keeps the words and comments that are there', () => {
    const text = extendedYaml(OLD, answers({ tenantName: 'second' }), 'client-secret-second');
    for (const kept of ['# mine', 'port: 9443', '# as agreed', '# the old one']) expect(text).toContain(kept);
    expect(parse(text)).toMatchObject({
      server: { port: 9443 },
      tenants: [{ name: 'first' }, { name: 'second', credential: { secretFile: 'client-secret-second' } }],
    });
  });

  it.each(['server: {}\n', 'tenants: none\n', 'tenants: [\n'])(
    'is refused where there is no list to extend: %j',
    (text) => {
      expect(() => extendedYaml(text, answers(), 'x')).toThrow(/no list of tenants/);
    },
  );
});
