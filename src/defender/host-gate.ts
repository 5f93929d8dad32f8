import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { BridgeError, type ErrorFacts } from '../domain/errors.ts';
import { createRequestPace, type RequestLimit } from './request-pace.ts';

/**
 * One gate for all requests of a tenant to a host: it closes when the host asks to slow down, and keeps the published
 * limits in advance. Every API client and token source that goes to the host waits at the same gate.
 */
export interface HostGate {
  /**
   * Resolves when a request may be sent: at once, or after a short wait. Throws a transient BridgeError with
   * `retryAfterMs` when the wait would be long, so that the caller's turn ends instead of hanging.
   */
  pass(signal: AbortSignal): Promise<void>;
  /** Takes every answer of the host. */
  observe(answer: { readonly status: number; readonly retryAfterMs?: ErrorFacts['retryAfterMs'] }): void;
}

export interface HostGateDeps {
  readonly tenant: string;
  /** With its port when it is not 443. */
  readonly host: string;
  /** Published limits of the host; none for one that only answers 429. */
  readonly limits: readonly RequestLimit[];
  readonly clock: Clock;
  readonly emit: Emit;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** A limit per minute can be waited out, with the margin that is kept. */
const LONGEST_WAIT_MS = 65_000;
/** After a 429 that names no time: doubling from 10 s to 10 min. */
const FIRST_CLOSE_MS = 10_000;
const LONGEST_CLOSE_MS = 600_000;
/** A Retry-After of nothing is no leave to hammer. */
const SHORTEST_CLOSE_MS = 1_000;
/** Many tenants are told the same time: this share of it, at most half a minute, is added by chance. Never taken off. */
const JITTER_SHARE = 0.1;
const LONGEST_JITTER_MS = 30_000;

type Reason = 'asked' | 'limit';

export function createHostGate(deps: HostGateDeps): HostGate {
  const { tenant, host, clock, emit, random } = deps;
  const pace = createRequestPace(deps.limits);
  let closedUntil = Number.NEGATIVE_INFINITY;
  let toldUntil = Number.NEGATIVE_INFINITY;
  /** 429s, one after the other. */
  let refusals = 0;

  function close(askedMs: number): void {
    const waitMs = Math.max(askedMs, SHORTEST_CLOSE_MS);
    const until = clock.monotonic() + waitMs + random() * Math.min(waitMs * JITTER_SHARE, LONGEST_JITTER_MS);
    if (until <= closedUntil) return;
    closedUntil = until;
    tell('asked', until);
  }

  function tell(reason: Reason, until: number): void {
    toldUntil = until;
    emit({ name: 'hostGated', tenant, host, waitMs: Math.ceil(until - clock.monotonic()), reason });
  }

  async function pass(signal: AbortSignal): Promise<void> {
    const giveUpAt = clock.monotonic() + LONGEST_WAIT_MS;
    for (;;) {
      signal.throwIfAborted();
      const now = clock.monotonic();
      const opensAt = Math.max(now, closedUntil);
      const at = pace.next(opensAt);
      const reason = at > opensAt ? 'limit' : 'asked';
      // Told once: everybody who comes to the gate while it lasts would say the same again.
      if (reason === 'limit' && now >= toldUntil) tell(reason, at);
      if (at > giveUpAt) throw shut(reason, host, Math.ceil(at - now), clock.now());
      if (at === now) {
        pace.sent(now);
        return;
      }
      // No place is kept: who wakes late, or after an answer that closed the gate, is measured anew.
      await clock.sleep(at - now, signal);
    }
  }

  return {
    pass,
    observe({ status, retryAfterMs }) {
      if ((status === 429 || status === 503) && retryAfterMs !== undefined) close(retryAfterMs);
      else if (status === 429) close(Math.min(FIRST_CLOSE_MS * 2 ** refusals, LONGEST_CLOSE_MS));
      if (status === 429) refusals += 1;
      else if (status < 500) refusals = 0;
    },
  };
}

function shut(reason: Reason, host: string, waitMs: number, nowMs: number): BridgeError {
  const when = timeText(nowMs + waitMs);
  const hint = 'FlexBridge goes on by itself and has not moved its position.';
  if (reason === 'asked') {
    const message = `${host} asked to slow down; nothing is sent to it before ${when}.`;
    return new BridgeError({ code: 'UPSTREAM_THROTTLED', kind: 'transient', message, hint, retryAfterMs: waitMs });
  }
  const message = `The number of requests that Microsoft publishes for ${host} is used up; the next one may go at ${when}.`;
  return new BridgeError({
    code: 'UPSTREAM_PACED',
    kind: 'transient',
    message,
    hint: `${hint} Another program that reads with the same app uses up the same limit.`,
    retryAfterMs: waitMs,
  });
}

function timeText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'the end of time' : date.toISOString();
}
