import type { Observation, Reaction } from './observation.ts';
import type { Answered } from './observation-answer.ts';
import { intervalsText, lengthText, times } from './observation-evidence.ts';
import { PROBE_NAMES, PROBE_TEXT, type ProbeName, RETRY_AFTER_SECONDS, SLOW_MS } from './observation-probe.ts';

/** What the connector did after each probe, and which of them were not made. */
export function probeAnswers(seen: Observation): readonly Answered[] {
  return PROBE_NAMES.map((probe) => probeAnswer(probe, seen));
}

function probeAnswer(probe: ProbeName, seen: Observation): Answered {
  const id = `after ${probe}`;
  const question = `What does it do after ${PROBE_TEXT[probe]}?`;
  const made = seen.reactions.filter((reaction) => reaction.probe === probe);
  if (made.length === 0) return { id, question, state: 'not-seen', answer: notMade(probe, seen), evidence: '' };
  const usual = intervalsText(seen.afterEmpty) ?? intervalsText(seen.afterEvents);
  return {
    id,
    question,
    state: 'answered',
    answer: made.map((reaction) => reactionText(reaction, seen)).join(' '),
    evidence: `made ${times(made.length)}${usual === null ? '' : `; it polls every ${usual}`}`,
  };
}

function notMade(probe: ProbeName, { probes, endedMs }: Observation): string {
  if (!probes.includes(probe)) return `Not probed: flexbridge observe --probe ${probe}`;
  return endedMs === null ? 'Not made yet.' : 'Not made: too few polls came. Observe longer.';
}

function reactionText(reaction: Reaction, seen: Observation): string {
  const { probe, next, tokens, gaveUp, atMs, overMs } = reaction;
  const waited = probe === 'slow' ? `${slowText(gaveUp, overMs - atMs)} ` : '';
  const asked = tokens === 0 ? '' : `, and asked for a token ${times(tokens)} before that`;
  if (next === null) {
    const until = seen.endedMs === null ? '' : ` in the ${lengthText(seen.endedMs - overMs)} until the end`;
    const token = tokens === 0 ? '' : ` It asked for a token ${times(tokens)}.`;
    return `${waited}No poll was seen after it${until}.${token}`;
  }
  const early = probe === 'error-429' ? retryText(next.afterMs) : '';
  const connection = next.newConnection === true ? ', on a new connection' : '';
  const status = next.status === 200 ? '' : `; that was answered ${next.status ?? 'not at all'}`;
  return `${waited}It came again after ${lengthText(next.afterMs)}${early}${connection}${asked}, ${movedText(reaction)}${status}.`;
}

function movedText({ since, next }: Reaction): string {
  if (next === null || (since === null && next.since === null)) return 'without a time';
  return since === next.since
    ? 'with the same time'
    : `with another time (${since ?? 'none'}, then ${next.since ?? 'none'})`;
}

function slowText(gaveUp: boolean, heldMs: number): string {
  if (gaveUp) return `It ended the connection after ${lengthText(heldMs)}.`;
  return heldMs < SLOW_MS
    ? `The answer was held for ${lengthText(heldMs)} only.`
    : `It waited ${lengthText(heldMs)} for the answer.`;
}

function retryText(afterMs: number): string {
  return afterMs < RETRY_AFTER_SECONDS * 1000
    ? ', sooner than Retry-After asked for'
    : ', not sooner than Retry-After asked for';
}
