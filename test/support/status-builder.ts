import type { Finding } from '../../src/domain/finding.ts';
import type { ConnectorRow, FeedRow, SourceRow, StatusSnapshot } from '../../src/domain/status-snapshot.ts';

export const NOW = Date.parse('2026-02-01T10:00:00Z');

/** A chain that works: one tenant, one feed, one connector, everything ok. */
export function aSnapshot(changes: Partial<StatusSnapshot> = {}): StatusSnapshot {
  return {
    atMs: NOW,
    pid: 77,
    findings: [aFinding({})],
    sources: [aSource()],
    feeds: [aFeed()],
    connectors: [aConnector()],
    ...changes,
  };
}

export function aFinding(changes: Partial<Finding>): Finding {
  return {
    id: 'store',
    state: 'ok',
    subject: 'store',
    sinceMs: null,
    meaning: 'Readable: 4 alerts, 9 events, 1 MB.',
    remedy: '',
    ...changes,
  };
}

/** A row that is not ok, with a meaning and a remedy of its own. */
export function trouble(id: Finding['id'], subject: string, state: 'warning' | 'failed' = 'failed'): Finding {
  return aFinding({ id, subject, state, meaning: `${id} of ${subject} is not well.`, remedy: `Mend ${subject}.` });
}

export function aSource(changes: Partial<SourceRow> = {}): SourceRow {
  return {
    tenant: 'contoso',
    source: 'graph-alerts',
    state: 'running',
    lastSuccessMs: NOW - 10_000,
    lastTryMs: NOW - 10_000,
    nextTryMs: null,
    watermarkMs: NOW - 40_000,
    catchingUp: null,
    failures: 0,
    setAside: 0,
    ...changes,
  };
}

export function aFeed(changes: Partial<FeedRow> = {}): FeedRow {
  return { feed: 'default', lastSeq: 9, lastEventMs: NOW - 20_000, ...changes };
}

export function aConnector(changes: Partial<ConnectorRow> = {}): ConnectorRow {
  return {
    connector: 'arcsight-01',
    feed: 'default',
    lastPollMs: NOW - 5000,
    lastDeliveredMs: NOW - 15_000,
    backlog: 0,
    backlogIsExact: true,
    oldestWaitingMs: null,
    time: 'follows-stamp',
    guarantee: 'at-least-once',
    ...changes,
  };
}
