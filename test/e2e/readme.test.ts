import { spawnSync } from 'node:child_process';
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
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { freePort } from '../bench/first-answer.ts';
import { reportNotRun } from '../support/java.ts';
import { type ShellProgram, startShell } from '../support/shell.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Lines of README's `sh` blocks that are not run, each with the reason. Anything else is run as it stands there. */
const NOT_RUN: ReadonlyMap<string, string> = new Map([
  ['npm test', 'it is what runs this test; only that there is such a script is checked'],
  ['npm run flexbridge -- setup', 'it asks on a terminal; test/e2e/setup.test.ts answers it there'],
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

describe('README.md', () => {
  let simulator: Simulator | null = null;
  const running: ShellProgram[] = [];

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
    // Commands under another name of the language would be passed over.
    expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(['sh', 'yaml']));
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
      const program = startShell(script, { cwd: tree, env, exported: join(folder, 'exported') });
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
      /^connector arcsight-01 \S+\nrefresh-token arcsight-01 \S+\noperator ops \S+$/m,
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
