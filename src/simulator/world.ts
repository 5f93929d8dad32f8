import { parseInstant } from '../domain/instant.ts';
import type { AlertVersion, ScheduledVersion, WorldOptions } from './alert-version.ts';
import type { GraphAlert } from './graph-alert.ts';
import { scheduleAlerts } from './world-schedule.ts';

/** The truth of the simulated tenants: a schedule of alert versions, fixed by seed, tenant and start time. */
export interface World {
  /** What the tenant's alerts look like at that time: of each alert the version that became visible last. */
  visible(tenantId: string, atMs: number): readonly GraphAlert[];
  visibleVersions(tenantId: string, atMs: number): readonly AlertVersion[];
  /** Every version, past and future, in order of visibility. */
  versions(tenantId: string): readonly AlertVersion[];
  /** When something becomes visible next after `atMs`, in any tenant; null when nothing will. */
  nextChangeMs(atMs: number): number | null;
  /** Adds a version; an alert with a known id is that alert's. */
  put(tenantId: string, alert: GraphAlert, visibleAtMs: number): void;
}

export interface WorldDeps {
  readonly seed: number;
  readonly tenantIds: readonly string[];
  readonly options: WorldOptions;
}

export function createWorld({ seed, tenantIds, options }: WorldDeps): World {
  const schedules = new Map<string, readonly AlertVersion[]>(
    tenantIds.map((tenantId) => [tenantId, inOrder(scheduleAlerts(seed, tenantId, options).map(toVersion))]),
  );
  const versions = (tenantId: string) => schedules.get(tenantId) ?? [];
  const visibleVersions = (tenantId: string, atMs: number) => {
    const latest = new Map<string, AlertVersion>();
    for (const version of versions(tenantId)) {
      if (version.visibleAtMs > atMs) break;
      latest.set(version.alert.id, version);
    }
    return [...latest.values()];
  };
  return {
    versions,
    visibleVersions,
    visible: (tenantId, atMs) => visibleVersions(tenantId, atMs).map(({ alert }) => alert),
    nextChangeMs: (atMs) => {
      const next = [...schedules.values()].map((list) => list.find(({ visibleAtMs }) => visibleAtMs > atMs));
      const times = next.flatMap((version) => (version === undefined ? [] : [version.visibleAtMs]));
      return times.length === 0 ? null : Math.min(...times);
    },
    put: (tenantId, alert, visibleAtMs) => {
      schedules.set(tenantId, inOrder([...versions(tenantId), toVersion({ alert, visibleAtMs, change: 'put' })]));
    },
  };
}

/** Stable, so of two versions that become visible together the one added later wins. */
function inOrder(versions: readonly AlertVersion[]): readonly AlertVersion[] {
  return versions.toSorted((a, b) => a.visibleAtMs - b.visibleAtMs);
}

function toVersion(scheduled: ScheduledVersion): AlertVersion {
  const { createdDateTime, lastUpdateDateTime } = scheduled.alert;
  return { ...scheduled, createdAt: parseInstant(createdDateTime), updatedAt: parseInstant(lastUpdateDateTime) };
}
