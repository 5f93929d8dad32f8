import { afterEach, describe, expect, it } from 'vitest';
import type { TimeModeName } from '../../src/connector/connector-time.ts';
import type { PollResult } from '../../src/connector/poll-result.ts';
import type { Poller, PollerOptions } from '../../src/connector/poller.ts';
import { PROBE_NAMES, type ProbeName, SLOW_MS } from '../../src/domain/observation-probe.ts';
import { answersOf } from '../../src/domain/observation-questions.ts';
import { SECRETS } from '../support/bridge-rig.ts';
import { createObserveRig, type ObserveRig } from './observe-rig.ts';

const SIGNAL = new AbortController().signal;
const MINUTE = 60_000;
/** No even pace: at one, a clock and the poll before cannot be told apart. */
const PAUSES = [61_000, 47_000, 83_000, 55_000, 71_000, 64_000, 52_000, 90_000];

let rig: ObserveRig | null = null;
afterEach(async () => {
  await rig?.close();
  rig = null;
});

async function start(options: Parameters<typeof createObserveRig>[0] = {}): Promise<ObserveRig> {
  rig = await createObserveRig(options);
  return rig;
}

/** Polls until one has got what is wanted; every event once, by its number. */
async function drain(at: ObserveRig, poller: Poller, taken: Set<unknown>): Promise<void> {
  for (;;) {
    const result = await poller.poll(SIGNAL);
    take(result, taken);
    if (result.kind === 'received' && result.events.length === 0) return;
    at.clock.pass(MINUTE);
  }
}

function take(result: PollResult, taken: Set<unknown>): void {
  if (result.kind !== 'received') return;
  for (const { fields } of result.events) taken.add(fields['deviceCustomString2']);
}

/** An observation with one probe that is due, and a connector that has taken two pages. */
async function dueProbe(probe: ProbeName, options: Partial<PollerOptions> = {}) {
  const at = await start();
  const forMs = 24 * 60 * MINUTE;
  const id = await at.observe({ forMs, probes: [probe] });
  const poller = await at.poller({ mode: 'wall-clock', ...options });
  const taken = new Set<unknown>();
  for (let polls = 0; polls < 2; polls += 1) {
    take(await poller.poll(SIGNAL), taken);
    at.clock.pass(MINUTE);
  }
  await at.record(id, ({ sums }) => sums.polls === 2);
  at.clock.pass(forMs / 3);
  return { at, id, poller, taken };
}

describe('what an observation makes of a connector whose time', () => {
  it.each<[TimeModeName, string, string | null, string | null]>([
    ['newest-event', 'follows-stamp', 'milliseconds', null],
    ['seconds', 'follows-stamp', 'seconds', null],
    ['wall-clock', 'wall-clock', 'milliseconds', 'right'],
    ['last-try', 'earlier-poll', 'milliseconds', 'right'],
    ['frozen', 'frozen', 'milliseconds', null],
    ['missing', 'missing', null, null],
    ['other-zone', 'wall-clock', 'milliseconds', 'zone 7200000'],
  ])('is of the kind %s: it is called %s', async (mode, meaning, precision, clock) => {
    const at = await start();
    const id = await at.observe();
    const poller = await at.poller({ mode, keepAlive: mode === 'missing' });
    for (const pause of PAUSES) {
      await poller.poll(SIGNAL);
      at.clock.pass(pause);
    }
    poller.close();
    const seen = await at.finish(id);
    expect(seen.feeds[0]?.time).toMatchObject(clock === null ? { meaning, precision } : { meaning, precision, clock });
    expect(seen.sums).toMatchObject({ requests: PAUSES.length, polls: PAUSES.length, dropped: 0 });
    const answers = new Map(answersOf(seen).map((answer) => [answer.id, answer]));
    expect(answers.get('time-follows default')?.state).toBe('answered');
    expect(answers.get('time-text')?.answer).toContain(
      new Map<string, string>([
        ['missing', 'the placeholder itself'],
        ['other-zone', 'no zone'],
      ]).get(mode) ?? "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
    );
    expect(answers.get('connections')?.answer).toContain(mode === 'missing' ? 'on 1 connection' : 'of its own');
    expect(answers.get('transport')?.answer).toContain('TLSv1.3');
    expect(answers.get('login')?.answer).toBe('basic');
    expect(answers.get('first-start')?.state).toBe('answered');
    expect(answers.get('after empty')?.state).toBe('not-seen');
  });
});

describe('a probed poll', () => {
  it.each<[ProbeName, number | null]>([
    ['empty', 200],
    ['no-content', 204],
    ['error-500', 500],
    ['error-429', 429],
    ['error-401', 401],
    ['hang-up', null],
  ])('is answered by %s, moves no position, counts as no try, and costs no event', async (probe, status) => {
    const { at, id, poller, taken } = await dueProbe(probe, { keepAlive: true });
    const before = await at.position();
    const probed = await poller.poll(SIGNAL);
    expect([probed.status, probed.kind === 'received' ? probed.events : []]).toEqual([status, []]);
    expect(await at.position()).toEqual(before);
    at.clock.pass(2 * MINUTE);
    await drain(at, poller, taken);
    expect(taken.size).toBeGreaterThanOrEqual(12);
    expect([...taken].toSorted()).toEqual(await at.stored());
    expect(at.bridge.events.filter(({ name }) => name === 'tryBroken')).toEqual([]);
    const { reactions } = await at.record(id, (seen) => (seen.reactions[0]?.next ?? null) !== null);
    expect(reactions[0]).toMatchObject({
      probe,
      feed: 'default',
      gaveUp: false,
      tokens: 0,
      next: { afterMs: expect.closeTo(2 * MINUTE, -4) as number, status: 200, newConnection: probe === 'hang-up' },
    });
    poller.close();
  });

  it('is held by slow, and then answered with the right page', async () => {
    const { at, id, poller, taken } = await dueProbe('slow');
    const before = await at.position();
    const held = at.held();
    const polled = poller.poll(SIGNAL);
    await held;
    expect(await at.position()).toEqual(before);
    at.clock.pass(SLOW_MS);
    const result = await polled;
    take(result, taken);
    expect(result).toMatchObject({ kind: 'received', rawCount: 2 });
    await drain(at, poller, taken);
    expect([...taken].toSorted()).toEqual(await at.stored());
    const { reactions } = await at.record(id, (seen) => (seen.reactions[0]?.next ?? null) !== null);
    expect(reactions[0]).toMatchObject({ probe: 'slow', gaveUp: false });
  });

  it('counts as no try where the connector does not wait for the slow answer', async () => {
    const { at, id, poller, taken } = await dueProbe('slow');
    const before = await at.position();
    const leaving = new AbortController();
    const held = at.held();
    const polled = poller.poll(leaving.signal);
    await held;
    at.clock.pass(SLOW_MS / 2);
    leaving.abort();
    expect((await polled).kind).toBe('failed');
    const { reactions } = await at.record(id, (seen) => seen.reactions.length === 1);
    expect(reactions[0]).toMatchObject({ probe: 'slow', gaveUp: true });
    expect(await at.position()).toEqual(before);
    await drain(at, poller, taken);
    expect([...taken].toSorted()).toEqual(await at.stored());
  });

  it('is made twice at most, one at a time, and never once the observation has ended', async () => {
    const at = await start();
    const forMs = 24 * 60 * MINUTE;
    const id = await at.observe({ forMs, probes: PROBE_NAMES.filter((name) => name !== 'slow') });
    const poller = await at.poller({ mode: 'wall-clock' });
    const made: (number | null)[] = [];
    for (let polls = 0; polls < 120; polls += 1) {
      const { status } = await poller.poll(SIGNAL);
      made.push(status);
      at.clock.pass(forMs / 100);
    }
    const special = made.flatMap((status, index) => (status === 200 ? [] : [index]));
    expect(special).toHaveLength(10);
    expect(special.every((index, nth) => index - (special[nth - 1] ?? -9) > 2)).toBe(true);
    expect(made.slice(100).every((status) => status === 200)).toBe(true);
    const seen = await at.record(id, (_, { state }) => state === 'done');
    expect(seen.reactions.map(({ probe }) => probe)).toEqual([
      ...['empty', 'no-content', 'error-500', 'error-429', 'hang-up'],
      ...['empty', 'no-content', 'error-500', 'error-429', 'hang-up', 'error-401', 'error-401'],
    ]);
    const audit = await at.audit();
    expect(audit).toContainEqual(expect.objectContaining({ who: 'kim', action: 'observe' }));
  });
});

describe('a feed that keeps no position', () => {
  it('is never probed: what an answer leaves out would be lost there', async () => {
    const at = await start({ feed: 'acknowledge: none' });
    const forMs = 24 * 60 * MINUTE;
    const id = await at.observe({ forMs, probes: ['empty', 'error-500'] });
    const poller = await at.poller({ mode: 'wall-clock' });
    for (let polls = 0; polls < 10; polls += 1) {
      expect((await poller.poll(SIGNAL)).status).toBe(200);
      at.clock.pass(forMs / 10);
    }
    expect((await at.finish(id)).reactions).toEqual([]);
  });
});

describe('an observation', () => {
  it('is reported question by question, with the settings to choose', async () => {
    const at = await start();
    const id = await at.observe({ probes: ['error-500'] });
    const poller = await at.poller();
    for (const pause of PAUSES) {
      await poller.poll(SIGNAL);
      at.clock.pass(pause * 4);
    }
    await at.finish(id);
    const { code, out, err } = await at.command('observe', '--connector', 'arcsight-01', '--report');
    expect([code, err]).toEqual([0, '']);
    for (const part of [
      'Its time is the stamp of the newest event that it has processed.',
      'What does it do after 500?',
      'with the same time',
      'feeds default: acknowledge: leave progress',
      'alarms.connectorSilent: 17m',
      'flexbridge-rehearsal',
    ])
      expect(out).toContain(part);
    const json = await at.command('observe', '--connector', 'arcsight-01', '--report', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ state: 'done', observation: { connector: 'arcsight-01' } });
  });

  it('keeps no secret, whatever the connector sends', async () => {
    const at = await start();
    const id = await at.observe();
    const ask = (path: string, headers: Record<string, string> = {}) =>
      at.ask(path, { user: 'arcsight-01', password: SECRETS.connector, headers });
    const feed = '/v1/feeds/default/detections';
    await ask(`${feed}?since=&key=url-key-secret-value`, {
      cookie: 'session=cookie-secret-value',
      'x-api-key': 'header-secret-value',
    });
    await ask(`${feed}?since=2026-01-01T00:00:00Z%26key%3Durl-key-secret-value`);
    await ask(`${feed}?since=key=url-key-secret-value`);
    await at.ask(feed, { headers: { authorization: 'Bearer bearer-secret-value' } });
    await at.ask(feed, { user: 'arcsight-01', password: 'wrong-secret-value' });
    const seen = await at.record(id, ({ sums }) => sums.requests === 5);
    const text = JSON.stringify(seen);
    const secrets = ['url-key-secret-value', 'cookie-secret-value', 'header-secret-value', 'bearer-secret-value'];
    const login = Buffer.from(`arcsight-01:${SECRETS.connector}`).toString('base64');
    for (const secret of [...secrets, 'wrong-secret-value', login, login.slice(0, 12), ...Object.values(SECRETS)])
      expect(text).not.toContain(secret);
    expect(text).toContain('x-api-key');
    expect(seen.sums.refused).toBe(2);
  });

  it('is of one connector, and of those that fail to log in under its name or from its address', async () => {
    const at = await start();
    const id = await at.observe();
    const feed = '/v1/feeds/default/detections';
    await at.ask(feed);
    await at.ask(feed, { user: 'arcsight-02', password: SECRETS.other });
    await at.ask(feed, { user: 'arcsight-02', password: 'wrong' });
    await at.ask(feed, { user: 'arcsight-01', password: 'wrong' });
    await at.ask(feed, { user: 'ops', password: SECRETS.operator });
    await at.bridge.poll();
    const seen = await at.record(id, ({ sums }) => sums.requests === 3);
    expect(seen.requests.map(({ status, byAddress }) => [status, byAddress])).toEqual([
      [401, true],
      [401, false],
      [200, false],
    ]);
  });

  it('goes on where it was when the bridge is restarted', async () => {
    const at = await start();
    const id = await at.observe();
    await at.bridge.poll('2026-01-01T00:00:00Z');
    await at.record(id, ({ sums }) => sums.requests === 1);
    await at.bridge.stopBridge();
    await at.bridge.startBridge();
    await at.record(id, ({ restarts }) => restarts === 1);
    await at.bridge.poll('2026-01-01T00:00:01Z');
    expect((await at.record(id, ({ sums }) => sums.requests === 2)).restarts).toBe(1);
  });

  it('ends on the server once it is cancelled, and a second one is refused until then', async () => {
    const at = await start();
    const id = await at.observe({ probes: ['empty'] });
    await expect(at.observe()).rejects.toThrow('OBSERVE_BUSY');
    await at.cancel(id);
    let next: number | null = null;
    // The one before is ended at the server's next turn, within a second.
    while (next === null) next = await at.observe().catch(() => null);
    expect(next).toBeGreaterThan(id);
  });
});
