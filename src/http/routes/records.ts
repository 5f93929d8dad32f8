import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Emit } from '../../domain/bridge-event.ts';
import type { Clock } from '../../domain/clock.ts';
import type { DetectionStore } from '../../store/detection-store.ts';
import { arcsightView } from '../arcsight-view.ts';
import { pick, queryOf } from '../oauth/form.ts';
import type { Session, Sessions } from '../oauth/sessions.ts';
import { messagePage } from '../pages/message-page.ts';
import { AUDIT_LINES, auditPage } from '../pages/records/audit-page.ts';
import { eventPage } from '../pages/records/event-page.ts';
import { eventsPage } from '../pages/records/events-page.ts';
import { readPlace } from '../pages/records/events-place.ts';
import { quarantineEntryPage, quarantinePage } from '../pages/records/quarantine-page.ts';
import { sendPage } from '../pages/send-page.ts';
import type { App } from '../server.ts';
import type { PackRouteDeps } from './pack.ts';
import { pageRoutes } from './page-routes.ts';
import { demandSession } from './session-guard.ts';

export interface RecordRouteDeps extends Pick<PackRouteDeps, 'feeds' | 'pack'> {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly store: Pick<DetectionStore, 'findEvents' | 'eventOrigin' | 'quarantine' | 'audit'>;
  /** Of a tenant of the configuration; the id of any other. */
  readonly tenantName: (tenantId: string) => string;
}
type Deps = RecordRouteDeps & { readonly sessions: Sessions };

/** Events on one page of the list. */
const PAGE_EVENTS = 50;

type Show = (request: FastifyRequest, reply: FastifyReply, session: Session) => Promise<FastifyReply>;

/** Pages about single records, for operators who have signed in: events, quarantine, audit trail. They change nothing. */
export function recordRoutes(app: App, deps: Deps): void {
  const signedIn =
    (show: Show) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const session = demandSession(request, reply, deps.sessions);
      return session === null ? reply : show(request, reply, session);
    };
  pageRoutes(app, { emit: deps.emit, unread: () => undefined }, (scope) => {
    scope.get('/status/events', signedIn(showEvents(deps)));
    scope.get('/status/events/:feed/:seq', signedIn(showEvent(deps)));
    scope.get('/status/quarantine', signedIn(showQuarantine(deps)));
    scope.get('/status/quarantine/:entry', signedIn(showEntry(deps)));
    scope.get('/status/audit', signedIn(showAudit(deps)));
  });
}

function showEvents({ store, feeds }: Deps): Show {
  return async (request, reply, session) => {
    const { values } = pick(queryOf(request.url), ['feed', 'search', 'before', 'trail']);
    const names = [...feeds.keys()];
    const feed = values.get('feed') ?? names[0];
    if (feed === undefined || !feeds.has(feed)) return sendUnknown(reply, session, NO_FEED);
    const place = readPlace(values, feed);
    const { search: words, before } = place;
    const found = await store.findEvents({ feed, words, before, limit: PAGE_EVENTS });
    return sendPage(reply, 200, eventsPage({ feeds: names, place, found }, session));
  };
}

function showEvent({ store, feeds, pack }: Deps): Show {
  return async (request, reply, session) => {
    const { feed, seq } = parametersOf(request);
    if (feed === undefined || !feeds.has(feed)) return sendUnknown(reply, session, NO_FEED);
    const number = wholeNumber(seq);
    const origin = number === null ? null : await store.eventOrigin(feed, number);
    if (origin === null) return sendUnknown(reply, session, NO_EVENT);
    const { text, storedMs } = origin.event;
    const stamped = `${text.slice(0, -1)},"FeedTime":${storedMs}}`;
    const arcsight = await arcsightView(feed, pack, stamped);
    return sendPage(reply, 200, eventPage({ ...origin, stamped, arcsight }, session));
  };
}

function showQuarantine({ store, clock, tenantName }: Deps): Show {
  return async (_request, reply, session) => {
    const entries = await store.quarantine();
    const shown = entries.map((entry) => ({ ...entry, tenant: tenantName(entry.tenantId) }));
    return sendPage(reply, 200, quarantinePage(shown, clock.now(), session));
  };
}

function showEntry({ store, clock, tenantName }: Deps): Show {
  return async (request, reply, session) => {
    const entryId = wholeNumber(parametersOf(request).entry);
    const [entry] = entryId === null ? [] : await store.quarantine({ entryId });
    if (entry === undefined) return sendUnknown(reply, session, NO_ENTRY);
    const shown = { ...entry, tenant: tenantName(entry.tenantId) };
    return sendPage(reply, 200, quarantineEntryPage(shown, clock.now(), session));
  };
}

function showAudit({ store }: Deps): Show {
  return async (_request, reply, session) => sendPage(reply, 200, auditPage(await store.audit(AUDIT_LINES), session));
}

interface Parameters {
  readonly feed?: string;
  readonly seq?: string;
  readonly entry?: string;
}

function parametersOf({ params }: FastifyRequest): Parameters {
  const members = typeof params === 'object' && params !== null ? Object.entries(params) : [];
  return Object.fromEntries(members.filter(([, value]) => typeof value === 'string'));
}

/** Null for anything but a number of at most 13 digits: FeedSeq has no more (event-id.ts). */
function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,13}$/.test(text) ? Number(text) : null;
}

function sendUnknown(reply: FastifyReply, session: Session, unknown: typeof NO_FEED): FastifyReply {
  return sendPage(reply, 404, messagePage({ title: 'Not found', ...unknown }, session));
}

const TO_EVENTS = { to: '/status/events', text: 'All events' };
const NO_FEED = {
  detail: 'There is no feed with the name in this address.',
  hint: 'Choose one of the feeds of this bridge.',
  link: TO_EVENTS,
};
const NO_EVENT = {
  detail: 'The feed has no event of this number.',
  hint: 'Retention may have deleted it, or it was made anew under another number because settings changed.',
  link: TO_EVENTS,
};
const NO_ENTRY = {
  detail: 'Nothing is set aside under this number.',
  hint: 'It may have been taken meanwhile: then it has left the quarantine.',
  link: { to: '/status/quarantine', text: 'All that is set aside' },
};
