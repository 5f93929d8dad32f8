import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteStore } from '../../src/store/sqlite-detection-store.ts';
import { describeDetectionStore } from './detection-store.ts';

describeDetectionStore('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-store-'));
  return {
    open: (clock) => Promise.resolve(createSqliteStore({ path: join(folder, 'events.db'), clock })),
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
});
