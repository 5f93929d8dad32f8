import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { run } from '../../src/cli/program.ts';
import { type BridgeRig, createBridgeRig, type RigOptions } from './bridge-rig.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What `connector create --json` shows once. */
export interface Issued {
  readonly secret: string;
  readonly refreshToken: { readonly id: string; readonly token: string } | null;
}

/** The real bridge on a port that is known before it starts, and its commands beside it. */
export interface RehearsalRig {
  readonly bridge: BridgeRig;
  readonly publicUrl: string;
  /** A command as its user types it, run in the bridge's folder. */
  run(args: readonly string[], input?: string): Promise<Ran>;
  /** Makes a login with the command. */
  login(name: string, kind: string, ...more: readonly string[]): Promise<Issued>;
  /** Generates the pack of a connector. @returns its folder; the secret of an OAuth2 client is filled in */
  pack(connector: string, secret?: string): Promise<string>;
  /** Writes a file into the bridge's folder. @returns its path */
  file(name: string, text: string): string;
}

export async function createRehearsalRig(options: RigOptions = {}): Promise<RehearsalRig> {
  const bridge = await createBridgeRig(options);
  const publicUrl = `https://localhost:${await freePort()}`;
  const config = join(bridge.folder, 'flexbridge.yaml');
  const text = readFileSync(config, 'utf8').replace(
    'port: 0',
    () => `port: ${new URL(publicUrl).port}, publicUrl: "${publicUrl}", urlKeys: true`,
  );
  writeFileSync(config, text);
  const rig: RehearsalRig = {
    bridge,
    publicUrl,
    run: (args, input = '') => runCommand(args, bridge.folder, input),
    async login(name, kind, ...more) {
      const ran = await rig.run(['connector', 'create', name, '--config', config, '--kind', kind, '--json', ...more]);
      if (ran.code !== 0) throw new Error(ran.err);
      return JSON.parse(ran.out) as Issued;
    },
    async pack(connector, secret) {
      const folder = join(bridge.folder, `pack-${connector}`);
      const made = ['generate', '--config', config, '--feed', 'default', '--connector', connector, '--out', folder];
      const ran = await rig.run(made);
      if (ran.code !== 0) throw new Error(ran.err);
      if (secret !== undefined)
        editFile(join(folder, 'default.properties'), /^client_secret=.*$/m, `client_secret=${secret}`);
      return folder;
    },
    file(name, content) {
      const path = join(bridge.folder, name);
      writeFileSync(path, content, { mode: 0o600 });
      return path;
    },
  };
  return rig;
}

export function editFile(path: string, what: RegExp, by: string): void {
  writeFileSync(
    path,
    readFileSync(path, 'latin1').replace(what, () => by),
    'latin1',
  );
}

/** A command in this process, as main.ts runs it. */
export async function runCommand(args: readonly string[], cwd: string, input = ''): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await run([...args], {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    input: Readable.from([input]),
    cwd,
    isTerminal: false,
  });
  return { code, out, err };
}

/** Free just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
