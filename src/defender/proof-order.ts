import { BridgeError, toBridgeError } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';
import type { ClientProof } from './client-proof.ts';
import type { Reader } from './credential.ts';
import { refusesProof } from './token-refusals.ts';

/** Tries the proofs of a credential until one is accepted. */
export type WithProof = <Result>(attempt: (proof: ClientProof) => Promise<Result>) => Promise<Result>;

export interface ProofOrderDeps {
  readonly readers: readonly Reader<ClientProof>[];
  /** What one of them is called in a message: `client secret`. */
  readonly proofName: string;
  /** Another proof than the last time was accepted; `reason`: why the one before it was not. */
  readonly switched: (reason: string) => void;
}

/** Of each proof that failed, in characters. */
const LONGEST_REASON = 160;

interface Failure {
  readonly name: string;
  readonly error: BridgeError;
}

/**
 * Two live secrets or certificates, so that one can be replaced without a gap: the one that worked last is tried first,
 * and only a proof that cannot be used or is refused as such makes way for the next. Anything else (throttling, network,
 * an unknown tenant) would meet the next one too, and ends the turn.
 */
export function createProofOrder({ readers, proofName, switched }: ProofOrderDeps): WithProof {
  let first = 0;
  return async (attempt) => {
    const failures: Failure[] = [];
    for (const index of turn(first, readers.length)) {
      const name = readers.length === 1 ? proofName : `${proofName} ${index + 1}`;
      const tried = await tryProof(readers[index], attempt);
      if (tried.outcome === 'accepted') {
        if (index !== first) switched(`now used: ${name}; ${reasons(failures)}`);
        first = index;
        return tried.result;
      }
      failures.push({ name, error: tried.error });
      if (tried.outcome === 'ended') break;
    }
    throw allFailed(failures, proofName);
  };
}

/** All places once, beginning with `first`. */
function turn(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_value, step) => (first + step) % count);
}

type Tried<Result> =
  | { readonly outcome: 'accepted'; readonly result: Result }
  | { readonly outcome: 'refused' | 'ended'; readonly error: BridgeError };

async function tryProof<Result>(
  read: Reader<ClientProof> | undefined,
  attempt: (proof: ClientProof) => Promise<Result>,
): Promise<Tried<Result>> {
  let proof: ClientProof;
  try {
    if (read === undefined) throw new Error('no such proof');
    proof = await read();
  } catch (thrown) {
    return { outcome: 'refused', error: toBridgeError(thrown) };
  }
  try {
    return { outcome: 'accepted', result: await attempt(proof) };
  } catch (thrown) {
    // A caller who gave up is no failure of the proof.
    if (!(thrown instanceof BridgeError)) throw thrown;
    return { outcome: refusesProof(thrown.code) ? 'refused' : 'ended', error: thrown };
  }
}

function reasons(failures: readonly Failure[]): string {
  return failures.map(({ name, error }) => `${name}: ${inShort(error.message)}`).join('; ');
}

/** Both have to fit where one is shown: the reason and Entra's number stand at the beginning. */
function inShort(message: string): string {
  return printable(message, LONGEST_REASON).replace(/\.$/, '');
}

/** Names each and why. How it is to be treated follows the last: what ended the turn, or the last refusal. */
function allFailed(failures: readonly Failure[], proofName: string): Error {
  const last = failures.at(-1);
  if (last === undefined) return noProof(proofName);
  if (failures.length === 1) return last.error;
  const { code, kind, hint, retryAfterMs } = last.error;
  return new BridgeError({
    code,
    kind,
    message: `no ${proofName} got a token: ${reasons(failures)}`,
    hint,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function noProof(proofName: string): BridgeError {
  return new BridgeError({
    code: 'TOKEN_NO_CREDENTIAL',
    kind: 'operator',
    message: `no token could be asked for: the tenant has no ${proofName}`,
    hint: 'Complete the credential of the tenant in the configuration.',
  });
}
