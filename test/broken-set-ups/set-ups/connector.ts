import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../../src/domain/clock.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { askFrom, connect } from '../connector.ts';
import { type SetUp, start, startAll } from '../set-up.ts';
import type { Stage } from '../stage.ts';

/** Polls of a connector that an administrator has left alone for a while. */
const A_WHILE = 12;

/** What is wrong with the connectors. */
export const CONNECTOR_SET_UPS = {
  'never-polls': {
    title: 'connector never polls',
    async make(stage) {
      await start(stage);
      return undefined;
    },
  },
  'wrong-password': {
    title: 'polls with a wrong password',
    isSlow: true,
    async make(stage) {
      await start(stage);
      await connect(stage, { polls: 3, password: 'not-its-secret-at-all', isLetIn: false });
      await untilNoted(stage);
      return undefined;
    },
  },
  'frozen-time': {
    title: 'polls but its time never moves',
    async make(stage) {
      await start(stage, { written: { feed: ['page: { maxEvents: 3 }'] } });
      await connect(stage, { polls: A_WHILE, mode: 'frozen' });
      return undefined;
    },
  },
  'stale-pack': {
    title: 'stale pack',
    async make(stage) {
      await startAll(stage);
      await stage.stop();
      await stage.write({ feed: ['layout: esm'] });
      await stage.serve();
      await connect(stage, { polls: 2 });
      return undefined;
    },
  },
  'shared-login': {
    title: 'two connectors on one login',
    async make(stage) {
      await start(stage);
      for (let turn = 0; turn < 3; turn += 1)
        for (const [address, behindMs] of [
          ['127.0.0.1', 0],
          ['127.0.0.2', 3_600_000],
        ] as const)
          await askFrom(stage, address, new Date(Date.now() - behindMs).toISOString());
      return undefined;
    },
  },
  healthy: {
    title: 'healthy',
    make: (stage) => startAll(stage),
  },
} as const satisfies Readonly<Record<string, SetUp>>;

const NOTED_LIMIT_MS = 60_000;

/** The bridge writes wrong logins down every half minute. */
async function untilNoted({ database }: Stage): Promise<void> {
  const limit = AbortSignal.timeout(NOTED_LIMIT_MS);
  const store = createSqliteStore({ path: database, clock: systemClock, readOnly: true });
  try {
    while ((await store.loginFailures()).length === 0) await pause(250, undefined, { signal: limit });
  } finally {
    await store.close();
  }
}
