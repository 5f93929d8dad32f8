import { describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
import { createWriteWatch, ONCE } from '../../../src/store/write-watch.ts';
import { steppedClock } from '../../support/clock.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const TEN_MINUTES = 600_000;

function failure(code: string): BridgeError {
  return new BridgeError({ code, kind: 'operator', message: `words of ${code}`, hint: 'the remedy' });
}

function rig() {
  const clock = steppedClock(NOW);
  const events: BridgeEvent[] = [];
  return { clock, events, watch: createWriteWatch(clock, (event) => events.push(event)) };
}

describe('the watch over writes', () => {
  it.each(['STORE_FULL', 'STORE_READ_ONLY', 'STORE_BUSY', 'STORE_WRITE_FAILED', 'STORE_FAILED'])(
    'takes %s for a store that cannot be written, until the same write succeeds',
    (code) => {
      const { clock, events, watch } = rig();
      const error = failure(code);
      watch.failed('position', error);
      clock.step(5000);
      watch.failed('position', failure(code));
      expect(watch.unwritable()).toEqual({ code, message: error.message, hint: 'the remedy', sinceMs: NOW });
      watch.succeeded('position');
      expect(watch.unwritable()).toBeNull();
      expect(events).toEqual([
        { name: 'storeUnwritable', error },
        { name: 'storeWritable', durationMs: 5000 },
      ]);
    },
  );

  it('passes over what says nothing of the disk', () => {
    const { events, watch } = rig();
    for (const error of [failure('STORE_DAMAGED'), new Error('defect'), 'text']) watch.failed('position', error);
    expect([watch.unwritable(), events]).toEqual([null, []]);
  });

  it('is not calmed by a small write that still finds room where a large one does not', () => {
    const { events, watch } = rig();
    watch.failed('append a', failure('STORE_FULL'));
    watch.succeeded('position');
    watch.succeeded('append b');
    watch.succeeded(ONCE);
    expect(watch.unwritable()).toMatchObject({ code: 'STORE_FULL' });
    expect(events).toHaveLength(1);
    watch.succeeded('append a');
    expect(watch.unwritable()).toBeNull();
  });

  it('takes any write for the answer ten minutes after the last failure: the failed one may never come again', () => {
    const { clock, watch } = rig();
    watch.failed('append a', failure('STORE_FULL'));
    clock.step(TEN_MINUTES - 1);
    watch.succeeded('position');
    expect(watch.unwritable()).not.toBeNull();
    clock.step(1);
    watch.succeeded('position');
    expect(watch.unwritable()).toBeNull();
  });

  it('forgets a write that nobody repeats with the next one that succeeds', () => {
    const { watch } = rig();
    watch.failed(ONCE, failure('STORE_BUSY'));
    watch.succeeded('position');
    expect(watch.unwritable()).toBeNull();
  });

  it('tells of several failures the one that lasts longest', () => {
    const { clock, watch } = rig();
    watch.failed('append a', failure('STORE_FULL'));
    clock.step(1000);
    watch.failed('position', failure('STORE_BUSY'));
    expect(watch.unwritable()).toMatchObject({ code: 'STORE_FULL', sinceMs: NOW });
    watch.succeeded('append a');
    expect(watch.unwritable()).toMatchObject({ code: 'STORE_BUSY', sinceMs: NOW + 1000 });
  });
});
