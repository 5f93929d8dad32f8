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
  /** Read anew each time: a certificate file may have been replaced. */
  readonly credentials: () => Promise<Observations['credentials']>;
  readonly clouds: Observations['clouds'];
  readonly initialCredentials: () => string | null;
}

/** Looks at the store once. A store that cannot be read is an observation, not a failure. */
export async function observe(store: DetectionStore, expected: Expected, clock: Clock): Promise<Observations> {
  const { configWarnings, certificate, clouds } = expected;
  const common = {
    nowMs: clock.now(),
    configWarnings,
    certificate,
    credentials: await expected.credentials(),
    clouds,
    initialCredentials: expected.initialCredentials(),
  };
  try {
    await store.ping();
    const positions = await store.positions();
    return {
      ...common,
      store: { kind: 'read', stats: await store.stats() },
      sources: await seenSources(store, expected.sources),
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

async function seenSources(store: DetectionStore, wanted: Expected['sources']): Promise<Observations['sources']> {
  const statuses = await store.statuses();
  const checkpoints = await store.checkpoints();
  const quarantine = await store.quarantine();
  return wanted.map((source) => {
    const isOf = ({ tenantId, source: name }: SourceKey) =>
      tenantId === source.key.tenantId && name === source.key.source;
    const entries = quarantine.filter(isOf);
    return {
      ...source,
      status: statuses.find(isOf) ?? null,
      watermark: checkpoints.find(isOf)?.watermark ?? null,
      quarantine:
        entries.length === 0
          ? null
          : {
              entries: entries.length,
              stretches: entries.filter(({ stretch }) => stretch !== null).length,
              oldestMs: Math.min(...entries.map(({ firstMs }) => firstMs)),
            },
    };
  });
}
