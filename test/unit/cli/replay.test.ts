import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { account } from '../../../src/cli/account.ts';
import { endText, type ReplayRow } from '../../../src/cli/replay-view.ts';
import { aBatch, aFeed, aPosition } from '../../contract/detection-store.ts';
import { anAlert } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';
import { createErrandRig, type ErrandRig } from './errand-rig.ts';

const NOON = Date.parse('2026-01-01T12:00:00Z');

let rig: ErrandRig;
let served: Awaited<ReturnType<ErrandRig['serve']>> | null = null;
beforeEach(() => {
  rig = createErrandRig();
});
afterEach(async () => {
  await served?.stop();
  served = null;
  rig.remove();
});

const serve = async () => {
  served = await rig.serve();
};
const replay = (...args: readonly string[]) => rig.command('replay', ...args);
const commands = () => rig.withStore((store) => store.commands(10));
/** Three events, a minute apart. */
const threeEvents = async () => {
  for (const minute of [0, 1, 2]) await rig.store(1, steppedClock(NOON + minute * 60_000));
};

describe('flexbridge replay', () => {
  it('has the running server append the events, and waits until they are in the feed', async () => {
    await rig.store(3);
    await serve();
    const { code, out, err } = await replay('--feed', 'default', '--position', '2-3');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Replay 1: 2 events of the feed default: FeedSeq 2 to 3');
    expect(out).toContain('100%  2 of 2');
    expect(out).toContain('Replay 1 is in the feed: 2 events, FeedSeq 4 to 5.');
    expect(out).not.toContain('\u001b');
    const [command] = await commands();
    expect(command).toMatchObject({ state: 'done', requestedBy: account() });
  });

  it('draws a bar on a terminal', async () => {
    await rig.store(2);
    await serve();
    const { out } = await rig.typed('', 'replay', '--feed', 'default', '--alert', 'da-1');
    expect(out).toContain(`\r[${'#'.repeat(30)}] 100%  1 of 1\u001b[K\n`);
  });

  it('prints one JSON object for a program', async () => {
    await rig.store(1);
    await serve();
    const { out } = await replay('--feed', 'default', '--from', '1h', '--connector', 'arcsight-02', '--json');
    expect(JSON.parse(out)).toMatchObject({
      id: 1,
      state: 'done',
      feed: 'default',
      connector: 'arcsight-02',
      done: 1,
      total: 1,
      firstSeq: 2,
      lastSeq: 2,
      problem: null,
    } satisfies Partial<ReplayRow>);
  });

  it('leaves the request for the next start where no server runs, and says so', async () => {
    await rig.store(2);
    const { code, out } = await replay('--feed', 'default', '--position', '1-2');
    expect(code).toBe(0);
    expect(out).toContain('FlexBridge is not running: the replay begins once flexbridge serve is started.');
    // What comes until then is not meant.
    await rig.store(1);
    await serve();
    const again = await replay('--feed', 'default', '--position', '3');
    expect(again.code).toBe(0);
    expect((await commands()).map(({ state, done }) => [state, done])).toEqual([
      ['done', 1],
      ['done', 2],
    ]);
  });

  it('does not wait with --no-wait', async () => {
    await rig.store(1);
    await serve();
    const { code, out } = await replay('--feed', 'default', '--position', '1', '--no-wait');
    expect([code, out.includes('replay --list')]).toEqual([0, true]);
  });

  it('says that nothing was sent where the events have gone meanwhile', () => {
    const ended = {
      id: 1,
      state: 'done',
      feed: 'default',
      connector: null,
      requestedBy: 'kim',
      requestedMs: 1,
    } as const;
    const counts = { updatedMs: 2, done: 0, total: 0, firstSeq: null, lastSeq: null, problem: null };
    expect(endText({ ...ended, ...counts })).toContain('has put nothing into the feed');
  });

  it('fails with what the server says', async () => {
    await rig.withStore(async (store) => {
      await store.ensureFeeds([aFeed({ name: 'quiet' })]);
      await store.append(aBatch({ records: [anAlert()] }));
    });
    // It was started before the feed was configured.
    await serve();
    const { code, err } = await replay('--feed', 'quiet', '--position', '1');
    expect(code).toBe(1);
    for (const part of ['FEED_UNKNOWN', 'was started with these: default, bare', 'Restart'])
      expect(err).toContain(part);
    const listed = await replay('--list', '--json');
    expect(JSON.parse(listed.out)).toMatchObject([{ state: 'failed', problem: { code: 'FEED_UNKNOWN' } }]);
  });
});

describe('flexbridge replay --dry-run', () => {
  it('says which events, to whom, and how long it takes, and writes nothing', async () => {
    await threeEvents();
    await rig.withStore((store) =>
      store.savePosition(aPosition({ acknowledged: 2, lastPollMs: Date.now() - 120_000 })),
    );
    const { code, out } = await replay('--feed', 'default', '--position', '1-3', '--rate', '1', '--dry-run');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      '3 events of the feed default: FeedSeq 1 to 3, stored from 2026-01-01T12:00:00Z to 2026-01-01T12:02:00Z.',
      'To arcsight-01, which asked 2 min ago; it has 1 event to take before these.',
      'To arcsight-02, which has never asked for events.',
      'At 1 a second they are in the feed after 3 s; connectors take them with their next polls.',
      'This was a dry run: nothing was written.',
      '',
    ]);
    expect([await commands(), await rig.withStore((store) => store.feedStats('default'))]).toMatchObject([
      [],
      { lastSeq: 3 },
    ]);
  });

  it('says it in JSON too', async () => {
    await threeEvents();
    const { out } = await replay('--feed', 'default', '--from', '2026-01-01T12:01:00Z', '--dry-run', '--json');
    expect(JSON.parse(out)).toMatchObject({
      dryRun: true,
      feed: 'default',
      events: 2,
      firstSeq: 2,
      lastSeq: 3,
      firstStoredMs: NOON + 60_000,
      rate: 200,
      seconds: 1,
      connectors: [{ connector: 'arcsight-01' }, { connector: 'arcsight-02' }],
    });
  });
});

describe('flexbridge replay that cannot be done', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['no feed', ['--position', '1'], ['REPLAY_USE', '--feed', 'default, quiet']],
    ['an unknown feed', ['--feed', 'x', '--position', '1'], ['FEED_UNKNOWN', 'default, quiet']],
    [
      'a connector that may not read it',
      ['--feed', 'default', '--connector', 'x', '--position', '1'],
      ['CONNECTOR_UNKNOWN', 'arcsight-01, arcsight-02'],
    ],
    ['no events chosen', ['--feed', 'default'], ['REPLAY_USE', '--from', '--alert', '--position']],
    ['events chosen twice', ['--feed', 'default', '--alert', 'a', '--position', '1'], ['REPLAY_USE', 'more than one']],
    ['an end without a beginning', ['--feed', 'default', '--to', '1h'], ['REPLAY_USE', '--from']],
    [
      'times the wrong way round',
      ['--feed', 'default', '--from', '1h', '--to', '2h'],
      ['REPLAY_USE', 'Exchange --from and --to'],
    ],
    ['a beginning in the future', ['--feed', 'default', '--from', '2999-01-01'], ['TIME_UNREADABLE']],
    [
      'a time in the future',
      ['--feed', 'default', '--from', '2999-01-01T00:00:00Z'],
      ['REPLAY_USE', 'lies in the future'],
    ],
    ['a position backwards', ['--feed', 'default', '--position', '3-2'], ['REPLAY_USE', 'smaller first']],
    ['a position of nothing', ['--feed', 'default', '--position', '0'], ['REPLAY_USE', 'FeedSeq from 1 on']],
    ['a position past the end', ['--feed', 'default', '--position', '4'], ['REPLAY_NOTHING', 'last FeedSeq', 'is 3']],
    ['an alert that is not there', ['--feed', 'default', '--alert', 'x'], ['REPLAY_NOTHING', 'alert x', 'filter']],
    [
      'a time when nothing came',
      ['--feed', 'default', '--from', '2025-01-01T00:00:00Z', '--to', '2025-01-02T00:00:00Z'],
      ['REPLAY_NOTHING', '2025-01-01T00:00:00Z', 'FeedSeq 1 to 3'],
    ],
    ['a feed without events', ['--feed', 'quiet', '--position', '1'], ['REPLAY_NOTHING', 'holds no event']],
    ['a rate of nothing', ['--feed', 'default', '--position', '1', '--rate', '0'], ['REPLAY_USE', '1 to 10000']],
    ['a replay that is not there', ['--cancel', '7'], ['REPLAY_UNKNOWN', 'replay --list']],
  ])('says what to do about %s', async (_what, args, parts) => {
    await threeEvents();
    const { code, out, err } = await replay(...args);
    expect([code, out]).toEqual([1, '']);
    for (const part of [...parts, '->']) expect(err).toContain(part);
    expect(await commands()).toEqual([]);
  });

  it('says that there is no store yet', async () => {
    const { code, err } = await replay('--feed', 'default', '--position', '1');
    expect([code, err.includes('STORE_ABSENT')]).toEqual([1, true]);
  });
});

describe('flexbridge replay --list and --cancel', () => {
  it('shows the replays, newest first, and nothing else', async () => {
    await rig.store(2);
    await rig.withStore((store) => store.addCommand({ kind: 'test-event', args: {}, requestedBy: 'kim' }));
    await replay('--feed', 'default', '--position', '1', '--connector', 'arcsight-01');
    await replay('--feed', 'default', '--alert', 'da-2');
    const { out } = await replay('--list');
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(lines.map((cells) => cells.slice(0, 6))).toEqual([
      ['id', 'state', 'feed', 'to', 'events', 'FeedSeq'],
      ['3', 'waiting', 'default', 'all', '0 of 0', '-'],
      ['2', 'waiting', 'default', 'arcsight-01', '0 of 0', '-'],
    ]);
    expect(lines[1]?.at(-1)).toBe(account());
  });

  it('does not take a cancellation for a look', async () => {
    const { code, err } = await replay('--list', '--cancel', '1');
    expect([code, err.includes('cannot be used with')]).toEqual([1, true]);
  });

  it('says that there is none', async () => {
    await rig.store(1);
    expect(await replay('--list')).toEqual({ code: 0, out: 'Nothing was ever replayed.\n', err: '' });
  });

  it('ends a replay for good, with an audit line', async () => {
    await rig.store(1);
    await replay('--feed', 'default', '--position', '1');
    const { code, out } = await replay('--cancel', '1');
    expect([code, out]).toEqual([
      0,
      'Replay 1 was cancelled after 0 of 0: those that are in the feed are delivered.\n',
    ]);
    await serve();
    await replay('--feed', 'default', '--position', '1');
    expect((await commands()).map(({ state }) => state)).toEqual(['done', 'cancelled']);
    const audit = await rig.withStore((store) => store.audit(10));
    expect(audit.at(-1)).toMatchObject({ who: account(), action: 'replay', details: { step: 'cancel', command: 1 } });
    const again = await replay('--cancel', '1');
    expect([again.code, again.err.includes('REPLAY_ENDED')]).toEqual([1, true]);
  });
});
