import type { SourceName } from '../../src/domain/detection.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { SERVICES, type Service } from '../../src/simulator/service.ts';
import type { ScheduledVersion } from '../../src/simulator/world/alert-version.ts';
import { firstDevice, isEndpointAlert } from '../../src/simulator/world/endpoint-alert.ts';
import type { GraphAlert } from '../../src/simulator/world/graph-alert.ts';
import { updateTime } from '../../src/simulator/world/graph-time.ts';
import { scheduleAlerts } from '../../src/simulator/world/world-schedule.ts';
import type { QuarantineEntry, SourceStatus } from '../../src/store/detection-store.ts';
import { type CollectionRig, type CollectionRigOptions, createCollectionRig } from '../support/collection-rig.ts';
import { readAfter } from '../support/read-after.ts';

export const MINUTE_MS = 60_000;
/** In Retry-After, where a fault has one. */
export const RETRY_AFTER_MS = 300_000;

/** Which API is polled while a service has its faults. */
const SOURCE_OF: Readonly<Record<Service, SourceName>> = {
  graph: 'graph-alerts',
  defender: 'defender-alerts',
  siem: 'siem-detections',
  login: 'graph-alerts',
  identity: 'graph-alerts',
};

export type Asked = Readonly<Partial<Record<Service, number>>>;

/** One line of the log. */
export interface Logged {
  readonly level: string;
  readonly event: string;
  readonly code: string | undefined;
}

/** Many faults of one service in one bridge: a tenant for each, and beside it its twin. */
export interface FaultRig {
  readonly rig: CollectionRig;
  run(name: string): FaultRun;
  close(): Promise<void>;
}

/**
 * A tenant that gets into trouble, and its twin: another tenant of the same bridge with the same alerts at the same
 * times, which Microsoft answers without fault. What the twin has is what there is to be had.
 */
export interface FaultRun {
  readonly name: string;
  readonly tenantId: string;
  /**
   * Alerts of the next minutes, in both tenants. Answers the id of one among them that fits any API: it has one
   * detection, is never updated, and comes alone or, where an API can be asked for a single record, beside another.
   */
  arrive(alerts: { readonly backlog?: number; readonly live: number; readonly withinMs: number }): string;
  turn(): Promise<void>;
  twinTurn(): Promise<void>;
  /** Alert ids in the feed, the tenant's own and the twin's. */
  stored(): Promise<readonly string[]>;
  twinStored(): Promise<readonly string[]>;
  /** What there is in the feed of each detection and of each alert in the end; alike for the twin. */
  content(): Promise<Content>;
  twinContent(): Promise<Content>;
  /** Rows about the tenant, and those about the twin that are not ok. */
  findings(): Promise<readonly Finding[]>;
  twinTroubles(): Promise<readonly Finding[]>;
  status(): Promise<SourceStatus>;
  quarantine(): Promise<readonly QuarantineEntry[]>;
  /** From here on counts what is asked and logged. */
  mark(): void;
  asked(): Asked;
  logged(): readonly Logged[];
}

type FeedEvent = Readonly<Record<string, unknown>>;

interface Content {
  /** One text a detection: what tells it from the others. */
  readonly detections: readonly string[];
  /** One text an alert: what its last event says of it. */
  readonly alerts: readonly string[];
}

/** What tells one detection of an alert from another, and does not change with the alert. */
const ITEM = [
  ...['AlertId', 'EvidenceType', 'EvidenceDetails', 'FileName', 'FilePath', 'Sha1', 'CommandLine', 'ProcessId', 'Url'],
  ...['UserPrincipalName', 'ComputerDnsName', 'DeviceID'],
];
const ALERT = ['AlertId', 'Severity', 'Status', 'Classification', 'Determination'];

export async function createFaultRig(
  service: Service,
  names: readonly string[],
  options: Partial<CollectionRigOptions> = {},
): Promise<FaultRig> {
  const places = names.map((name, index) => ({ name, id: guid(2 * index), twinId: guid(2 * index + 1) }));
  const apis = [SOURCE_OF[service]];
  const credential = service === 'identity' ? 'managed-identity' : 'secret';
  const rig = await createCollectionRig({
    tenants: places.flatMap(({ name, id, twinId }) => [
      { name, tenantId: id, apis, credential },
      { name: twinOf(name), tenantId: twinId, apis, credential },
    ]),
    world: {},
    source: 'slice: 24h',
    maxAnswerBytes: 2_000_000,
    isVolatile: true,
    ...options,
    simulator: {
      tokenLifetimeMs: 3_599_000,
      faultTimes: { retryAfterSeconds: RETRY_AFTER_MS / 1000, largeRecordBytes: 2_500_000 },
      ...options.simulator,
    },
  });
  const feed = createFeedReader(rig);
  return {
    rig,
    run(name) {
      const place = places.find((known) => known.name === name);
      if (place === undefined) throw new Error(`no tenant ${name}`);
      return createRun(rig, service, place, feed);
    },
    close: () => rig.close(),
  };
}

interface Place {
  readonly name: string;
  readonly id: string;
  readonly twinId: string;
}

function createRun(rig: CollectionRig, service: Service, { name, id, twinId }: Place, feed: FeedReader): FaultRun {
  const { simulator, store, clock } = rig;
  const showsAll = service !== 'defender' && service !== 'siem';
  // A very large alert costs a suite of two hundred days too much time.
  const isSeen = (alert: GraphAlert) => (showsAll || isEndpointAlert(alert)) && (alert.evidence?.length ?? 0) < 50;
  let lines = 0;
  let arrivals = 0;
  const idsOf = async (tenant: string) => [...new Set((await feed(tenant)).map((event) => textOf(event, 'AlertId')))];
  return {
    name,
    tenantId: id,
    arrive({ backlog = 0, live, withinMs }) {
      arrivals += 1;
      // About every other alert is one that the older APIs show.
      const livePeriodMs = withinMs / live / (showsAll ? 1 : 2);
      const wanted = { startMs: clock.now(), backlog, live: 4 * live, livePeriodMs };
      const scheduled = scheduleAlerts(arrivals, id, wanted);
      const shown = [...new Set(scheduled.filter(({ alert }) => isSeen(alert)).map(({ alert }) => alert.id))];
      const kept = new Set(shown.slice(0, backlog + live));
      const [plain, beside] = plainAlerts(scheduled, arrivals, clock.now() + withinMs / 2);
      const usual = scheduled.filter(({ alert: { id: of } }) => kept.has(of));
      for (const { alert, visibleAtMs } of [...usual, plain, ...(service === 'siem' ? [] : [beside])]) {
        for (const tenantId of [id, twinId]) simulator.world.put(tenantId, alert, visibleAtMs);
      }
      return plain.alert.id;
    },
    turn: () => rig.tick(name),
    twinTurn: () => rig.tick(twinOf(name)),
    stored: () => idsOf(name),
    twinStored: () => idsOf(twinOf(name)),
    content: async () => contentOf(await feed(name)),
    twinContent: async () => contentOf(await feed(twinOf(name))),
    findings: async () => (await rig.findings()).filter(({ subject }) => isAbout(subject, name)),
    twinTroubles: async () =>
      (await rig.findings()).filter(({ subject, state }) => state !== 'ok' && isAbout(subject, twinOf(name))),
    async status() {
      const status = (await store.statuses()).find(({ tenantId }) => tenantId === id);
      if (status === undefined) throw new Error(`${name} was never polled`);
      return status;
    },
    async quarantine() {
      const entries = (await store.quarantine()).filter(({ tenantId }) => tenantId === id);
      const whole = await Promise.all(entries.map(({ entryId }) => store.quarantine({ entryId })));
      return whole.flat();
    },
    mark() {
      try {
        keepOff(rig);
      } finally {
        simulator.requests.clear();
        lines = rig.lines.length;
      }
    },
    asked() {
      keepOff(rig);
      const { requests } = simulator;
      return Object.fromEntries(SERVICES.flatMap((known) => (requests[known] > 0 ? [[known, requests[known]]] : [])));
    },
    logged: () => rig.lines.slice(lines).flatMap((line) => readLine(line, name)),
  };
}

/** Two of one time, like the first alert of a device, with nothing but its device. */
function plainAlerts(scheduled: readonly ScheduledVersion[], number: number, atMs: number) {
  const like = scheduled.find(({ alert }) => isEndpointAlert(alert) && firstDevice(alert) !== null)?.alert;
  const device = like === undefined ? null : firstDevice(like);
  if (like === undefined || device === null) throw new Error('no alert has a device');
  const alert = { ...like, lastUpdateDateTime: updateTime(atMs), evidence: [device] };
  const named = (of: number) => ({
    alert: { ...alert, id: `dafa417000-0000-4000-800${of}-${String(number).padStart(12, '0')}_1` },
    visibleAtMs: atMs + 3_777,
  });
  return [named(0), named(1)] as const;
}

/** Whatever happens: the host that links and redirects lead to gets no request at all, let alone a token or a secret. */
function keepOff({ simulator, strangerHost }: CollectionRig): void {
  const count = simulator.requests.hosts()[strangerHost];
  if (count !== undefined) throw new Error(`the stranger was asked: ${JSON.stringify(count)}`);
}

type FeedReader = (tenant: string) => Promise<readonly FeedEvent[]>;

/** Reads on where it has stopped: the feed of a hundred tenants is long. */
function createFeedReader(rig: CollectionRig): FeedReader {
  const events = new Map<string, FeedEvent[]>();
  let position = 0;
  return async (tenant) => {
    for (let hasMore = true; hasMore; ) {
      const limits = { maxEvents: 5000, maxBytes: 50_000_000 };
      const page = await readAfter(rig.store, 'default', position, limits, { kind: 'stored' });
      for (const event of JSON.parse(page.body.toString()) as FeedEvent[]) {
        const of = textOf(event, 'TenantName');
        events.set(of, [...(events.get(of) ?? []), event]);
      }
      position = page.to;
      hasMore = page.hasMore;
    }
    return events.get(tenant) ?? [];
  };
}

function contentOf(events: readonly FeedEvent[]): Content {
  const told = (event: FeedEvent, names: readonly string[]) => names.map((name) => textOf(event, name)).join('|');
  const last = new Map(events.map((event) => [textOf(event, 'AlertId'), told(event, ALERT)]));
  return {
    detections: events
      .filter((event) => event['EventKind'] !== 'update')
      .map((event) => told(event, ITEM))
      .toSorted(),
    alerts: [...last.values()].toSorted(),
  };
}

function textOf(event: FeedEvent, name: string): string {
  const value = event[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function readLine(line: string, tenant: string): readonly Logged[] {
  const read = JSON.parse(line) as {
    level: string;
    event: string;
    tenant?: string;
    code?: string;
    error?: { code: string };
  };
  const { level, event, error } = read;
  return read.tenant === tenant ? [{ level, event, code: error?.code ?? read.code }] : [];
}

function isAbout(subject: string, tenant: string): boolean {
  return subject === tenant || subject.startsWith(`${tenant}/`);
}

function twinOf(name: string): string {
  return `${name}-twin`;
}

function guid(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
}
