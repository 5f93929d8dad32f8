import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { reportNotRun } from '../support/java.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Lines of README's `sh` blocks that are not run, each with the reason. Anything else is run as it stands there. */
const NOT_RUN: ReadonlyMap<string, string> = new Map([
  ['npm test', 'it is what runs this test; only that there is such a script is checked'],
]);
/** Lines that go on until Ctrl-C: they run beside the blocks after them. */
const IN_BACKGROUND: ReadonlySet<string> = new Set(['npm run flexbridge -- serve']);
/** What README's commands need besides Node.js. */
const TOOLS = ['curl', 'openssl'];
/** From this heading on the reader has a tenant; the simulated one is given by environment. */
const TENANT_HEADING = 'The first real tenant, in five minutes';

interface Block {
  readonly heading: string;
  readonly language: string;
  readonly lines: readonly string[];
}

const blocks = blocksOf(README);
const folder = mkdtempSync(join(tmpdir(), 'flexbridge-readme-'));
const tree = join(folder, 'flexbridge');

function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(({ 1: language = '', 2: body = '', index }) => ({
    heading: [...markdown.slice(0, index).matchAll(/^## (.*)$/gm)].at(-1)?.[1] ?? '',
    language,
    lines: body.trimEnd().split('\n'),
  }));
}

/** What git does not ignore, the build, and the installed packages as links: a mistake here cannot harm the original. */
function copyTree(): void {
  const left = new Set(['.git', 'node_modules', 'data', 'pack', 'coverage', 'flexbridge.yaml', 'client-secret']);
  cpSync(ROOT, tree, {
    recursive: true,
    filter: (from) => !left.has(relative(ROOT, from)) && !relative(ROOT, from).startsWith('.bootstrap.lock'),
  });
  mkdirSync(join(tree, 'node_modules'));
  for (const entry of readdirSync(join(ROOT, 'node_modules'), { withFileTypes: true })) {
    const [from, to] = [join(ROOT, 'node_modules', entry.name), join(tree, 'node_modules', entry.name)];
    if (entry.isFile()) cpSync(from, to);
    else symlinkSync(from, to);
  }
}

/** Without a registry: when the tree needs installing or building first, that is an error of how the test was started. */
const PLAIN = {
  PATH: process.env['PATH'] ?? '',
  HOME: folder,
  TMPDIR: folder,
  npm_config_registry: 'http://127.0.0.1:9/',
  npm_config_fetch_retries: '0',
  npm_config_update_notifier: 'false',
};

/** Like the terminal of a reader: each script in a shell that knows what the ones before have exported. */
function start(script: string, env: Record<string, string>) {
  const state = join(folder, 'exported');
  const known = existsSync(state) ? `. '${state}'\n` : '';
  const child: ChildProcess = spawn('sh', ['-c', `set -eu\n${known}${script}\nexport -p > '${state}'`], {
    cwd: tree,
    env,
    // A process group of its own, so that Ctrl-C can be sent to all that the shell has started.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('started without pipes');
  const ended = Promise.all([
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
    text(stdout),
    text(stderr),
  ]).then(([code, out, err]) => ({ code, out, err }));
  return {
    ended,
    signal: (name: 'SIGINT' | 'SIGKILL') => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, name);
    },
    /** Resolves when the program has written that; rejects when it ends without. */
    wrote: (part: string) =>
      new Promise<void>((resolve, reject) => {
        let seen = '';
        stdout.on('data', (chunk: Buffer) => {
          seen += chunk.toString();
          if (seen.includes(part)) resolve();
        });
        ended.then(({ out, err }) => {
          reject(new Error(`"${script}" ended without ${part}:\n${out}${err}`));
        }, reject);
      }),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}

describe('README.md', () => {
  let simulator: Simulator | null = null;
  const running: ReturnType<typeof start>[] = [];

  beforeAll(() => {
    copyTree();
    // An answer of 400 and up is a failure of the command, which curl does not take it for by itself.
    writeFileSync(join(folder, '.curlrc'), 'fail\n');
  });
  afterAll(async () => {
    for (const program of running) program.signal('SIGKILL');
    await Promise.all(running.map(({ ended }) => ended));
    await simulator?.stop();
    rmSync(folder, { recursive: true });
  });

  /** Where the simulated Microsoft is, which knows the ids and the secret that README prints. */
  async function tenantEnvironment(port: number): Promise<Record<string, string>> {
    const clientSecret = /FLEXBRIDGE_CLIENT_SECRET='([^']+)'/.exec(README)?.[1] ?? '';
    simulator = createSimulator({
      seed: 4,
      clock: systemClock,
      tenants: [{ tenantId: NOBODY, clientId: NOBODY, clientSecret }],
      world: { startMs: systemClock.now(), backlog: 5, live: 0, livePeriodMs: 60_000 },
    });
    const { url, caPem } = await simulator.start();
    writeFileSync(join(folder, 'microsoft-ca.pem'), caPem);
    return {
      ...PLAIN,
      FLEXBRIDGE_ENDPOINTS__LOGIN: url,
      FLEXBRIDGE_ENDPOINTS__GRAPH: url,
      FLEXBRIDGE_CA_FILE: join(folder, 'microsoft-ca.pem'),
      FLEXBRIDGE_SERVER__PORT: String(port),
    };
  }

  const missing = TOOLS.find((tool) => spawnSync(tool, ['--version']).error !== undefined);
  if (missing !== undefined) reportNotRun('the commands of README.md', `there is no ${missing} on the path`);
  else it('has only commands that work, in their order, on a fresh tree', { timeout: 60_000 }, runCommands);

  async function runCommands(): Promise<void> {
    const commands = blocks.filter(({ language }) => language === 'sh');
    const headings = commands.map(({ heading }) => heading);
    const lines = new Set(commands.flatMap((block) => block.lines));
    expect(headings).toContain(TENANT_HEADING);
    for (const line of [...NOT_RUN.keys(), ...IN_BACKGROUND]) expect([...lines]).toContain(line);

    const port = await freePort();
    const tenant = await tenantEnvironment(port);
    // Another program of this machine may have the port that README names, so the bridge and README get another one.
    const { server } = await loadConfig({
      env: { FLEXBRIDGE_TENANT_ID: NOBODY, FLEXBRIDGE_CLIENT_ID: NOBODY, FLEXBRIDGE_CLIENT_SECRET: 'any' },
      cwd: folder,
    });
    const said: string[] = [];
    for (const [index, block] of commands.entries()) {
      const env = index < headings.indexOf(TENANT_HEADING) ? PLAIN : tenant;
      const script = block.lines
        .filter((line) => !NOT_RUN.has(line))
        .join('\n')
        .replaceAll(`localhost:${server.port}`, `localhost:${port}`);
      const program = start(script, env);
      running.push(program);
      if (block.lines.some((line) => IN_BACKGROUND.has(line))) {
        await program.wrote('"event":"pollFinished"');
      } else {
        const { code, out, err } = await program.ended;
        expect(code, `${script}\n${out}${err}`).toBe(0);
        said.push(out);
      }
    }
    const [serve] = commands.flatMap((block, index) =>
      block.lines.some((line) => IN_BACKGROUND.has(line)) ? [running[index]] : [],
    );
    serve?.signal('SIGINT');
    expect((await serve?.ended)?.out).toContain('"event":"stopped"');

    // What README says of these commands.
    const output = said.join('');
    expect(output).toMatch(
      /^Microsoft had 40 alerts, stored 40 alerts as \d+ events, delivered \d+ events of 40 alerts\.$/m,
    );
    expect(readFileSync(join(tree, 'data', 'initial-credentials'), 'utf8')).toMatch(
      /^connector arcsight-01 \S+\noperator ops \S+$/m,
    );
    expect(existsSync(join(tree, 'pack', 'INSTALL.md'))).toBe(true);
  }

  it('names only scripts that package.json has, among the lines that are not run too', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    for (const line of NOT_RUN.keys()) {
      const [, name] = /^npm (?:run )?([\w-]+)/.exec(line) ?? [];
      if (name !== undefined) expect(Object.keys(scripts)).toContain(name);
    }
  });

  it('has an example of flexbridge.yaml that is valid', async () => {
    const examples = blocks.filter(({ language }) => language === 'yaml');
    expect(examples).toHaveLength(1);
    const place = mkdtempSync(join(folder, 'example-'));
    writeFileSync(join(place, 'client-secret'), 'any', { mode: 0o600 });
    writeFileSync(join(place, 'flexbridge.yaml'), examples.flatMap(({ lines }) => lines).join('\n'));
    const { server, warnings } = await loadConfig({ cwd: place, env: {} });
    expect(server.publicUrl).toBe('https://bridge.example:8443');
    expect(warnings).toEqual([]);
  });
});
