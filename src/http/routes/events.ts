import type { FastifyReply } from 'fastify';
import type { EventFeed, EventsPage, EventsRequest } from '../../feed/event-feed.ts';
import { type EventsForm, readEventsQuery } from '../events-query.ts';
import type { App } from '../server.ts';
import { type FeedAccess, type FeedCall, feedRoute, sendData } from './feed-route.ts';

export interface EventRouteDeps extends FeedAccess {
  readonly eventFeed: EventFeed;
  /** Base of links, without trailing slash. With port 0 nobody knows it: links are relative then. */
  readonly publicUrl: string;
}

/** What stands between the events in each form. */
const BETWEEN: Readonly<Record<EventsForm, EventsRequest['between']>> = { object: ',', array: ',', ndjson: '\n' };
const JSON_TYPE = 'application/json; charset=utf-8';
/** No charset: it is UTF-8 by its definition. */
const NDJSON_TYPE = 'application/x-ndjson';

/** `GET /v1/feeds/{feed}/events?after=CURSOR&limit=N`: the feed for readers that keep their place themselves. */
export function eventRoutes(app: App, deps: EventRouteDeps): void {
  feedRoute(app, deps, '/v1/feeds/:feed/events', async (call) => {
    const { caller, feed, query, request, reply } = call;
    const { form, start, maxEvents, looks } = readEventsQuery(query, request.headers.accept);
    const isConnector = caller.kind === 'connector';
    const page = await deps.eventFeed.read({
      feed,
      start,
      maxEvents,
      between: BETWEEN[form],
      connector: isConnector ? caller.name : null,
      gives: isConnector && request.method !== 'HEAD' && !looks,
      requestId: request.id,
    });
    reply.header('x-next-cursor', page.next);
    if (page.hasMore) reply.header('link', `<${nextUrl(call, page, deps.publicUrl)}>; rel="next"`);
    return sendEvents(reply, form, page);
  });
}

/** The same request, behind this page. */
function nextUrl({ feed, query }: FeedCall, { next }: EventsPage, publicUrl: string): string {
  const parameters = new URLSearchParams({ after: next });
  for (const name of ['limit', 'format', 'look']) {
    const value = query[name];
    if (typeof value === 'string') parameters.set(name, value);
  }
  return `${publicUrl.endsWith(':0') ? '' : publicUrl}/v1/feeds/${feed.name}/events?${parameters.toString()}`;
}

function sendEvents(reply: FastifyReply, form: EventsForm, { items, events, next, hasMore }: EventsPage): FastifyReply {
  switch (form) {
    case 'object':
      return sendData(reply, JSON_TYPE, around('{"items":[', items, `],"next":"${next}","hasMore":${hasMore}}`));
    case 'array':
      return sendData(reply, JSON_TYPE, around('[', items, ']'));
    case 'ndjson':
      return sendData(reply, NDJSON_TYPE, around('', items, events > 0 ? '\n' : ''));
  }
}

function around(before: string, items: Buffer, after: string): Buffer {
  return Buffer.concat([Buffer.from(before), items, Buffer.from(after)]);
}
