import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertRecord } from '../../src/domain/detection.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { type Notice, type ReplaySelection, testEventSeq } from '../../src/store/errands.ts';
import { anAlert, instant } from '../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import { aBatch, aFeed, aPosition, type CreatePlace, LIMITS } from './detection-store.ts';

const START_MS = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;

export const EVERYTHING: ReplaySelection = {
  storedFromMs: null,
  storedToMs: null,
  fromSeq: null,
  toSeq: null,
  alertId: null,
};

export function aNotice(overrides: Partial<Notice> = {}): Notice {
  const text = { reason: 'heartbeat every 5 min', title: 'FlexBridge heartbeat', text: 'FlexBridge is running.' };
  return { kind: 'heartbeat', feed: 'default', recipient: null, commandId: null, ...text, ...overrides };
}

/** What every store must do with the requests of commands, replays, and events of the bridge's own. */
export function describeErrands(name: string, create: CreatePlace): void {
  describe(`errands on ${name}`, () => {
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
    const reopen = async (): Promise<void> => {
      await store.close();
      store = await place.open(clock);
      await store.ensureFeeds([aFeed()]);
    };
    const append = (...records: readonly AlertRecord[]) => store.append(aBatch({ records }));
    /** Everything behind a FeedSeq, as this connector gets it. */
    const eventsAfter = async (after: number, connector: string | null = null) => {
      const audience = { connector, updates: true, cutOver: null };
      const stamp = { kind: 'page', feedTimeMs: 777 } as const;
      const page = await store.readPage({ feed: 'default', after, upTo: null, limits: LIMITS, audience, stamp });
      return JSON.parse(page.body.toString()) as Record<string, unknown>[];
    };
    const addCommand = (kind: 'replay' | 'test-event' = 'replay') =>
      store.addCommand({ kind, args: { feed: 'default' }, requestedBy: 'kim' });

    describe('commands', () => {
      it('are taken in the order in which they came, each once, and are running from then on', async () => {
        const ids = [await addCommand(), await addCommand('test-event')];
        const taken = [await store.takeCommand(), await store.takeCommand(), await store.takeCommand()];
        expect(taken.map((command) => command?.commandId ?? null)).toEqual([...ids, null]);
        expect(taken.map((command) => command?.state ?? null)).toEqual(['running', 'running', null]);
        expect(taken[1]).toMatchObject({
          kind: 'test-event',
          args: { feed: 'default' },
          requestedBy: 'kim',
          requestedMs: START_MS,
        });
      });

      it('that a process which is gone left running wait again, with what they had reached', async () => {
        const commandId = await addCommand();
        await store.takeCommand();
        await store.updateCommand(commandId, { done: 3, total: 9, progress: { at: 'somewhere' } });
        await reopen();
        expect(await store.takeCommand()).toBeNull();
        expect([await store.releaseCommands(), await store.releaseCommands()]).toEqual([1, 0]);
        expect(await store.takeCommand()).toMatchObject({
          commandId,
          state: 'running',
          done: 3,
          total: 9,
          progress: { at: 'somewhere' },
        });
      });

      it('keep the end that came first', async () => {
        const commandId = await addCommand();
        await store.updateCommand(commandId, { state: 'cancelled' });
        await store.updateCommand(commandId, { state: 'done', done: 5 });
        expect(await store.command(commandId)).toMatchObject({ state: 'cancelled', done: 0 });
        expect([await store.takeCommand(), await store.command(99)]).toEqual([null, null]);
      });

      it('say why they failed, and are listed newest first', async () => {
        const [first, second] = [await addCommand(), await addCommand()];
        const problem = { code: 'FEED_UNKNOWN', message: 'no such feed', hint: 'name another' };
        clock.step(MINUTE);
        await store.updateCommand(first, { state: 'failed', problem });
        const listed = await store.commands(10);
        expect(listed.map(({ commandId }) => commandId)).toEqual([second, first]);
        expect(listed[1]).toMatchObject({ state: 'failed', problem, updatedMs: START_MS + MINUTE });
        expect(await store.commands(1)).toHaveLength(1);
      });
    });

    it('keeps the audit trail, newest first, over a restart', async () => {
      await store.addAudit({ who: 'kim', action: 'replay', details: { command: 1, connector: null } });
      clock.step(MINUTE);
      await store.addAudit({ who: 'lee', action: 'cut-over', details: { connector: 'arcsight-01' } });
      await reopen();
      expect(await store.audit(10)).toEqual([
        { atMs: START_MS + MINUTE, who: 'lee', action: 'cut-over', details: { connector: 'arcsight-01' } },
        { atMs: START_MS, who: 'kim', action: 'replay', details: { command: 1, connector: null } },
      ]);
      expect(await store.audit(1)).toHaveLength(1);
    });

    describe('an event of the bridge itself', () => {
      it('is an event like the others, under a name of its own and no tenant of anybody', async () => {
        expect(await store.appendNotice(aNotice())).toBe(1);
        const [event] = await eventsAfter(0);
        expect(event).toMatchObject({
          FeedSeq: 1,
          EventKind: 'heartbeat',
          EventClassId: 'bridge:heartbeat',
          EventReason: 'heartbeat every 5 min',
          AlertTitle: 'FlexBridge heartbeat',
          Severity: 'Informational',
          EventExternalId: 'flexbridge-heartbeat-default',
          TenantName: 'flexbridge',
          EndTimeMs: START_MS,
          AlertTimeMs: START_MS,
        });
        expect(event).not.toHaveProperty('AlertId');
      });

      it('is remembered with whether anybody has taken it', async () => {
        expect(await store.lastNotice('default', 'heartbeat')).toBeNull();
        await store.appendNotice(aNotice({ recipient: 'arcsight-01' }));
        expect(await store.lastNotice('default', 'heartbeat')).toBeNull();
        await store.appendNotice(aNotice());
        await store.savePosition(aPosition({ acknowledged: 1 }));
        expect(await store.lastNotice('default', 'heartbeat')).toEqual({ seq: 2, storedMs: START_MS, taken: false });
        expect(await store.lastNotice('default', 'test')).toBeNull();
        await store.savePosition(aPosition({ revision: 2, acknowledged: 2 }));
        await reopen();
        expect(await store.lastNotice('default', 'heartbeat')).toMatchObject({ taken: true });
      });

      it('counts as taken once a reader with a cursor was sent it', async () => {
        await store.appendNotice(aNotice());
        await store.noteServed('default', 1);
        expect(await store.lastNotice('default', 'heartbeat')).toMatchObject({ taken: true });
      });

      it('ends the command that asked for it, and is stored once however often that is run', async () => {
        const commandId = await addCommand('test-event');
        await store.takeCommand();
        const notice = aNotice({ kind: 'test', commandId });
        expect([await store.appendNotice(notice), await store.appendNotice(notice)]).toEqual([1, null]);
        const command = await store.command(commandId);
        expect([command?.state, command && testEventSeq(command)]).toEqual(['done', 1]);
        expect((await store.feedStats('default')).lastSeq).toBe(1);
      });
    });

    describe('the outlook of a cut-over', () => {
      const updated = (alertId: string, minute: number) =>
        anAlert({ alertId, lastUpdate: instant(`2026-01-01T09:0${minute}:00Z`) });

      beforeEach(async () => {
        await append(updated('da-1', 1), updated('da-2', 2), updated('da-3', 3));
        await store.appendNotice(aNotice({ kind: 'test', recipient: 'arcsight-02' }));
      });
      const outlook = (acknowledged: number, updatedBefore: string | null) =>
        store.cutOverPreview({
          feed: 'default',
          connector: 'arcsight-01',
          acknowledged,
          cutOver: updatedBefore === null ? null : { upTo: 4, updatedBeforeMs: Date.parse(updatedBefore) },
        });

      it('counts what is sent and what is left out, and nothing that is for others', async () => {
        expect(await outlook(0, '2026-01-01T09:02:00Z')).toEqual({ sent: 2, leftOut: 1 });
        expect(await outlook(2, '2026-01-01T09:02:00Z')).toEqual({ sent: 1, leftOut: 2 });
        expect(await outlook(1, null)).toEqual({ sent: 2, leftOut: 1 });
        expect(await outlook(4, null)).toEqual({ sent: 0, leftOut: 3 });
      });
    });
  });
}
