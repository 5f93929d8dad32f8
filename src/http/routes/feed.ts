import { parseSince } from '../../domain/since.ts';
import { readParameters } from '../query.ts';
import type { App } from '../server.ts';
import { answerPage, type ConnectorPageDeps } from './connector-page.ts';
import { feedRoute } from './feed-route.ts';

/** `GET /v1/feeds/{feed}/detections?since=$START_AT_TIME`: the JSON array the connector polls. */
export function feedRoutes(app: App, deps: ConnectorPageDeps): void {
  feedRoute(app, deps, '/v1/feeds/:feed/detections', async (call) => {
    // Whatever else a connector appends is not looked at: nothing may stand between it and its events.
    const { since } = readParameters(call.query, ['since']).values;
    return answerPage(call, { since: parseSince(since), updates: true, maxEvents: null }, deps);
  });
}
