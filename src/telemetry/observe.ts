import type { Clock } from '../domain/clock.ts';
import { toBridgeError } from '../domain/errors.ts';
import type { DetectionStore, SourceKey } from '../store/detection-store.ts';
import type { ExpectedSource, Observations } from './observations.ts';

/** What is configured, and so what ought to be seen. */
export interface Expected {
  readonly configWarnings: Observations['configWarnings'];
  readonly sources: readonly ExpectedSource[];
  readonly feeds: readonly string[];
  readonly connectors: readonly { readonly name: string; readonly feeds: readonly string[] }[];
  readonly certificate: Observations['certificate'];
  readonly credentials: Observations['credentials'];
  readonly initialCredentials: () => string | null;
}

/** Looks at the store once. A store that cannot be read is an observation, not a failure. */
export async function observe(store: DetectionStore, expected: Expected, clock: Clock): Promise<Observations> {
  const { configWarnings, certificate, credentials } = expected;
  const common = {
    nowMs: clock.now(),
    configWarnings,
    certificate,
    credentials,
    initialCredentials: expected.initialCredentials(),
  };
  try {
    await store.ping();
    const statuses = await store.statuses();
    const positions = await store.positions();
    const statusOf = ({ tenantId, source }: SourceKey) =>
      statuses.find((status) => status.tenantId === tenantId && status.source === source) ?? null;
    return {
      ...common,
      store: { kind: 'read', stats: await store.stats() },
      sources: expected.sources.map((source) => ({ ...source, status: statusOf(source.key) })),
      feeds: await Promise.all(expected.feeds.map(async (name) => ({ name, stats: await store.feedStats(name) }))),
      connectors: expected.connectors.flatMap(({ name, feeds }) =>
        feeds.map((feed) => ({
          name,
          feed,
          position: positions.find((row) => row.connector === name && row.feed === feed) ?? null,
        })),
      ),
    };
  } catch (thrown) {
    const { message, hint } = toBridgeError(thrown);
    return {
      ...common,
      store: { kind: 'failed', meaning: message, remedy: hint },
      sources: [],
      feeds: [],
      connectors: [],
    };
  }
}
