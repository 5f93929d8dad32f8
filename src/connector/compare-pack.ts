import { type PackFile, readDeployed } from './bundle.ts';
import { PLACEHOLDERS } from './client-file.ts';
import { filesBelow } from './files-below.ts';
import { lineDiff } from './line-diff.ts';
import { URL_KEY_PLACEHOLDER } from './public-url.ts';

export type PackState =
  /** `extra`: there, and not of the pack. */
  | { readonly path: string; readonly state: 'same' | 'missing' | 'extra' }
  /** `diff`: what makes the deployed file (`-`) the generated one (`+`); holds no value of the client file. */
  | { readonly path: string; readonly state: 'different'; readonly diff: readonly string[] };

/**
 * Compares deployed files with what the generator writes now. What was filled in for a placeholder (client id, client
 * secret, URL key) is no difference, and is never shown. Throws `PACK_UNREADABLE`.
 */
export async function comparePack(dir: string, files: readonly PackFile[]): Promise<readonly PackState[]> {
  return Promise.all(files.map(async (file) => compare(file, await readDeployed(dir, file.path))));
}

/** The same, and what else is in the folder: for one that holds a pack and nothing else. Throws `PACK_UNREADABLE`. */
export async function comparePackFolder(dir: string, files: readonly PackFile[]): Promise<readonly PackState[]> {
  const known = new Set(files.map(({ path }) => path));
  const extra = (await filesBelow(dir)).filter((path) => !known.has(path));
  return [...(await comparePack(dir, files)), ...extra.map((path) => ({ path, state: 'extra' }) as const)];
}

function compare({ path, text }: PackFile, deployed: string | null): PackState {
  if (deployed === null) return { path, state: 'missing' };
  const expected = text.split('\n');
  const filled = placeholderLines(expected);
  const actual = withoutUrlKey(deployed).split('\n').map(asGenerated(filled));
  if (actual.join('\n') === text) return { path, state: 'same' };
  return {
    path,
    state: 'different',
    diff: difference(filled.length > 0 ? actual.map(hideValue(expected)) : actual, expected),
  };
}

/** A key that somebody has written into a URL of a deployed file stays his. */
function withoutUrlKey(text: string): string {
  return text.replaceAll(/([?&]key=)[^\s&|"'`<>]+/g, `$1${URL_KEY_PLACEHOLDER}`);
}

/** A filled-in line as it was generated, with the line end it has now; any other line as it is. */
function asGenerated(filled: readonly FilledLine[]): (line: string) => string {
  return (line) => {
    const generated = filled.find(({ form }) => form.test(line))?.line;
    if (generated === undefined) return line;
    return line.endsWith('\r') ? `${generated}\r` : generated;
  };
}

interface FilledLine {
  readonly line: string;
  readonly form: RegExp;
}

/** The generated lines an administrator replaces, each with the form its replacement has. */
function placeholderLines(expected: readonly string[]): readonly FilledLine[] {
  return Object.values(PLACEHOLDERS).flatMap((placeholder) =>
    expected
      .filter((line) => line.endsWith(`=${placeholder}`))
      .map((line) => ({ line, form: new RegExp(`^${line.slice(0, -placeholder.length)}[^\\r]*[^\\\\\\r]\\r?$`) })),
  );
}

/** A deployed client file may hold a secret on any line, however it is spelt: only lines that we wrote are shown. */
function hideValue(expected: readonly string[]): (line: string) => string {
  const known = new Set(expected);
  return (line) =>
    known.has(line.replace(/\r$/, ''))
      ? line
      : line.replace(/^(\s*\w*).*$/s, (_, key: string) => `${KEYS.has(key) ? key : ''}***`);
}

const KEYS: ReadonlySet<string> = new Set([
  'auth_url',
  'client_id',
  'client_secret',
  'reauthenticate',
  'redirect_uri',
  'scope',
  'token_url',
]);

const MAX_LINES = 5000;

function difference(actual: readonly string[], expected: readonly string[]): readonly string[] {
  if (actual.length > MAX_LINES)
    return [`the deployed file has ${actual.length} lines, the generated one ${expected.length}`];
  const unix = actual.map((line) => line.replace(/\r$/, ''));
  const diff = lineDiff(unix, expected);
  return diff.length === 0 ? ['only the line ends differ: CR LF in the deployed file, LF in the generated one'] : diff;
}
