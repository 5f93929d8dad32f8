import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import type { WaitingRequest } from '../../../src/store/feed-pages.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aBatch, aFeed } from '../../contract/detection-store.ts';
import { anAlert, instant } from '../../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../../support/clock.ts';

const NOTICE = { kind: 'test', feed: 'default', commandId: null, reason: 'r', title: 't', text: 'x' } as const;

describe('what waits for a connector', () => {
  let folder: string;
  let clock: SteppedClock;
  let store: DetectionStore;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexbridge-waiting-'));
    clock = steppedClock('2026-01-01T12:00:00Z');
    store = createSqliteStore({ path: join(folder, 'events.db'), clock });
    await store.ensureFeeds([aFeed()]);
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const append = (count: number, minute = 0) =>
    store.append(
      aBatch({
        records: Array.from({ length: count }, (_, index) =>
          anAlert({
            alertId: `da-${minute}-${index}`,
            lastUpdate: instant(`2026-01-01T09:${String(minute).padStart(2, '0')}:00Z`),
          }),
        ),
      }),
    );
  const waiting = (overrides: Partial<WaitingRequest> = {}) =>
    store.waiting({ feed: 'default', connector: 'arcsight-01', after: 0, cutOver: null, ...overrides });

  it('is nothing in a feed that is empty, or not known', async () => {
    const nothing = { events: 0, isExact: true, oldestMs: null };
    expect(await waiting()).toEqual(nothing);
    expect(await waiting({ feed: 'other' })).toEqual(nothing);
  });

  it('is counted from the position on, with the age of the oldest', async () => {
    const firstMs = clock.now();
    await append(2);
    clock.step(60_000);
    await append(3, 1);
    expect(await waiting()).toEqual({ events: 5, isExact: true, oldestMs: firstMs });
    expect(await waiting({ after: 2 })).toEqual({ events: 3, isExact: true, oldestMs: firstMs + 60_000 });
    expect(await waiting({ after: 5 })).toEqual({ events: 0, isExact: true, oldestMs: null });
  });

  it('counts updates', async () => {
    await append(1);
    await store.append(
      aBatch({
        records: [
          anAlert({
            alertId: 'da-0-0',
            lastUpdate: instant('2026-01-01T09:30:00Z'),
            facts: { Severity: 'High' },
            raw: '{"changed":1}',
          }),
        ],
      }),
    );
    expect(await waiting({ after: 1 })).toMatchObject({ events: 1 });
  });

  it('leaves out what is for another connector', async () => {
    await store.appendNotice({ ...NOTICE, recipient: 'arcsight-02' });
    expect(await waiting()).toEqual({ events: 0, isExact: true, oldestMs: null });
    expect(await waiting({ connector: 'arcsight-02' })).toMatchObject({ events: 1 });
  });

  it('leaves out what a cut-over leaves out', async () => {
    await append(2);
    await append(2, 30);
    const cutOver = { upTo: 4, updatedBeforeMs: Date.parse('2026-01-01T09:15:00Z') };
    expect(await waiting({ cutOver })).toMatchObject({ events: 2, isExact: true });
  });

  it('is told as at most so many where there is much of it', async () => {
    await append(2100);
    await store.appendNotice({ ...NOTICE, recipient: 'arcsight-02' });
    expect(await waiting()).toEqual({ events: 2101, isExact: false, oldestMs: clock.now() });
    expect(await waiting({ after: 200 })).toMatchObject({ events: 1900, isExact: true });
  });
});
