import type { Clock } from '../../domain/clock.ts';
import type { SourceName } from '../../domain/detection.ts';
import { type BridgeError, toBridgeError } from '../../domain/errors.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Source, TokenProblem } from '../source.ts';
import type { TokenFacts } from '../token-claims.ts';
import { clockRow } from './clock-row.ts';

/** What one real request came to. */
export interface ApiAsked {
  readonly api: SourceName;
  /** Null: it was answered. */
  readonly error: BridgeError | null;
  readonly tookMs: number;
  readonly facts: TokenFacts | null;
  readonly problem: TokenProblem | null;
  /** By the Date header of the answer. */
  readonly clock: Finding | null;
}

/** One token, and the smallest request of the API with it. */
export async function probeApi(
  source: Source,
  facts: () => TokenFacts | null,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<ApiAsked> {
  const startedAt = clock.monotonic();
  const outcome = async (): Promise<Pick<ApiAsked, 'error' | 'clock'>> => {
    try {
      const serverMs = await source.serverNow(AbortSignal.timeout(timeoutMs));
      // It has grown by the time since the answer: what counts is now, not when it was asked.
      return { error: null, clock: clockRow(serverMs, clock.now(), clock.now()) };
    } catch (thrown) {
      return { error: toBridgeError(thrown), clock: null };
    }
  };
  const { error, clock: seen } = await outcome();
  return {
    api: source.name,
    error,
    tookMs: Math.round(clock.monotonic() - startedAt),
    facts: facts(),
    problem: source.tokenProblem(),
    clock: seen,
  };
}
