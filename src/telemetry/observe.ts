import type { AuditEntry } from '../domain/audit.ts';
import type { Clock } from '../domain/clock.ts';
import { toBridgeError } from '../domain/errors.ts';
import type { Position } from '../domain/position.ts';
import type { DetectionStore, SourceKey } from '../store/detection-store.ts';
import type { PruneRequest } from '../store/upkeep.ts';
import type { ExpectedFeed, ExpectedSource, Observations, ReloadTrouble, SeenRetention } from './observations.ts';

/** What is configured, and so what ought to be seen. */
export interface Expected {
  readonly configWarnings: Observations['configWarnings'];
  /** Read anew each time. */
  readonly reload?: () => ReloadTrouble | null;
  readonly alarms: Observations['alarms'];
  /** What `prune` is asked with. */
  readonly retention: Pick<PruneRequest, 'policy' | 'readers'>;
  readonly sources: readonly ExpectedSource[];
  readonly feeds: readonly ExpectedFeed[];
  readonly connectors: readonly { readonly name: string; readonly feeds: readonly string[] }[];
  readonly certificate: Observations['certificate'];
  /** Read anew each time: a certificate file may have been replaced. */
  readonly credentials: () => Promise<Observations['credentials']>;
  readonly clouds: Observations['clouds'];
  readonly initialCredentials: () => string | null;
  /** What only the serving process knows; null beside it. */
  readonly serving: {
    /** Positions in memory that could not be written: newer than those in the store. */
    readonly keptPositions: () => readonly Position[];
  } | null;
}

/** Lines of the audit trail that are looked through for deletions. */
const AUDIT_LINES = 200;

/** Looks at the store once. A store that cannot be read is an observation, not a failure. */
export async function observe(store: DetectionStore, expected: Expected, clock: Clock): Promise<Observations> {
  const { configWarnings, alarms, certificate, clouds, serving } = expected;
  const common = {
    nowMs: clock.now(),
    configWarnings,
    reload: expected.reload?.() ?? null,
    alarms,
    certificate,
    credentials: await expected.credentials(),
    clouds,
    initialCredentials: expected.initialCredentials(),
  };
  try {
    await store.ping();
    const unwritable = serving === null ? undefined : store.unwritable();
    return {
      ...common,
      store: { kind: 'read', stats: await store.stats(), space: await store.space(), unwritable },
      sources: await seenSources(store, expected.sources),
      feeds: await Promise.all(expected.feeds.map((feed) => seenFeed(store, feed))),
      connectors: await seenConnectors(store, expected),
      retention: await seenRetention(store, expected),
      loginFailures: await store.loginFailures(),
    };
  } catch (thrown) {
    const { message, hint } = toBridgeError(thrown);
    return {
      ...common,
      store: { kind: 'failed', meaning: message, remedy: hint },
      sources: [],
      feeds: [],
      connectors: [],
      retention: null,
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

async function seenFeed(store: DetectionStore, feed: ExpectedFeed): Promise<Observations['feeds'][number]> {
  const lastHeartbeat = feed.heartbeatMs === null ? null : await store.lastNotice(feed.name, 'heartbeat');
  return { ...feed, stats: await store.feedStats(feed.name), lastHeartbeat };
}

async function seenConnectors(store: DetectionStore, expected: Expected): Promise<Observations['connectors']> {
  const stored = await store.positions();
  const readers = await store.cursorReaders();
  const kept = expected.serving?.keptPositions() ?? [];
  const wanted = expected.connectors.flatMap(({ name, feeds }) => feeds.map((feed) => ({ name, feed })));
  return Promise.all(
    wanted.map(async ({ name, feed }) => {
      const isOf = (row: Position) => row.connector === name && row.feed === feed;
      const inMemory = kept.find(isOf);
      const position = inMemory ?? stored.find(isOf) ?? null;
      const keepsNone = expected.feeds.some((found) => found.name === feed && found.acknowledge === 'none');
      const waiting =
        position === null || keepsNone
          ? null
          : await store.waiting({ feed, connector: name, after: position.acknowledged, cutOver: position.cutOver });
      const cursorReadMs = readers.find((row) => row.reader === name && row.feed === feed)?.lastReadMs ?? null;
      return { name, feed, position, isKept: inMemory !== undefined, cursorReadMs, waiting };
    }),
  );
}

async function seenRetention(store: DetectionStore, { retention }: Expected): Promise<SeenRetention> {
  return {
    policy: retention.policy,
    held: await store.held(retention),
    deleted: (await store.audit(AUDIT_LINES)).flatMap(deletedUndelivered),
  };
}

/** A line of the audit trail that says that events went which nobody had taken. */
function deletedUndelivered({ action, atMs, details }: AuditEntry): SeenRetention['deleted'] {
  const { feed, undelivered } = details;
  if (action !== 'retention' || typeof feed !== 'string' || typeof undelivered !== 'number') return [];
  return undelivered > 0 ? [{ feed, events: undelivered, atMs }] : [];
}
