import { sendProblem } from '../problem.ts';
import type { App } from '../server.ts';

/** `GET /`: a browser is led to the status page. For a program, which could not read that, there is nothing here. */
export function homeRoutes(app: App): void {
  app.get('/', (request, reply) => {
    reply.header('vary', 'accept');
    if ((request.headers.accept ?? '').includes('text/html'))
      return reply.code(303).header('cache-control', 'no-store').header('location', '/status').send();
    return sendProblem(request, reply, {
      status: 404,
      code: 'NOT_FOUND',
      title: 'Nothing here',
      detail: 'there is nothing for programs under this address',
      hint: 'The feed is at /v1/feeds/{feed}/detections?since=$START_AT_TIME; health is at /readyz; a browser is led to /status.',
    });
  });
}
