import type { Logger } from 'pino';
import type { BridgeEvent } from '../domain/bridge-event.ts';
import type { BridgeError } from '../domain/errors.ts';
import type { LogLevel } from '../domain/log-settings.ts';
import { printable } from '../domain/printable.ts';
import type { Trace } from '../domain/trace.ts';

/**
 * What an event is in the log: a level, a fixed message, and the event's own members. error: a person must act; warn:
 * degraded, and healing itself; info: lifecycle, what is rare, and one line for each poll; debug: the rest.
 */
const LINES: { readonly [Name in BridgeEvent['name']]: { readonly level: LogLevel; readonly message: string } } = {
  started: { level: 'info', message: 'FlexBridge is serving' },
  stopping: { level: 'info', message: 'stopping: no new work, open answers are finished' },
  stopped: { level: 'info', message: 'stopped' },
  configReloaded: { level: 'info', message: 'the changed configuration is in use' },
  configRefused: { level: 'error', message: 'the changed configuration is not used; the one before goes on serving' },
  certificateRenewed: { level: 'info', message: 'a new server certificate is served' },
  certificateRefused: {
    level: 'error',
    message: 'the new server certificate cannot be used; the one before goes on being served',
  },
  logLevelChanged: { level: 'info', message: 'the level of this log was changed' },
  auditFileFailed: {
    level: 'error',
    message: 'the audit file cannot be written; its lines are in the store and are written later',
  },
  auditFileWritten: { level: 'info', message: 'the audit file is written again' },
  credentialsCreated: {
    level: 'info',
    message: 'first start: logins were created; take them from the file and delete it',
  },
  certificateCreated: { level: 'info', message: 'made a server certificate; import its CA where the connector runs' },
  pollFinished: { level: 'info', message: 'poll finished' },
  pollFailed: { level: 'warn', message: 'poll failed' },
  pollSkipped: { level: 'debug', message: 'poll skipped' },
  recordSetAside: {
    level: 'warn',
    message: 'a record could not be taken and was set aside (flexbridge quarantine list)',
  },
  setAsideSettled: { level: 'info', message: 'what was set aside could be taken after all' },
  catchingUp: { level: 'debug', message: 'catching up with Microsoft' },
  caughtUp: { level: 'info', message: 'caught up with Microsoft' },
  rescanFinished: { level: 'info', message: 'wide look back finished' },
  rescanFailed: { level: 'warn', message: 'wide look back failed; everything else is read' },
  narrowing: { level: 'warn', message: 'a page fails again and again; it is read in smaller parts' },
  eventsFiltered: { level: 'debug', message: "events kept out by a feed's filter" },
  hostGated: { level: 'warn', message: 'nothing is sent to this host for a while' },
  credentialSwitched: { level: 'warn', message: 'the first secret or certificate was refused; the next one works' },
  tokenProblem: { level: 'error', message: 'something is wrong with the token by its own claims' },
  alertsArrived: { level: 'debug', message: 'new alerts stored' },
  tokenAcquired: { level: 'debug', message: 'token acquired' },
  tokenKept: { level: 'warn', message: 'token could not be renewed; the last one is still valid and is used' },
  pageSent: { level: 'debug', message: 'page sent' },
  pageAcknowledged: { level: 'debug', message: 'page acknowledged' },
  eventPassedOver: {
    level: 'error',
    message: 'an event was passed over after many failed tries; flexbridge replay sends it again',
  },
  twoParties: { level: 'error', message: 'two parties seem to share one login; each needs its own' },
  positionsKept: { level: 'warn', message: 'positions cannot be written; they are kept in memory' },
  positionsSaved: { level: 'info', message: 'positions that were kept in memory are written' },
  storeUnwritable: {
    level: 'warn',
    message: 'the store cannot be written; collection waits, the feed goes on with what is stored',
  },
  storeWritable: { level: 'info', message: 'the store can be written again' },
  feedRenewed: { level: 'info', message: 'events that were not sent yet were made anew with the new settings' },
  eventsRead: { level: 'debug', message: 'events read with a cursor' },
  replayStarted: { level: 'info', message: 'replay started' },
  replayFinished: { level: 'info', message: 'replay finished' },
  commandFailed: { level: 'warn', message: 'a command failed' },
  noticeStored: { level: 'debug', message: 'an event of the bridge itself was stored' },
  storeUpgraded: { level: 'info', message: 'the database is brought up to date; a copy of it is made before' },
  pruned: { level: 'info', message: 'retention deleted what is old enough' },
  upkeepFailed: { level: 'warn', message: 'work in the background failed; it is tried again' },
  tryBroken: { level: 'warn', message: 'an answer was not taken; its page is sent again' },
  feedRequest: { level: 'debug', message: 'feed request answered' },
  loginFailed: { level: 'warn', message: 'login failed' },
  audited: { level: 'info', message: 'for the auditor' },
  auditFailed: { level: 'warn', message: 'a line for the auditor could not be written to the store; the log has it' },
  requestFailed: { level: 'warn', message: 'request failed' },
};

/** Writes every event as one log line, with the ids of the request or poll that it belongs to. */
export function createEventLog(logger: Logger, trace?: Pick<Trace, 'ids'>): (event: BridgeEvent) => void {
  return (event) => {
    const { level, message } = LINES[event.name];
    const { name, ...members } = event;
    const safe = Object.fromEntries(Object.entries(members).map(([key, value]) => [key, loggable(value)]));
    logger[levelOf(event, level)]({ event: name, ...trace?.ids(), ...safe }, message);
  };
}

/** What only a person can mend is an error, whatever it happened in; so are events that nobody took in time. */
function levelOf(event: BridgeEvent, level: LogLevel): LogLevel {
  if (event.name === 'pruned' && event.undelivered > 0) return 'error';
  // Keeping to a published limit is how it is meant to be, and may be several lines of one poll.
  if (event.name === 'hostGated' && event.reason === 'limit') return 'debug';
  if (!('error' in event)) return level;
  const { kind } = event.error;
  return kind === 'operator' || kind === 'bug' ? 'error' : level;
}

function loggable(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(loggable);
  return isBridgeError(value) ? describeError(value) : value;
}

function isBridgeError(value: unknown): value is BridgeError {
  return value instanceof Error && 'kind' in value && 'hint' in value;
}

/** Code, kind, words, and for a defect the stack; never the cause's own members, which may hold a request. */
function describeError(error: BridgeError): object {
  const { code, kind, message, hint } = error;
  const stack = kind === 'bug' && error.cause instanceof Error ? { stack: lines(error.cause.stack ?? '') } : {};
  return { code, kind, message: printable(message, 600), hint: printable(hint, 600), ...stack };
}

function lines(text: string): readonly string[] {
  return text.split('\n').map((line) => printable(line));
}
