import { AsyncLocalStorage } from 'node:async_hooks';

/** What log lines belong to: a request to the bridge, or one poll of a source. */
export interface TraceIds {
  readonly requestId?: string;
  readonly pollId?: string;
}

/** Ids that follow work through all it calls and awaits, so that no function has to hand them on. */
export interface Trace {
  run<Result>(ids: TraceIds, work: () => Result): Result;
  /** Of the work that runs now; empty outside of any. */
  ids(): TraceIds;
}

export function createTrace(): Trace {
  const storage = new AsyncLocalStorage<TraceIds>();
  return {
    run: (ids, work) => storage.run(ids, work),
    ids: () => storage.getStore() ?? {},
  };
}
