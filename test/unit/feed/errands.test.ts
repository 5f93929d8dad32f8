import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/domain/errors.ts';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { createErrandsRig, type ErrandsRig } from './errands-rig.ts';

const FULL = new BridgeError({ code: 'STORE_FULL', kind: 'operator', message: 'full', hint: 'free space' });

let rig: ErrandsRig;
beforeEach(async () => {
  rig = await createErrandsRig();
});
afterEach(() => rig.close());

const replays = async () => (await rig.kinds()).filter((kind) => kind === 'replay').length;

describe('a replay in the running server', () => {
  it('appends as many events a second as was asked for', async () => {
    await rig.appendAlerts(50);
    await rig.askReplay({ rate: 20 });
    const errands = rig.errands();
    const seen: number[] = [];
    for (let second = 0; second < 4; second += 1) {
      await errands.turn();
      seen.push(await replays());
      rig.clock.step(1000);
    }
    expect(seen).toEqual([20, 40, 50, 50]);
  });

  it('makes up for two seconds at most after a pause, so that a replay never comes in one flood', async () => {
    await rig.appendAlerts(100);
    await rig.askReplay({ rate: 10 });
    const errands = rig.errands();
    await errands.turn();
    rig.clock.step(3_600_000);
    await errands.turn();
    expect(await replays()).toBe(30);
  });

  it('takes no more than 200 events in one transaction, however fast it shall be', async () => {
    await rig.appendAlerts(450);
    await rig.askReplay({ rate: 5000 });
    const sizes: number[] = [];
    const store: DetectionStore = {
      ...rig.store,
      appendReplay: async (slice) => {
        const result = await rig.store.appendReplay(slice);
        sizes.push(result.events);
        return result;
      },
    };
    await rig.errands({ store }).turn();
    expect(sizes).toEqual([200, 200, 50]);
  });

  it('lets others have the event loop between two slices', async () => {
    await rig.appendAlerts(450);
    await rig.askReplay({ rate: 5000 });
    let turns = 0;
    const count = setInterval(() => (turns += 1), 0);
    await rig.errands().turn();
    clearInterval(count);
    expect(turns).toBeGreaterThan(0);
  });

  it('tells when it starts and ends, and the audit trail says who asked', async () => {
    await rig.appendAlerts(3);
    const command = await rig.askReplay({ connector: 'arcsight-01' });
    await rig.errands().turn();
    expect(rig.events).toEqual([
      { name: 'replayStarted', command, feed: 'default', events: 3 },
      { name: 'replayFinished', command, feed: 'default', events: 3 },
    ]);
    expect(await rig.steps()).toEqual(['kim replay started', 'kim replay finished']);
    expect((await rig.store.audit(1))[0]?.details).toEqual({
      step: 'finished',
      command,
      feed: 'default',
      connector: 'arcsight-01',
      events: 3,
    });
    expect(await rig.store.command(command)).toMatchObject({ state: 'done', done: 3, total: 3 });
  });

  it('goes on where the process before it was, and takes no event that came after the replay began', async () => {
    await rig.appendAlerts(10);
    const command = await rig.askReplay({ rate: 4 });
    await rig.errands().turn();
    await rig.appendAlerts(5);
    const successor = rig.errands();
    for (let second = 0; second < 4; second += 1) {
      await successor.turn();
      rig.clock.step(1000);
    }
    expect(await replays()).toBe(10);
    expect(await rig.store.command(command)).toMatchObject({ state: 'done', done: 10, total: 10 });
  });

  it('ends at the next turn once somebody has cancelled it', async () => {
    await rig.appendAlerts(10);
    const command = await rig.askReplay({ rate: 4 });
    const errands = rig.errands();
    await errands.turn();
    await rig.store.updateCommand(command, { state: 'cancelled' });
    rig.clock.step(5000);
    await errands.turn();
    await errands.turn();
    expect(await replays()).toBe(4);
    expect(await rig.steps()).toEqual(['kim replay started', 'kim replay cancelled']);
  });

  it('waits while the store cannot be written, and then goes on', async () => {
    await rig.appendAlerts(6);
    const command = await rig.askReplay({ rate: 3 });
    const disk = { isFull: false };
    const store: DetectionStore = {
      ...rig.store,
      appendReplay: (slice) => (disk.isFull ? Promise.reject(FULL) : rig.store.appendReplay(slice)),
      addAudit: (entry) => (disk.isFull ? Promise.reject(FULL) : rig.store.addAudit(entry)),
    };
    const errands = rig.errands({ store });
    await errands.turn();
    disk.isFull = true;
    for (let second = 0; second < 3; second += 1) {
      rig.clock.step(1000);
      await errands.turn();
    }
    expect(await rig.store.command(command)).toMatchObject({ state: 'running', done: 3, problem: null });
    disk.isFull = false;
    await errands.turn();
    await errands.turn();
    expect(await rig.store.command(command)).toMatchObject({ state: 'done', done: 6 });
    expect(rig.events.map(({ name }) => name)).toEqual(['replayStarted', 'replayFinished']);
  });
});

describe('commands', () => {
  it('that fail say why, and hold up no other', async () => {
    const unknown = await rig.askReplay({ feed: 'gone' });
    const unreadable = await rig.askTest({ nonsense: 1 });
    const test = await rig.askTest();
    await rig.errands().turn();
    const states = await Promise.all([unknown, unreadable, test].map((id) => rig.store.command(id)));
    expect(states.map((command) => [command?.state, command?.problem?.code])).toEqual([
      ['failed', 'FEED_UNKNOWN'],
      ['failed', 'COMMAND_UNREADABLE'],
      ['done', undefined],
    ]);
    expect(states[0]?.problem?.hint).toContain('default');
    expect(rig.events.map(({ name }) => name)).toEqual(['commandFailed', 'commandFailed', 'noticeStored']);
  });

  it('are taken within a second, also while a long replay is under way', async () => {
    await rig.appendAlerts(100);
    await rig.askReplay({ rate: 1 });
    const errands = rig.errands();
    await errands.turn();
    await rig.askTest();
    rig.clock.step(1000);
    await errands.turn();
    expect(await rig.kinds()).toEqual([...Array.from({ length: 100 }, () => 'new'), 'replay', 'replay', 'test']);
  });

  it('are taken by themselves once the errands have started, until they are stopped', async () => {
    const stored = new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (!rig.events.some(({ name }) => name === 'noticeStored')) return;
        clearInterval(look);
        resolve();
      }, 1);
    });
    const errands = rig.errands();
    errands.start();
    await rig.askTest();
    await stored;
    await errands.stop();
    const last = await rig.askTest();
    await errands.turn();
    expect((await rig.store.command(last))?.state).toBe('waiting');
  });

  it('that cannot be read are told of once, not every second', async () => {
    const broken = new BridgeError({ code: 'STORE_DAMAGED', kind: 'operator', message: 'damaged', hint: 'restore' });
    const errands = rig.errands({ store: { ...rig.store, takeCommand: () => Promise.reject(broken) } });
    await errands.turn();
    await errands.turn();
    expect(rig.events).toEqual([{ name: 'upkeepFailed', error: broken }]);
  });

  it('wait in silence while the store cannot be written', async () => {
    const errands = rig.errands({ store: { ...rig.store, takeCommand: () => Promise.reject(FULL) } });
    await errands.turn();
    expect(rig.events).toEqual([]);
  });
});

describe('a test event', () => {
  it('is stored for the connector that it is meant for, with an audit line', async () => {
    await rig.askTest({ feed: 'default', connector: 'arcsight-01' });
    await rig.errands().turn();
    expect(await rig.kinds()).toEqual(['test']);
    expect(rig.events).toEqual([{ name: 'noticeStored', feed: 'default', kind: 'test', seq: 1 }]);
    expect((await rig.store.audit(1))[0]).toMatchObject({
      who: 'kim',
      action: 'test-event',
      details: { connector: 'arcsight-01', seq: 1 },
    });
  });

  it('is not stored without its audit line', async () => {
    await rig.askTest();
    const db = openSqlite(rig.path);
    db.exec("CREATE TRIGGER deaf BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'deaf'); END");
    await rig.errands().turn();
    expect([await rig.kinds(), rig.events.filter(({ name }) => name === 'noticeStored')]).toEqual([[], []]);
    db.close();
  });
});
