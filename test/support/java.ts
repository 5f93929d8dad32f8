import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ORACLE = fileURLToPath(new URL('../fixtures/java/Oracle.java', import.meta.url));

/** A JDK that runs a source file, or why there is none. */
export type FoundJava =
  | { readonly kind: 'found'; readonly version: number }
  | { readonly kind: 'missing'; readonly reason: string };

/** One question to Java: the operation and its arguments; bytes for `properties`, text elsewhere. See Oracle.java. */
export type Query = readonly [operation: string, ...args: readonly (string | Uint8Array)[]];

export type Answer =
  | { readonly kind: 'ok'; readonly values: readonly (string | null)[] }
  | { readonly kind: 'error'; readonly message: string };

/** Looks for `java` and `javac` on the path; a JRE alone cannot run a source file. */
export function findJava(path: string | undefined = process.env['PATH']): FoundJava {
  const env = { ...process.env, PATH: path };
  const javac = spawnSync('javac', ['-version'], { encoding: 'utf8', env });
  if (javac.error) return { kind: 'missing', reason: 'there is no javac on the path' };
  const version = Number(/^javac (\d+)/.exec(javac.stdout)?.[1] ?? 0);
  if (version < 11) return { kind: 'missing', reason: `javac is ${javac.stdout.trim()}, 11 or later is needed` };
  const java = spawnSync('java', ['-version'], { encoding: 'utf8', env });
  if (java.error) return { kind: 'missing', reason: 'there is a javac on the path but no java' };
  return { kind: 'found', version };
}

/** Asks all questions in one Java process; one answer each, in their order. */
export function askJava(queries: readonly Query[]): readonly Answer[] {
  const input = queries.map(([operation, ...args]) => [operation, ...args.map(encode)].join(' ')).join('\n');
  const run = spawnSync('java', ['-Xshare:auto', ORACLE], { input, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
  if (run.status !== 0) throw new Error(`java failed: ${run.error?.message ?? run.stderr}`);
  const answers = run.stdout.trimEnd().split('\n').map(decode);
  if (answers.length !== queries.length) {
    throw new Error(`java answered ${answers.length} of ${queries.length} questions: ${run.stderr}`);
  }
  return answers;
}

/** Says on one line that a suite was left out. Called instead of registering its tests. */
export function reportNotRun(suite: string, reason: string): void {
  process.stdout.write(`NOT RUN: ${suite} because ${reason}\n`);
}

function encode(arg: string | Uint8Array): string {
  const bytes = typeof arg === 'string' ? Buffer.from(arg, 'utf16le').swap16() : Buffer.from(arg);
  return `.${bytes.toString('base64')}`;
}

function decode(line: string): Answer {
  const [word, ...values] = line.split(' ');
  const texts = values.map((value) =>
    value === '-' ? null : Buffer.from(value.slice(1), 'base64').swap16().toString('utf16le'),
  );
  return word === 'ok' ? { kind: 'ok', values: texts } : { kind: 'error', message: texts[0] ?? '' };
}
