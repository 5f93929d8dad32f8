import { type Instant, instantFromMs, parseInstant } from '../../domain/instant.ts';
import { badRequest } from './refusal.ts';

/** What a request of the exporter asks for (defender-api 1.3). */
export interface SiemQuery {
  /** Inclusive. Whether the bounds are is not documented (inferred). */
  readonly from: Instant;
  /** Inclusive. */
  readonly to: Instant;
  /** The newest so many; null: all. */
  readonly limit: number | null;
  /** Device groups, any of them; empty: all. */
  readonly groups: readonly string[];
  readonly cloudTag: string | null;
  readonly deviceTag: string | null;
}

const DEFAULT_REACH_MS = 2 * 3_600_000;
const KNOWN = [
  'sinceTimeUtc',
  'untilTimeUtc',
  'ago',
  'limit',
  'machinegroups',
  'DeviceCreatedMachineTags',
  'CloudCreatedMachineTags',
];
const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Names in any case. Throws a Refusal (400); that unknown names and bad values are one is inferred. */
export function parseSiemQuery(query: URLSearchParams, nowMs: number): SiemQuery {
  const values = new Map<string, string[]>();
  for (const [name, value] of query) {
    const known = KNOWN.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    if (known === undefined) throw badRequest(`The parameter '${name}' is not supported.`);
    values.set(known, [...(values.get(known) ?? []), value]);
  }
  const first = (name: string) => values.get(name)?.[0] ?? null;
  const limit = first('limit');
  if (limit !== null && !/^[1-9]\d{0,6}$/.test(limit)) throw badRequest(`'${limit}' is no limit.`);
  return {
    from: readSince(first('sinceTimeUtc'), first('ago'), nowMs),
    to: readTime('untilTimeUtc', first('untilTimeUtc')) ?? instantFromMs(nowMs),
    limit: limit === null ? null : Number(limit),
    groups: values.get('machinegroups') ?? [],
    cloudTag: first('CloudCreatedMachineTags'),
    deviceTag: first('DeviceCreatedMachineTags'),
  };
}

function readSince(since: string | null, ago: string | null, nowMs: number): Instant {
  const read = readTime('sinceTimeUtc', since);
  if (read !== null) return read;
  return instantFromMs(nowMs - (ago === null ? DEFAULT_REACH_MS : readDuration(ago)));
}

/** Without a zone it is UTC, as the name says: `2016-09-12T00:00:00.000`. */
function readTime(name: string, text: string | null): Instant | null {
  if (text === null) return null;
  const instant = parseInstant(text);
  if (instant === null) throw badRequest(`'${text}' is no time for '${name}'.`);
  return instant;
}

function readDuration(text: string): number {
  const match = DURATION.exec(text);
  if (match === null || text.endsWith('T') || text === 'P') throw badRequest(`'${text}' is no duration for 'ago'.`);
  const [days, hours, minutes, seconds] = match.slice(1).map((part: string | undefined) => Number(part ?? 0));
  return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * 1000;
}
