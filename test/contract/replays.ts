import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertRecord } from '../../src/domain/detection.ts';
import type { FeedRules } from '../../src/domain/feed-rules.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { type ReplaySelection, type ReplaySlice, replayProgress } from '../../src/store/errands.ts';
import { anAlert, anEvidence, instant } from '../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import { aBatch, aFeed, type CreatePlace, LIMITS } from './detection-store.ts';
import { aNotice, EVERYTHING } from './errands.ts';

const START_MS = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;

/** How every store sends events once more. */
export function describeReplays(name: string, create: CreatePlace): void {
  describe(`replays on ${name}`, () => {
    let place: ReturnType<CreatePlace>;
    let clock: SteppedClock;
    let store: DetectionStore;

    beforeEach(async () => {
      place = create();
      clock = steppedClock(START_MS);
      store = await place.open(clock);
      await store.ensureFeeds([aFeed()]);
    });
    afterEach(async () => {
      await store.close();
      place.remove();
    });

    /** As after the end of the process, however it ended. */
    const reopen = async (rules: FeedRules = aFeed()): Promise<void> => {
      await store.close();
      store = await place.open(clock);
      await store.ensureFeeds([rules]);
    };
    const append = (...records: readonly AlertRecord[]) => store.append(aBatch({ records }));
    const appendAlerts = (from: number, to: number) =>
      append(...Array.from({ length: to - from + 1 }, (_, index) => anAlert({ alertId: `da-${from + index}` })));
    /** Everything behind a FeedSeq, as this connector gets it. */
    const eventsAfter = async (after: number, connector: string | null = null) => {
      const audience = { connector, updates: true, cutOver: null };
      const stamp = { kind: 'page', feedTimeMs: 777 } as const;
      const page = await store.readPage({ feed: 'default', after, upTo: null, limits: LIMITS, audience, stamp });
      return JSON.parse(page.body.toString()) as Record<string, unknown>[];
    };
    /** A replay that the server has taken. */
    const begin = async (): Promise<number> => {
      const commandId = await store.addCommand({ kind: 'replay', args: {}, requestedBy: 'kim' });
      await store.takeCommand();
      return commandId;
    };
    const slice = (commandId: number, overrides: Partial<ReplaySlice> = {}) =>
      store.appendReplay({
        commandId,
        feed: 'default',
        recipient: null,
        selection: EVERYTHING,
        limit: 100,
        ...overrides,
      });
    const preview = (selection: Partial<ReplaySelection> = {}) =>
      store.replayPreview('default', { ...EVERYTHING, ...selection });

    describe('a replay', () => {
      it('appends the events again at the end, as they were but for what tells a replay', async () => {
        await appendAlerts(1, 3);
        const originals = await eventsAfter(0);
        clock.step(MINUTE);
        expect(await slice(await begin())).toEqual({ events: 3, ended: true });
        const replays = await eventsAfter(3);
        expect(replays).toEqual(
          originals.map((original, index) => ({
            ...original,
            FeedSeq: index + 4,
            StoredMs: START_MS + MINUTE,
            EndTimeMs: START_MS + MINUTE,
            EventKind: 'replay',
            EventReason: `replay of FeedSeq ${index + 1}: new`,
          })),
        );
        expect(replays.map((event) => event['DetectionId'])).toEqual(originals.map((event) => event['DetectionId']));
      });

      it('is read by its recipient alone', async () => {
        await appendAlerts(1, 2);
        await slice(await begin(), { recipient: 'arcsight-01' });
        expect(await eventsAfter(2, 'arcsight-01')).toHaveLength(2);
        expect([await eventsAfter(2, 'arcsight-02'), await eventsAfter(2)]).toEqual([[], []]);
      });

      it('goes on behind the last slice that was stored, whoever goes on', async () => {
        await appendAlerts(1, 5);
        const commandId = await begin();
        expect(await slice(commandId, { limit: 2 })).toEqual({ events: 2, ended: false });
        await reopen();
        await store.releaseCommands();
        const taken = await store.takeCommand();
        expect([taken?.done, taken && replayProgress(taken)]).toEqual([
          2,
          { toSeq: 5, afterSeq: 2, firstSeq: 6, lastSeq: 7 },
        ]);
        expect(await slice(commandId)).toEqual({ events: 3, ended: true });
        const command = await store.command(commandId);
        expect([command?.state, command?.done, command && replayProgress(command)]).toEqual([
          'done',
          5,
          { toSeq: 5, afterSeq: 5, firstSeq: 6, lastSeq: 10 },
        ]);
        expect((await eventsAfter(5)).map((event) => event['EventReason'])).toEqual(
          [1, 2, 3, 4, 5].map((seq) => `replay of FeedSeq ${seq}: new`),
        );
      });

      it('appends nothing once the command has ended', async () => {
        await appendAlerts(1, 4);
        const commandId = await begin();
        await slice(commandId, { limit: 1 });
        await store.updateCommand(commandId, { state: 'cancelled' });
        expect(await slice(commandId)).toEqual({ events: 0, ended: true });
        expect((await store.feedStats('default')).lastSeq).toBe(5);
        expect(await store.command(commandId)).toMatchObject({ state: 'cancelled', done: 1 });
      });

      it('leaves new events their place between its slices', async () => {
        await appendAlerts(1, 4);
        const commandId = await begin();
        await slice(commandId, { limit: 2 });
        await appendAlerts(5, 5);
        await slice(commandId);
        expect((await eventsAfter(4)).map((event) => event['EventKind'])).toEqual([
          'replay',
          'replay',
          'new',
          'replay',
          'replay',
        ]);
      });

      it('never replays itself, another replay, a heartbeat or a test', async () => {
        await appendAlerts(1, 2);
        await store.appendNotice(aNotice());
        await store.appendNotice(aNotice({ kind: 'test', recipient: 'arcsight-01' }));
        expect(await slice(await begin())).toEqual({ events: 2, ended: true });
        expect(await slice(await begin())).toEqual({ events: 2, ended: true });
        expect((await preview()).events).toBe(2);
        expect((await store.feedStats('default')).lastSeq).toBe(8);
      });

      it('tells an update and an overflow from a first sight', async () => {
        await appendAlerts(1, 1);
        const raised = { lastUpdate: instant('2026-01-01T09:30:00Z'), facts: { Severity: 'High' }, raw: '{}' };
        await append(anAlert({ alertId: 'da-1', ...raised }));
        await slice(await begin());
        expect((await eventsAfter(2)).map((event) => [event['EventReason'], event['Severity']])).toEqual([
          ['replay of FeedSeq 1: new', 'Medium'],
          ['replay of FeedSeq 2: update: Severity Medium -> High', 'High'],
        ]);
      });

      it('folds an alert again for a feed that takes one event an alert', async () => {
        await reopen(aFeed({ detections: 'perAlert' }));
        const evidence = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((ip) =>
          anEvidence({ key: [ip], facts: { EvidenceType: 'ip', IpAddress: ip } }),
        );
        await append(anAlert({ evidence }), anAlert({ alertId: 'da-2' }));
        const originals = await eventsAfter(0);
        await slice(await begin());
        const changed = ['FeedSeq', 'EventKind', 'EventReason', 'EndTimeMs'];
        const kept = (event: Record<string, unknown>) =>
          Object.entries(event).filter(([member]) => !changed.includes(member));
        expect(originals[0]?.['EvidenceDetails']).toContain('192.0.2.3');
        expect((await eventsAfter(2)).map(kept)).toEqual(originals.map(kept));
      });

      it('sends an event as it was stored where its feed would not make it any more', async () => {
        await append(anAlert({ facts: { Severity: 'Low', Category: 'Execution' } }));
        await store.noteServed('default', 1);
        await reopen(aFeed({ minSeverity: 'High', detections: 'perAlert' }));
        await slice(await begin());
        const [original, replay] = await eventsAfter(0);
        expect(replay).toEqual({
          ...original,
          FeedSeq: 2,
          EndTimeMs: START_MS,
          EventKind: 'replay',
          EventReason: 'replay of FeedSeq 1: new',
        });
      });
    });

    describe('a selection', () => {
      beforeEach(async () => {
        for (const minute of [0, 1, 2]) {
          await appendAlerts(2 * minute + 1, 2 * minute + 2);
          clock.step(MINUTE);
        }
      });

      it('is everything that is kept unless narrowed', async () => {
        expect(await preview()).toEqual({
          events: 6,
          firstSeq: 1,
          lastSeq: 6,
          firstStoredMs: START_MS,
          lastStoredMs: START_MS + 2 * MINUTE,
          keptFromSeq: 1,
        });
      });

      it.each<[string, Partial<ReplaySelection>, readonly number[]]>([
        ['from a time on, that time included', { storedFromMs: START_MS + MINUTE }, [3, 4, 5, 6]],
        ['before a time, that time excluded', { storedToMs: START_MS + MINUTE }, [1, 2]],
        ['between two times', { storedFromMs: START_MS + 1, storedToMs: START_MS + MINUTE + 1 }, [3, 4]],
        ['between two positions, both included', { fromSeq: 2, toSeq: 4 }, [2, 3, 4]],
        ['of one alert', { alertId: 'da-5' }, [5]],
        ['of one alert at a time when it had none', { alertId: 'da-5', toSeq: 4 }, []],
        ['of an alert that is not known', { alertId: 'da-99' }, []],
        ['before everything', { storedToMs: START_MS }, []],
        ['after everything', { storedFromMs: START_MS + 9 * MINUTE }, []],
        ['beyond the end', { fromSeq: 7 }, []],
      ])('takes events %s', async (_what, selection, expected) => {
        expect(await preview(selection)).toMatchObject({
          events: expected.length,
          firstSeq: expected[0] ?? null,
          lastSeq: expected.at(-1) ?? null,
        });
        const appended = await slice(await begin(), { selection: { ...EVERYTHING, ...selection } });
        expect(appended).toEqual({ events: expected.length, ended: true });
        expect((await eventsAfter(6)).map((event) => event['EventReason'])).toEqual(
          expected.map((seq) => `replay of FeedSeq ${seq}: new`),
        );
      });

      it('takes an alert under any spelling that is the same alert', async () => {
        await append(anAlert({ alertId: 'da637292082891366787_322129023' }));
        expect((await preview({ alertId: '637292082891366787_322129023' })).events).toBe(1);
      });

      it('takes what Microsoft said of one alert over time, a slice at a time', async () => {
        for (const [minute, Severity] of [
          [10, 'High'],
          [20, 'Low'],
        ] as const) {
          const lastUpdate = instant(`2026-01-01T10:${minute}:00Z`);
          await append(anAlert({ alertId: 'da-5', lastUpdate, facts: { Severity }, raw: `{"at":${minute}}` }));
        }
        const commandId = await begin();
        const selection = { ...EVERYTHING, alertId: 'da-5' };
        expect(await slice(commandId, { selection, limit: 2 })).toEqual({ events: 2, ended: false });
        expect(await slice(commandId, { selection, limit: 2 })).toEqual({ events: 1, ended: true });
        expect((await eventsAfter(8)).map((event) => event['AlertId'])).toEqual(['da-5', 'da-5', 'da-5']);
      });
    });
  });
}
