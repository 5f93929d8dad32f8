import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import type { DetectionStore } from '../store/detection-store.ts';
import { createSqliteStore } from '../store/sqlite-detection-store.ts';

/**
 * The store beside a `serve` that may be running, for as long as the work takes. `read` changes nothing, not even the
 * schema of a database that an older version serves.
 * @throws BridgeError STORE_ABSENT where no `serve` has made one yet
 */
export async function withStore<Result>(
  { store: { path } }: Pick<Config, 'store'>,
  access: 'read' | 'write',
  work: (store: DetectionStore) => Promise<Result>,
): Promise<Result> {
  if (!existsSync(path)) throw noStore(path);
  const store = createSqliteStore({ path, clock: systemClock, readOnly: access === 'read' });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

export function noStore(path: string): BridgeError {
  return new BridgeError({
    code: 'STORE_ABSENT',
    kind: 'operator',
    message: `there is no database at ${path} yet`,
    hint: 'The first flexbridge serve makes it. If it was started, name its configuration with --config.',
  });
}
