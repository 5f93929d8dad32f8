import { type Instant, instantFromMs, instantToMs } from '../domain/instant.ts';
import { badEnvelope } from './answer-error.ts';
import type { ApiClient } from './client.ts';
import { createJsonSplitter } from './json-splitter.ts';
import { normaliseSiemDetections } from './map/siem-detection.ts';
import { siemMembers } from './map/siem-members.ts';
import { reread } from './reread.ts';
import { instant, isObject, type JsonObject, text } from './schema.ts';
import type { Source } from './source.ts';

const PATH = '/api/alerts';
const PAGE_SIZE = 500;
const LONGEST_DETECTION = 16_000_000;
/** `addressOf` asks for up to so much more on either side. */
const BLUR_MS = 3;

/**
 * Detections of the old SIEM API by the time Microsoft processed them. There is no paging: a window is one array, which
 * is read while it arrives. Nothing but its end proves it complete, so only the last page has a progress. Never `limit`:
 * it keeps the newest and drops the oldest (defender-api 1.3).
 */
export function createSiemDetections({ client }: { client: ApiClient }): Source {
  return {
    name: 'siem-detections',
    serverNow: (signal) => client.serverNow(signal),
    tokenProblem: () => client.tokenProblem(),
    normalise: (raw) => reread(raw, normaliseSiemDetections),
    single: null,
    blurMs: BLUR_MS,
    async *pages(window, signal, { pageSize = PAGE_SIZE } = {}) {
      const { to } = window;
      const from = window.progress ?? window.from;
      let waiting: unknown[] = [];
      for await (const detections of read(client, addressOf(from, to), signal)) {
        waiting.push(...detections.filter((detection) => isWithin(detection, from, to)));
        while (waiting.length >= pageSize) {
          const page = waiting.slice(0, pageSize);
          waiting = waiting.slice(pageSize);
          yield { ...normaliseSiemDetections(page), progress: null, isLast: false };
        }
      }
      yield { ...normaliseSiemDetections(waiting), progress: to, isLast: true };
    },
  };
}

/** The configured URL without Microsoft's path: the whole address is what other connectors ask for (defender-api 1.2). */
export function siemBase(url: string): string {
  return url.replace(/\/+$/, '').replace(/\/api\/alerts?$/i, '');
}

/**
 * Whether the bounds are inclusive is not documented, and their example has milliseconds only (defender-api 1.3): more is
 * asked for than is wanted, and `isWithin` takes what is.
 */
function addressOf(from: Instant, to: Instant): string {
  const since = timeText(instantToMs(from) - 1);
  const until = timeText(instantToMs(to) + 2);
  return `${PATH}?sinceTimeUtc=${encodeURIComponent(since)}&untilTimeUtc=${encodeURIComponent(until)}`;
}

/** As documented: `2016-09-12T00:00:00.000`, without a zone. */
function timeText(ms: number): string {
  return instantFromMs(ms).slice(0, 23);
}

async function* read(client: ApiClient, address: string, signal: AbortSignal) {
  const splitter = createJsonSplitter({ host: client.host, maxBytes: LONGEST_DETECTION });
  for await (const piece of client.stream(address, signal)) {
    const detections = splitter.push(piece);
    if (splitter.form === 'object') checkBare(detections);
    yield detections;
  }
  splitter.end();
}

/** One detection may come without its list (defender-api 1.4); any other object is not an answer to the question. */
function checkBare(objects: readonly unknown[]): void {
  const stranger = objects.find((bare) => !isObject(bare) || text(siemMembers(bare), 'AlertId') === undefined);
  if (stranger !== undefined) throw badEnvelope('neither a list nor a detection', stranger);
}

/** One without a readable time is passed on: the normaliser says what is wrong with it. */
function isWithin(detection: unknown, from: Instant, to: Instant): boolean {
  const processed = isObject(detection) ? processedAt(detection) : undefined;
  return processed === undefined || (processed >= from && processed < to);
}

/** The spelling of names has drifted (defender-api 1.4); the slow way only where it has. */
function processedAt(detection: JsonObject): Instant | undefined {
  return instant(detection, 'LastProcessedTimeUtc') ?? instant(siemMembers(detection), 'LastProcessedTimeUtc');
}
