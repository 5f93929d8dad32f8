import type { Bridge } from './bridge.ts';
import { reloadRefused, restartNeeded } from './bridge-reload-errors.ts';
import { createReloadNote } from './bridge-reload-note.ts';
import type { Config, LogConfig } from './config/config.ts';
import { type ConfigPart, configDifference } from './config/config-difference.ts';
import type { ConfigWatch } from './config/config-watch.ts';
import type { Emit } from './domain/bridge-event.ts';
import type { Clock } from './domain/clock.ts';
import { type BridgeError, toBridgeError } from './domain/errors.ts';

export interface ServingDeps {
  readonly watch: Pick<ConfigWatch, 'load' | 'loaded' | 'present'>;
  readonly createBridge: (config: Config) => Bridge;
  /** What of the log can be changed while it is written. */
  readonly applyLog: (log: LogConfig) => void;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly pid: number;
  /** Neither the changed configuration nor the one before can be served any more. */
  readonly onFatal: (error: BridgeError) => void;
  /** Time between two looks at the files, in milliseconds; default 5 seconds. */
  readonly everyMs?: number;
}

/** A bridge that follows its configuration. */
export interface Serving {
  /** Like that of the bridge; then the files are watched. */
  start(): Promise<void>;
  /** Reads everything anew now (SIGHUP). Never throws: what cannot be used is told, and what served goes on. */
  reload(): Promise<void>;
  /** One look: reloads what has been changed for two looks, so that nothing is read half-written. */
  look(): Promise<void>;
  /** Waits for a reload that is under way. */
  stop(): Promise<void>;
}

const EVERY_MS = 5_000;
/** The bridge's own certificate is renewed 30 days before its end; that is looked at this often. */
const RENEW_MS = 3_600_000;
/** Parts that need no new bridge, unless the audit file is among them. */
const IN_PLACE: ReadonlySet<ConfigPart> = new Set(['log']);

/**
 * What cannot be changed in place is stopped in the order of a restart and made anew in this process: so a reload keeps
 * to the same rules, and loses and repeats nothing. Reloads and the stop come one after the other.
 */
export function createServing(first: Config, deps: ServingDeps): Serving {
  const { watch, emit, clock, pid, applyLog, onFatal, everyMs = EVERY_MS } = deps;
  const ending = new AbortController();
  const note = createReloadNote(first.dataDir);
  let config = first;
  let bridge = deps.createBridge(first);
  let trouble: string | null = null;
  let troubleSinceMs = 0;
  /** Content that was seen once, and may still be written. */
  let pending: string | null = null;
  let renewedMs = clock.monotonic();
  let last: Promise<void> = Promise.resolve();

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    last = last.then(async () => {
      if (!ending.signal.aborted) await work();
    });
    return last;
  };

  const refuse = (error: BridgeError, problems: readonly string[] = []): void => {
    emit({ name: 'configRefused', error, problems });
    bridge.audit({ who: 'flexbridge', action: 'config-refused', details: { code: error.code } });
    if (trouble === null) troubleSinceMs = clock.now();
    trouble = error.message;
    note.write({ pid, sinceMs: troubleSinceMs, meaning: error.message, remedy: error.hint });
  };

  const accept = (next: Config, changed: readonly ConfigPart[], restarted: boolean): void => {
    config = next;
    if (trouble !== null) note.clear();
    trouble = null;
    emit({ name: 'configReloaded', changed, restarted });
    const details = { changed: changed.join(' '), restarted: restarted ? 'yes' : 'no' };
    bridge.audit({ who: 'flexbridge', action: 'config-reload', details });
  };

  /** False: the new one cannot be served, and the one before is again. */
  const restart = async (next: Config): Promise<boolean> => {
    await bridge.stop().catch((thrown: unknown) => {
      emit({ name: 'upkeepFailed', error: toBridgeError(thrown) });
    });
    bridge = deps.createBridge(next);
    try {
      await bridge.start();
      return true;
    } catch (thrown) {
      bridge = deps.createBridge(config);
      await bridge.start();
      refuse(toBridgeError(thrown));
      return false;
    }
  };

  const apply = async (next: Config): Promise<void> => {
    const changed = configDifference(config, next);
    if (next.store.path !== config.store.path) {
      refuse(restartNeeded(config.store.path, next.store.path));
      return;
    }
    applyLog(next.log);
    const isInPlace = changed.every((part) => IN_PLACE.has(part)) && next.log.auditFile === config.log.auditFile;
    if (!isInPlace) {
      if (await restart(next)) accept(next, changed, true);
      else applyLog(config.log);
      return;
    }
    try {
      // Certificates are files: their content changes while the configuration stays the same.
      await bridge.renewCertificate();
    } catch (thrown) {
      refuse(toBridgeError(thrown));
      return;
    }
    accept(next, changed, false);
  };

  const reload = async (): Promise<void> => {
    pending = null;
    let next: Config;
    try {
      next = await watch.load();
    } catch (thrown) {
      const { error, problems } = reloadRefused(toBridgeError(thrown));
      refuse(error, problems);
      return;
    }
    await apply(next);
  };

  const look = async (): Promise<void> => {
    if (clock.monotonic() - renewedMs >= RENEW_MS) {
      renewedMs = clock.monotonic();
      await bridge.renewCertificate().catch((thrown: unknown) => {
        emit({ name: 'certificateRefused', error: toBridgeError(thrown) });
      });
    }
    const present = await watch.present();
    const isSettled = present === pending;
    pending = present === watch.loaded() ? null : present;
    if (pending !== null && isSettled) await reload();
  };

  /** A failure in here is that of the bridge before, which could not be started again. */
  const guarded = (work: () => Promise<void>): Promise<void> =>
    inTurn(() =>
      work().catch((thrown: unknown) => {
        onFatal(toBridgeError(thrown));
      }),
    );

  const follow = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(everyMs, ending.signal);
      await guarded(look);
    }
  };

  return {
    async start() {
      const started = bridge.start();
      // A signal that comes meanwhile waits its turn.
      last = started.then(
        () => {
          note.clear();
        },
        () => undefined,
      );
      await started;
      follow().catch(() => undefined);
    },
    reload: () => guarded(reload),
    look: () => guarded(look),
    async stop() {
      ending.abort();
      await last;
      note.clear();
      await bridge.stop();
    },
  };
}
