import { STYLESHEET, STYLESHEET_PATH, STYLESHEET_VERSION } from '../pages/stylesheet.ts';
import type { App } from '../server.ts';

const ETAG = `"${STYLESHEET_VERSION}"`;

/** The stylesheet of the pages. Its address has its version, so a browser need not ask for it twice. */
export function assetRoutes(app: App): void {
  app.get(STYLESHEET_PATH, (request, reply) => {
    reply.header('cache-control', 'public, max-age=31536000, immutable').header('etag', ETAG);
    if (request.headers['if-none-match'] === ETAG) return reply.code(304).send();
    return reply.type('text/css; charset=utf-8').send(STYLESHEET);
  });
}
