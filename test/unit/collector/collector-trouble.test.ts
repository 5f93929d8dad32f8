import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/domain/errors.ts';
import { instant } from '../../support/alerts.ts';
import { aPage, type CollectorRig, createCollectorRig, failing, failure, KEY, page, REF } from './collector-rig.ts';

let rig: CollectorRig;

beforeEach(async () => {
  rig = await createCollectorRig();
});
afterEach(async () => {
  await rig.close();
});

describe('the wait after a failure', () => {
  /** Seconds between the polls that are made when the schedule fires every 5 s. */
  async function pauses(fired: number): Promise<readonly number[]> {
    const at: number[] = [];
    for (let step = 0; step < fired; step += 1) {
      const before = rig.source.windows.length;
      await rig.tick();
      if (rig.source.windows.length > before) at.push(rig.clock.monotonic());
      rig.clock.step(5000);
    }
    return at.slice(1).map((time, index) => (time - (at[index] ?? 0)) / 1000);
  }

  it('doubles from 15 s to 10 min and stays there', async () => {
    rig.source.next(failing(failure()));
    expect(await pauses(600)).toEqual([15, 30, 60, 120, 240, 480, 600, 600, 600]);
  });

  it('is as long as Microsoft asked for when that is longer, and no shorter when that is less', async () => {
    rig.source.next(failing(failure({ retryAfterMs: 40_000 })));
    expect(await pauses(40)).toEqual([40, 40, 60]);
  });

  it('says that it waits', async () => {
    rig.source.next(failing(failure()));
    await rig.tick();
    await rig.tick();
    expect(rig.events.at(-1)).toEqual({ name: 'pollSkipped', ...REF, reason: 'waiting' });
  });

  it('is over at once after a restart, and after a success', async () => {
    rig.source.next(failing(failure()));
    for (let poll = 0; poll < 5; poll += 1) await rig.tick();
    await rig.restart();
    rig.source.next(aPage());
    await rig.tick();
    rig.clock.step(1000);
    await rig.tick();
    expect(rig.events.map(({ name }) => name)).toEqual(['pollFinished', 'pollFinished']);
  });

  it('does not depend on the wall clock, which may step back', async () => {
    rig.source.next(failing(failure()));
    await rig.tick();
    rig.clock.step(-86_400_000);
    rig.clock.step(15_000);
    rig.source.next(aPage());
    await rig.tick();
    expect(rig.events.at(-1)?.name).toBe('pollFinished');
  });
});

describe('a poll that is stopped', () => {
  it('in the middle of a page stores that page or none of it, and counts no failure', async () => {
    const abort = new AbortController();
    rig.source.next(
      page('da-1', '2026-01-01T09:00:00Z'),
      () => {
        abort.abort(new Error('stopping'));
      },
      page('da-2', '2026-01-01T10:00:00Z', true),
    );
    await rig.tick(abort.signal);
    expect(await rig.stored()).toEqual(['da-1']);
    expect((await rig.store.checkpoint(KEY)).window?.progress).toBe(instant('2026-01-01T09:00:00Z'));
    expect(rig.events.filter(({ name }) => name === 'pollFailed')).toEqual([]);
    expect(await rig.status()).toMatchObject({ failures: 0, lastError: null });

    await rig.restart();
    rig.source.next(page('da-2', '2026-01-01T10:00:00Z', true));
    await rig.tick();
    expect(await rig.stored()).toEqual(['da-1', 'da-2']);
  });

  it('does not hide the failures before it', async () => {
    rig.source.next(failing(failure()));
    await rig.tick();
    rig.clock.step(60_000);
    const abort = new AbortController();
    rig.source.next(() => {
      abort.abort();
      throw failure({ code: 'REQUEST_CUT' });
    });
    await rig.tick(abort.signal);
    expect(await rig.status()).toMatchObject({ failures: 1, lastError: { code: 'UPSTREAM_503' } });
  });
});

describe('a poll that is broken off because it takes too long', () => {
  it('keeps what it stored, and counts and tells a failure with that reason', async () => {
    const abort = new AbortController();
    const error = failure({ code: 'POLL_TOO_LONG' });
    rig.source.next(page('da-1', '2026-01-01T09:00:00Z'), () => {
      abort.abort(error);
      throw new Error('aborted');
    });
    await rig.tick(abort.signal);
    expect(await rig.stored()).toEqual(['da-1']);
    expect(rig.events.at(-1)).toMatchObject({ name: 'pollFailed', error, attempt: 1, stored: { fresh: 1 } });
    expect(await rig.status()).toMatchObject({
      failures: 1,
      lastError: { code: 'POLL_TOO_LONG' },
      nextTryMs: rig.clock.now() + 15_000,
    });
  });
});

describe('a token with something wrong in its claims', () => {
  it('is in the status, whether or not the poll fails, until it is right', async () => {
    const problem = { code: 'role', meaning: 'The role is missing.', remedy: 'Grant it.' } as const;
    rig.source.tokenProblem = () => problem;
    rig.source.next(aPage());
    await rig.tick();
    expect(await rig.status()).toMatchObject({ tokenProblem: problem, lastError: null });
    rig.clock.step(60_000);
    rig.source.next(failing(failure()));
    await rig.tick();
    expect(await rig.status()).toMatchObject({ tokenProblem: problem, failures: 1 });
    rig.clock.step(60_000);
    rig.source.tokenProblem = () => null;
    rig.source.next(aPage());
    await rig.tick();
    expect(await rig.status()).toMatchObject({ tokenProblem: null });
  });
});

describe('events that a filter keeps out', () => {
  it('are told once a poll, by feed, whether or not it fails', async () => {
    const { store } = rig;
    rig.breakStore({
      append: async (batch) => ({ ...(await store.append(batch)), filtered: { default: batch.records.length } }),
    });
    rig.source.next(page('da-1', '2026-01-01T09:00:00Z'), page('da-2', '2026-01-01T10:00:00Z'), failing(failure()));
    await rig.tick();
    expect(rig.events.filter(({ name }) => name === 'eventsFiltered')).toEqual([
      { name: 'eventsFiltered', feed: 'default', events: 2 },
    ]);
  });
});

describe('a store that fails', () => {
  const full = new BridgeError({
    code: 'STORE_FULL',
    kind: 'operator',
    message: 'the disk is full',
    hint: 'Free space.',
  });

  it('is told once a poll, whether or not its failure can be recorded', async () => {
    const broken = { append: () => Promise.reject(full), recordStatus: () => Promise.reject(full) };
    rig.breakStore(broken);
    rig.source.next(page('da-1', '2026-01-01T09:00:00Z', true));
    await rig.tick();
    expect(rig.events).toEqual([{ name: 'pollFailed', ...REF, error: full, attempt: 1 }]);
    rig.clock.step(60_000);
    await rig.tick();
    expect(rig.events.slice(1)).toEqual([{ name: 'pollFailed', ...REF, error: full, attempt: 2 }]);
  });

  it('is told when only the status cannot be recorded', async () => {
    rig.breakStore({ recordStatus: () => Promise.reject(full) });
    rig.source.next(aPage());
    await rig.tick();
    expect(rig.events.map(({ name }) => name)).toEqual(['pollFinished', 'pollFailed']);
  });

  it('is told when it cannot be read at all, and works again once it can', async () => {
    let broken = true;
    const { store } = rig;
    rig.breakStore({ statuses: () => (broken ? Promise.reject(full) : store.statuses()) });
    rig.source.next(aPage());
    await rig.tick();
    expect(rig.events).toEqual([{ name: 'pollFailed', ...REF, error: full, attempt: 1 }]);
    broken = false;
    await rig.tick();
    expect(rig.events.at(-1)?.name).toBe('pollFinished');
  });
});
