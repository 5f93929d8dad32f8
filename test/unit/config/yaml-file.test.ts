import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/config-error.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { parseYaml } from '../../../src/config/yaml-file.ts';
import { failure, folder, load, problemsOf, yamlWith } from './config-folder.ts';

describe('a file that is not good YAML', () => {
  it.each([
    ['is empty', '', 1, 'the file is empty'],
    ['holds comments only', '# nothing\n\n# here\n', 1, 'the file is empty'],
    ['is a list', '- a\n- b\n', 1, 'the file holds no keys'],
    ['is one word', 'tenants\n', 1, 'the file holds no keys'],
    ['is indented with tabs', 'server:\n\tport: 1\n', 2, 'a tab is used for indentation'],
    ['starts with a BOM', '\ufefftenants: []\n', 1, 'the file starts with a byte order mark (BOM)'],
    ['is not closed', 'a: 1\nserver: { port: 1\nb: 2\n', 3, ''],
    ['has an open quote', 'a: 1\nserver: { host: "a }\n', 3, 'a character is missing'],
    ['has a bare schedule', 'a: 1\nschedule: */30 * * * * *\n', 2, 'an alias names no anchor'],
    ['has a wrong indent', 'server:\n    port: 1\n  host: a\n', 3, ''],
    ['holds two documents', 'server: {}\n---\nstore: {}\n', 2, 'the file holds more than one document'],
    ['names an unknown tag', 'server: {}\nstore: !env X\n', 2, 'a tag (!word) is not known'],
    ['names an unknown anchor', 'server: {}\nstore: *here\n', 2, 'an alias names no anchor'],
  ])('%s: the line is named', async (_, text, line, message) => {
    const [first = ''] = await problemsOf(text);
    expect(first).toMatch(new RegExp(`^${line} \\|  \\| ${message.replaceAll(/[()!]/g, '\\$&')}`));
  });

  it('is UTF-16: the remedy is named', async () => {
    const text = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('tenants: []', 'utf16le')]);
    expect(await problemsOf(text)).toEqual(['1 |  | the file is UTF-16 | Save it as UTF-8 without BOM.']);
  });

  it('is in an old code page: the line is named', async () => {
    expect(await problemsOf(Buffer.from('server: {}\n# caf\u00e9\n', 'latin1'))).toEqual([
      '2 |  | a character is not UTF-8 | Save it as UTF-8 without BOM.',
    ]);
  });

  it('gives a key twice: the second is named, and the rest is still checked', async () => {
    expect(await problemsOf(yamlWith('server: { port: 1 }', 'store: { kind: db2 }', 'server: { port: 2 }'))).toEqual([
      expect.stringMatching(/^6 \| store\.kind \|/),
      '7 |  | the same key is given twice | Keep one of the two.',
    ]);
  });

  it('never shows the text around the fault, which may be a secret', async () => {
    const error = await failure(load('a:\n  secret: "S3cret\n  other: |S3cret\n b: "\\S3cret"'));
    expect(error.toText()).not.toContain('S3cret');
  });

  it.each([
    [
      'aliases that multiply',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefg'.replaceAll(/./g, (k) => `${k}: &${k} [${`*${String.fromCharCode(k.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`,
    ],
    ['a structure that contains itself', 'a: &a\n  b: *a\n'],
    ['brackets without end', '['.repeat(50_000)],
    ['blocks without end', Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('holds %s: it is refused', (_, text) => {
    const { tree, problems } = parseYaml(Buffer.from(text));
    expect(tree).toBeNull();
    expect(problems.length).toBeGreaterThan(0);
  });
});

describe('a file that cannot be read', () => {
  it('is a problem when it was named, whoever named it', async () => {
    const { path } = await folder();
    const byArgv = await failure(loadConfig({ cwd: path, env: {}, argvPath: 'nope.yaml' }));
    expect(byArgv.problems).toEqual([
      expect.objectContaining({ file: `${path}/nope.yaml`, message: 'the configuration file does not exist' }),
    ]);
    const byEnv = await failure(loadConfig({ cwd: path, env: { FLEXBRIDGE_CONFIG: 'nope.yaml' } }));
    expect(byEnv.problems[0]?.remedy).toContain('FLEXBRIDGE_CONFIG');
  });

  it.each([
    ['EACCES', 'may not be read by this user'],
    ['EIO', 'cannot be read (EIO)'],
  ])('says why: %s', async (code, words) => {
    const files = {
      read: () => Promise.reject(Object.assign(new Error(code), { code })),
      mode: () => Promise.resolve(null),
    };
    const error = await failure(loadConfig({ cwd: '/nowhere', env: {}, files }));
    expect(error.problems[0]?.message).toBe(`the configuration file ${words}`);
  });

  it('may be a folder by mistake', async () => {
    const { path } = await folder();
    expect((await failure(loadConfig({ cwd: path, env: {}, argvPath: '.' }))).problems[0]?.message).toContain(
      'is a folder',
    );
  });

  it('leaves the variables to be judged by their names', async () => {
    const { path } = await folder();
    const env = { FLEXBRIDGE_TENANTS__3__CLOUD: 'dod', FLEXBRIDGE_STOR__PATH: 'x' };
    const { problems } = await failure(loadConfig({ cwd: path, env, argvPath: 'nope.yaml' }));
    expect(problems.map(({ variable }) => variable)).toEqual([null, 'FLEXBRIDGE_STOR__PATH']);
  });
});

describe('any text at all', () => {
  const files = (bytes: Buffer) => ({ read: () => Promise.resolve(bytes), mode: () => Promise.resolve(0o600) });
  const loads = async (bytes: Buffer, env: Record<string, string>): Promise<unknown> => {
    try {
      return await loadConfig({ cwd: '/nowhere', env, files: files(bytes) });
    } catch (error) {
      return error;
    }
  };
  const expectNothingElse = (outcome: unknown) => {
    if (!(outcome instanceof Error)) return;
    expect(outcome).toBeInstanceOf(ConfigError);
    if (outcome instanceof ConfigError) expect(outcome.problems.length).toBeGreaterThan(0);
  };

  it('loads or ends in a ConfigError with problems', async () => {
    const good = yamlWith(
      'server: { tls: off }',
      'feeds: [{ name: default, page: { maxBytes: 1KB } }]',
      'operators: []',
    );
    const spliced = fc
      .tuple(fc.nat(good.length), fc.nat(20), fc.string({ unit: 'binary', maxLength: 8 }))
      .map(([at, cut, text]) => good.slice(0, at) + text + good.slice(at + cut));
    const random = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...Array.from(':-{}[],&*!|>#\'"%@` \n\tab0')) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(spliced, random), async (text) => {
        expectNothingElse(await loads(Buffer.from(text), {}));
      }),
      { numRuns: 400 },
    );
  });

  it('does so for any value in any place too', async () => {
    const key = fc.constantFrom(
      'server',
      'tls',
      'tenants',
      'feeds',
      'connectors',
      'auth',
      'credential',
      'sources',
      'name',
      'page',
      'endpoints',
      'scopes',
      'siem',
      'region',
      'proxy',
      'url',
      'kind',
      'next',
      'certificateFile',
      'endpoint',
      'rescan',
      'secretFile',
      'caFile',
      'filter',
      '__proto__',
      'constructor',
    );
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, true, 0, -1, 1e300, '', 'off', 'a', 'us', 'certificate', 'https://a.example'),
        tie('list'),
        tie('block'),
      ),
      list: fc.array(tie('value'), { maxLength: 3 }),
      block: fc.dictionary(key, tie('value'), { maxKeys: 5 }),
    })).block;
    const variable = fc.constantFrom(
      'FLEXBRIDGE_TENANT_ID',
      'FLEXBRIDGE_TENANTS__0__CREDENTIAL',
      'FLEXBRIDGE_FEEDS__1__TENANTS__0',
      'FLEXBRIDGE_SERVER__TLS__CERT_FILE',
      'FLEXBRIDGE_SERVER__CONSTRUCTOR',
    );
    const env = fc.dictionary(variable, fc.constantFrom('', 'a', '{}', '[1]', '{"kind":"secret","__proto__":1}'));
    await fc.assert(
      fc.asyncProperty(tree, env, async (value, variables) => {
        expectNothingElse(await loads(Buffer.from(JSON.stringify(value)), variables));
      }),
      { numRuns: 150 },
    );
  });
});
