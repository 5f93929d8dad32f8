import type { AnswerPage, Handler, SimulatorAnswer } from '../exchange.ts';
import type { AlertVersion } from '../world/alert-version.ts';
import { firstDevice, textOf } from '../world/endpoint-alert.ts';
import { type SiemDetection, toSiemDetections } from '../world/siem-detection.ts';
import type { World } from '../world.ts';
import type { ApiDeps } from './api-deps.ts';
import { apiError } from './api-error.ts';
import { ACCESS_RULES, authorize } from './bearer.ts';
import { Refusal } from './refusal.ts';
import { parseSiemQuery, type SiemQuery } from './siem-query.ts';
import { fullIdOf, type SiemRecord, toSiemRecord } from './siem-record.ts';

/** The old exporter: every detection of a stretch of time in one bare list, oldest first (defender-api 1). */
export function createSiemDetections(deps: ApiDeps): Handler {
  const { clock } = deps;
  const detectionsOf = createDetectionLists(deps.world);
  const records = new WeakMap<SiemDetection, SiemRecord>();
  // A detection never changes, so its record is made once.
  const recordOf: Records = (detection) => {
    const record = records.get(detection) ?? toSiemRecord(detection, deps.siem);
    records.set(detection, record);
    return record;
  };
  return (request) => {
    try {
      const { tid } = authorize(deps, ACCESS_RULES.siem, request);
      if (request.method !== 'GET') throw new Refusal(405, 'MethodNotAllowed', 'The method is not allowed.');
      return answer(deps, recordOf, select(detectionsOf(tid), parseSiemQuery(request.query, clock.now()), clock.now()));
    } catch (thrown) {
      if (thrown instanceof Refusal) return apiError('siem', thrown, request, clock.now());
      throw thrown;
    }
  };
}

type Records = (detection: SiemDetection) => SiemRecord;

function answer({ siem }: ApiDeps, recordOf: Records, found: readonly SiemDetection[]): SimulatorAnswer {
  const page: AnswerPage = {
    rows: found.map((detection) => ({
      alertId: detection.alert.id,
      version: `${fullIdOf(detection)} ${detection.processedAt}`,
      value: recordOf(detection),
    })),
    nextLink: null,
    again: () => null,
    print: (values) => JSON.stringify(siem.bareObject === true && values.length === 1 ? values[0] : values),
  };
  const body = page.print(
    page.rows.map(({ value }) => value),
    null,
  );
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body, page };
}

function select(all: readonly SiemDetection[], query: SiemQuery, nowMs: number) {
  const { from, to, limit } = query;
  const found: SiemDetection[] = [];
  for (let at = firstFrom(all, from); at < all.length; at += 1) {
    const detection = all[at];
    if (detection === undefined || detection.processedAt > to) break;
    if (detection.visibleAtMs <= nowMs && isOfMachine(detection, query)) found.push(detection);
  }
  return limit === null ? found : found.slice(-limit);
}

/** Every tag here was made in the portal. */
function isOfMachine({ alert }: SiemDetection, { groups, cloudTag, deviceTag }: SiemQuery): boolean {
  if (deviceTag !== null) return false;
  const device: Readonly<Record<string, unknown>> = firstDevice(alert) ?? {};
  if (groups.length > 0 && !groups.includes(textOf(device, 'rbacGroupName') ?? '')) return false;
  return cloudTag === null || (Array.isArray(device['tags']) && device['tags'].includes(cloudTag));
}

function byTime(a: SiemDetection, b: SiemDetection): number {
  if (a.processedAt === b.processedAt) return 0;
  return a.processedAt < b.processedAt ? -1 : 1;
}

function firstFrom(all: readonly SiemDetection[], from: string): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((all[middle]?.processedAt ?? '') < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Made once for each state of a tenant's world. */
function createDetectionLists(world: World): (tenantId: string) => readonly SiemDetection[] {
  const made = new Map<string, { of: readonly AlertVersion[]; list: readonly SiemDetection[] }>();
  return (tenantId) => {
    const versions = world.versions(tenantId);
    const known = made.get(tenantId);
    if (known?.of === versions) return known.list;
    const list = toSiemDetections(versions).toSorted(byTime);
    made.set(tenantId, { of: versions, list });
    return list;
  };
}
