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
  let isDead = false;
  const gone = new Promise<never>(() => undefined);
  // Every transaction of a batch asks what time it is; one that cannot know is rolled back.
  const clock: Clock = {
    ...options.clock,
    now: () => {
      if (isDead) throw new Error('the process was killed');
      return options.clock.now();
    },
  };
  const living = createSqliteStore({ ...options, clock });
  const whileAlive =
    <Args extends readonly unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (isDead) return gone;
      const result = await call(...args).catch((thrown: unknown) => {
        if (isDead) return gone;
        throw thrown;
      });
      return isDead ? gone : result;
    };
  return {
    store: {
      ...living,
      append: whileAlive(living.append),
      recordStatus: whileAlive(living.recordStatus),
      postponeQuarantine: whileAlive(living.postponeQuarantine),
      checkpoint: whileAlive(living.checkpoint),
      quarantine: whileAlive(living.quarantine),
      dueQuarantine: whileAlive(living.dueQuarantine),
    },
    die() {
      isDead = true;
    },
    bury: () => living.close(),
  };
}
