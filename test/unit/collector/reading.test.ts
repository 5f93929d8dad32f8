import { expect, it } from 'vitest';
import { createKnownStretches } from '../../../src/collector/known-stretches.ts';
import { createReading } from '../../../src/collector/reading.ts';
import type { Turn } from '../../../src/collector/turn.ts';
import { type Checkpoint, NO_CHECKPOINT } from '../../../src/domain/window.ts';
import { instant } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';
import { createCollectorRig, KEY } from './collector-rig.ts';
import { playedApi } from './played-api.ts';

it('closes a window that is read to its end, though nothing of it is left to ask for', async () => {
  const rig = await createCollectorRig();
  const source = playedApi(steppedClock('2026-01-01T12:00:00Z'));
  const window = { from: instant('2026-01-01T10:00:00Z'), to: instant('2026-01-01T11:00:00Z'), progress: null };
  for (const position of [window.to, instant('2026-01-01T11:30:00Z')]) {
    let checkpoint: Checkpoint = { ...NO_CHECKPOINT, window: { ...window, progress: position } };
    const turn: Turn = {
      checkpoint: () => checkpoint,
      counts: () => {
        throw new Error('not asked for');
      },
      filtered: () => ({}),
      spend: () => undefined,
      isSpent: () => false,
      store: (_portion, next) => {
        checkpoint = next;
        return Promise.resolve();
      },
    };
    const reading = createReading({ source, known: createKnownStretches(rig.store, KEY) });
    const range = { from: position, to: window.to };
    await reading.read(turn, { kind: 'window', window }, range, new AbortController().signal);
    expect(checkpoint).toMatchObject({ watermark: window.to, window: null });
  }
  expect(source.requests).toBe(0);
  await rig.close();
});
