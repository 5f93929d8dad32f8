import { parseDuration } from '../config/quantity.ts';
import { BridgeError } from '../domain/errors.ts';
import { parseSince } from '../domain/since.ts';

/**
 * A time on the command line, epoch ms: as a connector may write one (docs/delivery.md), or a duration such as `2h` for so
 * long ago.
 * @throws BridgeError TIME_UNREADABLE
 */
export function parseMoment(text: string, option: string, nowMs: number): number {
  const agoMs = parseDuration(text.trim());
  if (agoMs !== null) return nowMs - agoMs;
  const since = readTime(text);
  if (since !== null) return since;
  throw new BridgeError({
    code: 'TIME_UNREADABLE',
    kind: 'operator',
    message: `cannot read ${JSON.stringify(text.slice(0, 64))} as the time of ${option}`,
    hint: 'Write it as 2026-01-31T12:00:00Z (without a zone it is UTC), or as 90m, 24h or 7d for so long ago.',
  });
}

function readTime(text: string): number | null {
  try {
    const since = parseSince(text);
    return since.kind === 'time' ? since.ms : null;
  } catch {
    return null;
  }
}
