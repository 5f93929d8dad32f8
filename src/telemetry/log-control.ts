import type { Logger } from 'pino';
import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import type { LogLevel } from '../domain/log-settings.ts';

/** Changes the level of the log while the bridge runs. */
export interface LogControl {
  /** What the configuration says now. A level for a time stays until its end. */
  configure(level: LogLevel): void;
  /** What somebody asked for. @param forMs back after this time; null: until the configuration says another, or a restart */
  readonly change: (level: LogLevel, forMs: number | null) => void;
}

export interface LogControlDeps {
  readonly logger: Pick<Logger, 'level'>;
  /** The level at the beginning. */
  readonly level: LogLevel;
  readonly clock: Clock;
  readonly emit: Emit;
}

export function createLogControl({ logger, level, clock, emit }: LogControlDeps): LogControl {
  let configured = level;
  let running: AbortController | null = null;

  const set = (now: LogLevel, forMs: number | null): void => {
    if (logger.level === now && forMs === null) return;
    // Told at the more talkative of the two levels, so that it is seen.
    if (now !== 'error' && now !== 'warn') logger.level = now;
    emit({ name: 'logLevelChanged', to: now, forMs });
    logger.level = now;
  };
  const goBack = async (forMs: number, { signal }: AbortController): Promise<void> => {
    await clock.sleep(forMs, signal);
    running = null;
    set(configured, null);
  };

  return {
    configure(now) {
      if (now === configured) return;
      configured = now;
      if (running === null) set(now, null);
    },
    change(now, forMs) {
      running?.abort();
      running = forMs === null ? null : new AbortController();
      set(now, forMs);
      if (forMs === null || running === null) return;
      // An aborted wait: somebody asked for another level meanwhile.
      goBack(forMs, running).catch(() => undefined);
    },
  };
}
