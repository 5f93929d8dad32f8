import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { justAfter } from '../../../src/domain/halfway.ts';
import type { Instant } from '../../../src/domain/instant.ts';
import { instant } from '../../support/alerts.ts';
import { type CollectorRig, createCollectorRig, KEY, REF } from './collector-rig.ts';
import { type PlayedApi, playedApi, record, refused } from './played-api.ts';

let rig: CollectorRig;
let api: PlayedApi;

async function open(options: Parameters<typeof playedApi>[1] = {}, settings = {}): Promise<void> {
  rig = await createCollectorRig({ budgetPages: 1000, ...settings }, (clock) => {
    api = playedApi(clock, options);
    return api;
  });
}

beforeEach(() => open());
afterEach(async () => {
  await rig.close();
});

/** Ticks with more than the longest wait between them. */
async function ticks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick += 1) {
    await rig.tick();
    rig.clock.step(900_000);
  }
}

/** 300 alerts of the last day, one every four minutes. */
function aDay(poisoned: readonly number[] = []) {
  const start = Date.parse('2025-12-31T12:00:00Z');
  return Array.from({ length: 300 }, (_, index) =>
    record(`a-${index}`, new Date(start + index * 240_000).toISOString(), poisoned.includes(index)),
  );
}

async function stretches() {
  return (await rig.store.quarantine()).map(({ code, stretch }) => ({ code, ...stretch }));
}

function names(count: number, without: readonly number[] = []): readonly string[] {
  return Array.from({ length: count }, (_, index) => index)
    .filter((index) => !without.includes(index))
    .map((index) => `a-${index}`);
}

describe('a record that Microsoft always fails on', () => {
  it.each([
    ['at the start', [0]],
    ['in the middle', [137]],
    ['at the end', [299]],
    ['twice, far apart', [20, 250]],
    ['twice, side by side', [150, 151]],
    ['twice on one page', [110, 140]],
  ])('%s goes into the quarantine, and everything else is stored', async (_, poisoned) => {
    api.records = aDay(poisoned);
    await ticks(5);
    expect((await rig.stored()).toSorted()).toEqual(names(300, poisoned).toSorted());
    const entries = await stretches();
    expect(entries.map(({ from }) => from)).toEqual(poisoned.map((index) => api.records[index]?.at));
    expect(entries.map(({ code, index }) => ({ code, index }))).toEqual(
      poisoned.map(() => ({ code: 'unanswered', index: 0 })),
    );
    expect((await rig.store.checkpoint(KEY)).watermark).not.toBeNull();
    expect(await rig.status()).toMatchObject({ failures: 0, rejected: poisoned.length });
  });

  it('is left alone for two failures, and found with the third in some fifty requests', async () => {
    api.records = aDay([137]);
    await ticks(2);
    expect(await stretches()).toEqual([]);
    const before = api.requests;
    await ticks(1);
    expect(await stretches()).toHaveLength(1);
    expect(api.requests - before).toBeLessThan(70);
    expect(rig.events.filter(({ name }) => name === 'narrowing').length).toBeGreaterThan(0);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'costs no more wherever it lies in an almost empty day: case %i',
    async (place) => {
      const at = Date.parse('2025-12-31T12:00:00Z') + place * 8_400_123;
      api.records = [record('bad', new Date(at).toISOString(), true)];
      await ticks(2);
      const before = api.requests;
      await ticks(1);
      expect(await stretches()).toHaveLength(1);
      expect(api.requests - before).toBeGreaterThan(40);
      expect(api.requests - before).toBeLessThan(70);
    },
  );

  it.each([false, true])('is passed over from then on, by the overlap too, after a restart: %s', async (restarts) => {
    api.records = [record('a-1', '2026-01-01T11:40:00Z'), record('a-2', '2026-01-01T11:58:00Z', true)];
    for (let tick = 0; tick < 3; tick += 1) {
      await rig.tick();
      rig.clock.step(80_000);
    }
    expect(await stretches()).toHaveLength(1);
    const told = rig.events.length;
    if (restarts) await rig.restart();
    for (let tick = 0; tick < 10; tick += 1) {
      const before = api.requests;
      await rig.tick();
      expect(api.requests - before).toBeLessThanOrEqual(2);
      rig.clock.step(60_000);
    }
    expect(rig.events.slice(restarts ? 0 : told).map(({ name }) => name)).toEqual(
      Array.from({ length: 10 }, () => 'pollFinished'),
    );
  });

  it('does not take the records of its instant with it', async () => {
    const at = '2026-01-01T06:00:00.1234567Z';
    api.records = [...aDay(), record('tie-1', at), record('tie-2', at, true), record('tie-3', at)];
    await ticks(3);
    expect(await rig.stored()).toEqual(expect.arrayContaining(['tie-1', 'tie-3']));
    expect(await stretches()).toMatchObject([{ from: at, to: '2026-01-01T06:00:00.1234568Z', index: 1 }]);
    expect(await rig.stored()).toHaveLength(302);
    expect(rig.events).toContainEqual({
      name: 'recordSetAside',
      ...REF,
      id: null,
      code: 'unanswered',
      reason: 'Microsoft failed (UPSTREAM_FAILED)',
      stretch: `${at}/2026-01-01T06:00:00.1234568Z#1`,
    });
  });

  it('takes its whole instant with it where the API gives no single record', async () => {
    await rig.close();
    await open({ canSingle: false });
    api.records = aDay([137]);
    api.poisonError = refused('UPSTREAM_BAD_JSON', 'upstream');
    await ticks(3);
    expect(await stretches()).toMatchObject([{ code: 'unreadable', from: api.records[137]?.at, index: null }]);
    expect(await rig.stored()).toHaveLength(299);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])(
    'is one entry with its nearest neighbours where answers reach beyond what was asked for: case %i',
    async (place) => {
      await rig.close();
      await open({ canSingle: false, blurMs: 3 });
      const at = new Date(Date.parse('2026-01-01T03:01:00Z') + place * 1_234_567).toISOString();
      const bad = record('bad', `${at.slice(0, 23)}${place}${place}7${place}Z`, true);
      api.records = [...aDay(), bad];
      await ticks(2);
      const before = api.requests;
      await ticks(1);
      expect(api.requests - before).toBeLessThan(70);
      const found = (await rig.store.quarantine()).map(({ stretch }) => stretch);
      expect(found).toHaveLength(1);
      const { from = '', to = '' } = found[0] ?? {};
      expect(from <= bad.at && bad.at < to).toBe(true);
      expect(Date.parse(to) - Date.parse(from)).toBeLessThan(10);
      expect(await rig.stored()).toHaveLength(300);
    },
  );

  it('is found by polls with a small budget, each of which goes on where the last one was', async () => {
    await rig.close();
    await open({}, { budgetPages: 6 });
    api.records = aDay([137]);
    await ticks(40);
    expect(await rig.stored()).toHaveLength(299);
    expect(await stretches()).toHaveLength(1);
  });

  it('is found by polls that are broken off because each failure takes minutes', async () => {
    api.records = aDay([137]);
    for (let poll = 0; poll < 12; poll += 1) {
      const abort = new AbortController();
      const end = api.requests + 8;
      api.trouble = (request) => {
        if (request >= end) abort.abort(refused('POLL_TOO_LONG'));
        return null;
      };
      await rig.tick(abort.signal);
      rig.clock.step(900_000);
    }
    expect(await stretches()).toHaveLength(1);
    expect(await rig.stored()).toHaveLength(299);
  });

  it('is found although the process is restarted all the time', async () => {
    await rig.close();
    await open({}, { budgetPages: 20 });
    api.records = aDay([137, 138]);
    for (let round = 0; round < 12; round += 1) {
      await ticks(5);
      await rig.restart();
    }
    expect(await rig.stored()).toHaveLength(298);
    expect(await stretches()).toHaveLength(2);
  });
});

describe('a failure that is no poison', () => {
  it('sets nothing aside in an outage, however long, and asks no more than a few times a poll', async () => {
    api.records = aDay();
    api.trouble = () => refused();
    for (let round = 0; round < 20; round += 1) {
      const before = api.requests;
      await ticks(1);
      expect(api.requests - before).toBeLessThanOrEqual(4);
    }
    expect(await stretches()).toEqual([]);
    expect((await rig.status())?.failures).toBe(20);
    api.trouble = () => null;
    await ticks(1);
    expect(await rig.stored()).toHaveLength(300);
    expect(await rig.status()).toMatchObject({ failures: 0, lastError: null });
  });

  it('sets nothing aside when the outage begins in the middle of the search', async () => {
    api.records = aDay([137]);
    await ticks(2);
    const before = api.requests;
    api.trouble = (request) => (request > before + 20 ? refused() : null);
    await ticks(5);
    expect(await stretches()).toEqual([]);
  });

  it('ends the search when it is a matter for a person, and goes on after it', async () => {
    api.records = aDay([137]);
    await ticks(2);
    const before = api.requests;
    api.trouble = (request) => (request > before + 20 ? refused('UPSTREAM_FORBIDDEN', 'operator') : null);
    await ticks(1);
    expect(await stretches()).toEqual([]);
    expect((await rig.status())?.lastError?.code).toBe('UPSTREAM_FORBIDDEN');
    api.trouble = () => null;
    await ticks(1);
    expect(await stretches()).toHaveLength(1);
    expect(await rig.stored()).toHaveLength(299);
  });

  it('sets aside a few records at a time at most when only full answers fail', async () => {
    api.records = aDay(Array.from({ length: 300 }, (_, index) => index));
    await ticks(3);
    expect((await stretches()).length).toBeLessThanOrEqual(3);
    expect((await rig.status())?.lastError?.code).toBe('UPSTREAM_FAILED');
  });

  it('loses nothing for good when one request in five fails', async () => {
    api.records = aDay([60]);
    let seed = 7;
    api.trouble = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % 5 === 0 ? refused() : null;
    };
    await ticks(60);
    api.trouble = () => null;
    api.records = aDay();
    rig.clock.step(86_400_000);
    await ticks(3);
    expect(await rig.stored()).toHaveLength(300);
    expect(await stretches()).toEqual([]);
  });

  it('is no success for ever where every page fails and yet no record does', async () => {
    await rig.close();
    await open({}, { budgetPages: 50 });
    api.records = [record('a-1', '2026-01-01T06:00:00Z')];
    const loop = refused('UPSTREAM_PAGE_LOOP', 'upstream');
    const isQuiet = ({ from, to }: { from: string; to: string }) =>
      from < '2026-01-01T05:59:59.5Z' && to === justAfter(instant(from));
    api.trouble = (_, window, kind) => (kind === 'page' && !isQuiet(window) ? loop : null);
    await ticks(8);
    expect((await rig.status())?.lastError?.code).toBe('UPSTREAM_PAGE_LOOP');
    const before = api.requests;
    await ticks(4);
    expect(api.requests - before).toBeLessThanOrEqual(4 * 4);
    expect(await stretches()).toEqual([]);
    api.trouble = () => null;
    await ticks(1);
    expect(await rig.status()).toMatchObject({ failures: 0, lastError: null });
    expect(await rig.stored()).toEqual(['a-1']);
  });

  it('asks for smaller pages where only the size is the trouble', async () => {
    api.records = aDay();
    const tooMuch = refused('RESPONSE_TOO_LARGE', 'upstream');
    api.trouble = () => (api.asked.at(-1)?.pageSize === 100 ? tooMuch : null);
    await ticks(3);
    expect(await rig.stored()).toHaveLength(300);
    expect(await stretches()).toEqual([]);
  });
});

describe('a time that Microsoft always fails on, whatever is in it', () => {
  const DEAD = { from: instant('2026-01-01T06:00:00Z'), to: instant('2026-01-01T06:10:00Z') };
  const isDead = (at: Instant): boolean => at >= DEAD.from && at < DEAD.to;

  function die(): void {
    api.trouble = (_, { from, to, progress }) => ((progress ?? from) < DEAD.to && to > DEAD.from ? refused() : null);
  }

  it.each([true, false])('is passed over in ever longer stretches, single records asked for: %s', async (canSingle) => {
    await rig.close();
    await open({ canSingle }, { sliceMs: 3_600_000, budgetPages: 50 });
    api.records = aDay();
    die();
    await ticks(16);
    const { watermark } = await rig.store.checkpoint(KEY);
    expect(watermark && watermark > '2026-01-01T12').toBe(true);
    expect(api.requests).toBeLessThan(400);
    expect((await rig.store.quarantine()).length).toBeLessThan(20);
    expect((await rig.status())?.lastError).toBeNull();
  });

  it('holds back only what is in it in the end, and nothing once it can be read again', async () => {
    await rig.close();
    await open({}, { sliceMs: 3_600_000, budgetPages: 50 });
    api.records = aDay();
    die();
    await ticks(120);
    const alive = api.records.filter(({ at }) => !isDead(at)).map(({ alertId }) => alertId);
    expect((await rig.stored()).toSorted()).toEqual(alive.toSorted());
    api.trouble = () => null;
    await rig.store.retryQuarantine('all');
    await ticks(2);
    expect((await rig.stored()).toSorted()).toEqual(names(300).toSorted());
    expect(await rig.store.quarantine()).toEqual([]);
  });

  it('does not hold up what is behind it, though all that is older fails too', async () => {
    api.records = aDay();
    api.trouble = (_, { from, progress }) => ((progress ?? from) < '2025-12-31T20' ? refused() : null);
    await ticks(40);
    expect(await rig.stored()).toContain('a-299');
  });
});
