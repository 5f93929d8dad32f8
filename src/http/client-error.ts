import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Problem, problemBody } from './problem.ts';

/** By node's code of the failure. */
const PROBLEMS: ReadonlyMap<string | undefined, Problem> = new Map([
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    {
      status: 408,
      code: 'REQUEST_TIMEOUT',
      title: 'Too slow',
      detail: 'the request did not arrive completely in time',
      hint: 'Send it again; if it lasts, look at the network between the client and this bridge.',
    },
  ],
  [
    'HPE_HEADER_OVERFLOW',
    {
      status: 431,
      code: 'HEADERS_TOO_LARGE',
      title: 'Too large',
      detail: 'the address and the headers of the request together are larger than 16 KB',
      hint: 'Shorten the address, or send fewer headers.',
    },
  ],
]);
const NOT_HTTP: Problem = {
  status: 400,
  code: 'NOT_HTTP',
  title: 'Not HTTP',
  detail: 'what arrived is no HTTP request that this bridge knows',
  hint: 'Check that the client speaks HTTP/1.1 and that nothing between it and this bridge changes its requests.',
};

/**
 * What node refuses while it still reads the head of a request, before any route: told as a problem like every other
 * error. The connection ends, as node's own handler does it.
 */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(problemAnswer(PROBLEMS.get(error.code) ?? NOT_HTTP));
  socket.destroy(error);
}

/** A whole answer as text, for a connection that has no request yet. */
export function problemAnswer(problem: Problem): string {
  const body = problemBody(problem, randomUUID());
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
