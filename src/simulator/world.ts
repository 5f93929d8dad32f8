import { parseInstant } from '../domain/instant.ts';
import type { AlertVersion, ScheduledVersion, WorldOptions } from './world/alert-version.ts';
import type { GraphAlert } from './world/graph-alert.ts';
import { createTimeline, type Timeline, type UpdateRange } from './world/timeline.ts';
import { scheduleAlerts } from './world/world-schedule.ts';

/** The truth of the simulated tenants: a schedule of alert versions, fixed by seed, tenant and start time. */
export interface World {
  /** What the tenant's alerts look like at that time: of each alert the version that became visible last. */
  visible(tenantId: string, atMs: number): readonly GraphAlert[];
  visibleVersions(tenantId: string, atMs: number): readonly AlertVersion[];
  find(tenantId: string, atMs: number, alertId: string): AlertVersion | null;
  /** The version before the visible one. */
  older(tenantId: string, atMs: number, alertId: string): AlertVersion | null;
  /** Visible versions by update time, oldest first. */
  updated(tenantId: string, atMs: number, range: UpdateRange): readonly AlertVersion[];
  /** Of each alert the version before the visible one, where there is one, by update time. */
  superseded(tenantId: string, atMs: number, range: UpdateRange): readonly AlertVersion[];
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
  const timelines = new Map<string, Timeline>(
    tenantIds.map((tenantId) => [tenantId, createTimeline(scheduleAlerts(seed, tenantId, options).map(toVersion))]),
  );
  const timelineOf = (tenantId: string): Timeline => {
    const made = timelines.get(tenantId) ?? createTimeline([]);
    timelines.set(tenantId, made);
    return made;
  };
  const visibleVersions = (tenantId: string, atMs: number) => timelineOf(tenantId).visible(atMs);
  return {
    versions: (tenantId) => timelineOf(tenantId).versions(),
    visibleVersions,
    visible: (tenantId, atMs) => visibleVersions(tenantId, atMs).map(({ alert }) => alert),
    find: (tenantId, atMs, alertId) => timelineOf(tenantId).find(atMs, alertId),
    older: (tenantId, atMs, alertId) => timelineOf(tenantId).older(atMs, alertId),
    updated: (tenantId, atMs, range) => timelineOf(tenantId).updated(atMs, range),
    superseded: (tenantId, atMs, range) => timelineOf(tenantId).superseded(atMs, range),
    nextChangeMs: (atMs) => {
      const times = [...timelines.values()].flatMap((timeline) => timeline.nextChangeMs(atMs) ?? []);
      return times.length === 0 ? null : Math.min(...times);
    },
    put: (tenantId, alert, visibleAtMs) => {
      timelineOf(tenantId).put(toVersion({ alert, visibleAtMs, change: 'put' }));
    },
  };
}

function toVersion(scheduled: ScheduledVersion): AlertVersion {
  const { createdDateTime, lastUpdateDateTime } = scheduled.alert;
  return { ...scheduled, createdAt: parseInstant(createdDateTime), updatedAt: parseInstant(lastUpdateDateTime) };
}
