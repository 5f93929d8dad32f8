import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { lint } from '../../../src/cli/lint.ts';
import { lintRemedy } from '../../../src/cli/lint-remedy.ts';

const folder = mkdtempSync(join(tmpdir(), 'flexbridge-lint-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const GOOD = [
  'trigger.node.location=/',
  'token.count=1',
  'token[0].name=Severity',
  'token[0].type=String',
  'token[0].location=Severity',
  'event.deviceSeverity=Severity',
  'severity.map.high.if.deviceSeverity=High',
  '',
].join('\n');

async function linted(content: string | Buffer, options: { json?: boolean } = {}) {
  writeFileSync(join(folder, 'a.jsonparser.properties'), content);
  return run('a.jsonparser.properties', options);
}

async function run(file: string, options: { json?: boolean } = {}) {
  let out = '';
  const console = {
    out: (text: string) => (out += text),
    err: () => undefined,
    input: Readable.from([]),
    cwd: folder,
    isTerminal: false,
  };
  return { code: await lint(file, options, console), out };
}

describe('lint', () => {
  it('says that a good file has no errors, and ends with 0', async () => {
    expect(await linted(GOOD)).toEqual({ code: 0, out: 'a.jsonparser.properties: no errors, no warnings\n' });
  });

  it('prints a note with its severity, line, key, code and remedy, and ends with 1', async () => {
    const { code, out } = await linted(`${GOOD}event.noSuchField=Severity\n`);
    expect(code).toBe(1);
    expect(out).toBe(
      [
        'error    line 8  event.noSuchField  [UNKNOWN_EVENT_FIELD]',
        '    noSuchField is no event field that we know of',
        '    -> Correct the name; upper and lower case count.',
        'a.jsonparser.properties: 1 error, no warnings',
        '',
      ].join('\n'),
    );
  });

  it('ends with 0 when there are only warnings', async () => {
    const { code, out } = await linted(`${GOOD}what.is.this=1\n`);
    expect(code).toBe(0);
    expect(out).toContain('warning  line 8  what.is.this  [UNKNOWN_KEY]');
  });

  it('takes a file that Java refuses for one with an error', async () => {
    const { code, out } = await linted(`${GOOD}a=C:\\users\n`, { json: true });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      errors: 1,
      warnings: 0,
      notes: [{ level: 'error', code: 'PROPERTIES_MALFORMED', line: 8, key: null }],
    });
  });

  it('prints as JSON what it prints as text', async () => {
    const { out } = await linted(`${GOOD}event.noSuchField=Severity\n`, { json: true });
    expect(JSON.parse(out)).toEqual({
      file: join(folder, 'a.jsonparser.properties'),
      errors: 1,
      warnings: 0,
      notes: [
        {
          level: 'error',
          code: 'UNKNOWN_EVENT_FIELD',
          key: 'event.noSuchField',
          line: 8,
          message: 'noSuchField is no event field that we know of',
          remedy: 'Correct the name; upper and lower case count.',
        },
      ],
    });
  });

  it('lets nothing of the file steer the terminal', async () => {
    const { out } = await linted(`${GOOD}event.\\u001b[31mred=Severity\n`);
    expect(out).toContain('UNKNOWN_EVENT_FIELD');
    expect(out).not.toContain('\u001b');
  });

  it.each([
    ['a file that is not there', 'missing.properties', /cannot read .*missing\.properties/],
    ['a folder', '.', /is a folder/],
    ['standard input by its usual sign', '-', /cannot read/],
    ['a device without an end', '/dev/zero', /is no ordinary file/],
  ])('refuses %s', async (_what, file, message) => {
    await expect(run(file)).rejects.toMatchObject({
      code: 'LINT_FILE',
      message: expect.stringMatching(message) as string,
    });
  });

  it('refuses a binary file and one that is too large', async () => {
    await expect(linted(Buffer.from([0x50, 0x4b, 3, 4, 0, 0]))).rejects.toMatchObject({ code: 'LINT_FILE' });
    await expect(linted(Buffer.alloc(5_000_001, 'a'))).rejects.toMatchObject({ code: 'LINT_FILE' });
  });

  it('has a remedy for every note of the reader', () => {
    const reader = fileURLToPath(new URL('../../../src/connector/interpreter', import.meta.url));
    const codes = readdirSync(reader).flatMap((name) => {
      const text = readFileSync(join(reader, name), 'utf8');
      const found = text.matchAll(/(?:notes\s*\.(?:error|warning)\(\s*|code: )'([A-Z_]+)'/g);
      return [...found].map(([, code = '']) => code);
    });
    expect(codes.length).toBeGreaterThan(30);
    const unknown = codes.filter((code) => code !== 'DOCUMENT_NOT_JSON' && lintRemedy(code) === lintRemedy('?'));
    expect(unknown).toEqual([]);
  });
});
