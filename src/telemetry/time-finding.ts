import { type ConnectorTime, connectorTime } from '../domain/connector-time.ts';
import { type Finding, ok } from '../domain/finding.ts';
import type { AcknowledgeMode, Position } from '../domain/position.ts';
import { moment, span } from '../domain/time-words.ts';

interface Asked {
  readonly position: Position;
  readonly acknowledge: AcknowledgeMode;
  readonly nowMs: number;
}

/** A clock that is wrong by less disturbs nobody. */
const CLOCK_OFF_MS = 60_000;

/** What the connector's time means, what that guarantees, and what is wrong with it (design: Feed). */
export function timeRow(subject: string, { position, acknowledge, nowMs }: Asked): Finding {
  const time = connectorTime(position, nowMs, acknowledge);
  const parts = [time.says, clockWords(time), stepWords(time), time.guarantee.text];
  const meaning = parts.filter((part) => part !== '').join(' ');
  const remedy = remedyFor(time, acknowledge);
  if (remedy === null) return ok('connector.time', subject, meaning);
  return { id: 'connector.time', state: 'warning', subject, sinceMs: null, meaning, remedy };
}

function clockWords({ clock }: ConnectorTime): string {
  if (clock === null || clock.kind === 'right') return '';
  const off = `${span(Math.abs(clock.aheadMs))} ${clock.aheadMs > 0 ? 'ahead of' : 'behind'} the bridge's`;
  return clock.kind === 'off'
    ? `Its clock is ${off}.`
    : `It is ${off}: another time zone without saying so, or a clock that is wrong by as much.`;
}

function stepWords({ steppedBack }: ConnectorTime): string {
  return steppedBack === null ? '' : `It went back by ${span(steppedBack.byMs)} at ${moment(steppedBack.atMs)}.`;
}

/** Null when nothing need be done. */
function remedyFor({ meaning, clock, guarantee }: ConnectorTime, acknowledge: AcknowledgeMode): string | null {
  if (acknowledge === 'none' && !['follows-stamp', 'unknown'].includes(meaning))
    return 'Set "acknowledge: progress" for the feed: with none, what is delivered depends on this time.';
  if (guarantee.kind === 'by-its-time') return null;
  if (meaning === 'missing' && acknowledge !== 'response')
    return 'End the Events URL in since=$START_AT_TIME, as INSTALL.md says; or set "acknowledge: response" for the feed.';
  if (meaning === 'frozen' && acknowledge !== 'response')
    return 'Check that the Events URL ends in since=$START_AT_TIME, as INSTALL.md says. If it does, set "acknowledge: response" for the feed: each page then comes once.';
  if (clock?.kind === 'off' && Math.abs(clock.aheadMs) >= CLOCK_OFF_MS)
    return "Set the clock of the connector's host, or of this one, by NTP. Delivery does not depend on it, but times in ArcSight do.";
  return null;
}
