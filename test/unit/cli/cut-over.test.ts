import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { account } from '../../../src/cli/account.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { aBatch, aPosition } from '../../contract/detection-store.ts';
import { anAlert, instant } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';
import { createErrandRig, type ErrandRig } from './errand-rig.ts';

const LIMITS = { maxEvents: 100, maxBytes: 1e6 };

let rig: ErrandRig;
beforeEach(() => {
  rig = createErrandRig();
});
afterEach(() => {
  rig.remove();
});

const cutOver = (...args: readonly string[]) =>
  rig.command('cut-over', '--feed', 'default', '--connector', 'arcsight-01', ...args);
const position = () => rig.withStore((store) => store.position('arcsight-01', 'default'));
const updated = (alertId: string, at: string) => anAlert({ alertId, lastUpdate: instant(at) });
const append = (...records: readonly ReturnType<typeof anAlert>[]) =>
  rig.withStore((store) => store.append(aBatch({ records })), steppedClock('2026-01-05T12:00:00Z'));
/** Alert ids that the connector gets, as the server reads them for it. */
const received = () =>
  rig.withStore(async (store) => {
    const found = await store.position('arcsight-01', 'default');
    const page = await store.readPage({
      feed: 'default',
      after: found?.acknowledged ?? 0,
      upTo: null,
      limits: LIMITS,
      audience: { connector: 'arcsight-01', updates: true, cutOver: found?.cutOver ?? null },
      stamp: { kind: 'stored' },
    });
    return (JSON.parse(page.body.toString()) as Record<string, unknown>[]).map((event) => event['AlertId']);
  });

describe('flexbridge cut-over --at', () => {
  beforeEach(() =>
    append(
      updated('old', '2026-01-05T08:00:00Z'),
      updated('last', '2026-01-05T08:59:59.9999999Z'),
      updated('first', '2026-01-05T09:00:00Z'),
    ),
  );

  it('begins with alerts that were updated at the time or later, and takes everything that comes afterwards', async () => {
    const { code, out, err } = await cutOver('--at', '2026-01-05T09:00:00Z');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('1 of 3 events will be sent to it; 2 will not');
    expect(out).toContain('Done: start arcsight-01 now.');
    await append(updated('late', '2026-01-05T07:00:00Z'));
    expect(await received()).toEqual(['first', 'late']);
  });

  it('leaves the other connectors where they are', async () => {
    await rig.withStore((store) => store.savePosition(aPosition({ connector: 'arcsight-02', acknowledged: 1 })));
    await cutOver('--at', '2026-01-05T09:00:00Z');
    expect(await rig.withStore((store) => store.position('arcsight-02', 'default'))).toMatchObject({
      acknowledged: 1,
      cutOver: null,
    });
  });

  it('reads what was stored up to a day before the time, should the clocks differ', async () => {
    await cutOver('--at', '2026-01-07T11:00:00Z');
    expect(await position()).toMatchObject({ acknowledged: 3, cutOver: { upTo: 3 } });
    await cutOver('--at', '2026-01-06T11:00:00Z', '--force');
    expect(await position()).toMatchObject({ acknowledged: 0, cutOver: { upTo: 3 } });
  });

  it('is kept apart from the position until the connector asks, and in the audit trail', async () => {
    await cutOver('--at', '2026-01-05T09:00:00Z');
    expect(await position()).toMatchObject({ revision: 1, acknowledged: 0, lastPollMs: 0, page: null });
    expect((await rig.withStore((store) => store.audit(1)))[0]).toMatchObject({
      who: account(),
      action: 'cut-over',
      details: { connector: 'arcsight-01', updatedBefore: '2026-01-05T09:00:00Z', upTo: 3, before: null },
    });
  });

  it('moves nothing where the audit trail cannot be written', async () => {
    const db = openSqlite(join(rig.folder, 'data', 'events.db'));
    db.exec("CREATE TRIGGER deaf BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'deaf'); END");
    db.close();
    expect((await cutOver('--at', '2026-01-05T09:00:00Z')).code).toBe(1);
    expect(await position()).toBeNull();
  });

  it('only says what it would mean with --dry-run', async () => {
    const { code, out } = await cutOver('--at', '2026-01-05T09:00:00Z', '--dry-run', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ dryRun: true, sent: 1, leftOut: 2, lastSeq: 3, before: null });
    expect([await position(), await rig.withStore((store) => store.audit(1))]).toEqual([null, []]);
  });

  it('asks on a terminal, and takes anything but a yes for a no', async () => {
    const typed = (answer: string) =>
      rig.typed(
        answer,
        ...['cut-over', '--feed', 'default', '--connector', 'arcsight-01'],
        ...['--at', '2026-01-05T09:00:00Z'],
      );
    for (const answer of ['\n', 'nope\n', '']) {
      const { code, out } = await typed(answer);
      expect([code, out.endsWith('Nothing was changed.\n')]).toEqual([1, true]);
    }
    expect(await position()).toBeNull();
    expect((await typed('y\n')).code).toBe(0);
    expect(await position()).not.toBeNull();
  });
});

describe('flexbridge cut-over --position', () => {
  beforeEach(() => rig.store(5));

  it('begins behind the FeedSeq', async () => {
    const { out } = await cutOver('--position', '3');
    expect(out).toContain('begins behind FeedSeq 3');
    expect(out).toContain('2 of 5 events will be sent to it; 3 will not');
    expect(await received()).toEqual(['da-4', 'da-5']);
  });

  it('moves a connector that has begun only with --force, and says what that means', async () => {
    await rig.withStore((store) => store.savePosition(aPosition({ acknowledged: 2, lastPollMs: Date.now() - 60_000 })));
    for (const [seq, meaning] of [
      ['4', 'skip up to 2 events'],
      ['1', 'up to 1 event would come again'],
    ] as const) {
      const { code, err } = await cutOver('--position', seq);
      expect([code, err.includes('CUT_OVER_POSITION')]).toEqual([1, true]);
      for (const part of [meaning, '--force', 'flexbridge replay']) expect(err).toContain(part);
    }
    expect(await position()).toMatchObject({ acknowledged: 2, revision: 1 });
    const { code, out } = await cutOver('--position', '4', '--force');
    expect([code, out.includes('stood at FeedSeq 2; it is moved on')]).toEqual([0, true]);
    expect(await position()).toMatchObject({ acknowledged: 4, revision: 2 });
  });

  it('may be corrected before the connector has asked', async () => {
    await cutOver('--position', '4');
    expect((await cutOver('--position', '1')).code).toBe(0);
    expect(await position()).toMatchObject({ acknowledged: 1 });
  });
});

describe('flexbridge cut-over that cannot be done', () => {
  beforeEach(() => rig.store(3));

  it.each<[string, readonly string[], readonly string[]]>([
    ['neither time nor position', [], ['CUT_OVER_USE', '--at', '--position']],
    ['both', ['--at', '1h', '--position', '1'], ['CUT_OVER_USE', 'in one way']],
    ['a time in the future', ['--at', '2999-01-01T00:00:00Z'], ['CUT_OVER_USE', 'future', 'Stop the old connector']],
    ['a time that is none', ['--at', 'yesterday'], ['TIME_UNREADABLE', '24h']],
    ['a position past the end', ['--position', '4'], ['CUT_OVER_USE', 'last FeedSeq of the feed is 3']],
    ['a position that is none', ['--position', '1-2'], ['CUT_OVER_USE', 'from 0']],
  ])('says what to do about %s', async (_what, args, parts) => {
    const { code, err } = await cutOver(...args);
    expect(code).toBe(1);
    for (const part of [...parts, '->']) expect(err).toContain(part);
    expect(await position()).toBeNull();
  });

  it('says that a feed without positions has none to set', async () => {
    const { code, err } = await rig.command(
      ...['cut-over', '--feed', 'bare', '--connector', 'arcsight-01', '--position', '0'],
    );
    expect([code, err.includes('acknowledge: none')]).toEqual([1, true]);
  });
});
