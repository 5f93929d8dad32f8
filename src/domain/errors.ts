/**
 * How a failure is to be treated, whatever its code:
 * operator = a person must act; transient = goes away by itself; upstream = Microsoft broke its contract; bug = ours.
 */
export type ErrorKind = 'operator' | 'transient' | 'upstream' | 'bug';

export interface ErrorFacts {
  /** Stable, for machines: `UPPER_SNAKE`. */
  readonly code: string;
  readonly kind: ErrorKind;
  /** What was attempted and what happened. Never holds a secret, a token or a body. */
  readonly message: string;
  /** What the person on call does about it. */
  readonly hint: string;
  readonly cause?: unknown;
  /** How long the other side asked us to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** What the other side sent, for the quarantine. Never shown, never logged. */
  readonly answer?: string;
}

/** The one error class of the service: coded, classified, with a remedy. */
export class BridgeError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly hint: string;
  readonly retryAfterMs: number | undefined;
  readonly #answer: string | undefined;

  constructor(facts: ErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'BridgeError';
    this.code = facts.code;
    this.kind = facts.kind;
    this.hint = facts.hint;
    this.retryAfterMs = facts.retryAfterMs;
    this.#answer = facts.answer;
  }

  /** What the other side sent; a private member, so that nothing that prints an error prints it. */
  get answer(): string | undefined {
    return this.#answer;
  }
}

/** Any thrown thing as a BridgeError; what was not one is a bug, and says so. */
export function toBridgeError(thrown: unknown): BridgeError {
  if (thrown instanceof BridgeError) return thrown;
  const text = messageOf(thrown);
  return new BridgeError({
    code: 'UNEXPECTED',
    kind: 'bug',
    message: `unexpected failure: ${text}`,
    hint: 'This is a defect of FlexBridge. Please report it with the log lines around it.',
    cause: thrown,
  });
}

/** The words of any thrown thing. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
