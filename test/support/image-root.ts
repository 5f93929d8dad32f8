import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { environmentOf, execForm, type Stage, textsOf } from './dockerfile.ts';
import { type Ended, followProcess, type Running } from './follow-process.ts';
import { copyProgram } from './image-program.ts';

/** The file system that the image would have, on this machine's Node and libraries. */
export interface ImageRoot {
  /** The folder that is /data inside. */
  readonly data: string;
  /** Makes it anew, owned by the image's user. To be called before each run that shall begin without data. */
  emptyData(): void;
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
  const missing = ['chroot', 'env', 'nsenter', 'setpriv', 'unshare'].find((tool) => !works([tool, '--version']));
  if (missing !== undefined) return `there is no ${missing}`;
  return works(['unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()])
    ? null
    : 'nothing can be mounted here';
}

function works([command = '', ...args]: readonly string[]): boolean {
  return spawnSync(command, args).status === 0;
}

/** @param tmpOptions mount options of /tmp */
export function createImageRoot(build: Stage, runtime: Stage, tmpOptions: string): ImageRoot {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-image-'));
  const root = join(folder, 'root');
  const data = join(folder, 'data');
  const [uid = 0, gid = 0] = (textsOf(runtime.instructions, 'USER').at(-1) ?? '').split(':').map(Number);
  const workdir = textsOf(runtime.instructions, 'WORKDIR').at(-1) ?? '/';
  for (const made of ['data', 'dev', 'etc', 'proc', 'tmp', 'usr', 'node', workdir])
    mkdirSync(join(root, made), { recursive: true });
  for (const link of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${link}`, join(root, link));
  for (const file of ['node/node', 'dev/null', 'dev/urandom', 'etc/passwd']) writeFileSync(join(root, file), '');
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
  copyProgram(build, runtime, root);

  const entry = execForm(textsOf(runtime.instructions, 'ENTRYPOINT').at(-1) ?? '');
  const cmd = execForm(textsOf(runtime.instructions, 'CMD').at(-1) ?? '');
  const asUser = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'];
  const inside = ['chroot', root, ...asUser, '--bounding-set=-all', '--inh-caps=-all', 'env', '-C', workdir];
  const start = ([command = '', ...args]: readonly string[], variables: Readonly<Record<string, string>>): Running => {
    const env = { PATH: '/node:/usr/sbin:/usr/bin:/bin', ...environmentOf(runtime), ...variables };
    return followProcess(spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env }));
  };

  return {
    data,
    emptyData() {
      rmSync(data, { recursive: true, force: true });
      mkdirSync(data, { mode: 0o700 });
      chownSync(data, uid, gid);
    },
    addSecret(path, content) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      chownSync(file, uid, gid);
      chmodSync(file, 0o400);
    },
    run(env, args = cmd) {
      const mounted = ['unshare', '--mount', 'sh', '-euc', MOUNT_AND_RUN, 'sh'];
      return start([...mounted, root, data, process.execPath, tmpOptions, ...inside, ...entry, ...args], env);
    },
    exec: ({ child }, env, command) =>
      start(['nsenter', '--mount', `--target=${child.pid}`, ...inside, ...command], env).ended,
    remove() {
      rmSync(folder, { recursive: true });
    },
  };
}

/** Everything is an exec, so that the child's pid is the program's. The mounts go with the last process. */
const MOUNT_AND_RUN = `
root=$1 data=$2 node=$3 tmp=$4; shift 4
mount --bind "$root" "$root"
mount --rbind /usr "$root/usr"
mount --rbind /proc "$root/proc"
mount --bind "$node" "$root/node/node"
for device in null urandom; do mount --bind "/dev/$device" "$root/dev/$device"; done
mount --bind "$data" "$root/data"
mount -t tmpfs -o "$tmp" tmpfs "$root/tmp"
for place in "$root" "$root/usr" "$root/node/node"; do mount -o remount,bind,ro "$place"; done
exec "$@"`;
