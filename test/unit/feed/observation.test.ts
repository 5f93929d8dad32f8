import { describe, expect, it } from 'vitest';
import { newObservation } from '../../../src/domain/observation.ts';
import type { ProbeName } from '../../../src/domain/observation-probe.ts';
import { createObservations, type LiveObservation, type SeenRequest } from '../../../src/feed/observation.ts';
import { steppedClock } from '../../support/clock.ts';

const START = Date.UTC(2026, 0, 1);

function begin(probes: readonly ProbeName[] = []) {
  const clock = steppedClock(START);
  const observations = createObservations(clock);
  const begun = { connector: 'arcsight-01', clientId: 'client-1', startedMs: START, forMs: 60_000, feeds: [] };
  return { clock, observations, live: observations.begin(newObservation({ ...begun, probes })) };
}

function aRequest(changes: Partial<SeenRequest> = {}, probe: ProbeName | null = null): SeenRequest {
  const shape = {
    kind: 'page',
    method: 'GET',
    path: 'detections',
    login: 'basic',
    http: '1.1',
    tls: null,
    headers: [],
    values: {},
    parameters: [],
    token: null,
  } as const;
  const facts: SeenRequest['facts'] = {
    atMs: START,
    shape: { ...shape, headers: [], parameters: [] },
    time: null,
    feed: 'default',
    connection: 1,
    newConnection: true,
    status: 200,
    bytes: 2,
    events: 0,
    durationMs: 1,
    ended: 'sent',
    stampMs: 7,
    probe,
  };
  return { connector: 'arcsight-01', names: [], address: '10.0.0.1', facts, ...changes };
}

const count = (live: LiveObservation): number => live.record().sums.requests;

describe('a live observation', () => {
  it('makes no probe before two ordinary polls have been answered since the last one, however late it is', () => {
    const { clock, live } = begin(['empty', 'error-500']);
    clock.step(59_000);
    expect(live.takeProbe()).toBeNull();
    live.note(aRequest());
    expect(live.takeProbe()).toBeNull();
    live.note(aRequest());
    expect(live.takeProbe()).toBe('empty');
    live.note(aRequest({}, 'empty'));
    live.note(aRequest());
    expect(live.takeProbe()).toBeNull();
    live.note(aRequest());
    expect(live.takeProbe()).toBe('error-500');
  });

  it('makes none before its time, none after the end, and none once it was ended', () => {
    const { clock, observations, live } = begin(['empty']);
    for (let polls = 0; polls < 3; polls += 1) live.note(aRequest());
    expect(live.takeProbe()).toBeNull();
    clock.step(60_000);
    expect([live.isOver(), live.takeProbe()]).toEqual([true, null]);
    const other = begin(['empty']);
    for (let polls = 0; polls < 3; polls += 1) other.live.note(aRequest());
    other.clock.step(30_000);
    other.observations.end();
    expect([other.live.takeProbe(), other.observations.current()]).toEqual([null, null]);
    expect(observations.current()).toBe(live);
  });

  it('takes requests of nobody for its own once their address is known to be', () => {
    const { live } = begin();
    live.note(aRequest({ connector: null }));
    live.note(aRequest({ connector: null, address: '10.0.0.2' }));
    live.note(aRequest({ connector: 'arcsight-02' }));
    expect(count(live)).toBe(0);
    live.note(aRequest());
    expect(count(live)).toBe(2);
    live.note(aRequest({ connector: null }));
    expect(live.record().requests.map(({ byAddress }) => byAddress)).toEqual([true, false, true]);
  });

  it('knows its own by the name of a refused login and by its client id', () => {
    const { live } = begin();
    live.note(aRequest({ connector: null, names: ['arcsight-01'] }));
    live.note(aRequest({ connector: null, names: ['client-1'] }));
    live.note(aRequest({ connector: null, names: ['client-2'] }));
    expect(count(live)).toBe(2);
  });

  it('keeps how the sending of a page ended, told before or after its request is over', () => {
    const { live } = begin();
    live.outcome(7, 'closed');
    live.note(aRequest());
    expect(live.record().requests[0]?.ended).toBe('closed');
    live.outcome(7, 'broken');
    live.outcome(7, 'broken');
    expect(live.record().requests[0]?.ended).toBe('broken');
    expect(live.record().sums.broken).toBe(1);
  });
});
