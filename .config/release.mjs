/**
 * Makes what is handed out: release/flexbridge-VERSION.tar.gz with its list of parts (SBOM) and SHA256SUMS beside it.
 * The same tree gives the same bytes, with the same Node, npm, tar and gzip: names in order, one time, no owner.
 *
 *   node .config/release.mjs [--out FOLDER] [--with-modules]
 *
 * --with-modules makes a second one with the installed packages in it, for machines of this kind (system, processor, major
 * version of Node) that reach no registry. Needs GNU tar. `dist/` has to be built: `npm run release` sees to that.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COPIED = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'docs', 'flexconnector'];
/** What bootstrap.mjs refuses, as npm reads it: the embedded database aborts under 24.19 to 26.3 (nodejs/node#65446). */
const NODE = '^20.19.0 || ^22.0.0 || >=24.0.0 <24.19.0 || >=26.4.0';
/** Seconds since 1970 for every file: a fixed one, for nothing of the program goes by it. */
const TIME = process.env.SOURCE_DATE_EPOCH ?? String(Date.UTC(2026, 0, 1) / 1000);
/** What compiling leaves behind in the database's package, and nothing reads. The Dockerfile drops the same. */
const LEFTOVERS = ['deps', 'src', 'build/Makefile', 'build/Release/obj', 'build/Release/obj.target'];

const { values } = parseArgs({
  options: { out: { type: 'string' }, 'with-modules': { type: 'boolean', default: false } },
});
const manifest = readJson('package.json');
const name = `${manifest.name}-${manifest.version}`;
const out = resolve(values.out ?? join(ROOT, 'release'));
const work = mkdtempSync(join(tmpdir(), 'flexbridge-release-'));
try {
  const stage = join(work, name);
  fill(stage);
  // Not of a folder that somebody named: it may hold more.
  if (values.out === undefined) rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const made = [pack(stage, name), list(stage)];
  if (values['with-modules']) made.push(withModules(stage));
  const sums = made.map(
    (file) => `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${basename(file)}\n`,
  );
  writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
  process.stdout.write([...made, join(out, 'SHA256SUMS')].map((file) => `${file}\n`).join(''));
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** The folder that the archive unpacks to. */
function fill(stage) {
  mkdirSync(stage);
  for (const source of COPIED) {
    const filter = (path) => !['.flexbridge-built', '.tsbuildinfo'].includes(basename(path));
    cpSync(join(ROOT, source), join(stage, source), { recursive: true, filter });
  }
  cpSync(join(ROOT, '.config', 'release-install.md'), join(stage, 'INSTALL.md'));
  chmodSync(join(stage, 'dist', 'main.js'), 0o755);
  writeFileSync(
    join(stage, '.npmrc'),
    '# npm ci refuses a Node.js that FlexBridge does not run with.\nengine-strict=true\n',
  );
  writeJson(join(stage, 'package.json'), production(manifest));
  writeJson(join(stage, 'package-lock.json'), productionLock());
  writeJson(join(stage, 'sbom.cdx.json'), sbom(stage));
}

/** The manifest of an installation: nothing to build, nothing that only development needs, the same two scripts. */
function production({ devDependencies: _, ...kept }) {
  return {
    ...kept,
    engines: { node: NODE },
    scripts: { demo: 'node dist/main.js demo', flexbridge: 'node dist/main.js' },
  };
}

/** The lock of the repository without what only development needs: every package with the checksum it was tested with. */
function productionLock() {
  const lock = readJson('package-lock.json');
  const { '': root, ...packages } = lock.packages;
  const { devDependencies: _, ...kept } = root;
  const needed = Object.entries(packages).filter(([, entry]) => entry.dev !== true);
  return { ...lock, packages: { '': { ...kept, engines: { node: NODE } }, ...Object.fromEntries(needed) } };
}

/** CycloneDX from npm, with what changes from run to run replaced: number, time, and the name, which npm takes from the folder. */
function sbom(stage) {
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--omit=dev', '--package-lock-only'];
  const { metadata, serialNumber: _, ...rest } = JSON.parse(run('npm', args, stage));
  const component = { ...metadata.component, name: manifest.name };
  const told = { ...metadata, timestamp: new Date(Number(TIME) * 1000).toISOString(), component };
  const hash = createHash('sha256')
    .update(JSON.stringify([told, rest]))
    .digest('hex');
  const uuid = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  const { $schema, bomFormat, specVersion, ...body } = rest;
  return { $schema, bomFormat, specVersion, serialNumber: `urn:uuid:${uuid}`, ...body, metadata: told };
}

/** The list of parts once more, beside the archive, for whoever looks before they unpack. */
function list(stage) {
  const file = join(out, `${name}.cdx.json`);
  cpSync(join(stage, 'sbom.cdx.json'), file);
  return file;
}

function withModules(stage) {
  run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], stage);
  const database = join(stage, 'node_modules', 'better-sqlite3');
  for (const leftover of LEFTOVERS) rmSync(join(database, leftover), { recursive: true, force: true });
  const [major] = process.versions.node.split('.');
  return pack(stage, `${name}-${process.platform}-${process.arch}-node${major}`);
}

function pack(stage, archive) {
  const file = join(out, `${archive}.tar.gz`);
  const same = ['--format=ustar', '--sort=name', `--mtime=@${TIME}`, '--owner=0', '--group=0', '--numeric-owner'];
  const args = [...same, '--mode=u=rwX,go=rX', '--use-compress-program=gzip -9n', '--file', `${file}.part`];
  run('tar', ['--create', ...args, basename(stage)], join(stage, '..'));
  renameSync(`${file}.part`, file);
  return file;
}

function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
}

function readJson(file) {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
}

function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
