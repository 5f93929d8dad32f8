import { AsyncResource } from 'node:async_hooks';
import type { FastifyReply } from 'fastify';
import { toBridgeError } from '../../domain/errors.ts';
import type { TryOutcome } from '../../domain/position.ts';
import type { Since } from '../../domain/since.ts';
import type { Delivery } from '../../feed/delivery.ts';
import { addressOf } from '../login-attempt.ts';
import type { TryWatch } from '../try-watch.ts';
import { type FeedAccess, type FeedCall, sendData } from './feed-route.ts';

export interface ConnectorPageDeps extends FeedAccess {
  readonly delivery: Delivery;
  readonly watch: TryWatch;
}

/** What a connector's request asks for, under whichever of the two addresses. */
export interface Wanted {
  readonly since: Since;
  /** False leaves `update` events out. */
  readonly updates: boolean;
  /** Only ever lowers the feed's own limit; null: not given. */
  readonly maxEvents: number | null;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** A page as one JSON array: the connector's next one, or for operators and HEAD a look that moves no position. */
export async function answerPage(call: FeedCall, wanted: Wanted, deps: ConnectorPageDeps): Promise<FastifyReply> {
  const { caller, feed, request, reply } = call;
  if (caller.kind === 'connector' && request.method !== 'HEAD') return poll(call, caller.name, wanted, deps);
  const { limits } = feed;
  const maxEvents = Math.min(wanted.maxEvents ?? limits.maxEvents, limits.maxEvents);
  const seen = { ...feed, limits: { ...limits, maxEvents } };
  return sendData(reply, JSON_TYPE, (await deps.delivery.peek(seen, wanted.since, wanted.updates)).body);
}

async function poll(
  { feed, request, reply }: FeedCall,
  connector: string,
  wanted: Wanted,
  { delivery, watch, emit }: ConnectorPageDeps,
): Promise<FastifyReply> {
  // One position for both addresses, so one line of proof too.
  const key = `${connector}\n${feed.name}`;
  await watch.settled(key);
  const peer = request.raw.socket;
  // Nobody waits for the answer any more, and whose address it was cannot be told: as if the request had never come.
  if (peer.destroyed || peer.remoteAddress === undefined) {
    peer.destroy();
    return reply.hijack();
  }
  const socketStampMs = watch.stampOn(peer, key);
  const { page, attempt } = await delivery.poll({
    ...wanted,
    connector,
    feed,
    address: addressOf(request),
    socketStampMs,
  });
  if (attempt !== null) {
    await watch.heard();
    // Told by the socket, when the request is over: its lines are to carry this request's id all the same.
    const report = AsyncResource.bind((outcome: TryOutcome, reason: string) => {
      if (outcome === 'broken') emit({ name: 'tryBroken', feed: feed.name, connector, reason });
      delivery.outcome(connector, feed, attempt.stampMs, outcome).catch((error: unknown) => {
        // Unproved, the try is repeated: a repeat, never a gap.
        emit({ name: 'requestFailed', requestId: request.id, error: toBridgeError(error) });
      });
    });
    watch.watch(reply.raw, key, attempt.stampMs, report);
  }
  return sendData(reply, JSON_TYPE, page.body);
}
