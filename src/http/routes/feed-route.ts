import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Emit } from '../../domain/bridge-event.ts';
import type { FeedSettings } from '../../feed/delivery.ts';
import type { Access, Caller } from '../access.ts';
import { sendProblem } from '../problem.ts';
import type { Query } from '../query.ts';
import type { App } from '../server.ts';
import { demandLogin } from './guard.ts';

export interface FeedAccess {
  readonly access: Access;
  readonly feeds: ReadonlyMap<string, FeedSettings>;
  readonly emit: Emit;
}

/** A request for a feed by somebody who may read it. */
export interface FeedCall {
  readonly caller: Caller;
  readonly feed: FeedSettings;
  readonly query: Query;
  readonly request: FastifyRequest<FeedRequest>;
  readonly reply: FastifyReply;
}

export interface FeedRequest {
  /** Absent where the address itself stands for a feed. */
  Params: { readonly feed?: string };
  Querystring: Query;
}

/** The feed that an address without a name is for. */
const DEFAULT_FEED = 'default';

/** GET and HEAD under an address of a feed: for its connectors and for operators; every answer is told. */
export function feedRoute(
  app: App,
  deps: FeedAccess,
  url: string,
  answer: (call: FeedCall) => Promise<FastifyReply>,
): void {
  app.route<FeedRequest>({
    method: ['GET', 'HEAD'],
    url,
    onResponse: (request, reply, done) => {
      tell(request, reply, deps);
      done();
    },
    handler: async (request, reply) => {
      const call = await admit(request, reply, deps);
      return call === null ? reply : answer(call);
    },
  });
}

/** Sends bytes as they are: data of that moment, for its asker alone. */
export function sendData(reply: FastifyReply, type: string, body: Buffer): FastifyReply {
  return reply.header('cache-control', 'no-store').type(type).send(body);
}

/** The name in the URL is told only when it is that of a feed: anybody can write anything there. */
function tell(request: FastifyRequest<FeedRequest>, reply: FastifyReply, { feeds, emit }: FeedAccess): void {
  emit({
    name: 'feedRequest',
    feed: feeds.get(nameOf(request))?.name ?? null,
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime),
  });
}

function nameOf({ params }: FastifyRequest<FeedRequest>): string {
  return params.feed ?? DEFAULT_FEED;
}

/** Null once a problem has been sent. */
async function admit(
  request: FastifyRequest<FeedRequest>,
  reply: FastifyReply,
  { access, feeds }: FeedAccess,
): Promise<FeedCall | null> {
  const caller = await demandLogin(request, reply, access);
  if (caller === null) return null;
  const feed = feeds.get(nameOf(request));
  if (feed === undefined) {
    sendUnknownFeed(request, reply, [...feeds.keys()]);
    return null;
  }
  if (caller.kind === 'connector' && !caller.feeds.has(feed.name)) {
    sendProblem(request, reply, {
      status: 403,
      code: 'FEED_NOT_YOURS',
      title: 'Not a feed of this login',
      detail: `the connector ${caller.name} may not read the feed ${feed.name}`,
      hint: "Add the feed to the connector's `feeds` in the configuration, or use the URL of its own feed.",
    });
    return null;
  }
  // A login, not a parameter: no reader of parameters sees it, so none can repeat it.
  const { key: _, ...query } = request.query;
  return { caller, feed, query, request, reply };
}

function sendUnknownFeed(request: FastifyRequest<FeedRequest>, reply: FastifyReply, names: readonly string[]): void {
  const isNamed = request.params.feed !== undefined;
  sendProblem(request, reply, {
    status: 404,
    code: 'FEED_UNKNOWN',
    title: 'No such feed',
    detail: isNamed
      ? 'there is no feed with the name in this URL'
      : `this address is for the feed named ${DEFAULT_FEED}, and there is none`,
    hint: `${isNamed ? '' : 'Put the name of a feed into the URL: /v1/feeds/{feed}/api/alerts. '}Feeds of this bridge: ${names.join(', ')}.`,
  });
}
