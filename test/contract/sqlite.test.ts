import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteStore } from '../../src/store/sqlite-detection-store.ts';
import { type CreatePlace, describeDetectionStore } from './detection-store.ts';
import { describeIntake } from './intake.ts';
import { describeQuarantine } from './quarantine.ts';

const create: CreatePlace = () => {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-store-'));
  return {
    open: (clock) => Promise.resolve(createSqliteStore({ path: join(folder, 'events.db'), clock })),
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
};

for (const describeStore of [describeDetectionStore, describeIntake, describeQuarantine]) {
  describeStore('SQLite', create);
}
