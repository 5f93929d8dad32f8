import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../domain/clock.ts';
import { type ProbeName, RETRY_AFTER_SECONDS, SLOW_MS } from '../domain/observation-probe.ts';
import { sendProblem } from './problem.ts';

export interface ProbeDeps {
  readonly clock: Clock;
  /** The connection below TLS. */
  readonly connectionOf: (request: FastifyRequest) => Socket | undefined;
  /** Aborted when the observation ends. */
  readonly signal: AbortSignal;
}

/**
 * Answers a poll in a chosen way. Nothing behind it sees the request, so no position moves and no try is counted; `slow`
 * alone lets it go on, later.
 */
export async function answerProbe(
  probe: ProbeName,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ProbeDeps,
): Promise<FastifyReply | undefined> {
  switch (probe) {
    case 'empty':
      return plain(reply).type('application/json; charset=utf-8').send(Buffer.from('[]'));
    case 'no-content':
      return plain(reply).code(204).send();
    case 'error-500':
      return refuse(request, reply, 500);
    case 'error-429':
      return refuse(request, reply.header('retry-after', RETRY_AFTER_SECONDS), 429);
    case 'error-401':
      return refuse(request, reply.header('www-authenticate', challenge(request)), 401);
    case 'hang-up':
      reply.hijack();
      hangUp(request, deps);
      return reply;
    case 'slow':
      return hold(request, reply, deps);
  }
}

function plain(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store');
}

function refuse(request: FastifyRequest, reply: FastifyReply, status: number): FastifyReply {
  return sendProblem(request, reply, {
    status,
    code: 'OBSERVE_PROBE',
    title: 'A chosen answer',
    detail: 'an administrator observes this connector and had this poll answered so; nothing is wrong',
    hint: 'Ask again as always: nothing is lost.',
  });
}

/** Of the login that was just accepted. */
function challenge({ headers: { authorization = '' } }: FastifyRequest): string {
  return /^bearer /i.test(authorization)
    ? 'Bearer realm="FlexBridge", error="invalid_token"'
    : 'Basic realm="FlexBridge", charset="UTF-8"';
}

function hangUp(request: FastifyRequest, { connectionOf }: ProbeDeps): void {
  const connection = connectionOf(request);
  if (connection === undefined) {
    request.raw.socket.destroy();
    return;
  }
  // Where pages are watched, the socket would wait for its client first.
  Reflect.deleteProperty(connection, 'destroySoon');
  connection.resetAndDestroy();
}

/** Undefined: to be answered as always now. A client that has gone meanwhile gets no try that could count. */
async function hold(request: FastifyRequest, reply: FastifyReply, deps: ProbeDeps): Promise<FastifyReply | undefined> {
  const { socket } = request.raw;
  const gone = new AbortController();
  const leave = (): void => {
    gone.abort();
  };
  for (const event of ['end', 'close']) socket.once(event, leave);
  try {
    await deps.clock.sleep(SLOW_MS, AbortSignal.any([gone.signal, deps.signal]));
  } catch {
    // Ended early: the answer follows at once.
  } finally {
    for (const event of ['end', 'close']) socket.off(event, leave);
  }
  if (!gone.signal.aborted) return undefined;
  reply.hijack();
  socket.destroy();
  return reply;
}
