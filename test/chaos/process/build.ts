import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** What the bridge's process is made of besides `src/`. */
const PARTS = ['test/chaos/process/bridge-process.ts', 'test/chaos/process/messages.ts', 'test/support/moved-clock.ts'];
const ENTRY = 'test/chaos/process/bridge-process.js';

/** The bridge's process as plain JavaScript: it starts hundreds of times, and each start would compile it anew. */
export interface BridgeBuild {
  readonly entryFile: string;
  remove(): Promise<void>;
}

/** Where packages are found by the ordinary rules. */
const CACHE = join(ROOT, 'node_modules', '.cache');

export async function buildBridge(): Promise<BridgeBuild> {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, 'flexbridge-chaos-'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  const sources = (await readdir(join(ROOT, 'src'), { recursive: true }))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src', name));
  await Promise.all([...sources, ...PARTS].map((name) => transpile(name, folder)));
  return {
    entryFile: join(folder, ENTRY),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function transpile(name: string, folder: string): Promise<void> {
  const { outputText } = ts.transpileModule(await readFile(join(ROOT, name), 'utf8'), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  const file = join(folder, name.replace(/\.ts$/, '.js'));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, outputText);
}
