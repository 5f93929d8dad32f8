import { defenderUpdateTime } from '../../src/simulator/apis/defender-record.ts';
import { fullIdOf } from '../../src/simulator/apis/siem-record.ts';
import type { Api } from '../../src/simulator/service.ts';
import type { AlertVersion } from '../../src/simulator/world/alert-version.ts';
import { isEndpointAlert } from '../../src/simulator/world/endpoint-alert.ts';
import { type SiemDetection, toSiemDetections } from '../../src/simulator/world/siem-detection.ts';
import type { World } from '../../src/simulator/world.ts';
import { describeHistory } from './describe-history.ts';
import { type Discrepancy, judgeAlert } from './judge.ts';
import { judgeDetections } from './judge-detections.ts';
import type { Stored, StoredRecord } from './stored.ts';
import type { History, Witness } from './witness.ts';

/** What the end of a run has to hold. Epoch ms. */
export interface Reach {
  readonly tenantId: string;
  readonly apis: readonly Api[];
  /** What was visible then has been looked at since. */
  readonly quietMs: number;
  readonly endMs: number;
}

export interface Verdict {
  readonly discrepancies: readonly Discrepancy[];
  /** Alerts that were visible to at least one of the APIs. */
  readonly alerts: number;
  /** Versions (detections of the SIEM API) that were made and visible by the end. */
  readonly made: number;
  readonly seen: number;
  /** Superseded before anybody read them. */
  readonly overwritten: number;
  /** Of those: they were in an answer that got lost. */
  readonly lost: number;
  /** Asked for again, and each time shown as it was before: a replica was behind. */
  readonly hidden: number;
  /** Came up after everything had been looked at for the last time. */
  readonly tooYoung: number;
  history(alertId: string): readonly string[];
}

/** One alert with everything that is known of it. */
export interface Case {
  readonly alertId: string;
  /** In order of visibility, those of the future left out. */
  readonly versions: readonly AlertVersion[];
  readonly detections: readonly SiemDetection[];
  /** Of the API that the alert belongs to: the one that delivered it first. */
  readonly api: Api | null;
  readonly history: History | null;
  readonly stored: readonly StoredRecord[];
}

export function verify(witness: Witness, stored: Stored, world: World, reach: Reach): Verdict {
  const cases = gather(witness, stored, world, reach);
  const discrepancies = [...cases.values()].flatMap((one) => [
    ...judgeCase(one, reach),
    ...judgeLast(one, stored, isHidden(one, witness, reach), reach),
    ...judgeTwin(one),
  ]);
  const strangers = [...stored.alerts.keys()].filter((alertId) => !cases.has(alertId));
  const lost = witness.lost();
  const unread = [...cases.values()].flatMap((one) => unreadOf(one, lost, isHidden(one, witness, reach), reach));
  const count = (kind: Unread['kind']) => unread.filter((version) => version.kind === kind).length;
  const all = [...cases.values()];
  return {
    discrepancies: [
      ...discrepancies,
      ...strangers.map((alertId) => ({ alertId, kind: 'wrong' as const, what: 'there is no such alert' })),
      ...judgeFeed(stored),
      ...witness.claims().map((what) => ({ alertId: '', kind: 'missing' as const, what })),
    ],
    alerts: cases.size,
    made: sum(all, (one) => (one.api === 'siem' ? one.detections.length : one.versions.length)),
    seen: sum(all, ({ history }) => history?.versions.size ?? 0),
    overwritten: count('overwritten') + count('lost'),
    lost: count('lost'),
    hidden: count('hidden'),
    tooYoung: count('too-young'),
    history: (alertId) => describeHistory(cases.get(alertId) ?? null),
  };
}

function gather(witness: Witness, stored: Stored, world: World, { tenantId, apis, endMs }: Reach) {
  const histories = new Map(witness.histories().map((history) => [`${history.api} ${history.alertId}`, history]));
  const past = world.versions(tenantId).filter(({ visibleAtMs }) => visibleAtMs <= endMs);
  const detections = groups(toSiemDetections(past), ({ alert }) => alert.id);
  const cases = new Map<string, Case>();
  for (const [alertId, versions] of groups(past, ({ alert }) => alert.id)) {
    const [first] = versions;
    const showing = apis.filter((api) => api === 'graph' || (first !== undefined && isEndpointAlert(first.alert)));
    if (showing.length === 0) continue;
    const records = stored.alerts.get(alertId) ?? [];
    const api = records[0]?.api ?? (showing.length === 1 ? (showing[0] ?? null) : null);
    const history = histories.get(`${api ?? ''} ${alertId}`) ?? null;
    cases.set(alertId, { alertId, versions, detections: detections.get(alertId) ?? [], api, history, stored: records });
  }
  return cases;
}

function judgeCase({ alertId, api, detections, history, stored }: Case, { quietMs }: Reach): readonly Discrepancy[] {
  const others = stored.filter((record) => record.api !== api);
  if (others.length > 0) return [{ alertId, kind: 'twice', what: 'it is stored through two APIs' }];
  if (api === 'siem') {
    const due = detections.filter(({ visibleAtMs }) => visibleAtMs <= quietMs);
    const young = detections.filter(({ visibleAtMs }) => visibleAtMs > quietMs);
    return judgeDetections(due, young, stored).map((finding) => ({ alertId, ...finding }));
  }
  if (history === null)
    return stored.length === 0 ? [] : [{ alertId, kind: 'wrong', what: 'it is stored and was never shown' }];
  return judgeAlert(history, stored).map((finding) => ({ alertId, ...finding }));
}

/** Whatever was overwritten before: what was there at the end has to be stored. */
function judgeLast(
  { alertId, api, versions, history }: Case,
  stored: Stored,
  hidden: boolean,
  { quietMs }: Reach,
): readonly Discrepancy[] {
  const last = versions.findLast(({ visibleAtMs }) => visibleAtMs <= quietMs);
  if (last === undefined || api === 'siem' || hidden) return [];
  const wanted = updateTime(api, last);
  const what = `the last version ${last.alert.lastUpdateDateTime} was`;
  if ((history?.latest ?? '') < wanted) return [{ alertId, kind: 'missing', what: `${what} never read` }];
  if ((stored.lastUpdates.get(alertId) ?? '') < wanted)
    return [{ alertId, kind: 'missing', what: `${what} not stored` }];
  return [];
}

/**
 * Whether nobody could have seen the last version: both the reading and a look back asked for its time and were answered,
 * and neither answer showed it.
 */
function isHidden({ api, versions, history }: Case, witness: Witness, { quietMs, apis }: Reach): boolean {
  const last = versions.findLast(({ visibleAtMs }) => visibleAtMs <= quietMs);
  const asked = api ?? apis[0];
  if (last === undefined || asked === undefined || asked === 'siem') return false;
  const updatedAt = updateTime(asked, last);
  const wasShown = (history?.latest ?? '') >= updatedAt || witness.lost().has(nameOf(last));
  if (wasShown) return false;
  return witness.looks(asked, updatedAt, last.visibleAtMs) >= 2;
}

function nameOf({ alert }: Pick<AlertVersion, 'alert'>): string {
  return `${alert.id} ${alert.lastUpdateDateTime}`;
}

function updateTime(api: Api | null, version: AlertVersion): string {
  return (api === 'defender' ? defenderUpdateTime(version) : version.updatedAt) ?? '';
}

/** The same records taken in one after the other, untroubled, tell of the same. */
function judgeTwin({ alertId, stored }: Case): readonly Discrepancy[] {
  return stored.flatMap(({ told, twin }, index) => {
    if (JSON.stringify(told) === JSON.stringify(twin)) return [];
    const texts = (list: typeof told) => list.map(({ kind, change, name }) => `${kind}/${change} ${name}`).join(', ');
    return [{ alertId, kind: 'wrong' as const, what: `record ${index} told ${texts(told)}; its twin ${texts(twin)}` }];
  });
}

function judgeFeed({ feed }: Stored): readonly Discrepancy[] {
  const { missing, twice, events, lastSeq } = feed;
  return [
    ...(missing > 0 ? [{ alertId: '', kind: 'missing' as const, what: `${missing} events are not in the feed` }] : []),
    ...(twice > 0 ? [{ alertId: '', kind: 'twice' as const, what: `${twice} events too many are in the feed` }] : []),
    ...(events === lastSeq ? [] : [{ alertId: '', kind: 'wrong' as const, what: 'FeedSeq has gaps' }]),
  ];
}

interface Unread {
  readonly kind: 'overwritten' | 'lost' | 'hidden' | 'too-young' | 'missing';
}

/** Versions that nobody got to read, and why. */
function unreadOf(
  { api, versions, detections, history }: Case,
  lost: ReadonlySet<string>,
  hidden: boolean,
  { quietMs }: Reach,
): readonly Unread[] {
  if (api === 'siem')
    return detections
      .filter((detection) => history?.versions.has(`${fullIdOf(detection)} ${detection.processedAt}`) !== true)
      .map(({ visibleAtMs }) => ({ kind: visibleAtMs > quietMs ? 'too-young' : 'missing' }));
  return versions.flatMap(({ alert, visibleAtMs }, index): readonly Unread[] => {
    const name = nameOf({ alert });
    if (history?.versions.has(name) === true) return [];
    if (index < versions.length - 1) return [{ kind: lost.has(name) ? 'lost' : 'overwritten' }];
    if (visibleAtMs > quietMs) return [{ kind: 'too-young' }];
    return [{ kind: hidden ? 'hidden' : 'missing' }];
  });
}

function groups<Value>(
  values: readonly Value[],
  keyOf: (value: Value) => string,
): ReadonlyMap<string, readonly Value[]> {
  const made = new Map<string, Value[]>();
  for (const value of values) {
    const own = made.get(keyOf(value));
    if (own === undefined) made.set(keyOf(value), [value]);
    else own.push(value);
  }
  return made;
}

function sum<Value>(values: readonly Value[], numberOf: (value: Value) => number): number {
  return values.reduce((total, value) => total + numberOf(value), 0);
}
