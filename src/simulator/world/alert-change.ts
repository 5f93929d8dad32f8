import type { Random } from '../random.ts';
import { createLaterEvidence } from './alert-factory.ts';
import type { GraphAlert, GraphEvidence } from './graph-alert.ts';
import { preciseTime, updateTime } from './graph-time.ts';

/** What an update of an alert changed besides its `lastUpdateDateTime`. */
export type ChangeKind =
  | 'status'
  | 'classification'
  | 'severity'
  | 'remediation'
  | 'verdict'
  | 'addedEvidence'
  | 'comment'
  | 'merged'
  | 'reordered'
  | 'telemetry'
  | 'touched';

type Change = (alert: GraphAlert, random: Random, atMs: number) => Partial<GraphAlert>;

/** Kinds that alter nothing a person cares about; each of the others alters something. */
export const QUIET_CHANGES: ReadonlySet<ChangeKind> = new Set(['reordered', 'telemetry', 'touched']);

const CHANGES: Readonly<Record<ChangeKind, Change>> = {
  status: (alert, _random, atMs) =>
    alert.status === 'new'
      ? { status: 'inProgress' }
      : { status: 'resolved', resolvedDateTime: alert.resolvedDateTime ?? updateTime(atMs) },
  classification: (alert, random) => {
    const verdicts = VERDICTS.filter(([, determination]) => determination !== alert.determination);
    const [classification, determination] = random.shuffle(verdicts)[0] ?? VERDICTS[0];
    return { classification, determination };
  },
  severity: (alert, random) => ({
    severity: random.shuffle(['low', 'medium', 'high'].filter((word) => word !== alert.severity))[0] ?? 'high',
  }),
  remediation: (alert, random) => ({
    evidence: changeOne(alert, random, (item) => ({
      ...item,
      remediationStatus: item.remediationStatus === 'none' ? 'active' : other(item.remediationStatus, REMEDIED),
      remediationStatusDetails: item.remediationStatus === 'none' ? null : 'Entity was handled by the investigation.',
    })),
  }),
  verdict: (alert, random) => ({
    evidence: changeOne(alert, random, (item) => ({
      ...item,
      verdict: other(item.verdict, ['malicious', 'noThreatsFound']),
    })),
  }),
  addedEvidence: (alert, random, atMs) => ({
    lastActivityDateTime: preciseTime(random, atMs - 90_000),
    evidence: [...(alert.evidence ?? []), ...createLaterEvidence(alert, random, atMs)],
  }),
  comment: (alert, _random, atMs) => ({
    assignedTo: 'secops@corp.contoso.com',
    comments: [
      ...(alert.comments ?? []),
      { comment: 'Looking into it.', createdByDisplayName: 'secops', createdDateTime: updateTime(atMs) },
    ],
  }),
  merged: (alert, random) => {
    const incidentId = String(Number(alert['incidentId'] ?? 0) + random.integer(1, 400));
    const incidentWebUrl = `https://security.microsoft.com/incidents/${incidentId}?tid=${String(alert['tenantId'])}`;
    return { incidentId, incidentWebUrl };
  },
  reordered: (alert, random) => ({ evidence: reorder(alert.evidence ?? [], random) }),
  telemetry: (alert, random) => ({ evidence: (alert.evidence ?? []).map((item) => newTelemetry(item, random)) }),
  touched: () => ({}),
};

const VERDICTS = [
  ['truePositive', 'malware'],
  ['truePositive', 'phishing'],
  ['truePositive', 'multiStagedAttack'],
  ['falsePositive', 'notMalicious'],
  ['informationalExpectedActivity', 'securityTesting'],
] as const;
const REMEDIED = ['remediated', 'blocked', 'prevented', 'notFound'];

/** Kinds by how often they come up. */
const WEIGHTED: readonly [ChangeKind, ...ChangeKind[]] = [
  'status',
  'status',
  'classification',
  'severity',
  'remediation',
  'remediation',
  'verdict',
  'addedEvidence',
  'addedEvidence',
  'comment',
  'merged',
  'reordered',
  'reordered',
  'telemetry',
  'telemetry',
  'touched',
];

/** The next version of an alert. @param atMs its `lastUpdateDateTime`, epoch ms */
export function changeAlert(
  alert: GraphAlert,
  random: Random,
  atMs: number,
): { alert: GraphAlert; change: ChangeKind } {
  const change = possible(alert, random.pick(WEIGHTED));
  const next = { ...alert, ...CHANGES[change](alert, random, atMs), lastUpdateDateTime: updateTime(atMs) };
  return { alert: next, change };
}

/** @param atMs its `lastUpdateDateTime`, epoch ms */
export function setSeverity(alert: GraphAlert, severity: string, atMs: number): GraphAlert {
  return { ...alert, severity, lastUpdateDateTime: updateTime(atMs) };
}

/** What cannot be done to this alert becomes an update without any visible change. */
function possible(alert: GraphAlert, kind: ChangeKind): ChangeKind {
  const items = alert.evidence ?? [];
  switch (kind) {
    case 'status':
      return alert.status === 'resolved' ? 'touched' : kind;
    case 'remediation':
    case 'verdict':
      return items.length === 0 ? 'touched' : kind;
    case 'reordered':
      return items.length < 2 ? 'touched' : kind;
    case 'telemetry':
      return items.some(isDevice) ? kind : 'touched';
    case 'classification':
    case 'severity':
    case 'addedEvidence':
    case 'comment':
    case 'merged':
    case 'touched':
      return kind;
  }
}

function changeOne(alert: GraphAlert, random: Random, change: (item: GraphEvidence) => GraphEvidence) {
  const items = alert.evidence ?? [];
  const chosen = random.integer(0, items.length - 1);
  return items.map((item, at) => (at === chosen ? change(item) : item));
}

function reorder(items: readonly GraphEvidence[], random: Random): readonly GraphEvidence[] {
  const shuffled = random.shuffle(items);
  return shuffled.every((item, at) => item === items[at]) ? items.toReversed() : shuffled;
}

function newTelemetry(item: GraphEvidence, random: Random): GraphEvidence {
  if (!isDevice(item)) return item;
  return {
    ...item,
    healthStatus: other(item['healthStatus'], ['active', 'inactive', 'impairedCommunication']),
    riskScore: other(item['riskScore'], ['low', 'medium', 'high']),
    lastIpAddress: `10.20.4.${random.integer(20, 250)}`,
    lastExternalIpAddress: `198.51.100.${random.integer(2, 20)}`,
  };
}

function isDevice(item: GraphEvidence): boolean {
  return item['@odata.type'].endsWith('.deviceEvidence');
}

/** The first word that is not the present one. */
function other(present: unknown, words: readonly string[]): string {
  return words.find((word) => word !== present) ?? 'unknown';
}
