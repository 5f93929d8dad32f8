import type { Page, Source } from '../../../src/defender/source.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
import { type Instant, shiftInstant } from '../../../src/domain/instant.ts';
import type { Rejection } from '../../../src/domain/rejection.ts';
import type { Window } from '../../../src/domain/window.ts';
import { anAlert, instant } from '../../support/alerts.ts';
import type { SteppedClock } from '../../support/clock.ts';

/** One version of an alert as the played API has it. */
export interface PlayedRecord {
  readonly alertId: string;
  readonly at: Instant;
  /** Every answer that would hold it fails. */
  readonly isPoison?: boolean;
  /** It comes, and cannot be read: what was sent in its place. */
  readonly unreadable?: string;
}

export interface PlayedApi extends Source {
  /** In the order of their time; a test may change it between polls. */
  records: readonly PlayedRecord[];
  /** Requests for pages and single records so far. */
  requests: number;
  readonly asked: readonly { readonly window: Window; readonly pageSize: number }[];
  /** Fails this request for a reason of its own; null: it may be answered. */
  trouble: (request: number, window: Window, kind: 'page' | 'single') => BridgeError | null;
  /** What an answer with poison in it fails with. */
  poisonError: BridgeError;
}

export function record(alertId: string, time: string, isPoison = false): PlayedRecord {
  return { alertId, at: instant(time), isPoison };
}

export function refused(code = 'UPSTREAM_FAILED', kind: 'transient' | 'upstream' | 'operator' = 'transient') {
  return new BridgeError({ code, kind, message: `Microsoft failed (${code})`, hint: 'Wait.' });
}

/** An API over a list of records that pages as Graph does: by time, oldest first, each page a request. */
export function playedApi(clock: SteppedClock, { canSingle = true, usual = 100, blurMs = 0 } = {}): PlayedApi {
  const asked: PlayedApi['asked'][number][] = [];

  const answer = (rows: readonly PlayedRecord[], window: Window, kind: 'page' | 'single'): readonly PlayedRecord[] => {
    api.requests += 1;
    const trouble = api.trouble(api.requests, window, kind);
    if (trouble !== null) throw trouble;
    if ([...rows, ...(blurMs > 0 ? within(blurred(window)) : [])].some(({ isPoison }) => isPoison === true))
      throw api.poisonError;
    return rows;
  };
  const within = ({ from, to, progress }: Window): readonly PlayedRecord[] =>
    api.records.filter(({ at }) => at >= (progress ?? from) && at < to).toSorted((a, b) => (a.at < b.at ? -1 : 1));

  const blurred = ({ from, to, progress }: Window): Window => ({
    from: shiftInstant(progress ?? from, -blurMs),
    to: shiftInstant(to, blurMs),
    progress: null,
  });

  const api: PlayedApi = {
    name: 'graph-alerts',
    records: [],
    requests: 0,
    asked,
    trouble: () => null,
    poisonError: refused(),
    serverNow: () => Promise.resolve(clock.now()),
    async *pages(window, signal, { pageSize = usual } = {}) {
      const rows = within(window);
      for (let start = 0; start === 0 || start < rows.length; start += pageSize) {
        signal.throwIfAborted();
        asked.push({ window, pageSize });
        await Promise.resolve();
        const part = answer(rows.slice(start, start + pageSize), window, 'page');
        const isLast = start + pageSize >= rows.length;
        yield { ...content(part), progress: part.at(-1)?.at ?? window.progress, isLast } satisfies Page;
      }
    },
    single: canSingle
      ? async (window, index) => {
          await Promise.resolve();
          const [row] = answer(within(window).slice(index, index + 1), window, 'single');
          return row === undefined ? null : content([row]);
        }
      : null,
    blurMs,
    normalise: (raw) =>
      raw === '{"id":"mended"}'
        ? content([record('mended', '2026-01-01T09:00:00Z')])
        : { records: [], rejected: [noId(raw)] },
    tokenProblem: () => null,
  };
  return api;
}

function content(rows: readonly PlayedRecord[]) {
  return {
    records: rows.flatMap(({ alertId, at, unreadable }) =>
      unreadable === undefined ? [anAlert({ alertId, lastUpdate: at })] : [],
    ),
    rejected: rows.flatMap(({ unreadable: raw }) => (raw === undefined ? [] : [noId(raw)])),
  };
}

function noId(raw: string): Rejection {
  return { id: null, code: 'no-id', reason: 'still no id', raw };
}
