import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Emit } from '../../domain/bridge-event.ts';
import { BridgeError, toBridgeError } from '../../domain/errors.ts';
import type { Delivery, FeedSettings } from '../../feed/delivery.ts';
import { parseSince, type Since } from '../../feed/since.ts';
import type { Access } from '../access.ts';
import { sendProblem } from '../problem.ts';
import type { App } from '../server.ts';
import type { TryWatch } from '../try-watch.ts';
import { demandLogin } from './guard.ts';

export interface FeedRouteDeps {
  readonly access: Access;
  readonly delivery: Delivery;
  readonly feeds: ReadonlyMap<string, FeedSettings>;
  readonly watch: TryWatch;
  readonly emit: Emit;
}

interface FeedRequest {
  Params: { readonly feed: string };
  Querystring: { readonly since?: string | readonly string[] };
}

/** `GET /v1/feeds/{feed}/detections?since=$START_AT_TIME`: the JSON array the connector polls. */
export function feedRoutes(app: App, deps: FeedRouteDeps): void {
  app.route<FeedRequest>({
    method: ['GET', 'HEAD'],
    url: '/v1/feeds/:feed/detections',
    onResponse: (request, reply, done) => {
      tell(request, reply, deps);
      done();
    },
    handler: (request, reply) => answer(request, reply, deps),
  });
}

/** The name in the URL is told only when it is that of a feed: anybody can write anything there. */
function tell(request: FastifyRequest<FeedRequest>, reply: FastifyReply, { feeds, emit }: FeedRouteDeps): void {
  emit({
    name: 'feedRequest',
    feed: feeds.get(request.params.feed)?.name ?? null,
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime),
  });
}

async function answer(
  request: FastifyRequest<FeedRequest>,
  reply: FastifyReply,
  deps: FeedRouteDeps,
): Promise<FastifyReply> {
  const caller = await demandLogin(request, reply, deps.access);
  if (caller === null) return reply;
  const feed = deps.feeds.get(request.params.feed);
  if (feed === undefined) return unknownFeed(request, reply, deps.feeds);
  if (caller.kind === 'connector' && !caller.feeds.has(feed.name)) {
    return sendProblem(request, reply, {
      status: 403,
      code: 'FEED_NOT_YOURS',
      title: 'Not a feed of this login',
      detail: `the connector ${caller.name} may not read the feed ${feed.name}`,
      hint: "Add the feed to the connector's `feeds` in the configuration, or use the URL of its own feed.",
    });
  }
  const since = readSince(request);
  if (caller.kind === 'operator' || request.method === 'HEAD') {
    return sendPage(reply, (await deps.delivery.peek(feed, since)).body);
  }
  return serveConnector(request, reply, deps, { connector: caller.name, feed, since });
}

interface ConnectorPoll {
  readonly connector: string;
  readonly feed: FeedSettings;
  readonly since: Since;
}

async function serveConnector(
  request: FastifyRequest<FeedRequest>,
  reply: FastifyReply,
  { delivery, watch, emit }: FeedRouteDeps,
  { connector, feed, since }: ConnectorPoll,
): Promise<FastifyReply> {
  const key = `${connector}\n${feed.name}`;
  const socketStampMs = watch.stampOn(request.raw.socket, key);
  const { page, attempt } = await delivery.poll({ connector, feed, since, socketStampMs });
  if (attempt !== null) {
    watch.watch(reply.raw, key, attempt.stampMs, (outcome, reason) => {
      if (outcome === 'broken') emit({ name: 'tryBroken', feed: feed.name, connector, reason });
      delivery.outcome(connector, feed, attempt.stampMs, outcome).catch((error: unknown) => {
        // Unproved, the try is repeated: a repeat, never a gap.
        emit({ name: 'requestFailed', requestId: request.id, error: toBridgeError(error) });
      });
    });
  }
  return sendPage(reply, page.body);
}

function sendPage(reply: FastifyReply, body: Buffer): FastifyReply {
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(body);
}

function readSince(request: FastifyRequest<FeedRequest>): Since {
  const { since } = request.query;
  if (since === undefined || typeof since === 'string') return parseSince(since);
  throw new BridgeError({
    code: 'SINCE_INVALID',
    kind: 'operator',
    message: 'the parameter since was sent more than once',
    hint: 'Send it once: ?since=$START_AT_TIME',
  });
}

function unknownFeed(
  request: FastifyRequest,
  reply: FastifyReply,
  feeds: ReadonlyMap<string, FeedSettings>,
): FastifyReply {
  return sendProblem(request, reply, {
    status: 404,
    code: 'FEED_UNKNOWN',
    title: 'No such feed',
    detail: 'there is no feed with the name in this URL',
    hint: `Feeds of this bridge: ${[...feeds.keys()].join(', ')}.`,
  });
}
