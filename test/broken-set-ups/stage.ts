import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../src/domain/clock.ts';
import type { SimulatedTenant } from '../../src/simulator/login/simulated-tenant.ts';
import { createSimulator } from '../../src/simulator/simulator.ts';
import { freePort } from '../bench/first-answer.ts';
import { startProgram } from '../support/program.ts';
import { type DoctorAnswer, readRows } from './doctor-answer.ts';
import { CLIENT, CLIENT_SECRET, CONNECTOR, configText, TENANT, usual, type Written } from './written.ts';

export interface MicrosoftOptions {
  /** The tenant, as far as it is not as usual. */
  readonly tenant?: Partial<SimulatedTenant>;
  /** How far its clock is ahead of this machine's. */
  readonly aheadMs?: number;
}

/** One administrator's machine, with everything that a set-up needs on it. */
export interface Stage {
  readonly folder: string;
  readonly port: number;
  /** Where connectors reach the bridge. */
  readonly publicUrl: string;
  readonly database: string;
  /** Starts the simulated Microsoft. @returns its base URL */
  microsoft(options?: MicrosoftOptions): Promise<string>;
  /** Writes configuration and secret; what is not said is as it was written before, at first as usual. */
  write(changes?: Partial<Written>): Promise<void>;
  /** Starts the bridge as a process and waits for the end of its first poll, good or bad. */
  serve(): Promise<void>;
  /** Starts the bridge where it cannot start; waits for its end. */
  tryToServe(): Promise<void>;
  /** Ends the bridge in order. */
  stop(): Promise<void>;
  /** Resolves when the running bridge has logged that. */
  logged(event: string): Promise<void>;
  /** Generates the connector's pack. @returns its folder */
  generate(): Promise<string>;
  /** Runs `flexbridge doctor`. */
  doctor(account?: number): Promise<DoctorAnswer>;
  /** Called when the set-up is cleared away, the last one first. */
  onClear(work: () => unknown): void;
  clear(): Promise<void>;
}

const STOP_LIMIT_MS = 15_000;

export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-set-up-'));
  const port = await freePort();
  const config = join(folder, 'flexbridge.yaml');
  const clearing: (() => unknown)[] = [];
  let written: Written | null = null;
  let bridge: ReturnType<typeof startProgram> | null = null;
  const running = () => {
    if (bridge === null) throw new Error('the bridge was not started');
    return bridge;
  };
  const stage: Stage = {
    folder,
    port,
    publicUrl: `https://localhost:${port}`,
    database: join(folder, 'data', 'flexbridge.db'),
    async microsoft({ tenant = {}, aheadMs = 0 } = {}) {
      const clock: Clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
      const simulator = createSimulator({
        seed: 7,
        clock,
        tenants: [{ tenantId: TENANT, clientId: CLIENT, clientSecret: CLIENT_SECRET, ...tenant }],
        world: { startMs: systemClock.now(), backlog: 12, live: 0, livePeriodMs: 60_000 },
      });
      const { url, caPem } = await simulator.start();
      stage.onClear(() => simulator.stop());
      writeFileSync(join(folder, 'microsoft-ca.pem'), caPem);
      written = usual(url);
      return url;
    },
    async write(changes = {}) {
      if (written === null) throw new Error('Microsoft was not started');
      written = { ...written, ...changes };
      writeFileSync(join(folder, 'client-secret'), written.clientSecret, { mode: 0o600 });
      writeFileSync(config, await configText(written, port), { mode: 0o600 });
    },
    async serve() {
      const started = startProgram(['serve', '--config', config], { cwd: folder });
      bridge = started;
      await started.logged('started');
      // Whichever does not come is left behind: it is rejected when the bridge ends.
      const ends = ['pollFinished', 'pollFailed'].map((event) => started.logged(event));
      for (const end of ends) end.catch(() => undefined);
      await Promise.race(ends);
    },
    async tryToServe() {
      const { code } = await startProgram(['serve', '--config', config], { cwd: folder }).ended;
      if (code === 0) throw new Error('the bridge ended well where it should not have started');
    },
    async stop() {
      const ending = bridge;
      bridge = null;
      if (ending === null) return;
      ending.child.kill('SIGTERM');
      const limit = setTimeout(() => ending.child.kill('SIGKILL'), STOP_LIMIT_MS);
      await ending.ended;
      clearTimeout(limit);
    },
    async logged(event) {
      await running().logged(event);
    },
    async generate() {
      const out = join(folder, 'pack');
      const args = ['generate', '--config', config, '--feed', 'default', '--connector', CONNECTOR, '--out', out];
      const { code, err } = await startProgram(args, { cwd: folder }).ended;
      if (code !== 0) throw new Error(`the pack could not be made: ${err}`);
      return out;
    },
    async doctor(account) {
      const asked = startProgram(['doctor', '--config', config, '--json'], {
        cwd: folder,
        ...(account !== undefined && { account }),
      });
      const { code, out, err } = await asked.ended;
      if (out === '') throw new Error(`doctor printed nothing and ended with ${code}: ${err}`);
      return { code, rows: readRows(out), err };
    },
    onClear(work) {
      clearing.push(work);
    },
    async clear() {
      for (const work of clearing.toReversed()) await work();
      clearing.length = 0;
      chmodSync(folder, 0o700);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  stage.onClear(() => stage.stop());
  return stage;
}
