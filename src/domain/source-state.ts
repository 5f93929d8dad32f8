/** What the state of a source is taken from: the part of its status that tells how it is doing. Times are epoch ms. */
export interface SourceHealth {
  readonly lastSuccessMs: number | null;
  readonly failingSinceMs: number | null;
  readonly lastError: { readonly kind: string; readonly message: string } | null;
  readonly nextTryMs: number | null;
}

/**
 * starting: nothing has been heard yet; running; degraded: it fails and heals itself; failed: it fails until a person
 * acts. Both of the latter go on trying.
 */
export interface SourceState {
  readonly state: 'starting' | 'running' | 'degraded' | 'failed';
  /** For people; empty when there is nothing to say. */
  readonly reason: string;
  /** Since when it fails; null when it does not. */
  readonly sinceMs: number | null;
  readonly nextTryMs: number | null;
}

/** @param status null for a source that was never polled */
export function sourceState(status: SourceHealth | null): SourceState {
  if (status === null) return quiet('starting');
  const { lastError, lastSuccessMs, failingSinceMs, nextTryMs } = status;
  if (lastError === null) return quiet(lastSuccessMs === null ? 'starting' : 'running');
  const needsPerson = lastError.kind === 'operator' || lastError.kind === 'bug';
  return {
    state: needsPerson ? 'failed' : 'degraded',
    reason: lastError.message,
    sinceMs: failingSinceMs,
    nextTryMs,
  };
}

function quiet(state: 'starting' | 'running'): SourceState {
  return { state, reason: '', sinceMs: null, nextTryMs: null };
}
