import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

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
