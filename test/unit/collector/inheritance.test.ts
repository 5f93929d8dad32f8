import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../src/domain/window.ts';
import { NEVER_POLLED } from '../../../src/store/detection-store.ts';
import { aBatch } from '../../contract/detection-store.ts';
import { aFile, anAlert, anEvidence, instant } from '../../support/alerts.ts';
import { type CollectorRig, createCollectorRig, KEY } from './collector-rig.ts';
import { type PlayedApi, playedApi } from './played-api.ts';

const HOUR = 3_600_000;
const BOTH = ['graph-alerts', 'defender-alerts'] as const;
const GONE = { tenantId: KEY.tenantId, source: 'defender-alerts' } as const;
let rig: CollectorRig;
let api: PlayedApi;

beforeEach(async () => {
  const settings = { sliceMs: 24 * HOUR, rescan: { everyMs: HOUR, reachMs: 24 * HOUR } };
  rig = await createCollectorRig(settings, (clock) => {
    api = playedApi(clock);
    return api;
  });
});
afterEach(async () => {
  await rig.close();
});

function read(watermark: string): Checkpoint {
  const at = instant(watermark);
  return { watermark: at, window: null, rescan: { window: { from: at, to: at, progress: at }, doneAt: at } };
}

/** An alert of another source, which stopped five days ago; three days ago this one was shown more of it. */
async function leaveBehind(): Promise<void> {
  const records = [anAlert({ lastUpdate: instant('2025-12-27T10:00:00Z') })];
  const evidence = [anEvidence(), aFile('late.exe')];
  const more = [anAlert({ lastUpdate: instant('2025-12-29T10:00:00Z'), evidence })];
  const gone = aBatch({ source: GONE.source, sources: BOTH, records, checkpoint: read('2025-12-27T12:00:00Z') });
  await rig.store.append(gone);
  await rig.store.append(aBatch({ sources: BOTH, records: more, checkpoint: read('2026-01-01T11:59:30Z') }));
  await rig.store.recordStatus(KEY, { ...NEVER_POLLED, lastSuccessMs: rig.clock.now() });
  const paged = api.pages.bind(api);
  api.pages = async function* (window, ...asked) {
    const isIn = window.from <= '2025-12-29T10' && window.to > '2025-12-29T11';
    for await (const page of paged(window, ...asked)) yield isIn ? { ...page, records: more } : page;
  };
}

describe('what a source leaves behind that is no longer configured', () => {
  it('is told by the one that is left, from where the other had got', async () => {
    await leaveBehind();
    expect(await rig.stored()).toHaveLength(1);
    await rig.tick();
    expect(await rig.stored()).toHaveLength(2);
    expect((await rig.store.checkpoint(KEY)).watermark).toBe(instant('2026-01-01T11:59:30Z'));
  });

  it('is looked for once, and not with every restart', async () => {
    await leaveBehind();
    await rig.tick();
    await rig.restart();
    const before = api.requests;
    rig.clock.step(60_000);
    await rig.tick();
    expect(api.requests - before).toBe(1);
  });

  it('is looked for again when it was there again in the meantime', async () => {
    await leaveBehind();
    await rig.tick();
    const status = (await rig.store.statuses()).find(({ source }) => source === GONE.source);
    expect(status?.inheritedBy).toEqual([KEY.source]);
    await rig.store.recordStatus(GONE, NEVER_POLLED);
    await rig.restart();
    const before = api.requests;
    rig.clock.step(60_000);
    await rig.tick();
    expect(api.requests - before).toBeGreaterThan(1);
  });

  it('is nothing where it was read until just now', async () => {
    await leaveBehind();
    await rig.store.append(aBatch({ source: GONE.source, sources: BOTH, checkpoint: read('2026-01-01T11:00:00Z') }));
    await rig.tick();
    expect(api.requests).toBe(0);
  });
});
