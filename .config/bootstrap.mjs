/**
 * Makes a fresh clone runnable: installs the locked packages and builds `dist/` when they are missing or outdated, then
 * runs the given command. Needs nothing but Node and npm. Safe to start twice at the same time.
 *
 *   node .config/bootstrap.mjs COMMAND ARGS...      COMMAND: a file below the repository, or a tool of node_modules/.bin
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOCK = join(ROOT, '.bootstrap.lock');
const INSTALL_STAMP = join(ROOT, 'node_modules', '.flexbridge-installed');
const DIST = join(ROOT, 'dist');
const NEXT = join(ROOT, 'dist.next');
const PREVIOUS = join(ROOT, 'dist.previous');
const BUILD_STAMP = join(DIST, '.flexbridge-built');
const OLDEST_NODE = [20, 19];

main();

function main() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    fail(
      `FlexBridge needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}. Install a current LTS from https://nodejs.org.`,
    );
  }
  if (major === 24 && minor >= 19) {
    fail(
      `the embedded database (better-sqlite3 12.11.1) aborts under Node 24.19 and later 24s (nodejs/node#65446); this is ${process.versions.node}. Use Node 20, 22, 24 up to 24.18, or 26.`,
    );
  }
  const packages = hashOf([join(ROOT, 'package.json'), join(ROOT, 'package-lock.json')], process.versions.modules);
  if (!isCurrent(packages)) locked(() => prepare(packages));
  const [command, ...args] = process.argv.slice(2);
  if (command !== undefined) run(command, args);
}

function isCurrent(packages) {
  return read(INSTALL_STAMP) === packages && read(BUILD_STAMP) === hashOf(sources(), packages);
}

function prepare(packages) {
  if (read(INSTALL_STAMP) !== packages) {
    say(
      'installing packages (the first time takes a minute or two: the embedded database may have to be compiled) ...',
    );
    rmSync(INSTALL_STAMP, { force: true });
    step(
      'npm',
      ['ci', '--no-audit', '--no-fund', '--include=dev'],
      'installing failed. Check the network and npm; without a prebuilt binary better-sqlite3 needs python3, make and g++.',
    );
    writeFileSync(INSTALL_STAMP, packages);
  }
  const built = hashOf(sources(), packages);
  if (read(BUILD_STAMP) !== built) {
    say('building ...');
    // Beside the old one and then in its place: a program that runs from dist/ does not lose its files under way.
    rmSync(NEXT, { recursive: true, force: true });
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    step(process.execPath, [compiler, '-p', 'tsconfig.json', '--outDir', NEXT], 'building failed.');
    writeFileSync(join(NEXT, '.flexbridge-built'), built);
    rmSync(PREVIOUS, { recursive: true, force: true });
    if (existsSync(DIST)) renameSync(DIST, PREVIOUS);
    renameSync(NEXT, DIST);
    rmSync(PREVIOUS, { recursive: true, force: true });
  }
}

/** Runs `work` alone: a second start waits for the first one's installation instead of treading on it. */
function locked(work) {
  let told = false;
  while (!take()) {
    if (!told) say('waiting for another start of this clone to finish installing ...');
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  }
  try {
    work();
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

/** A folder made by rename is taken by exactly one; it carries its holder's pid, so that a dead holder is noticed. */
function take() {
  const draft = `${LOCK}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  writeFileSync(join(draft, 'pid'), String(process.pid));
  try {
    renameSync(draft, LOCK);
    return true;
  } catch {
    rmSync(draft, { recursive: true, force: true });
    const holder = Number(read(join(LOCK, 'pid')) ?? 0);
    if (holder > 0 && !isAlive(holder)) rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function run(command, args) {
  const file = join(ROOT, command);
  const tool = join(ROOT, 'node_modules', '.bin', command);
  const isFile = existsSync(file) && statSync(file).isFile();
  const child = isFile
    ? spawn(process.execPath, [file, ...args], { stdio: 'inherit' })
    : spawn(tool, args, { stdio: 'inherit', cwd: ROOT });
  // The terminal sends Ctrl-C to both; this one waits for the other's orderly end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => signal === 'SIGINT' || child.kill(signal));
  child.on('error', (error) => fail(`cannot start ${command}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}

function step(command, args, failure) {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    rmSync(LOCK, { recursive: true, force: true });
    fail(failure);
  }
}

function sources() {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return [...files.toSorted(), join(ROOT, 'tsconfig.json')];
}

function hashOf(files, salt) {
  const hash = createHash('sha256').update(salt);
  for (const file of files) hash.update(file.slice(ROOT.length)).update(readFileSync(file));
  return hash.digest('hex');
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function say(text) {
  process.stderr.write(`flexbridge: ${text}\n`);
}

function fail(text) {
  process.stderr.write(`flexbridge: ${text}\n`);
  process.exit(1);
}
