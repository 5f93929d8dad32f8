import { BridgeError } from '../domain/errors.ts';
import { isLogLevel, type LogLevel } from '../domain/log-settings.ts';
import { isProbe, type ProbeName } from '../domain/observation-probe.ts';
import type { AcknowledgeMode } from '../domain/position.ts';
import type { ReplaySelection } from '../store/errands.ts';

/** What a `replay` command asks for. */
export interface ReplayArgs {
  readonly feed: string;
  /** Null: every connector of the feed. */
  readonly connector: string | null;
  readonly selection: ReplaySelection;
  /** Events a second. */
  readonly rate: number;
}

/** @throws BridgeError COMMAND_UNREADABLE */
export function readReplayArgs(args: unknown): ReplayArgs {
  const selection = memberOf(args, 'selection');
  const feed = memberOf(args, 'feed');
  const rate = memberOf(args, 'rate');
  if (typeof feed !== 'string' || typeof rate !== 'number' || !(rate > 0)) throw unreadable();
  return {
    feed,
    connector: textOf(args, 'connector'),
    rate,
    selection: {
      storedFromMs: numberOf(selection, 'storedFromMs'),
      storedToMs: numberOf(selection, 'storedToMs'),
      fromSeq: numberOf(selection, 'fromSeq'),
      toSeq: numberOf(selection, 'toSeq'),
      alertId: textOf(selection, 'alertId'),
    },
  };
}

/** What a `test-event` command asks for. */
export interface TestEventArgs {
  readonly feed: string;
  readonly connector: string | null;
}

/** @throws BridgeError COMMAND_UNREADABLE */
export function readTestEventArgs(args: unknown): TestEventArgs {
  const feed = memberOf(args, 'feed');
  if (typeof feed !== 'string') throw unreadable();
  return { feed, connector: textOf(args, 'connector') };
}

/** What a `log-level` command asks for. `forMs`: back after this time; null: until it is changed again. */
export interface LogLevelArgs {
  readonly level: LogLevel;
  readonly forMs: number | null;
}

/** @throws BridgeError COMMAND_UNREADABLE */
export function readLogLevelArgs(args: unknown): LogLevelArgs {
  const level = memberOf(args, 'level');
  if (!isLogLevel(level)) throw unreadable();
  return { level, forMs: numberOf(args, 'forMs') };
}

/** What an `observe` command asks for. */
export interface ObserveArgs {
  readonly connector: string;
  /** Of its requests for a token; null: it is not an OAuth2 client. */
  readonly clientId: string | null;
  readonly forMs: number;
  readonly probes: readonly ProbeName[];
  /** Those that it may read. */
  readonly feeds: readonly { readonly feed: string; readonly acknowledge: AcknowledgeMode }[];
}

/** @throws BridgeError COMMAND_UNREADABLE */
export function readObserveArgs(args: unknown): ObserveArgs {
  const connector = memberOf(args, 'connector');
  const forMs = memberOf(args, 'forMs');
  if (typeof connector !== 'string' || typeof forMs !== 'number' || !(forMs > 0)) throw unreadable();
  return {
    connector,
    clientId: textOf(args, 'clientId'),
    forMs,
    probes: listOf(args, 'probes').map((name) => {
      if (typeof name !== 'string' || !isProbe(name)) throw unreadable();
      return name;
    }),
    feeds: listOf(args, 'feeds').map((one) => {
      const [feed, acknowledge] = [memberOf(one, 'feed'), memberOf(one, 'acknowledge')];
      if (typeof feed !== 'string' || !isMode(acknowledge)) throw unreadable();
      return { feed, acknowledge };
    }),
  };
}

function isMode(value: unknown): value is AcknowledgeMode {
  return value === 'progress' || value === 'response' || value === 'none';
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const member = memberOf(value, name);
  return Array.isArray(member) ? member : [];
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown, name: string): string | null {
  const member = memberOf(value, name);
  return typeof member === 'string' ? member : null;
}

function numberOf(value: unknown, name: string): number | null {
  const member = memberOf(value, name);
  return typeof member === 'number' ? member : null;
}

function unreadable(): BridgeError {
  return new BridgeError({
    code: 'COMMAND_UNREADABLE',
    kind: 'operator',
    message: 'the running FlexBridge does not understand this request',
    hint: 'The command and the running service are of different versions: run the command of the same installation, or restart the service.',
  });
}
