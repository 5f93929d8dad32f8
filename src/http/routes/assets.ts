import { LIVE_SCRIPT, LIVE_SCRIPT_PATH, LIVE_SCRIPT_VERSION } from '../pages/live-script.ts';
import { STYLESHEET, STYLESHEET_PATH, STYLESHEET_VERSION } from '../pages/stylesheet.ts';
import type { App } from '../server.ts';

const ASSETS = [
  { path: STYLESHEET_PATH, version: STYLESHEET_VERSION, type: 'text/css', text: STYLESHEET },
  { path: LIVE_SCRIPT_PATH, version: LIVE_SCRIPT_VERSION, type: 'text/javascript', text: LIVE_SCRIPT },
] as const;

/** Stylesheet and script of the pages. Their addresses have their versions, so a browser need not ask for them twice. */
export function assetRoutes(app: App): void {
  for (const { path, version, type, text } of ASSETS) {
    const etag = `"${version}"`;
    app.get(path, (request, reply) => {
      reply.header('cache-control', 'public, max-age=31536000, immutable').header('etag', etag);
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type(`${type}; charset=utf-8`).send(text);
    });
  }
}
