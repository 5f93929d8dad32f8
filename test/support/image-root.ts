import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { copiesOf, environmentOf, execForm, type Stage, textsOf } from './dockerfile.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** What the Dockerfile removes after compiling. */
const COMPILED_FROM = /better-sqlite3\/(deps|src|build\/.*(?<!better_sqlite3\.node))$/;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard output holds the text; rejects when the program ends without it. */
  wrote(part: string): Promise<void>;
}

/** The file system that the image would have, on this machine's Node and libraries. */
export interface ImageRoot {
  /** The folder that is /data inside. */
  readonly data: string;
  /** Puts a file at an absolute path of the image, readable for the image's user only. */
  addSecret(path: string, content: string): void;
  /** ENTRYPOINT with these arguments, without them with CMD: as USER, every place but /data and /tmp read-only. */
  run(env: Readonly<Record<string, string>>, args?: readonly string[]): Running;
  /** A command beside a running program: same root, same user, as `docker exec`. */
  exec(beside: Running, env: Readonly<Record<string, string>>, command: readonly string[]): Promise<Ended>;
  remove(): void;
}

/** Why no such root can be used here, null when it can. */
export function whyNoImageRoot(): string | null {
  if (process.getuid?.() !== 0) return 'it takes root to mount and to become another user';
  for (const tool of ['chroot', 'env', 'nsenter', 'setpriv']) {
    if (spawnSync(tool, ['--version']).status !== 0) return `there is no ${tool}`;
  }
  const tried = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()], { encoding: 'utf8' });
  return tried.status === 0 ? null : `a mount namespace is not allowed (${tried.stderr.trim()})`;
}

/** @param tmpOptions mount options of /tmp */
export function createImageRoot(runtime: Stage, tmpOptions: string): ImageRoot {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-image-'));
  const root = join(folder, 'root');
  const data = join(folder, 'data');
  const [uid = 0, gid = 0] = (textsOf(runtime.instructions, 'USER').at(-1) ?? '').split(':').map(Number);
  const workdir = textsOf(runtime.instructions, 'WORKDIR').at(-1) ?? '/';
  mkdirSync(data, { mode: 0o700 });
  chownSync(data, uid, gid);
  for (const made of ['data', 'dev', 'etc', 'proc', 'tmp', 'usr', 'node', workdir])
    mkdirSync(join(root, made), { recursive: true });
  for (const link of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${link}`, join(root, link));
  for (const file of ['node/node', 'dev/null', 'dev/urandom', 'etc/passwd']) writeFileSync(join(root, file), '');
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
  copyProgram(runtime, root);

  const entry = execForm(textsOf(runtime.instructions, 'ENTRYPOINT').at(-1) ?? '');
  const command = execForm(textsOf(runtime.instructions, 'CMD').at(-1) ?? '');
  const asUser = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'];
  const inside = ['chroot', root, ...asUser, '--bounding-set=-all', '--inh-caps=-all', 'env', '-C', workdir];
  const environment = (env: Readonly<Record<string, string>>) => ({
    PATH: '/node:/usr/bin:/bin',
    ...environmentOf(runtime),
    ...env,
  });

  return {
    data,
    addSecret(path, content) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      chownSync(file, uid, gid);
      chmodSync(file, 0o400);
    },
    run(env, args = command) {
      const mounts = [root, data, process.execPath, tmpOptions];
      const started = ['--mount', 'sh', '-euc', MOUNT_AND_RUN, 'sh', ...mounts, ...inside, ...entry, ...args];
      return follow(spawn('unshare', started, { stdio: ['ignore', 'pipe', 'pipe'], env: environment(env) }));
    },
    exec({ child }, env, words) {
      const entered = ['--mount', `--target=${child.pid}`, ...inside, ...words];
      return follow(spawn('nsenter', entered, { stdio: ['ignore', 'pipe', 'pipe'], env: environment(env) })).ended;
    },
    remove() {
      rmSync(folder, { recursive: true });
    },
  };
}

/** Everything is an exec, so that the child's pid is the program's. The mounts go with the last process. */
const MOUNT_AND_RUN = `
root=$1 data=$2 node=$3 tmp=$4; shift 4
PATH=$PATH:/usr/sbin:/sbin
mount --bind "$root" "$root"
mount --rbind /usr "$root/usr"
mount --rbind /proc "$root/proc"
mount --bind "$node" "$root/node/node"
for device in null urandom; do mount --bind "/dev/$device" "$root/dev/$device"; done
mount --bind "$data" "$root/data"
mount -t tmpfs -o "$tmp" tmpfs "$root/tmp"
for place in "$root" "$root/usr" "$root/node/node"; do mount -o remount,bind,ro "$place"; done
exec "$@"`;

/** What the runtime stage copies: files of the repository, and what the build stage made of it. */
function copyProgram(runtime: Stage, root: string): void {
  for (const { sources, target } of copiesOf(runtime)) {
    for (const source of sources) {
      const path = source.replace('/build/', '');
      if (path === 'node_modules') copyPackages(join(root, target));
      else
        cpSync(join(REPOSITORY, path), join(root, target.endsWith('/') ? join(target, path) : target), {
          recursive: true,
        });
    }
  }
}

/** The packages that `npm prune --omit=dev` leaves, as the lockfile and npm see them. */
function copyPackages(target: string): void {
  const listed = spawnSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: REPOSITORY, encoding: 'utf8' });
  const modules = join(REPOSITORY, 'node_modules');
  const packages = listed.stdout.split('\n').filter((line) => line.startsWith(modules));
  if (packages.length === 0) throw new Error(`npm lists no packages: ${listed.stderr}`);
  for (const found of packages) {
    cpSync(found, join(target, found.slice(modules.length)), {
      recursive: true,
      filter: (file) => !COMPILED_FROM.test(file),
    });
  }
}

function follow(child: ChildProcess): Running {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('started without pipes');
  let written = '';
  stdout.on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  const code = new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
  const ended = Promise.all([code, text(stdout), text(stderr)]).then(
    ([exitCode, out, err]): Ended => ({ code: exitCode, out, err }),
  );
  return {
    child,
    ended,
    wrote: (part) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (written.includes(part)) resolve();
        };
        stdout.on('data', look);
        look();
        ended.then(({ err }) => {
          reject(new Error(`ended without ${part}: ${err}`));
        }, reject);
      }),
  };
}
