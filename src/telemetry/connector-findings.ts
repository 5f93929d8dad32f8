import { type Finding, ok } from '../domain/finding.ts';
import { followsStamp, type Position } from '../store/detection-store.ts';
import type { Observations } from './observations.ts';

const CONNECTOR_SILENT_MS = 15 * 60_000;
/** Sendings of one page without an acknowledgement that are worth a look. */
const MANY_TRIES = 5;

/** The rows of one connector on one feed: whether it asks, and what its time proves. */
export function connectorFindings(
  { name, feed, position }: Observations['connectors'][number],
  { feeds, nowMs }: Observations,
): readonly Finding[] {
  const subject = `${name}/${feed}`;
  if (position === null) {
    return [
      {
        id: 'connector.poll',
        state: 'warning',
        subject,
        sinceMs: null,
        meaning: 'This connector has never asked for events.',
        remedy: 'Set the connector up as INSTALL.md says; check address, certificate and login.',
      },
    ];
  }
  const lastSeq = feeds.find((candidate) => candidate.name === feed)?.stats.lastSeq ?? position.acknowledged;
  const backlog = lastSeq - position.acknowledged;
  const silent = nowMs - position.lastPollMs > CONNECTOR_SILENT_MS;
  const poll: Finding = silent
    ? {
        id: 'connector.poll',
        state: 'failed',
        subject,
        sinceMs: position.lastPollMs,
        meaning: `The connector has stopped asking for events; ${backlog} wait for it.`,
        remedy:
          'Check that the connector runs and reaches this bridge (its agent.log), and that its login still works.',
      }
    : ok(
        'connector.poll',
        subject,
        `The connector asks for events; ${backlog} wait for their acknowledgement.`,
        position.lastPollMs,
      );
  return [poll, timeRow(subject, position)];
}

/** What the connector's time proves, and so what is guaranteed (design: Feed). */
function timeRow(subject: string, position: Position): Finding {
  const tries = position.page?.tries.length ?? 0;
  if (tries >= MANY_TRIES) {
    return {
      id: 'connector.time',
      state: 'warning',
      subject,
      sinceMs: position.page?.tries[0]?.atMs ?? null,
      meaning: `One page has been sent ${tries} times without being acknowledged.`,
      remedy:
        'Look at the connector\'s agent.log; if its URL carries no $START_AT_TIME or its time never moves, set the feed to "acknowledge: response".',
    };
  }
  const follows = followsStamp(position);
  return ok(
    'connector.time',
    subject,
    follows
      ? 'Its time repeats the stamp of each page: every event is delivered at least once, also when it crashes.'
      : 'Its time does not repeat the page stamps: every event is delivered at least once up to its receipt by the peer.',
  );
}
