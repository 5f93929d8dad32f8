import { describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { BridgeError, type ErrorKind, toBridgeError } from '../../../src/domain/errors.ts';
import type { LogLevel } from '../../../src/domain/log-settings.ts';
import { createTrace } from '../../../src/domain/trace.ts';
import { createEventLog } from '../../../src/telemetry/event-log.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';

const SOURCE = { tenant: 'contoso', source: 'graph-alerts' };
const PAGE = { feed: 'default', connector: 'arcsight-01' };
const COUNTS = { pages: 1, fetched: 2, fresh: 2, changed: 0, duplicate: 0, stale: 0, rejected: 0, events: 3, cut: 0 };

function anError(kind: ErrorKind, overrides: { readonly message?: string; readonly hint?: string } = {}): BridgeError {
  return new BridgeError({ code: 'SOME_CODE', kind, message: 'what happened', hint: 'what to do', ...overrides });
}

/** One of each, with the level that engineering.md 3.8 gives it: error a person must act, warn heals itself. */
const EVENTS: { readonly [Name in BridgeEvent['name']]: readonly [LogLevel, Extract<BridgeEvent, { name: Name }>] } = {
  started: ['info', { name: 'started', url: 'https://bridge.example:8443', version: '1.2.3' }],
  stopping: ['info', { name: 'stopping', reason: 'SIGTERM' }],
  stopped: ['info', { name: 'stopped' }],
  configReloaded: ['info', { name: 'configReloaded', changed: ['feeds'], restarted: true }],
  configRefused: ['error', { name: 'configRefused', error: anError('operator'), problems: ['tenants: is missing'] }],
  certificateRenewed: [
    'info',
    { name: 'certificateRenewed', file: '/etc/a.pem', notAfter: '2027-01-01T00:00:00.000Z' },
  ],
  certificateRefused: ['error', { name: 'certificateRefused', error: anError('operator') }],
  logLevelChanged: ['info', { name: 'logLevelChanged', to: 'debug', forMs: 60_000 }],
  auditFileFailed: ['error', { name: 'auditFileFailed', error: anError('operator') }],
  auditFileWritten: ['info', { name: 'auditFileWritten', file: '/var/log/audit.log' }],
  credentialsCreated: ['info', { name: 'credentialsCreated', file: '/data/initial-credentials' }],
  certificateCreated: ['info', { name: 'certificateCreated', file: '/data/tls/ca.pem', hosts: ['localhost', '::1'] }],
  pollFinished: ['info', { name: 'pollFinished', ...SOURCE, ...COUNTS, durationMs: 12 }],
  pollFailed: ['warn', { name: 'pollFailed', ...SOURCE, error: anError('transient'), attempt: 3 }],
  pollSkipped: ['debug', { name: 'pollSkipped', ...SOURCE, reason: 'waiting' }],
  recordSetAside: [
    'warn',
    { name: 'recordSetAside', ...SOURCE, id: null, code: 'no-id', reason: 'the alert has no id', stretch: null },
  ],
  setAsideSettled: ['info', { name: 'setAsideSettled', ...SOURCE, entries: 2 }],
  catchingUp: ['debug', { name: 'catchingUp', ...SOURCE, reached: 'a', target: 'b', percent: 40 }],
  caughtUp: ['info', { name: 'caughtUp', ...SOURCE, durationMs: 12 }],
  rescanFinished: ['info', { name: 'rescanFinished', ...SOURCE, fresh: 1, changed: 0 }],
  rescanFailed: ['warn', { name: 'rescanFailed', ...SOURCE, error: anError('upstream'), attempt: 1 }],
  narrowing: ['warn', { name: 'narrowing', ...SOURCE, from: 'a', to: 'b', error: anError('upstream') }],
  eventsFiltered: ['debug', { name: 'eventsFiltered', feed: 'default', events: 3 }],
  hostGated: ['warn', { name: 'hostGated', tenant: 'contoso', host: 'a.example', waitMs: 5000, reason: 'asked' }],
  credentialSwitched: ['warn', { name: 'credentialSwitched', tenant: 'contoso', reason: 'expired' }],
  tokenProblem: ['error', { name: 'tokenProblem', tenant: 'contoso', scope: 's', code: 'role', meaning: 'no role' }],
  alertsArrived: ['debug', { name: 'alertsArrived', ...SOURCE, delaysMs: [61_000, 95_500] }],
  tokenAcquired: ['debug', { name: 'tokenAcquired', tenant: 'contoso', expiresInMs: 3_600_000 }],
  tokenKept: ['warn', { name: 'tokenKept', tenant: 'contoso', error: anError('transient'), expiresInMs: 60_000 }],
  pageSent: ['debug', { name: 'pageSent', ...PAGE, events: 2, from: 1, to: 2, tries: 1 }],
  pageAcknowledged: ['debug', { name: 'pageAcknowledged', ...PAGE, by: 'confirmed', to: 2, events: 2 }],
  eventPassedOver: ['error', { name: 'eventPassedOver', ...PAGE, seq: 7, tries: 6 }],
  twoParties: ['error', { name: 'twoParties', ...PAGE, addresses: ['192.0.2.7', '192.0.2.8'] }],
  positionsKept: ['warn', { name: 'positionsKept', error: anError('transient') }],
  positionsSaved: ['info', { name: 'positionsSaved', positions: 2 }],
  storeUnwritable: ['warn', { name: 'storeUnwritable', error: anError('transient') }],
  storeWritable: ['info', { name: 'storeWritable', durationMs: 60_000 }],
  feedRenewed: ['info', { name: 'feedRenewed', feed: 'default', events: 12 }],
  eventsRead: ['debug', { name: 'eventsRead', feed: 'default', reader: 'splunk', events: 3 }],
  replayStarted: ['info', { name: 'replayStarted', command: 1, feed: 'default', events: 40 }],
  replayFinished: ['info', { name: 'replayFinished', command: 1, feed: 'default', events: 40 }],
  commandFailed: ['warn', { name: 'commandFailed', command: 1, error: anError('transient') }],
  noticeStored: ['debug', { name: 'noticeStored', feed: 'default', kind: 'heartbeat', seq: 8 }],
  storeUpgraded: ['info', { name: 'storeUpgraded', from: 3, to: 4, backup: '/data/flexbridge.db.v3' }],
  pruned: ['info', { name: 'pruned', events: 5, records: 4, alerts: 1, undelivered: 0 }],
  upkeepFailed: ['warn', { name: 'upkeepFailed', error: anError('transient') }],
  tryBroken: ['warn', { name: 'tryBroken', ...PAGE, reason: 'read ECONNRESET' }],
  feedRequest: ['debug', { name: 'feedRequest', feed: 'default', status: 200, durationMs: 4 }],
  loginFailed: ['warn', { name: 'loginFailed', login: 'nobody', address: '192.0.2.7', by: 'basic' }],
  audited: ['info', { name: 'audited', who: 'ops', action: 'sign-in', details: { connector: 'arcsight-01' } }],
  auditFailed: ['warn', { name: 'auditFailed', action: 'sign-in', error: anError('transient') }],
  requestFailed: ['warn', { name: 'requestFailed', requestId: 'r-1', error: anError('transient') }],
};

function logged(event: BridgeEvent): string {
  const lines: string[] = [];
  createEventLog(createLogger('debug', { write: (line: string) => lines.push(line) }))(event);
  const [line] = lines;
  if (line === undefined || lines.length !== 1) throw new Error(`${lines.length} lines`);
  return line;
}

function read(line: string): Readonly<Record<string, unknown>> {
  return JSON.parse(line) as Readonly<Record<string, unknown>>;
}

/** What a terminal, a viewer of logs or a line reader could act on. */
function isRaw(code: number): boolean {
  const control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
  const direction = [0x61c, 0x200e, 0x200f].includes(code) || (code >= 0x202a && code <= 0x202e);
  return control || direction || [0x2028, 0x2029, 0x2066, 0x2067, 0x2068, 0x2069, 0xfeff].includes(code);
}
const HOSTILE = 'a\u001b[2J\u009b31m\r\nb\u2028\u202e\u0000\u007f\u2066c';

describe('the log of events', () => {
  it.each(Object.values(EVENTS))('writes one line of level %s for %o', (level, event) => {
    const line = logged(event);
    expect(line.endsWith('\n')).toBe(true);
    expect(line.trimEnd()).not.toContain('\n');
    const { event: name, level: written, msg, time, ...rest } = read(line);
    expect([name, written]).toEqual([event.name, level]);
    expect(msg).toMatch(/^\w.{5,}/);
    expect(Date.parse(String(time))).not.toBeNaN();
    expect(Object.keys(rest).toSorted()).toEqual(
      Object.keys(event)
        .filter((key) => key !== 'name')
        .toSorted(),
    );
  });

  it('has a fixed message for each, with nothing of the event in it', () => {
    const messages = Object.values(EVENTS).map(([, event]) => read(logged(event))['msg']);
    expect(new Set(messages).size).toBe(messages.length);
  });

  it.each([
    ['transient', 'warn'],
    ['upstream', 'warn'],
    ['operator', 'error'],
    ['bug', 'error'],
  ] as const)('gives a failure of kind %s the level %s, whatever it happened in', (kind, level) => {
    const error = anError(kind);
    const events: readonly BridgeEvent[] = [
      { name: 'pollFailed', ...SOURCE, error, attempt: 1 },
      { name: 'tokenKept', tenant: 'contoso', error, expiresInMs: 1 },
      { name: 'requestFailed', requestId: 'r-1', error },
    ];
    expect(events.map((event) => read(logged(event))['level'])).toEqual([level, level, level]);
  });

  it('gives retention the level error when events went that a connector had not taken', () => {
    const event: BridgeEvent = { name: 'pruned', events: 5, records: 4, alerts: 1, undelivered: 2 };
    expect(read(logged(event))['level']).toBe('error');
  });

  it('keeps quiet about a limit that is kept to, and warns when Microsoft asks to slow down', () => {
    const event = { name: 'hostGated', tenant: 'contoso', host: 'a.example', waitMs: 5000 } as const;
    expect(read(logged({ ...event, reason: 'limit' }))['level']).toBe('debug');
    expect(read(logged({ ...event, reason: 'asked' }))['level']).toBe('warn');
  });

  it('gives every line of a request or a poll its id, also behind what is awaited', async () => {
    const lines: string[] = [];
    const trace = createTrace();
    const emit = createEventLog(createLogger('debug', { write: (line: string) => lines.push(line) }), trace);
    const one = async (pollId: string): Promise<void> => {
      emit({ name: 'tokenAcquired', tenant: pollId, expiresInMs: 1 });
      await Promise.resolve();
      emit({ name: 'stopping', reason: pollId });
    };
    await Promise.all(['p-1', 'p-2'].map((pollId) => trace.run({ pollId }, () => one(pollId))));
    trace.run({ requestId: 'r-1' }, () => {
      emit({ name: 'feedRequest', feed: 'default', status: 200, durationMs: 1 });
    });
    emit({ name: 'stopped' });
    const ids = lines.map(read).map(({ pollId, requestId, tenant, reason }) => [pollId, requestId, tenant ?? reason]);
    expect(ids).toEqual([
      ['p-1', undefined, 'p-1'],
      ['p-2', undefined, 'p-2'],
      ['p-1', undefined, 'p-1'],
      ['p-2', undefined, 'p-2'],
      [undefined, 'r-1', undefined],
      [undefined, undefined, undefined],
    ]);
  });

  it("tells an error's code, kind, words and remedy, and nothing of its cause", () => {
    const cause = Object.assign(new Error('secret words'), { request: { authorization: 'Bearer abc' } });
    const error = new BridgeError({ code: 'C', kind: 'operator', message: 'm', hint: 'h', cause });
    const line = logged({ name: 'pollFailed', ...SOURCE, error, attempt: 1 });
    expect(read(line)['error']).toEqual({ code: 'C', kind: 'operator', message: 'm', hint: 'h' });
    expect(line).not.toContain('Bearer');
    expect(line).not.toContain('secret words');
  });

  it('tells where a defect is', () => {
    const line = logged({ name: 'requestFailed', requestId: 'r-1', error: toBridgeError(new TypeError('no x')) });
    const { stack } = read(line)['error'] as { readonly stack: readonly string[] };
    expect(stack[0]).toBe('TypeError: no x');
    expect(stack.some((frame) => frame.includes('event-log.test.ts'))).toBe(true);
  });

  it.each([
    ['a text', { name: 'loginFailed', login: HOSTILE, address: HOSTILE, by: 'basic' }],
    ['a list', { name: 'certificateCreated', file: HOSTILE, hosts: [HOSTILE] }],
    [
      'an error',
      { name: 'pollFailed', ...SOURCE, error: anError('operator', { message: HOSTILE, hint: HOSTILE }), attempt: 1 },
    ],
    ['the stack of a defect', { name: 'requestFailed', requestId: 'r', error: toBridgeError(new Error(HOSTILE)) }],
  ] satisfies readonly (readonly [string, BridgeEvent])[])(
    'lets no control character or escape through in %s',
    (_name, event) => {
      const line = logged(event);
      const text = line.trimEnd();
      expect(Array.from(text, (_, index) => text.charCodeAt(index)).filter(isRaw)).toEqual([]);
      // Nor may a reader of the JSON get them back.
      expect(JSON.stringify(read(line))).not.toMatch(/\\u00(1b|9b|00|7f)/i);
    },
  );

  it('cuts what is too long for a line', () => {
    expect(
      logged({ name: 'loginFailed', login: 'n'.repeat(100_000), address: '::1', by: 'basic' }).length,
    ).toBeLessThan(1000);
    const error = anError('operator', { message: 'm'.repeat(100_000), hint: 'h'.repeat(100_000) });
    expect(logged({ name: 'requestFailed', requestId: 'r', error }).length).toBeLessThan(2000);
  });
});
