import { BridgeError } from '../domain/errors.ts';
import type { Instant } from '../domain/instant.ts';
import type { ApiClient } from './client.ts';
import { normaliseDefenderAlerts } from './map/defender-alert.ts';
import { type Envelope, readEnvelope } from './odata-envelope.ts';
import { reread } from './reread.ts';
import type { Page, Source } from './source.ts';
import { fromTicks, TICKS_PER_MS, type Ticks, toTicks } from './ticks.ts';

const PATH = '/api/alerts';
/** Documented maximum of `$top` (defender-api 3). */
const MOST_RECORDS = 10_000;
const PAGE_SIZE = 500;
const FIRST_SPAN: Ticks = 3_600_000n * TICKS_PER_MS;
const LONGEST_SPAN: Ticks = 30n * 24n * FIRST_SPAN;

/**
 * Alerts of Defender for Endpoint by their update time.
 *
 * With `$top` no nextLink comes (defender-api 3), and `$skip` counts places in a list that moves. So a window is read in
 * stretches of time: one whose answer is full may hold more than it showed, is thrown away and halved, down to 100 ns.
 * No order is relied on. Two stretches meet at one literal, `lt` in the first and `ge` in the second: however Microsoft
 * rounds it (its update times are coarser than 100 ns, defender-api 3), a record is in one of the two.
 */
export function createDefenderAlerts({ client }: { client: ApiClient }): Source {
  /** Length of a stretch that is likely to fit a page of the usual size, learnt from the answers. */
  let usual = FIRST_SPAN;

  async function read(from: Ticks, to: Ticks, most: number, signal: AbortSignal): Promise<Stretch> {
    const top = Math.min(most + 1, MOST_RECORDS);
    const { items, next } = readEnvelope(await client.get(stretchOf(fromTicks(from), fromTicks(to), top), signal));
    return { items, isFull: items.length >= top || next !== null };
  }

  return {
    name: 'defender-alerts',
    serverNow: (signal) => client.serverNow(signal),
    tokenProblem: () => client.tokenProblem(),
    blurMs: 0,
    normalise: (raw) => reread(raw, normaliseDefenderAlerts),
    async *pages({ from, to, progress }, signal, { pageSize = PAGE_SIZE } = {}) {
      const end = toTicks(to);
      let reached = toTicks(progress ?? from);
      let most = pageSize;
      let span = usual;
      if (reached >= end) yield pageOf([], to, true);
      while (reached < end) {
        const until = smaller(reached + span, end);
        const { items, isFull } = await read(reached, until, most, signal);
        if (!isFull) {
          reached = until;
          span = smaller(span * growth(items.length, most), LONGEST_SPAN);
          most = pageSize;
          if (pageSize === PAGE_SIZE) usual = span;
          yield pageOf(items, fromTicks(until), until === end);
        } else if (until - reached > 1n) {
          span = (until - reached) / 2n;
        } else {
          most = more(most, fromTicks(reached));
        }
      }
    },
    async single({ from, to }, index, signal) {
      if (index >= MOST_RECORDS) throw crowded(from);
      const json = await client.get(`${stretchOf(from, to, 1)}&$skip=${index}`, signal);
      const { items } = readEnvelope(json);
      return items.length === 0 ? null : normaliseDefenderAlerts(items);
    },
  };
}

interface Stretch extends Pick<Envelope, 'items'> {
  /** There may be more than was shown. A nextLink says so, too; where it leads is not documented, so it is not followed. */
  readonly isFull: boolean;
}

/** Literals stand unquoted. */
function stretchOf(from: Instant, to: Instant, top: number): string {
  const filter = encodeURIComponent(`lastUpdateTime ge ${from} and lastUpdateTime lt ${to}`);
  return `${PATH}?$filter=${filter}&$expand=evidence&$top=${top}`;
}

function pageOf(items: readonly unknown[], progress: Instant, isLast: boolean): Page {
  return { ...normaliseDefenderAlerts(items), progress, isLast };
}

/** After a crowded instant the stretches must soon be long again: each is a request, and requests are counted. */
function growth(records: number, most: number): Ticks {
  if (records * 16 < most) return 8n;
  return records * 4 < most ? 2n : 1n;
}

/** One instant cannot be halved: more of it is asked for at once. */
function more(most: number, at: Instant): number {
  if (most + 1 >= MOST_RECORDS) throw crowded(at);
  return most * 4;
}

function smaller(one: Ticks, other: Ticks): Ticks {
  return one < other ? one : other;
}

function crowded(at: Instant): BridgeError {
  return new BridgeError({
    code: 'UPSTREAM_CROWDED',
    kind: 'upstream',
    message: `More alerts bear the update time ${at} than one answer of Defender for Endpoint can hold (${MOST_RECORDS}), or Microsoft says that there are always more.`,
    hint: 'The position did not move. Read this tenant by graph-alerts, which has pages, and please report it.',
  });
}
