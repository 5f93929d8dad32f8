import { describe, expect, it } from 'vitest';
import { sourceState } from '../../../src/domain/source-state.ts';

const FRESH = { lastSuccessMs: null, failingSinceMs: null, lastError: null, nextTryMs: null };
const QUIET = { reason: '', sinceMs: null, nextTryMs: null };

function failing(kind: string, lastSuccessMs: number | null = null) {
  return { lastSuccessMs, failingSinceMs: 5, lastError: { kind, message: 'It broke.' }, nextTryMs: 9 };
}

describe('the state of a source', () => {
  it('is starting until it has answered or failed', () => {
    expect(sourceState(null)).toEqual({ state: 'starting', ...QUIET });
    expect(sourceState(FRESH)).toEqual({ state: 'starting', ...QUIET });
  });

  it('is running once it has answered', () => {
    expect(sourceState({ ...FRESH, lastSuccessMs: 1 })).toEqual({ state: 'running', ...QUIET });
  });

  it.each(['transient', 'upstream'])('is degraded while it heals itself (%s)', (kind) => {
    const reason = { reason: 'It broke.', sinceMs: 5, nextTryMs: 9 };
    expect(sourceState(failing(kind))).toEqual({ state: 'degraded', ...reason });
    expect(sourceState(failing(kind, 1))).toEqual({ state: 'degraded', ...reason });
  });

  it.each(['operator', 'bug'])('is failed until a person acts (%s)', (kind) => {
    expect(sourceState(failing(kind, 1))).toMatchObject({
      state: 'failed',
      reason: 'It broke.',
      sinceMs: 5,
      nextTryMs: 9,
    });
  });
});
