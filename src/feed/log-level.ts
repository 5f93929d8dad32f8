import type { LogLevel } from '../domain/log-settings.ts';
import type { ErrandStore, StoredCommand } from '../store/errands.ts';
import type { LogLevelArgs } from './command-args.ts';
import type { Errand } from './replay.ts';

/** Sets the level of the running log. `forMs`: back after this time; null: until it is changed again. */
export type ChangeLogLevel = (level: LogLevel, forMs: number | null) => void;

/** Done at once. Where the store cannot be written the level is set all the same, and noted once it can. */
export function createLogLevelErrand(
  { commandId, requestedBy }: StoredCommand,
  { level, forMs }: LogLevelArgs,
  { store, change }: { readonly store: ErrandStore; readonly change: ChangeLogLevel },
): Errand {
  let isChanged = false;
  let isNoted = false;
  return {
    async work() {
      if (!isChanged) change(level, forMs);
      isChanged = true;
      if (!isNoted) await store.addAudit({ who: requestedBy, action: 'log-level', details: { level, forMs } });
      isNoted = true;
      await store.updateCommand(commandId, { state: 'done' });
      return true;
    },
  };
}
