import type { Clock } from '../../src/domain/clock.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { createSqliteStore, type SqliteStoreOptions } from '../../src/store/sqlite-detection-store.ts';

/** The embedded store of a process that can be killed. */
export interface MortalStore {
  readonly store: DetectionStore;
  /** From now on nothing is written any more, not even the rest of a batch, and nobody gets an answer. */
  die(): void;
  /** Lets go of the file; of a dead process only once another has opened it, or it would be put in order by the closing. */
  bury(): Promise<void>;
}

export function openMortalStore(options: SqliteStoreOptions): MortalStore {
  const death = new AbortController();
  const isDead = (): boolean => death.signal.aborted;
  // Every transaction of a batch asks what time it is; one that cannot know is rolled back.
  const clock: Clock = {
    ...options.clock,
    now: () => {
      if (isDead()) throw new Error('the process was killed');
      return options.clock.now();
    },
  };
  const living = createSqliteStore({ ...options, clock });
  const gone = new Promise<never>(() => undefined);
  const whileAlive = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    if (isDead()) return gone;
    try {
      const result = await call();
      return isDead() ? await gone : result;
    } catch (thrown) {
      return isDead() ? gone : Promise.reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  };
  return {
    store: {
      ...living,
      append: (batch) => whileAlive(() => living.append(batch)),
      recordStatus: (key, status) => whileAlive(() => living.recordStatus(key, status)),
      postponeQuarantine: (...entry) => whileAlive(() => living.postponeQuarantine(...entry)),
      checkpoint: (key) => whileAlive(() => living.checkpoint(key)),
      quarantine: (wanted) => whileAlive(() => living.quarantine(wanted)),
      dueQuarantine: (key, limit) => whileAlive(() => living.dueQuarantine(key, limit)),
    },
    die() {
      death.abort();
    },
    bury: () => living.close(),
  };
}
