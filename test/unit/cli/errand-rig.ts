import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { run } from '../../../src/cli/program.ts';
import { type Clock, systemClock } from '../../../src/domain/clock.ts';
import { hashSecret } from '../../../src/domain/credential.ts';
import { createErrands } from '../../../src/feed/errands.ts';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import { acquireInstanceLock } from '../../../src/store/instance-lock.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aBatch, aFeed, TENANT } from '../../contract/detection-store.ts';
import { anAlert } from '../../support/alerts.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Commands beside a `serve` that may be running, over a real store. */
export interface ErrandRig {
  readonly folder: string;
  command(...args: readonly string[]): Promise<Ran>;
  /** On a terminal, where somebody types this. */
  typed(input: string, ...args: readonly string[]): Promise<Ran>;
  withStore<Result>(work: (store: DetectionStore) => Promise<Result>, clock?: Clock): Promise<Result>;
  /** So many alerts, each an event of the feed default. */
  store(alerts: number, clock?: Clock): Promise<void>;
  /** Lets `serve` run as far as errands go: it holds the lock and takes commands. */
  serve(): Promise<{ stop(): Promise<void> }>;
  remove(): void;
}

export function createErrandRig(): ErrandRig {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-errand-'));
  const database = join(folder, 'data', 'events.db');
  writeFileSync(join(folder, 'secret'), 'a-secret', { mode: 0o600 });
  writeFileSync(
    join(folder, 'flexbridge.yaml'),
    `store: { path: data/events.db }
tenants:
  - name: ${TENANT.name}
    tenantId: ${TENANT.tenantId}
    credential: { clientId: client-1, secretFile: secret }
feeds:
  - { name: default }
  - { name: quiet }
  - { name: bare, acknowledge: none }
connectors:
  - { name: arcsight-01, feeds: [default, bare], auth: { kind: basic, secretHash: ${hashSecret('a')} } }
  - { name: arcsight-02, feeds: [default], auth: { kind: basic, secretHash: ${hashSecret('b')} } }
`,
  );
  const open = (clock: Clock): DetectionStore => createSqliteStore({ path: database, clock });
  const ran = async (args: readonly string[], input: string, isTerminal: boolean): Promise<Ran> => {
    let [out, err] = ['', ''];
    const code = await run([...args, '--config', join(folder, 'flexbridge.yaml')], {
      out: (text) => (out += text),
      err: (text) => (err += text),
      input: Readable.from([input]),
      cwd: folder,
      isTerminal,
    });
    return { code, out, err };
  };
  const rig: ErrandRig = {
    folder,
    command: (...args) => ran(args, '', false),
    typed: (input, ...args) => ran(args, input, true),
    async withStore(work, clock = systemClock) {
      const store = open(clock);
      try {
        await store.ensureFeeds(['default', 'bare'].map((name) => aFeed({ name })));
        return await work(store);
      } finally {
        await store.close();
      }
    },
    store: (alerts, clock) =>
      rig.withStore(async (store) => {
        const { alerts: known } = await store.stats();
        const records = Array.from({ length: alerts }, (_, index) => anAlert({ alertId: `da-${known + index + 1}` }));
        await store.append(aBatch({ records }));
      }, clock),
    async serve() {
      const lock = acquireInstanceLock(database, process.pid);
      const store = open(systemClock);
      await store.ensureFeeds(['default', 'bare'].map((name) => aFeed({ name })));
      const feeds = ['default', 'bare'].map((name) => ({ name, heartbeatMs: null }));
      const errands = createErrands({ store, clock: systemClock, emit: () => undefined, feeds, everyMs: 5 });
      errands.start();
      return {
        async stop() {
          await errands.stop();
          await store.close();
          lock.release();
        },
      };
    },
    remove() {
      rmSync(folder, { recursive: true });
    },
  };
  return rig;
}
