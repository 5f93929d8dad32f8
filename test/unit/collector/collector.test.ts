import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { instant } from '../../support/alerts.ts';
import { aPage, type CollectorRig, createCollectorRig, failing, failure, KEY, page, REF } from './collector-rig.ts';

let rig: CollectorRig;

beforeEach(async () => {
  rig = await createCollectorRig();
});
afterEach(async () => {
  await rig.close();
});

const HOUR = 3_600_000;
/** No look back goes before the first window of a source that starts at noon. */
const START = instant('2025-12-31T11:45:00Z');
const RESCAN = { window: { from: START, to: START, progress: START }, doneAt: instant('2026-01-01T12:00:00Z') };

describe('a poll', () => {
  it('reads a window, stores its pages and moves the watermark to its end', async () => {
    rig.source.next(page('da-1', '2026-01-01T09:00:00Z'), page('da-2', '2026-01-01T10:00:00Z', true));
    await rig.tick();
    expect(rig.source.windows).toEqual([
      { from: instant('2025-12-31T11:45:00Z'), to: instant('2026-01-01T11:59:30Z'), progress: null },
    ]);
    expect(await rig.stored()).toEqual(['da-1', 'da-2']);
    expect(await rig.store.checkpoint(KEY)).toEqual({
      watermark: instant('2026-01-01T11:59:30Z'),
      window: null,
      rescan: RESCAN,
    });
    expect(rig.events).toEqual([
      { name: 'alertsArrived', ...REF, delaysMs: [3 * HOUR] },
      { name: 'alertsArrived', ...REF, delaysMs: [2 * HOUR] },
      {
        ...{ name: 'pollFinished', ...REF, pages: 2, fetched: 2, fresh: 2, changed: 0, duplicate: 0, stale: 0 },
        ...{ rejected: 0, events: 2, cut: 0, durationMs: 0 },
      },
    ]);
    expect(await rig.status()).toMatchObject({
      lastSuccessMs: rig.clock.now(),
      lastTryMs: rig.clock.now(),
      failures: 0,
      lastError: null,
    });
  });

  it('finishes without reading when there is nothing to read yet', async () => {
    rig.source.next(aPage());
    await rig.tick();
    rig.clock.step(-60_000);
    await rig.tick();
    expect(rig.source.windows).toHaveLength(1);
    expect(rig.events.map(({ name }) => name)).toEqual(['pollFinished', 'pollFinished']);
    expect((await rig.status())?.failures).toBe(0);
  });

  it('keeps a record that could not be read, counts it once, and tells it once, however often it comes', async () => {
    const rejected = [{ id: 'da-9', code: 'no-update-time', reason: 'no date', raw: '{"id":"da-9"}' }] as const;
    rig.source.next(aPage({ rejected }));
    for (let poll = 0; poll < 3; poll += 1) {
      await rig.tick();
      rig.clock.step(60_000);
    }
    expect(rig.events.filter(({ name }) => name === 'recordSetAside')).toEqual([
      { name: 'recordSetAside', ...REF, id: 'da-9', code: 'no-update-time', reason: 'no date', stretch: null },
    ]);
    expect((await rig.status())?.rejected).toBe(1);
  });
});

describe('a poll that fails', () => {
  it('keeps the pages before the failure, and a restart goes on where they end', async () => {
    rig.source.next(page('da-1', '2026-01-01T09:00:00Z'), failing(failure()));
    await rig.tick();
    const window = {
      from: instant('2025-12-31T11:45:00Z'),
      to: instant('2026-01-01T11:59:30Z'),
      progress: instant('2026-01-01T09:00:00Z'),
    };
    expect(await rig.store.checkpoint(KEY)).toEqual({
      watermark: instant('2025-12-31T12:00:00Z'),
      window,
      rescan: RESCAN,
    });

    await rig.restart();
    rig.clock.step(3_600_000);
    rig.source.next(page('da-1', '2026-01-01T09:00:00Z'), page('da-2', '2026-01-01T10:00:00Z', true));
    await rig.tick();
    expect(rig.source.windows[1]).toEqual(window);
    expect(await rig.stored()).toEqual(['da-1', 'da-2']);
    expect(rig.events.slice(-1)).toMatchObject([{ name: 'pollFinished', fresh: 1, duplicate: 3 }]);
    // The rest of the hour that has passed is read in the same poll.
    expect(rig.source.windows[2]).toMatchObject({ from: instant('2026-01-01T11:44:30Z'), progress: null });
    const watermark = instant('2026-01-01T12:59:30Z');
    expect(await rig.store.checkpoint(KEY)).toEqual({ watermark, window: null, rescan: RESCAN });
  });

  it('begins its window again when the order of its pages proved nothing', async () => {
    rig.source.next({ ...page('da-1', '2026-01-01T09:00:00Z'), progress: null }, failing(failure()));
    await rig.tick();
    rig.clock.step(20_000);
    rig.source.next(page('da-2', '2026-01-01T08:00:00Z', true));
    await rig.tick();
    expect(rig.source.windows[1]).toEqual(rig.source.windows[0]);
    expect(await rig.stored()).toEqual(['da-1', 'da-2']);
  });

  it('moves nothing when its first page fails', async () => {
    rig.source.next(aPage());
    await rig.tick();
    const before = await rig.store.checkpoint(KEY);
    rig.clock.step(60_000);
    rig.source.next(failing(failure()));
    await rig.tick();
    expect(await rig.store.checkpoint(KEY)).toEqual(before);
    rig.clock.step(60_000);
    rig.source.next(aPage());
    await rig.tick();
    expect(rig.source.windows[2]?.from).toBe(rig.source.windows[1]?.from);
  });

  it('keeps where it has to start when Microsoft does not even tell the time, however long that lasts', async () => {
    rig.source.failNow(failure({ code: 'TOKEN_REFUSED', kind: 'operator' }));
    await rig.tick();
    expect(rig.source.windows).toEqual([]);
    const start = { watermark: instant('2025-12-31T12:00:00Z'), window: null, rescan: RESCAN };
    expect(await rig.store.checkpoint(KEY)).toEqual(start);
    rig.clock.step(3 * 86_400_000);
    expect(await rig.store.checkpoint(KEY)).toEqual(start);
    expect(await rig.status()).toMatchObject({ failures: 1, lastError: { code: 'TOKEN_REFUSED', kind: 'operator' } });
  });

  it('is recorded with its error and since when, and forgotten with the next success', async () => {
    rig.source.next(failing(failure()));
    await rig.tick();
    const since = rig.clock.now();
    rig.clock.step(20_000);
    await rig.tick();
    expect(await rig.status()).toEqual({
      ...KEY,
      lastTryMs: rig.clock.now(),
      lastSuccessMs: null,
      failingSinceMs: since,
      failures: 2,
      lastError: { code: 'UPSTREAM_503', kind: 'transient', message: 'Microsoft is busy', hint: 'Wait.' },
      rejected: 0,
      lastRejectedMs: null,
      nextTryMs: rig.clock.now() + 30_000,
      catchingUp: null,
      tokenProblem: null,
      rescan: null,
      inheritedBy: [],
    });
    rig.clock.step(60_000);
    rig.source.next(aPage());
    await rig.tick();
    expect(await rig.status()).toMatchObject({
      failingSinceMs: null,
      failures: 0,
      lastError: null,
      lastSuccessMs: rig.clock.now(),
    });
  });

  it('goes on counting failures after a restart', async () => {
    rig.source.next(failing(failure()));
    await rig.tick();
    await rig.restart();
    await rig.tick();
    expect(rig.events).toMatchObject([{ name: 'pollFailed', attempt: 2 }]);
    expect((await rig.status())?.failures).toBe(2);
  });

  it('does not lose count of records that could not be read before it failed', async () => {
    const rejected = [{ id: null, code: 'no-id', reason: 'no id', raw: '{}' }] as const;
    rig.source.next(aPage({ rejected, isLast: false }), failing(failure()));
    await rig.tick();
    expect((await rig.status())?.rejected).toBe(1);
  });

  it('is told as a defect when what was thrown is no BridgeError', async () => {
    rig.source.next(failing(new TypeError('x is undefined')));
    await rig.tick();
    expect(rig.events).toMatchObject([{ name: 'pollFailed', error: { code: 'UNEXPECTED', kind: 'bug' } }]);
  });
});
