import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newObservation } from '../../../src/domain/observation.ts';
import { createErrandRig, type ErrandRig } from './errand-rig.ts';

let rig: ErrandRig;
let served: Awaited<ReturnType<ErrandRig['serve']>> | null = null;
beforeEach(async () => {
  rig = createErrandRig();
  await rig.store(1);
});
afterEach(async () => {
  await served?.stop();
  served = null;
  rig.remove();
});

const observe = (...args: readonly string[]) => rig.command('observe', '--connector', 'arcsight-01', ...args);
const commands = () => rig.withStore((store) => store.commands(10));

describe('flexbridge observe', () => {
  it('waits until the time is over, and says that nothing was seen where nothing was', async () => {
    served = await rig.serve();
    const { code, out, err } = await observe('--for', '1s', '--probe', 'error-401,empty');
    expect([code, err]).toEqual([1, '']);
    expect(out).toContain('error-401 may make a connector with OAuth2');
    expect(out).toContain('Nothing was seen of it');
    const [command] = await commands();
    expect(command).toMatchObject({ state: 'done', args: { forMs: 1000, probes: ['error-401', 'empty'] } });
    const audit = await rig.withStore((store) => store.audit(1));
    expect(audit[0]).toMatchObject({
      action: 'observe',
      details: { connector: 'arcsight-01', probes: 'error-401,empty' },
    });
  });

  it('writes no line into the audit trail where nothing is answered differently', async () => {
    served = await rig.serve();
    await observe('--for', '1s');
    expect(await rig.withStore((store) => store.audit(10))).toEqual([]);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['an unknown connector', ['--connector', 'x'], ['CONNECTOR_UNKNOWN', 'arcsight-02']],
    ['a time that is none', ['--for', 'soon'], ['OBSERVE_FOR', '15m']],
    ['a time that is too long', ['--for', '25h'], ['OBSERVE_FOR', '24h']],
    ['an unknown probe', ['--probe', 'empty,fire'], ['OBSERVE_PROBE_UNKNOWN', 'fire', 'error-500']],
    ['an empty list of probes', ['--probe', ''], ['OBSERVE_PROBE_UNKNOWN', 'hang-up']],
    ['a report of nothing', ['--report'], ['OBSERVE_NO_RECORD', 'without --report']],
  ])('refuses %s, with a remedy, and asks for nothing', async (_what, args, parts) => {
    const { code, err } = await observe(...args);
    expect(code).toBe(1);
    for (const part of [...parts, '->']) expect(err).toContain(part);
    expect(await commands()).toEqual([]);
  });

  it('refuses a second observation, and says until when the first goes on', async () => {
    await rig.withStore(async (store) => {
      const id = await store.addCommand({ kind: 'observe', args: {}, requestedBy: 'kim' });
      await store.updateCommand(id, { state: 'running', progress: anObservation() });
    });
    const { code, err } = await observe();
    expect(code).toBe(1);
    for (const part of ['OBSERVE_BUSY', 'kim', '2026-01-01T00:15:00Z', '->']) expect(err).toContain(part);
  });

  it('prints the last record of that connector again, for people and for programs', async () => {
    await rig.withStore(async (store) => {
      const id = await store.addCommand({ kind: 'observe', args: {}, requestedBy: 'kim' });
      await store.updateCommand(id, { state: 'done', progress: anObservation() });
    });
    const { out } = await observe('--report');
    expect(out).toContain('Observation of arcsight-01 from 2026-01-01T00:00:00Z');
    expect(out).toContain('not seen: No poll was seen.');
    const json: unknown = JSON.parse((await observe('--report', '--json')).out);
    expect(json).toMatchObject({ state: 'done', observation: anObservation() });
    expect((await rig.command('observe', '--connector', 'arcsight-02', '--report')).err).toContain('OBSERVE_NO_RECORD');
  });
});

function anObservation() {
  return newObservation({
    connector: 'arcsight-01',
    clientId: null,
    startedMs: Date.UTC(2026, 0, 1),
    forMs: 900_000,
    probes: [],
    feeds: [{ feed: 'default', acknowledge: 'progress', polledBefore: false, time: null }],
  });
}
