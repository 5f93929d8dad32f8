import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Emit } from '../../domain/bridge-event.ts';
import type { Clock } from '../../domain/clock.ts';
import { toBridgeError } from '../../domain/errors.ts';
import type { StatusSnapshot } from '../../domain/status-snapshot.ts';
import type { BrowsedEvent, EventBrowser } from '../../store/event-browser.ts';
import type { MeasureStore } from '../../store/measures.ts';
import { pick, queryOf } from '../oauth/form.ts';
import { createPace, type Pace } from '../pace.ts';
import { htmlText } from '../pages/html.ts';
import { sendPage } from '../pages/send-page.ts';
import { measureRange, type Range, readRange } from '../pages/status/range.ts';
import { type StatusView, statusPage, statusRegions } from '../pages/status/status-page.ts';
import type { App } from '../server.ts';
import { type DownloadsDeps, showDownloads } from './downloads.ts';
import { pageRoutes } from './page-routes.ts';
import { demandSession } from './session-guard.ts';

export interface StatusRouteDeps {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly version: string;
  readonly status: () => Promise<StatusSnapshot>;
  /** What has been measured, and the events. */
  readonly store: Pick<MeasureStore, 'measures'> & Pick<EventBrowser, 'findEvents'>;
}
type Deps = StatusRouteDeps & DownloadsDeps;

/** `GET /status`, `/status/live` and `/status/downloads`, for operators who have signed in. */
export function statusRoutes(app: App, deps: Deps): void {
  const pace = createPace();
  pageRoutes(app, { emit: deps.emit, unread: () => undefined }, (scope) => {
    scope.get('/status', async (request, reply) => {
      const session = demandSession(request, reply, deps.sessions);
      if (session === null) return reply;
      return sendPage(reply, 200, statusPage(await view(request, deps, pace), session));
    });
    scope.get('/status/live', async (request, reply) => {
      const here = request.url.replace('/status/live', '/status');
      if (demandSession(request, reply, deps.sessions, here) === null) return reply;
      return sendRegions(reply, await view(request, deps, pace));
    });
    scope.get('/status/downloads', (request, reply) => showDownloads(request, reply, deps));
  });
}

/** Only parts of a page: what a browser that opens it by itself must make nothing of. */
function sendRegions(reply: FastifyReply, seen: StatusView): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(htmlText(statusRegions(seen)));
}

async function view(request: FastifyRequest, deps: Deps, pace: Pace): Promise<StatusView> {
  const range = readRange(pick(queryOf(request.url), ['range']).values.get('range'));
  const snapshot = await deps.status();
  const { atMs } = snapshot;
  const orNull = async <Found>(read: () => Promise<Found>): Promise<Found | null> => {
    try {
      return await read();
    } catch (thrown) {
      const error = toBridgeError(thrown);
      // That the store cannot be read is a finding, and on the page already.
      if (error.kind === 'bug') deps.emit({ name: 'requestFailed', requestId: request.id, error });
      return null;
    }
  };
  return {
    snapshot,
    range,
    measures: await orNull(() => readMeasures(deps, range, atMs)),
    latest: await orNull(() => readLatest(deps, snapshot)),
    caughtUp: (thing, left) => pace.note(thing, { atMs, left }),
    version: deps.version,
  };
}

function readMeasures({ store }: Deps, range: Range, nowMs: number): ReturnType<MeasureStore['measures']> {
  return store.measures(measureRange(range, nowMs));
}

const LATEST = 10;

/** The newest events of all feeds: they are in those feeds whose last event is the newest. */
async function readLatest({ store }: Deps, { feeds }: StatusSnapshot): Promise<readonly BrowsedEvent[]> {
  const lively = feeds.toSorted((a, b) => (b.lastEventMs ?? 0) - (a.lastEventMs ?? 0)).slice(0, LATEST);
  const found = await Promise.all(
    lively.map(({ feed }) => store.findEvents({ feed, words: '', before: null, limit: LATEST })),
  );
  return found
    .flatMap(({ events }) => events)
    .toSorted((a, b) => b.storedMs - a.storedMs)
    .slice(0, LATEST);
}
