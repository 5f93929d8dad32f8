import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newPosition } from '../../src/domain/position.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { createSqliteStore } from '../../src/store/sqlite-detection-store.ts';
import { aBatch, aFeed, LIMITS, TENANT } from '../contract/detection-store.ts';
import { aNotice, EVERYTHING } from '../contract/errands.ts';
import { aPageRequest, EVERYONE, each } from '../contract/pages.ts';
import { anAlertOf } from '../contract/renewal.ts';
import { steppedClock } from '../support/clock.ts';

const ITEMS = 2;
/** What happens to a feed over the years, in any order. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'append' } as const) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('poll' as const), most: fc.integer({ min: 1, max: 4 }) }) },
  fc.record({ kind: fc.constant('tellAgain' as const), alert: fc.nat({ max: 5 }) }),
  fc.constantFrom({ kind: 'replay' } as const, { kind: 'notice' } as const),
  fc.record({
    kind: fc.constant('start' as const),
    configured: fc.constantFrom('perEvidence' as const, 'perAlert' as const, null),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Received {
  readonly seqs: readonly number[];
  /** `kind of alert`, with the number of the item where it is not of the whole alert. */
  readonly ordinary: readonly string[];
  readonly kinds: readonly unknown[];
}

/** Plays the steps on a store, lets the connector drain the feed, and tells what it got and what there was to get. */
async function play(store: DetectionStore, steps: readonly Step[]) {
  const counts = { alerts: 0, told: 0, replays: 0, notices: 0 };
  let isConfigured = true;
  const received = { seqs: [] as number[], ordinary: [] as string[], kinds: [] as unknown[] } satisfies Received;

  const poll = async (most: number): Promise<boolean> => {
    const position = (await store.position('arcsight-01', 'default')) ?? newPosition('arcsight-01', 'default', 0);
    const audience = { ...EVERYONE, connector: 'arcsight-01' };
    const limits = { ...LIMITS, maxEvents: most };
    const page = await store.readPage(aPageRequest({ after: position.acknowledged, limits, audience }));
    const [seqs, kinds, alerts, ids] = ['FeedSeq', 'EventKind', 'AlertId', 'DetectionId'].map((name) =>
      each(page, name),
    );
    received.seqs.push(...(seqs ?? []).map(Number));
    received.kinds.push(...(kinds ?? []));
    const told = (kinds ?? []).map((kind, at) => `${String(kind)} ${String(alerts?.[at])} ${String(ids?.[at])}`);
    received.ordinary.push(...told.filter((text) => text.startsWith('new ')));
    await store.savePosition({ ...position, revision: position.revision + 1, acknowledged: page.to });
    return page.hasMore;
  };
  const start = (detections: 'perEvidence' | 'perAlert' | null) => {
    isConfigured = detections !== null;
    return store.ensureFeeds([aFeed({ name: 'other' }), ...(detections === null ? [] : [aFeed({ detections })])]);
  };
  const replay = async (): Promise<number> => {
    const commandId = await store.addCommand({ kind: 'replay', args: {}, requestedBy: 'kim' });
    await store.takeCommand();
    const slice = { commandId, feed: 'default', recipient: 'arcsight-01', selection: EVERYTHING, limit: 2 };
    const { events } = await store.appendReplay(slice);
    await store.updateCommand(commandId, { state: 'cancelled' });
    return events;
  };
  const take = async (one: Step): Promise<void> => {
    if (one.kind === 'append') {
      await store.append(aBatch({ records: [anAlertOf(ITEMS, { alertId: `da-${counts.alerts}` })] }));
      counts.alerts += 1;
    } else if (one.kind === 'start') await start(one.configured);
    else if (!isConfigured) return;
    else if (one.kind === 'poll') await poll(one.most);
    else if (one.kind === 'replay') counts.replays += await replay();
    else if (one.kind === 'tellAgain') {
      counts.told += await store.tellAgain('default', TENANT.tenantId, `da-${one.alert}`);
    } else {
      await store.appendNotice(aNotice());
      counts.notices += 1;
    }
  };

  await start('perEvidence');
  for (const one of steps) await take(one);
  await start('perEvidence');
  while (await poll(3));
  return { received, ...counts };
}

describe('a feed over the years', () => {
  it('loses nothing and doubles nothing, whatever its settings were and whether it was configured', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const folder = mkdtempSync(join(tmpdir(), 'flexbridge-years-'));
        const store = createSqliteStore({
          path: join(folder, 'events.db'),
          clock: steppedClock('2026-01-01T12:00:00Z'),
        });
        try {
          const { received, alerts, told, replays, notices } = await play(store, steps);
          const { seqs, ordinary, kinds } = received;
          expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
          const got = Array.from({ length: alerts }, (_, at) => ordinary.filter((text) => text.includes(` da-${at} `)));
          const isWhole = (texts: readonly string[], at: number) =>
            texts.includes(`new da-${at} da-${at}`) || new Set(texts).size === ITEMS;
          expect(got.map(isWhole)).toEqual(got.map(() => true));
          if (told === 0) expect(ordinary).toEqual([...new Set(ordinary)]);
          expect(kinds.filter((kind) => kind === 'replay')).toHaveLength(replays);
          expect(kinds.filter((kind) => kind === 'heartbeat')).toHaveLength(notices);
        } finally {
          await store.close();
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: 20 },
    );
  });
});
