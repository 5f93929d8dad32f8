import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ended, followProcess, type Running } from './follow-process.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const SYSTEMD = '/lib/systemd/systemd';
const TOOLS = ['chroot', 'nsenter', 'pivot_root', 'systemctl', 'systemd-sysusers', 'tail', 'unshare'];

/** A machine of namespaces whose first process is a systemd of its own, with the unit of `docs/systemd` and nothing else. */
export interface ServiceRoot {
  /** What the service writes, as it comes: standard output and standard error. */
  readonly log: Running;
  /** `systemctl` inside. */
  systemctl(...args: readonly string[]): Promise<Ended>;
  /** A file of the machine, by its absolute path. */
  read(path: string): string;
  /** Ends the machine and all that runs in it. */
  remove(): Promise<void>;
}

/** Why no such machine can be had here, null when it can. */
export function whyNoServiceRoot(): string | null {
  if (process.getuid?.() !== 0) return 'it takes root to mount and to be another user';
  const missing = [...TOOLS, SYSTEMD].find((tool) => spawnSync(tool, ['--version']).error !== undefined);
  if (missing !== undefined) return `there is no ${missing}`;
  if (ownGroup() === null) return 'control groups of version 2 are not mounted';
  const namespaces = ['--pid', '--mount', '--uts', '--ipc', '--cgroup', '--fork'];
  return spawnSync('unshare', [...namespaces, 'mount', '-t', 'cgroup2', 'cgroup2', tmpdir()]).status === 0
    ? null
    : 'no control groups can be mounted in a namespace here';
}

/**
 * Starts the machine; its one job is the service.
 * @param unit text of the unit
 * @param sysusers text of its sysusers.d file
 * @param configuration files of /etc/flexbridge, by name
 */
export function startServiceRoot(
  unit: string,
  sysusers: string,
  configuration: Readonly<Record<string, string>>,
): ServiceRoot {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-service-'));
  const place = (name: string): string => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };
  const [root, units, etc, log] = ['root', 'units', 'etc', 'log'].map(place);
  writeFileSync(join(units ?? '', 'flexbridge.service'), unit.replace('/usr/bin/node', '/node/node'));
  const output = '[Service]\nStandardOutput=append:/log/service\nStandardError=append:/log/service\n';
  mkdirSync(join(units ?? '', 'flexbridge.service.d'));
  writeFileSync(join(units ?? '', 'flexbridge.service.d', 'log.conf'), output);
  for (const target of ['sysinit', 'basic', 'network-online', 'time-sync', 'shutdown'])
    writeFileSync(join(units ?? '', `${target}.target`), '[Unit]\nDefaultDependencies=no\n');
  writeFileSync(join(units ?? '', 'one.target'), '[Unit]\nDefaultDependencies=no\nWants=flexbridge.service\n');
  writeFileSync(join(folder, 'sysusers.conf'), sysusers);
  for (const [name, text] of Object.entries(configuration)) writeFileSync(join(etc ?? '', name), text);

  // A control group of its own, so that a systemd that runs this machine is left alone.
  const group = `${ownGroup() ?? ''}/flexbridge-test-${process.pid}`;
  mkdirSync(group);
  const namespaces = ['--pid', '--mount', '--uts', '--ipc', '--cgroup', '--fork', '--kill-child'];
  const enter = `echo $$ >"$0/cgroup.procs"; exec unshare ${namespaces.join(' ')} sh -euc "$1" boot "$2" "$3" "$4"`;
  const machine = spawn('sh', ['-euc', enter, group, BOOT, folder, REPOSITORY, process.execPath], { stdio: 'ignore' });
  const inside = (): string =>
    readFileSync(`/proc/${machine.pid ?? 0}/task/${machine.pid ?? 0}/children`, 'utf8').trim();
  const tail = spawn('tail', ['-n', '+1', '-F', join(log ?? '', 'service')], { stdio: ['ignore', 'pipe', 'pipe'] });

  return {
    log: followProcess(tail),
    systemctl: (...args) => {
      const command = ['--target', inside(), '--mount', '--pid', '--cgroup', '--root', '--wd', 'systemctl', ...args];
      return followProcess(spawn('nsenter', command, { stdio: ['ignore', 'pipe', 'pipe'] })).ended;
    },
    read: (path) => readFileSync(`/proc/${inside()}/root${path}`, 'utf8'),
    async remove() {
      const ended = new Promise((resolve) => machine.once('exit', resolve));
      // The first process takes all others with it, and the one outside ends after them.
      const first = Number(machine.exitCode === null ? inside() : 0);
      if (first > 0) {
        process.kill(first, 'SIGKILL');
        await ended;
      }
      tail.kill();
      removeGroup(group);
      rmSync(join(root ?? '', '..'), { recursive: true });
    },
  };
}

/** The folder of this process' control group of version 2. */
function ownGroup(): string | null {
  const mounted = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1];
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  return mounted === undefined || own === undefined ? null : join(mounted, own);
}

/** With the groups that the systemd has made in it; their processes are gone. */
function removeGroup(group: string): void {
  spawnSync('find', [group, '-mindepth', '1', '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
  rmdirSync(group);
}

/** Makes the file system and becomes its systemd. The mounts go with the last process. */
const BOOT = `
folder=$1 repository=$2 node=$3
mount -t tmpfs tmpfs "$folder/root"
cd "$folder/root"
mkdir -p usr etc/flexbridge etc/systemd/system proc sys dev/shm run tmp var/lib var/log opt/flexbridge/dist \
  opt/flexbridge/node_modules root home node log old
for link in bin lib lib64 sbin; do ln -s "usr/$link" "$link"; done
ln -s ../run var/run
mount --bind /usr usr
mount -o remount,bind,ro usr
mount --bind "$folder/units" usr/lib/systemd/system
mount -t tmpfs tmpfs run
mount -t proc proc proc
mount --bind /sys sys
for device in null zero full random urandom tty; do : >"dev/$device"; mount --bind "/dev/$device" "dev/$device"; done
mknod dev/ptmx c 5 2
: >node/node
mount --bind "$node" node/node
mount --bind "$repository/dist" opt/flexbridge/dist
mount --bind "$repository/node_modules" opt/flexbridge/node_modules
cp "$repository/package.json" opt/flexbridge/
mount --bind "$folder/log" log
printf 'root:x:0:0::/root:/bin/sh\\nnobody:x:65534:65534::/:/usr/sbin/nologin\\n' >etc/passwd
printf 'root:x:0:\\nnogroup:x:65534:\\n' >etc/group
printf '127.0.0.1 localhost\\n' >etc/hosts
printf '%032d\\n' 1 >etc/machine-id
cp "$folder/sysusers.conf" tmp/
chroot . systemd-sysusers /tmp/sysusers.conf
cp "$folder"/etc/* etc/flexbridge/
chroot . chown -R root:flexbridge /etc/flexbridge
chmod 0750 etc/flexbridge
chmod 0640 etc/flexbridge/*
pivot_root . old
cd /
umount -l old
container=flexbridge-test exec ${SYSTEMD} --system --unit=one.target --log-target=null --show-status=no`;
