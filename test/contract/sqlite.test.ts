import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteStore } from '../../src/store/sqlite-detection-store.ts';
import { type CreatePlace, describeDetectionStore } from './detection-store.ts';
import { describeErrands } from './errands.ts';
import { describeEventBrowser } from './event-browser.ts';
import { describeHistory } from './history.ts';
import { describeIntake } from './intake.ts';
import { describeLoginFailures } from './login-failures.ts';
import { describeMeasures } from './measures.ts';
import { describePages } from './pages.ts';
import { describePositions } from './positions.ts';
import { describeQuarantine } from './quarantine.ts';
import { describeRenewal } from './renewal.ts';
import { describeReplays } from './replays.ts';
import { describeRetention } from './retention.ts';
import { describeTimedPages } from './timed-pages.ts';

const create: CreatePlace = () => {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-store-'));
  return {
    open: (clock) => Promise.resolve(createSqliteStore({ path: join(folder, 'events.db'), clock })),
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
};

for (const describeStore of [
  describeDetectionStore,
  describeErrands,
  describeEventBrowser,
  describeHistory,
  describeIntake,
  describeLoginFailures,
  describeMeasures,
  describePages,
  describePositions,
  describeTimedPages,
  describeQuarantine,
  describeReplays,
  describeRenewal,
  describeRetention,
]) {
  describeStore('SQLite', create);
}
