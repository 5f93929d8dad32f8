import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
import { aBatch, aRecordAside } from '../../contract/detection-store.ts';
import { instant } from '../../support/alerts.ts';
import { type CollectorRig, createCollectorRig, KEY, REF, type RigSettings } from './collector-rig.ts';
import { type PlayedApi, playedApi, record, refused } from './played-api.ts';

const HOUR = 3_600_000;
let rig: CollectorRig;
let api: PlayedApi;

async function open(settings: Partial<RigSettings> = {}, usual = 10): Promise<void> {
  rig = await createCollectorRig(settings, (clock) => {
    api = playedApi(clock, { usual });
    return api;
  });
}

afterEach(async () => {
  await rig.close();
});

function told<Name extends BridgeEvent['name']>(name: Name) {
  return rig.events.filter((event): event is Extract<BridgeEvent, { name: Name }> => event.name === name);
}

describe('a source that is far behind', () => {
  beforeEach(() => open({ sliceMs: 6 * HOUR }));

  it('is read slice by slice, oldest first, and says after each how far it has got', async () => {
    api.records = [record('a-2', '2026-01-01T11:00:00Z'), record('a-1', '2025-12-31T13:00:00Z')];
    await rig.tick();
    expect(await rig.stored()).toEqual(['a-1', 'a-2']);
    expect(told('catchingUp').map(({ reached, percent }) => ({ reached, percent }))).toEqual([
      { reached: '2025-12-31T17:45:00.0000000Z', percent: 23 },
      { reached: '2025-12-31T23:30:00.0000000Z', percent: 47 },
      { reached: '2026-01-01T05:15:00.0000000Z', percent: 71 },
      { reached: '2026-01-01T11:00:00.0000000Z', percent: 95 },
    ]);
    expect(told('catchingUp')[0]).toMatchObject({ ...REF, target: '2026-01-01T11:59:30.0000000Z' });
    expect(told('caughtUp')).toEqual([{ name: 'caughtUp', ...REF, durationMs: 0 }]);
    expect(told('pollFinished')).toHaveLength(1);
    expect(await rig.status()).toMatchObject({ catchingUp: null });
  });

  it('shows in its status how far it is while it reads, and keeps that through a failure and a restart', async () => {
    api.trouble = (request) => (request > 2 ? refused() : null);
    await rig.tick();
    const catchingUp = {
      from: instant('2025-12-31T12:00:00Z'),
      reached: instant('2025-12-31T23:30:00Z'),
      target: instant('2026-01-01T11:59:30Z'),
    };
    expect(await rig.status()).toMatchObject({ failures: 1, catchingUp });
    await rig.restart();
    api.trouble = () => null;
    await rig.tick();
    expect(told('catchingUp')[0]).toMatchObject({ percent: 71 });
    expect(told('caughtUp')).toHaveLength(1);
  });

  it('goes on in the next poll when the budget is used up', async () => {
    await rig.close();
    await open({ sliceMs: 6 * HOUR, budgetPages: 2 });
    for (const finished of [2, 4, 6]) {
      await rig.tick();
      expect(api.requests).toBe(Math.min(finished, 5));
    }
    expect(told('pollFailed')).toEqual([]);
    expect(await rig.status()).toMatchObject({ catchingUp: null, failures: 0 });
  });
});

describe('the budget of a poll', () => {
  const everyMinute = Array.from({ length: 60 }, (_, minute) =>
    record(`a-${minute}`, `2026-01-01T10:${String(minute).padStart(2, '0')}:00Z`),
  );

  it('ends it between two pages, and the next one goes on there', async () => {
    await open({ budgetPages: 3 });
    api.records = everyMinute;
    await rig.tick();
    expect(await rig.stored()).toHaveLength(30);
    expect((await rig.store.checkpoint(KEY)).window?.progress).toBe(instant('2026-01-01T10:29:00Z'));
    await rig.tick();
    await rig.tick();
    expect(await rig.stored()).toHaveLength(60);
    expect((await rig.store.checkpoint(KEY)).window).toBeNull();
  });

  it('does not end it in the middle of one instant, which would begin anew for ever', async () => {
    await open({ budgetPages: 1 });
    api.records = everyMinute.map(({ alertId }) => record(alertId, '2026-01-01T10:00:00.1234567Z'));
    await rig.tick();
    await rig.tick();
    expect(await rig.stored()).toHaveLength(60);
    expect((await rig.store.checkpoint(KEY)).window).toBeNull();
  });

  it('does not end it where the order of the pages proves nothing', async () => {
    await open({ budgetPages: 1 });
    api.records = everyMinute;
    const paged = api.pages.bind(api);
    api.pages = async function* (...asked) {
      for await (const page of paged(...asked)) yield { ...page, progress: null };
    };
    await rig.tick();
    expect(await rig.stored()).toHaveLength(60);
    expect((await rig.store.checkpoint(KEY)).window).toBeNull();
  });

  it('does not end it at a time behind the window, where nothing would be left to read', async () => {
    await open({ budgetPages: 1 });
    api.records = everyMinute;
    const paged = api.pages.bind(api);
    api.pages = async function* (window, ...asked) {
      for await (const page of paged(window, ...asked)) yield { ...page, progress: window.to };
    };
    await rig.tick();
    expect(await rig.stored()).toHaveLength(60);
    expect((await rig.store.checkpoint(KEY)).window).toBeNull();
  });
});

describe('the wide look back', () => {
  const settings = { sliceMs: 6 * HOUR, rescan: { everyMs: HOUR, reachMs: 24 * HOUR } };
  beforeEach(() => open(settings));

  it('finds what showed up long after its time, and says so', async () => {
    await rig.tick();
    rig.clock.step(HOUR);
    api.records = [record('late', '2026-01-01T03:00:00Z')];
    await rig.tick();
    expect(await rig.stored()).toEqual(['late']);
    expect(told('rescanFinished')).toEqual([{ name: 'rescanFinished', ...REF, fresh: 1, changed: 0 }]);
    rig.clock.step(60_000);
    const before = api.requests;
    await rig.tick();
    expect(api.requests - before).toBe(1);
  });

  it('takes what is left of the budget, and goes on where it was with the next poll and after a restart', async () => {
    await rig.close();
    await open({ ...settings, budgetPages: 2 });
    for (let tick = 0; tick < 3; tick += 1) await rig.tick();
    rig.clock.step(HOUR);
    api.records = [record('late', '2026-01-01T10:00:00Z')];
    for (let tick = 0; tick < 6; tick += 1) {
      rig.clock.step(60_000);
      await rig.tick();
      await rig.restart();
    }
    expect(await rig.stored()).toEqual(['late']);
    const { watermark, rescan } = await rig.store.checkpoint(KEY);
    expect(watermark).toBe(instant('2026-01-01T13:05:30Z'));
    expect(rescan.doneAt).toBe(instant('2026-01-01T13:05:00Z'));
  });

  it('gets a request of every poll whose main line has caught up, however small the budget', async () => {
    await rig.close();
    await open({ ...settings, budgetPages: 1 });
    for (let tick = 0; tick < 6; tick += 1) await rig.tick();
    rig.clock.step(HOUR);
    api.records = [record('late', '2026-01-01T10:00:00Z')];
    for (let tick = 0; tick < 6; tick += 1) {
      rig.clock.step(60_000);
      await rig.tick();
    }
    expect(await rig.stored()).toEqual(['late']);
    expect(told('rescanFinished')).toHaveLength(1);
  });

  it('takes a minute of one poll at most, and goes on with the next one', async () => {
    await rig.tick();
    rig.clock.step(HOUR);
    let asked = 0;
    api.trouble = (_, { from }) => {
      if (from >= '2026-01-01T11:44') return null;
      rig.clock.step(25_000);
      asked += 1;
      return null;
    };
    const polls: number[] = [];
    for (let tick = 0; tick < 3; tick += 1) {
      asked = 0;
      await rig.tick();
      polls.push(asked);
    }
    expect(polls).toEqual([3, 1, 0]);
    expect(told('rescanFinished')).toHaveLength(1);
  });

  describe('that fails', () => {
    const fails: PlayedApi['trouble'] = (_, { from }) =>
      from < '2026-01-01T11' ? refused('UPSTREAM_UNAVAILABLE') : null;

    beforeEach(async () => {
      await rig.tick();
      rig.clock.step(HOUR);
      api.trouble = fails;
    });

    it('holds up neither the main line nor what was set aside, and waits longer and longer by itself', async () => {
      const tries: number[] = [];
      for (let poll = 0; poll < 120; poll += 1) {
        const before = told('rescanFailed').length;
        api.records = [...api.records, record(`a-${poll}`, new Date(rig.clock.now() - 60_000).toISOString())];
        await rig.tick();
        expect(await rig.stored()).toHaveLength(poll + 1);
        if (told('rescanFailed').length > before) tries.push(poll * 30);
        rig.clock.step(30_000);
      }
      expect(tries).toEqual([0, 30, 60, 120, 240, 480, 960, 1560, 2160, 2760, 3360]);
      expect(told('pollFailed')).toEqual([]);
      expect(told('pollSkipped')).toEqual([]);
      expect(await rig.status()).toMatchObject({ failures: 0, lastError: null, rescan: { failures: 11 } });
    });

    it('is told with its reason and next try until it is read again, after a restart too', async () => {
      await rig.tick();
      const rescan = {
        failingSinceMs: rig.clock.now(),
        failures: 1,
        lastError: { code: 'UPSTREAM_UNAVAILABLE', kind: 'transient' },
        nextTryMs: rig.clock.now() + 15_000,
      };
      expect(await rig.status()).toMatchObject({ lastSuccessMs: rig.clock.now(), rescan });
      expect(told('rescanFailed')).toMatchObject([{ ...REF, attempt: 1, error: { code: 'UPSTREAM_UNAVAILABLE' } }]);
      await rig.restart();
      await rig.tick();
      expect(await rig.status()).toMatchObject({
        rescan: { ...rescan, failures: 2, nextTryMs: rig.clock.now() + 30_000 },
      });
      api.trouble = () => null;
      rig.clock.step(30_000);
      await rig.tick();
      expect(await rig.status()).toMatchObject({ rescan: null });
      expect(told('rescanFinished')).toHaveLength(1);
    });

    it('waits as long as Microsoft asked for', async () => {
      api.trouble = (_, { from }) =>
        from < '2026-01-01T11'
          ? new BridgeError({
              code: 'UPSTREAM_UNAVAILABLE',
              kind: 'transient',
              message: '',
              hint: '',
              retryAfterMs: HOUR,
            })
          : null;
      await rig.tick();
      rig.clock.step(HOUR - 1);
      await rig.tick();
      expect(told('rescanFailed')).toHaveLength(1);
    });
  });

  it('does not fail for ever on a record that Microsoft cannot give', async () => {
    await rig.tick();
    rig.clock.step(HOUR);
    api.records = [
      record('late-1', '2026-01-01T03:00:00Z'),
      record('bad', '2026-01-01T04:00:00Z', true),
      record('late-2', '2026-01-01T05:00:00Z'),
    ];
    for (let tick = 0; tick < 3; tick += 1) {
      await rig.tick();
      rig.clock.step(80_000);
    }
    expect(await rig.stored()).toEqual(['late-1', 'late-2']);
    expect(told('rescanFinished')).toHaveLength(1);
    // The next look back comes by it again, and passes over it.
    rig.clock.step(HOUR);
    const failed = told('pollFailed').length;
    await rig.tick();
    expect(told('rescanFinished')).toHaveLength(2);
    expect(told('pollFailed')).toHaveLength(failed);
  });
});

describe('what was set aside', () => {
  beforeEach(() => open({ budgetPages: 1000, overlapMs: 2 * HOUR }));

  async function poisoned(): Promise<void> {
    api.records = [record('bad', '2026-01-01T11:00:00.0000001Z', true)];
    for (let tick = 0; tick < 3; tick += 1) {
      await rig.tick();
      rig.clock.step(80_000);
    }
    expect(await rig.store.quarantine()).toHaveLength(1);
  }

  it('is read again after an hour, and stored when Microsoft can give it', async () => {
    await poisoned();
    const before = await rig.store.checkpoint(KEY);
    api.records = [record('bad', '2026-01-01T11:00:00.0000001Z')];
    rig.clock.step(HOUR);
    await rig.tick();
    expect(await rig.stored()).toEqual(['bad']);
    expect(await rig.store.quarantine()).toEqual([]);
    expect(told('setAsideSettled')).toEqual([{ name: 'setAsideSettled', ...REF, entries: 1 }]);
    const { watermark } = await rig.store.checkpoint(KEY);
    expect(watermark && before.watermark && watermark > before.watermark).toBe(true);
  });

  it('is tried with every poll that has caught up, however small the budget', async () => {
    await rig.close();
    await open({ budgetPages: 1, overlapMs: 2 * HOUR });
    for (let tick = 0; tick < 60 && (await rig.store.quarantine()).length === 0; tick += 1) {
      api.records = [record('bad', '2026-01-01T11:00:00.0000001Z', true)];
      await rig.tick();
      rig.clock.step(30_000);
    }
    api.records = [record('bad', '2026-01-01T11:00:00.0000001Z')];
    rig.clock.step(HOUR);
    for (let tick = 0; tick < 3; tick += 1) await rig.tick();
    expect(await rig.stored()).toEqual(['bad']);
  });

  it('is tried at once when somebody asks for it, and from then on read like everything else', async () => {
    await poisoned();
    api.records = [record('bad', '2026-01-01T11:00:00.0000001Z')];
    await rig.store.retryQuarantine('all');
    await rig.tick();
    expect(await rig.stored()).toEqual(['bad']);
    api.records = [...api.records, record('tie', '2026-01-01T11:00:00.0000001Z')];
    rig.clock.step(1000);
    await rig.tick();
    expect(await rig.stored()).toEqual(['bad', 'tie']);
  });

  it('is tried ever more rarely, once a day in the end, and stops no poll', async () => {
    await poisoned();
    const tries: number[] = [];
    let seen = 1;
    for (let hour = 0; hour < 120; hour += 1) {
      rig.clock.step(HOUR);
      await rig.tick();
      const [entry] = await rig.store.quarantine();
      if (entry !== undefined && entry.tries > seen) {
        seen = entry.tries;
        tries.push(hour);
      }
    }
    expect(tries).toEqual([0, 2, 6, 14, 30, 54, 78, 102]);
    expect((await rig.status())?.failures).toBe(0);
  });

  it('stays when Microsoft refuses everything, which is no news of the record', async () => {
    await poisoned();
    rig.clock.step(HOUR);
    api.trouble = (_, { from }) => (from === '2026-01-01T11:00:00.0000001Z' ? refused('UPSTREAM_THROTTLED') : null);
    await rig.tick();
    expect(await rig.store.quarantine()).toHaveLength(1);
    expect((await rig.status())?.lastError).toBeNull();
  });

  it('is asked for again with its like, and lets go of what Microsoft no longer sends so', async () => {
    const at = '2026-01-01T11:58:00Z';
    const lacking = (alertId: string) => ({ ...record(alertId, at), unreadable: `{"title":"${alertId}"}` });
    api.records = [record('a-1', at), lacking('a-2'), lacking('a-3')];
    await rig.tick();
    expect(await rig.stored()).toEqual(['a-1']);
    expect(await rig.store.quarantine()).toMatchObject([{ stretch: null }, { stretch: null }]);
    api.records = [record('a-1', at), record('a-2', at), lacking('a-3')];
    await rig.store.retryQuarantine('all');
    const before = api.requests;
    await rig.tick();
    expect(api.requests - before).toBe(1);
    expect(await rig.stored()).toEqual(['a-1', 'a-2']);
    expect(await rig.store.quarantine()).toMatchObject([{ reason: 'still no id', tries: 2 }]);
    expect(told('setAsideSettled')).toHaveLength(1);
    expect(told('recordSetAside')).toHaveLength(2);
    rig.clock.step(24 * HOUR);
    api.records = [];
    await rig.tick();
    expect(await rig.store.quarantine()).toEqual([]);
  });

  it('is looked for in all that may have held it: the rest of the window, when it ended its page', async () => {
    await rig.close();
    await open({}, 2);
    const lacking = { ...record('bad', '2026-01-01T11:54:00Z'), unreadable: '{"title":"bad"}' };
    const others = [51, 56, 57, 58].map((minute) => record(`a-${minute}`, `2026-01-01T11:${minute}:00Z`));
    api.records = [...others.slice(0, 1), lacking, ...others.slice(1)];
    const paged = api.pages.bind(api);
    // The order of what cannot be read is not known.
    api.pages = async function* (...asked) {
      for await (const page of paged(...asked)) yield { ...page, progress: page.records.at(-1)?.lastUpdate ?? null };
    };
    await rig.tick();
    await rig.store.retryQuarantine('all');
    await rig.tick();
    expect(await rig.store.quarantine()).toMatchObject([{ reason: 'still no id', tries: 2 }]);
  });

  it('keeps a record while Microsoft does not answer for its time', async () => {
    const at = '2026-01-01T11:58:00Z';
    api.records = [{ ...record('a-1', at), unreadable: '{"title":"a-1"}' }];
    await rig.tick();
    await rig.store.retryQuarantine('all');
    api.trouble = () => refused();
    await rig.tick();
    expect(await rig.store.quarantine()).toMatchObject([{ reason: 'still no id', tries: 2 }]);
    expect((await rig.status())?.lastError).toBeNull();
  });

  it('is read from its own text where there is one, by a program that may know better by now', async () => {
    await rig.tick();
    const checkpoint = await rig.store.checkpoint(KEY);
    const setAside = [aRecordAside({ raw: '{"id":"mended"}' }), aRecordAside({ raw: '{"id":"still bad"}' })];
    await rig.store.append(aBatch({ setAside, checkpoint }));
    rig.clock.step(HOUR);
    await rig.tick();
    expect(await rig.stored()).toEqual(['mended']);
    const left = await rig.store.quarantine();
    expect(left).toMatchObject([{ reason: 'still no id', tries: 2 }]);
  });
});
