import type { Clock } from '../../domain/clock.ts';
import { readLegacyQuery } from '../legacy-query.ts';
import type { App } from '../server.ts';
import { answerPage, type ConnectorPageDeps } from './connector-page.ts';
import { feedRoute } from './feed-route.ts';

export interface LegacyRouteDeps extends ConnectorPageDeps {
  readonly clock: Clock;
}

const ADDRESSES = ['/v1/feeds/:feed/api/alerts', '/api/alerts'];
const ANY_CASE = /^(?:\/v1\/feeds\/[^/?#]+)?\/api\/alerts\/?(?=[?#]|$)/i;

/**
 * The connector's page under the path and parameter names of the retired SIEM API, with the same position as under
 * `/detections`. `update` events, which that API did not have, only where the feed says so.
 */
export function legacyRoutes(app: App, deps: LegacyRouteDeps): void {
  for (const url of ADDRESSES) {
    feedRoute(app, deps, url, async (call) => {
      const wanted = readLegacyQuery(call.query, deps.clock.now());
      return answerPage(call, { ...wanted, updates: call.feed.legacyUpdates }, deps);
    });
  }
}

/** Microsoft's own pages wrote the path in more than one case: so it is read, while every other path stays exact. */
export function foldLegacyPath(url: string): string {
  return url.replace(ANY_CASE, (path) => path.toLowerCase());
}
