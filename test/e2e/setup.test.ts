import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { reportNotRun } from '../support/java.ts';
import { startProgram } from '../support/program.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const TENANT = '11111111-2222-4333-8444-555555555555';
const OTHER_TENANT = '66666666-2222-4333-8444-555555555555';
const CLIENT = '99999999-8888-4777-8666-555555555555';
const SECRET = 'kx8~the.client-secret_of-the-app-0123456';
const CTRL_C = '\u0003';
const ENTER = '\r';

interface Result {
  readonly ok: boolean;
  readonly access: readonly { readonly id: string; readonly state: string; readonly meaning: string }[];
  readonly pack: { readonly folder: string; readonly caFingerprint: string } | null;
  readonly chain: {
    readonly ok: boolean;
    readonly steps: readonly { readonly id: string; readonly state: string }[];
  } | null;
  readonly next: readonly string[];
}

describe('flexbridge setup', () => {
  let simulator: Simulator;
  let folder: string;
  let env: Record<string, string>;
  const certificates = mkdtempSync(join(tmpdir(), 'flexbridge-setup-ca-'));
  const running: ChildProcess[] = [];

  beforeAll(async () => {
    simulator = createSimulator({
      seed: 5,
      clock: systemClock,
      tenants: [TENANT, OTHER_TENANT].map((tenantId) => ({ tenantId, clientId: CLIENT, clientSecret: SECRET })),
      world: { startMs: systemClock.now(), backlog: 6, live: 0, livePeriodMs: 60_000 },
    });
    const { url, caPem } = await simulator.start();
    writeFileSync(join(certificates, 'ca.pem'), caPem);
    env = {
      FLEXBRIDGE_ENDPOINTS__LOGIN: url,
      FLEXBRIDGE_ENDPOINTS__GRAPH: url,
      FLEXBRIDGE_CA_FILE: join(certificates, 'ca.pem'),
    };
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexbridge-setup-'));
  });
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  afterAll(async () => {
    await simulator.stop();
    rmSync(certificates, { recursive: true });
  });

  function secretFile(text: string): string {
    const path = join(certificates, 'given-secret');
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  async function byFlags(...more: readonly string[]) {
    const args = ['setup', '--json', '--tenant-id', TENANT, '--client-id', CLIENT, ...more];
    const { code, out, err } = await startProgram(args, { cwd: folder, env }).ended;
    expect(err).toBe('');
    return { code, out, result: JSON.parse(out) as Result };
  }

  it('ends with a tested chain from flags alone, and what it wrote starts as it is', async () => {
    const port = await freePort();
    const { code, out, result } = await byFlags('--client-secret-file', secretFile(SECRET), '--port', String(port));
    expect([code, result.ok, result.chain?.ok], out).toEqual([0, true, true]);
    expect(out).not.toContain(SECRET);
    expect(result.access.find(({ id }) => id === 'token.claims')?.meaning).toContain('SecurityAlert.Read.All');
    const steps = result.chain?.steps.map(({ id, state }) => `${id} ${state}`);
    expect(steps).toEqual(expect.arrayContaining(['tls ok', 'token ok', 'poll ok', 'events ok']));
    expect(result.pack?.caFingerprint).toMatch(/^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/);
    expect(statSync(join(folder, 'flexbridge.yaml')).mode & 0o777).toBe(0o640);
    // The tenant stands in the file: its variables are not needed any more.
    const bridge = startProgram(['serve'], { cwd: folder });
    await bridge.logged('pollFinished');
    bridge.child.kill('SIGTERM');
    expect((await bridge.ended).code).toBe(0);
  });

  it('adds a tenant to what is there, and tries that the bridge runs with both', async () => {
    const port = String(await freePort());
    await byFlags('--client-secret-file', secretFile(SECRET), '--port', port, '--no-try');
    const args = [
      'setup',
      '--add-tenant',
      '--json',
      '--tenant-id',
      OTHER_TENANT,
      '--tenant-name',
      'second',
      '--client-id',
      CLIENT,
    ];
    const added = await startProgram([...args, '--client-secret-file', secretFile(SECRET)], { cwd: folder, env }).ended;
    expect([added.code, added.err]).toEqual([0, '']);
    expect((JSON.parse(added.out) as Result).chain).toMatchObject({ ok: true, polled: true });
    expect(readFileSync(join(folder, 'flexbridge.yaml'), 'utf8')).toMatch(/name: default[\s\S]*name: second/);
  });

  it('says why the chain does not work, with the remedy, and ends with 1', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => {
        const address = taken.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    try {
      const { code, result } = await byFlags('--client-secret-file', secretFile(SECRET), '--port', String(port));
      expect([code, result.ok]).toEqual([1, false]);
      expect(JSON.stringify(result.chain)).toMatch(/LISTEN_FAILED.*Stop the program that uses this port/);
    } finally {
      taken.close();
    }
  });

  it('lists what is missing without a terminal, and writes nothing', async () => {
    const { code, err } = await startProgram(['setup'], { cwd: folder }).ended;
    expect(code).toBe(1);
    expect(err).toMatch(
      /--tenant-id <id> is missing.*--client-id <id> is missing.*--client-secret-file <file> is missing/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  const { error, output } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  const hasTerminal = error === undefined && output.join('').includes('util-linux');
  if (!hasTerminal) reportNotRun('flexbridge setup on a terminal', 'there is no script of util-linux on the path');

  /** The program on a terminal of its own; each text of `keys` is typed once the text before it is shown. */
  function onTerminal(keys: readonly (readonly [shown: string, typed: string])[], port: string) {
    const command = `stty cols 100 rows 60; '${process.execPath}' '${MAIN}' setup; echo "code $?"`;
    const child = spawn('script', ['-qc', command, '/dev/null'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], SHELL: '/bin/sh', TERM: 'xterm', FLEXBRIDGE_SERVER__PORT: port, ...env },
    });
    running.push(child);
    return new Promise<string>((resolve) => {
      let seen = '';
      let from = 0;
      const left = [...keys];
      child.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        const [next] = left;
        const at = next === undefined ? -1 : seen.indexOf(next[0], from);
        if (next === undefined || at < 0) return;
        from = at + next[0].length;
        left.shift();
        child.stdin.write(next[1]);
      });
      child.once('exit', () => {
        resolve(plain(seen));
      });
    });
  }

  const QUESTIONS = [
    ['clouds is the tenant in', ENTER],
    ['APIs is asked', ENTER],
    ['Directory (tenant) ID, as', `${TENANT}${ENTER}`],
    ['A short name', ENTER],
    ['How does the bridge sign in', ENTER],
    ['Application (client) ID, as', `${CLIENT}${ENTER}`],
    ['The Value of the client secret', `${SECRET}${ENTER}`],
    ['The day it expires', ENTER],
    ['What becomes an event', ENTER],
    ['Where does the victim', ENTER],
    ['How does the ArcSight connector', ENTER],
    ['Address to listen on', ENTER],
    ['Port to listen on', ENTER],
    ['URL under which', ENTER],
    ['Where does the certificate', ENTER],
    ['Shall a file be written', ENTER],
    ['Go on?', ENTER],
  ] as const;

  it.skipIf(!hasTerminal)('asks on a terminal, hides the secret, and ends with a tested chain', async () => {
    const seen = await onTerminal(QUESTIONS, String(await freePort()));
    expect(seen).toContain('roles SecurityAlert.Read.All');
    expect(seen).toContain('Configured, and events would arrive');
    expect(seen).toContain('code 0');
    expect(seen).not.toContain(SECRET);
    expect(readdirSync(folder).toSorted()).toEqual(['client-secret', 'data', 'flexbridge.yaml', 'pack']);
  });

  it.skipIf(!hasTerminal)('leaves nothing behind after Ctrl-C', async () => {
    const early = await onTerminal([...QUESTIONS.slice(0, 6), ['The Value of the client secret', CTRL_C]], '8443');
    expect(early).toMatch(/Nothing was written[\s\S]*code 1/);
    const late = await onTerminal([...QUESTIONS.slice(0, -1), ['Go on?', CTRL_C]], String(await freePort()));
    expect(late).toMatch(/Nothing was written[\s\S]*code 1/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** What was written, without the control sequences of the terminal. */
function plain(text: string): string {
  return text
    .split('\u001b')
    .map((part, index) => (index === 0 ? part : part.replace(/^\[[0-9;?]*[A-Za-z]/, '')))
    .join('');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
