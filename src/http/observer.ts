import { AsyncLocalStorage } from 'node:async_hooks';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../domain/clock.ts';
import type { ProbeName } from '../domain/observation-probe.ts';
import type { Delivery, FeedSettings } from '../feed/delivery.ts';
import type { LiveObservation, Observations } from '../feed/observation.ts';
import type { Access, Caller } from './access.ts';
import { addressOf } from './login-attempt.ts';
import { answerProbe } from './observed-probe.ts';
import { namesOf, placeOf, type ShapeFacts, shapeOf, timeOf, tokenOf } from './observed-request.ts';
import type { App } from './server.ts';

/** Sees the requests of one connector while it is observed, and may answer a few of them in chosen ways. */
export interface RequestObserver {
  /** Tells whose request it is. */
  access(access: Access): Access;
  /** Tells which page it was answered with, and what became of that. */
  delivery(delivery: Delivery): Delivery;
  /** Before any route. */
  register(app: App, feeds: ReadonlyMap<string, FeedSettings>): void;
}

/** A request that is under way. */
interface Seen {
  readonly request: FastifyRequest;
  readonly shape: ShapeFacts;
  readonly atMs: number;
  readonly started: number;
  caller: Caller | null;
  page: { readonly events: number; readonly stampMs: number | null } | null;
  probe: ProbeName | null;
}

export function createRequestObserver(observations: Observations, clock: Clock): RequestObserver {
  const running = new AsyncLocalStorage<Seen>();
  const known = new WeakMap<FastifyRequest, Promise<Caller | null>>();
  const connections = createConnections(clock);
  let identify: Access['identify'] = () => Promise.resolve(null);

  const finish = (seen: Seen, observation: LiveObservation, reply: FastifyReply): void => {
    const { caller, page, probe, request } = seen;
    const isSent = reply.raw.writableFinished;
    const status = reply.raw.headersSent && isSent ? reply.raw.statusCode : null;
    const { kind } = seen.shape;
    observation.note({
      connector: caller?.name ?? null,
      names: caller === null ? namesOf(request) : [],
      address: addressOf(request),
      facts: {
        atMs: seen.atMs,
        shape: kind === 'token' ? { ...seen.shape, token: tokenOf(request) } : seen.shape,
        time: timeOf(request),
        feed: kind === 'page' || kind === 'events' ? feedOf(request) : null,
        ...connections.of(request, observation),
        status,
        bytes: isSent ? Number(reply.getHeader('content-length') ?? 0) : 0,
        events: page?.events ?? (probe === 'empty' && isSent ? 0 : null),
        durationMs: Math.round(clock.monotonic() - seen.started),
        ended: isSent ? 'sent' : 'broken',
        stampMs: page?.stampMs ?? null,
        probe,
      },
    });
  };

  return {
    access(access) {
      identify = (request) => {
        const asked = known.get(request) ?? access.identify(request);
        known.set(request, asked);
        return asked;
      };
      return {
        ...access,
        async identify(request) {
          const caller = await identify(request);
          const seen = running.getStore();
          if (seen !== undefined) seen.caller = caller;
          return caller;
        },
      };
    },
    delivery: (delivery) => ({
      ...delivery,
      async poll(polled) {
        const answer = await delivery.poll(polled);
        const seen = running.getStore();
        if (seen !== undefined) seen.page = { events: answer.page.events, stampMs: answer.attempt?.stampMs ?? null };
        return answer;
      },
      outcome(connector, feed, stampMs, outcome) {
        const observation = observations.current();
        if (observation?.connector === connector && outcome !== 'open') observation.outcome(stampMs, outcome);
        return delivery.outcome(connector, feed, stampMs, outcome);
      },
    }),
    register(app, feeds) {
      connections.follow(app);
      app.addHook('onRequest', (request, reply, done) => {
        const observation = observations.current();
        if (observation === null) {
          done();
          return;
        }
        const started = clock.monotonic();
        // Now: of a connection that is reset, nothing is known later.
        const shape = shapeOf(request);
        const seen: Seen = { request, shape, atMs: clock.now(), started, caller: null, page: null, probe: null };
        reply.raw.once('close', () => {
          finish(seen, observation, reply);
        });
        running.run(seen, done);
      });
      app.addHook('preHandler', async (request, reply) => {
        const [observation, seen] = [observations.current(), running.getStore()];
        if (observation === null || seen === undefined || !isPoll(request)) return undefined;
        const caller = await identify(request);
        const feed = feeds.get(feedOf(request) ?? '');
        if (caller?.kind !== 'connector' || caller.name !== observation.connector) return undefined;
        // Without a position, what an answer leaves out may be gone for good once the connector's time has moved.
        if (feed === undefined || !caller.feeds.has(feed.name) || feed.acknowledge === 'none') return undefined;
        const probe = observation.takeProbe();
        if (probe === null) return undefined;
        seen.caller = caller;
        seen.probe = probe;
        const { signal } = observation;
        return answerProbe(probe, request, reply, { clock, signal, connectionOf: connections.below });
      });
    },
  };
}

function isPoll(request: FastifyRequest): boolean {
  return request.method === 'GET' && placeOf(request)[0] === 'page';
}

/** The name in the address; where that has none it stands for this feed. */
function feedOf({ params }: FastifyRequest): string | null {
  const feed: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, 'feed') : null;
  return typeof feed === 'string' ? feed : 'default';
}

/** Connections below TLS, and a number for each that carries a request of the observation. */
function createConnections(clock: Clock) {
  const open = new Map<string, { readonly socket: Socket; readonly sinceMs: number }>();
  let numbers = new WeakMap<Socket, number>();
  let last: LiveObservation | null = null;
  let count = 0;
  const peerOf = ({ remoteAddress = '', remotePort = 0 }: Socket): string => `${remoteAddress} ${remotePort}`;
  const below = ({ raw: { socket } }: FastifyRequest) => open.get(peerOf(socket))?.socket;

  return {
    below,
    follow(app: App): void {
      app.server.on('connection', (socket: Socket) => {
        const peer = peerOf(socket);
        open.set(peer, { socket, sinceMs: clock.now() });
        socket.once('close', () => {
          if (open.get(peer)?.socket === socket) open.delete(peer);
        });
      });
    },
    of({ raw: { socket } }: FastifyRequest, observation: LiveObservation) {
      if (last !== observation) [last, count, numbers] = [observation, 0, new WeakMap()];
      const before = numbers.get(socket);
      if (before !== undefined) return { connection: before, newConnection: false };
      count += 1;
      numbers.set(socket, count);
      const sinceMs = open.get(peerOf(socket))?.sinceMs ?? null;
      return { connection: count, newConnection: sinceMs === null || sinceMs >= observation.startedMs ? true : null };
    },
  };
}
