import { BridgeError } from '../domain/errors.ts';
import type { Sqlite } from './sqlite.ts';
import { guard, RUNNING_DATABASE, toStoreError } from './store-error.ts';
import { ONCE, type WriteWatch } from './write-watch.ts';

/** How the calls of a store run: each answers through a promise, and every failure of the database is a BridgeError. */
export interface StoreCalls {
  readonly read: <Result>(work: () => Result) => Promise<Result>;
  /** For work that lets others have their turn. */
  readonly readLong: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** `kind`: what the watch of writes knows it by. */
  readonly write: <Result>(work: () => Result, kind?: string) => Promise<Result>;
  readonly writeLong: <Result>(work: () => Promise<Result>, kind?: string) => Promise<Result>;
  /** The damage that was met last; null as long as there was none. */
  readonly damage: () => BridgeError | null;
}

export function createStoreCalls(db: Sqlite, path: string, watch: WriteWatch): StoreCalls {
  const changed = db.prepare<[], number>('SELECT total_changes()').pluck();
  // Kept: a damaged page does not mend, and the others, which can be read, say nothing of it.
  let damage: BridgeError | null = null;
  const told = (thrown: unknown): unknown => {
    const error = toStoreError(path, thrown, RUNNING_DATABASE);
    if (error instanceof BridgeError && error.code === 'STORE_DAMAGED') damage = error;
    return error;
  };
  const readLong: StoreCalls['readLong'] = async (work) => {
    try {
      return await work();
    } catch (thrown) {
      throw told(thrown);
    }
  };
  const writeLong: StoreCalls['writeLong'] = async (work, kind = ONCE) => {
    const before = changed.get() ?? 0;
    try {
      const result = await readLong(work);
      // What had nothing to change proves nothing.
      if ((changed.get() ?? 0) > before) watch.succeeded(kind);
      return result;
    } catch (error) {
      watch.failed(kind, error);
      throw error;
    }
  };
  const soon = async <Result>(work: () => Result): Promise<Result> => {
    await Promise.resolve();
    return guard(path, work, RUNNING_DATABASE);
  };
  return {
    read: (work) => readLong(() => soon(work)),
    readLong,
    write: (work, kind) => writeLong(() => soon(work), kind),
    writeLong,
    damage: () => damage,
  };
}
