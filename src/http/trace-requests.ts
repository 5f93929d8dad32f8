import type { Trace } from '../domain/trace.ts';
import type { App } from './server.ts';

/**
 * Everything that happens for a request carries its id. Three times, because Node loses the context where a body is read
 * and where the answer has gone out: both begin in an event of the socket.
 */
export function traceRequests(app: App, trace: Trace): void {
  for (const name of ['onRequest', 'preHandler', 'onResponse'] as const) {
    app.addHook(name, (request: { readonly id: string }, _reply: unknown, done: () => void) => {
      trace.run({ requestId: request.id }, done);
    });
  }
}
