import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { loadConfig } from '../../src/config/load.ts';
import { aKeyPair } from '../support/key-pair.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCUMENTS = ['.', 'docs', 'flexconnector'].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

/** Folders that exist on the machine of an author only. */
const MACHINE_PATH = /(?<![\w.*])(?:\/(?:work|root|Users|home)\/|[A-Z]:\\Users\\)\S*/g;

function read(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8');
}

/** The anchor that a heading gets where Markdown is shown as pages. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

/** Relative links that lead nowhere: no such file, outside of the repository, or no such heading. */
function deadLinks(document: string): readonly string[] {
  return [...read(document).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? join(ROOT, document) : resolve(ROOT, dirname(document), path);
      if (relative(ROOT, target).startsWith('..') || !existsSync(target)) return true;
      if (anchor === undefined) return false;
      const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
      return !headings.some((heading) => anchorOf(heading) === anchor);
    });
}

function mentions(document: string, pattern: RegExp): readonly string[] {
  return [...read(document).matchAll(pattern)].map(([, name = '']) => name);
}

describe.each(DOCUMENTS)('%s', (document) => {
  it('has no dead relative link', () => {
    expect(deadLinks(document)).toEqual([]);
  });

  it('names no path of the machine it was written on', () => {
    expect(read(document).match(MACHINE_PATH) ?? []).toEqual([]);
  });

  it('names only scripts that package.json has, and commands that the program has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: object };
    const silent = { out: () => undefined, err: () => undefined, input: Readable.from([]), cwd: '', isTerminal: false };
    const commands = createProgram(silent, () => undefined).commands.map((command) => command.name());
    for (const name of mentions(document, /\bnpm run (?:--silent )?([a-z][\w-]*)/g))
      expect(Object.keys(scripts)).toContain(name);
    for (const name of mentions(document, /\bflexbridge -- ([a-z][a-z-]*)/g)) expect(commands).toContain(name);
  });
});

describe('the check of links', () => {
  it('reads every document', () => {
    expect(DOCUMENTS).toEqual(expect.arrayContaining(['README.md', 'docs/cli.md', 'flexconnector/INSTALL.md']));
  });
});

/** Source text below `src` or `test`, without the folders named. */
function sources(folder: string, without: RegExp = /(?!)/): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !without.test(path))
    .map((path) => read(join(folder, path)))
    .join('\n');
}

describe('docs/troubleshooting.md', () => {
  /** The reader of parser files has notes of its own, and nobody but a test meets the simulator's. */
  const ELSEWHERE = /^(connector\/interpreter|simulator)\//;
  /** Codes of others (Node, OpenSSL, undici, fastify, SQLite, yaml), and names of variables. */
  const OF_OTHERS =
    /^(ERR|UND_ERR|FST_ERR|HPE|SQLITE|EAI|CAP|CERT|AZURE|FLEXBRIDGE|IDENTITY|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME|INVALID_CA|HTTPS?_PROXY|NO_PROXY|HKEY|DUPLICATE_KEY|BAD_ALIAS)(_|$)/;
  /** Not explained there, each with the reason. */
  const LEFT_OUT: ReadonlyMap<string, string> = new Map([
    ...[
      'BRIDGE_ENDED',
      'DEMO_FAULT',
      'FEED_URL',
      'INPUT_UNREADABLE',
      'INTERVAL',
      'LAYOUT',
      'NOT_LIVE',
      'PACK_PATH',
      'PACK_UNREADABLE',
      'PACK_UNWRITABLE',
      'PASSWORD_SHORT',
    ].map((code) => [code, 'of a command, which prints what to do'] as const),
    ...['HEADERS_TOO_LARGE', 'HTTPS_NEEDED', 'METHOD_NOT_ALLOWED', 'NOT_FOUND', 'NOT_HTTP', 'REQUEST_TIMEOUT'].map(
      (code) => [code, 'an answer over HTTP, which says what to do'] as const,
    ),
    ...[
      'MAPPING_CHOICE',
      'MAPPING_FIELD_TWICE',
      'MAPPING_LABEL_MISSING',
      'MAPPING_LITERAL',
      'PROPERTIES_DUPLICATE_KEY',
    ].map((code) => [code, 'a defect of the catalogue, found by the tests'] as const),
    ['POSITION_CONTENDED', 'a 503 that the connector repeats'],
    ['REAUTHENTICATE', 'a problem that rehearse finds in a client file; named there as the key'],
    ['UNEXPECTED', 'a defect, which says so'],
  ]);

  it('names every code that FlexBridge can fail with, but for those left out', () => {
    const literals = sources('src', ELSEWHERE).matchAll(/(?<=code: )'([A-Z]+)'|'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g);
    const codes = new Set(
      [...literals].map(([, word, code = '']) => word ?? code).filter((code) => !OF_OTHERS.test(code)),
    );
    const named = new Set(mentions('docs/troubleshooting.md', /`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g));
    expect(codes).toContain('UPSTREAM_FORBIDDEN');
    expect([...codes].filter((code) => !named.has(code) && !LEFT_OUT.has(code))).toEqual([]);
    expect([...LEFT_OUT.keys()].filter((code) => !codes.has(code) || named.has(code))).toEqual([]);
    expect([...named].filter((code) => !codes.has(code) && !OF_OTHERS.test(code))).toEqual([]);
  });

  it('has a row for every finding', () => {
    const [, union = ''] = /export type FindingId =\n(.*?);/s.exec(read('src/domain/finding.ts')) ?? [];
    const ids = [...union.matchAll(/'([a-z.-]+)'/g)].map(([, id = '']) => id);
    expect(ids).toContain('source.poll');
    expect(mentions('docs/troubleshooting.md', /^\| `([a-z.-]+)` \|/gm).toSorted()).toEqual(ids.toSorted());
  });
});

describe('docs/sources.md', () => {
  it('explains every short name that a comment cites', () => {
    const cited = `${sources('src')}\n${sources('test')}`.matchAll(/defender-api \d+(?:\.\d+)?|design: [A-Z]\w*/g);
    const explained = mentions('docs/sources.md', /^\| (`.*?) \|/gm).flatMap((cell) => {
      const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
      const [page = ''] = (names[0] ?? '').split(' ');
      return names.map((name) => (/^[\d.]+$/.test(name) ? `${page} ${name}` : name.replace(/^(design: \w+).*/, '$1')));
    });
    expect([...new Set([...cited].map(([name]) => name))].filter((name) => !explained.includes(name))).toEqual([]);
  });
});

describe('the examples of a configuration in docs/', () => {
  let folder = '';
  const SECRETS = ['client-secret', 'client-secret-2', 'proxy-password', 'azure-token'];
  const POD = { AZURE_CLIENT_ID: 'any', AZURE_FEDERATED_TOKEN_FILE: 'azure-token' };
  const examples = ['docs/microsoft.md', 'docs/collection.md'].flatMap((document) =>
    mentions(document, /^```yaml\n(.*?)^```$/gms).map((text, index) => [`${document} ${index + 1}`, text] as const),
  );

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexbridge-documents-'));
    const { certificatePem, privateKeyPem } = aKeyPair('flexbridge');
    for (const name of SECRETS) writeFileSync(join(folder, name), 'any', { mode: 0o600 });
    for (const name of ['client.crt', 'proxy-root.pem']) writeFileSync(join(folder, name), certificatePem);
    writeFileSync(join(folder, 'client.key'), privateKeyPem, { mode: 0o600 });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** What stands there: a whole file, or the sources of a tenant. */
  function wholeFile(text: string): string {
    if (!text.startsWith('sources:')) return text;
    const [tenants = ''] = examples.map(([, whole]) => whole);
    return `${tenants}${text.replaceAll(/^/gm, '    ').trimEnd()}\n`;
  }

  it.each(examples)('%s is valid and warns of nothing', async (_name, text) => {
    writeFileSync(join(folder, 'flexbridge.yaml'), wholeFile(text));
    const { tenants, warnings } = await loadConfig({ cwd: folder, env: POD });
    expect(tenants.map(({ name }) => name)).toEqual(['contoso']);
    expect(warnings).toEqual([]);
  });
});
