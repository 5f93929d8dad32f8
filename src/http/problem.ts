import type { FastifyReply, FastifyRequest } from 'fastify';

/** RFC 9457 problem details with this service's own members. */
export interface Problem {
  readonly status: number;
  /** Stable, for machines. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** What to do about it. */
  readonly hint: string;
}

/** Sent as bytes: fastify would add a charset, which this media type does not have. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(Buffer.from(problemBody({ ...problem, detail: withoutKey(problem.detail) }, request.id)));
}

/** A detail may repeat what was sent: never a key that stood in the wrong place of the URL, however often encoded. */
function withoutKey(detail: string): string {
  return detail.replace(/key(=|%(?:25)*3d)[^&\s]+/gi, 'key=...');
}

/** The JSON of a problem document. */
export function problemBody(problem: Problem, requestId: string): string {
  return JSON.stringify({ type: 'about:blank', ...problem, requestId });
}
