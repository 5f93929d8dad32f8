import { isLoopback } from '../../config/formats.ts';
import { BridgeError } from '../../domain/errors.ts';
import type { Answers } from './answers.ts';
import { yamlValue } from './yaml-value.ts';

/** Where this installation is. Paths are absolute. */
export interface Installation {
  readonly node: string;
  /** `dist/main.js`. */
  readonly main: string;
  readonly configFile: string;
  readonly dataDir: string;
  /** Who runs the service. */
  readonly user: string;
}

export const SERVICE_USER = 'flexbridge';
const HOMES = /^\/(?:home|root)\//;

/**
 * The unit of docs/systemd with the paths of this place. Its hardening stays as it is.
 * @param template text of docs/systemd/flexbridge.service
 * @throws BridgeError SETUP_SERVICE where a path cannot stand in a unit, or the template is not what is expected
 */
export function systemdUnit(
  template: string,
  { node, main, configFile, dataDir, user }: Installation,
  port: number,
): string {
  const isAtHome = [node, main, configFile, dataDir].some((path) => HOMES.test(path));
  const start = [node, main, 'serve', '--config', configFile].map(unitWord).join(' ');
  const lines = new Map<string, readonly string[]>([
    ['ExecStart', [start]],
    ['User', [user]],
    // The group of the user, whatever its name.
    ['Group', []],
    ['StateDirectory', []],
    ['StateDirectoryMode', []],
    ['LogsDirectory', []],
    ['LogsDirectoryMode', []],
    ['WorkingDirectory', [unitPath(dataDir)]],
    ['ProtectSystem', ['strict']],
    ['ReadWritePaths', []],
    ...(isAtHome ? [['ProtectHome', ['read-only']] as const] : []),
    ...(port < 1024
      ? ([
          ['CapabilityBoundingSet', ['CAP_NET_BIND_SERVICE']],
          ['AmbientCapabilities', ['CAP_NET_BIND_SERVICE']],
          ['PrivateUsers', ['no']],
        ] as const)
      : []),
  ]);
  if (!/^ExecStart=/m.test(template) || !/^ProtectSystem=/m.test(template))
    throw unusable('the template of the unit has no ExecStart or ProtectSystem');
  const [head = '', ...rest] = template.split('\n[Unit]\n');
  const body = rest
    .join('\n[Unit]\n')
    .split('\n')
    .flatMap((line) => {
      const [key = ''] = line.split('=');
      const values = lines.get(key);
      return values === undefined ? [line] : values.map((value) => `${key}=${value}`);
    })
    .join('\n')
    .replace(/^ProtectSystem=.*$/m, (line) => `${line}\nReadWritePaths=${quoted(unitPath(dataDir))}`);
  if (head === '' || body === '') throw unusable('the template of the unit has no [Unit]');
  return `# FlexBridge as a service of systemd, for the folder of ${commentText(configFile)}; written by flexbridge setup.\n[Unit]\n${body}`;
}

/** A file for Docker Compose that runs the configuration of this folder. */
export function composeFile(
  { configFile, dataDir }: Pick<Installation, 'configFile' | 'dataDir'>,
  program: string,
  files: readonly string[],
  { host = '', port = '' }: Answers,
): string {
  const published = isLoopback(host) ? `127.0.0.1:${port}:${port}` : `${port}:${port}`;
  const mounts = [`${dataDir}:/data`, `${configFile}:/etc/flexbridge/flexbridge.yaml:ro`, ...files];
  return [
    '# Written by flexbridge setup; docs/containers.md explains it. Not tried here: it needs Docker Engine with Compose.',
    'name: flexbridge',
    'services:',
    '  bridge:',
    '    image: flexbridge',
    `    build: ${yamlValue(program)}`,
    '    restart: unless-stopped',
    '    init: true',
    '    read_only: true',
    '    cap_drop: [ALL]',
    '    security_opt: ["no-new-privileges:true"]',
    '    tmpfs: ["/tmp:size=64m,mode=1777,noexec,nosuid,nodev"]',
    '    mem_limit: 512m',
    '    pids_limit: 128',
    '    # The bridge gives open answers 10 seconds to end.',
    '    stop_grace_period: 20s',
    `    ports: [${yamlValue(published)}]`,
    '    volumes:',
    ...mounts.map((mount) => `      - ${yamlValue(mount.replaceAll('$', '$$$$'))}`),
    '',
  ].join('\n');
}

/** One word of a command, where `$` begins a variable (systemd.service, COMMAND LINES). */
function unitWord(text: string): string {
  return quoted(unitPath(text).replaceAll('$', '$$$$'));
}

function quoted(text: string): string {
  return /^[A-Za-z0-9_./@:+,=~^%$-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** `%` begins a specifier everywhere (systemd.unit, SPECIFIERS). */
function unitPath(text: string): string {
  if (/\p{Cc}/u.test(text)) throw unusable('a path has a control character in it, which a unit cannot hold');
  return text.replaceAll('%', '%%');
}

function commentText(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}

function unusable(why: string): BridgeError {
  return new BridgeError({
    code: 'SETUP_SERVICE',
    kind: 'operator',
    message: `the file that starts the bridge with the machine cannot be made: ${why}`,
    hint: 'Leave it out (--service none) and follow docs/deploy.md.',
  });
}
