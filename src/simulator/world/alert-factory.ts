import type { Random } from '../random.ts';
import { createEvidence, type EvidenceKind } from './evidence-factory.ts';
import { type EvidenceContext, fileDetails, toDevice, toUserAccount } from './evidence-item.ts';
import type { GraphAlert, GraphEvidence } from './graph-alert.ts';
import { preciseTime, updateTime } from './graph-time.ts';
import { HOSTILE_TITLES } from './hostile-text-table.ts';
import { DEVICES, PROCESSES, USERS } from './organisation-table.ts';
import { SCENARIOS, type Scenario } from './scenario-table.ts';

export interface AlertPlan {
  readonly random: Random;
  readonly tenantId: string;
  /** Number of the alert in its tenant; decides which of the odd shapes it gets. */
  readonly index: number;
  /** `lastUpdateDateTime` of the first version, epoch ms. */
  readonly updatedMs: number;
  /** Whether it has 130 evidence items. */
  readonly large: boolean;
}

/** One of them is met in every world of four alerts or more. */
const WITHOUT_EVIDENCE = 3;
const MANY_ITEMS = 130;
const LONG_COMMAND = 20_000;

/** The first version of an alert, as alerts_v2 serves it (defender-api 4.1). */
export function createAlert(plan: AlertPlan): GraphAlert {
  const { random, tenantId, index, updatedMs } = plan;
  const scenario = random.pick(SCENARIOS);
  const createdMs = updatedMs - random.integer(1_000, 30_000);
  const id = `${scenario.prefix}${random.guid()}_1`;
  const incidentId = String(28_000 + Math.floor(index / 3));
  const hostile = index % 10 === 1 ? HOSTILE_TITLES[Math.floor(index / 10) % HOSTILE_TITLES.length] : undefined;
  return {
    id,
    providerAlertId: id.slice(2),
    incidentId,
    status: 'new',
    severity: scenario.severity,
    classification: null,
    determination: null,
    serviceSource: scenario.service,
    detectionSource: scenario.detection,
    productName: 'Microsoft Defender',
    detectorId: random.guid(),
    tenantId,
    title: hostile ?? scenario.title,
    description: hostile === undefined ? scenario.description : `${scenario.description}\n${hostile}`,
    recommendedActions:
      'Collect artifacts and determine scope\n\uFFFD\tReview the machine timeline\n\uFFFD\tContain the device',
    category: scenario.category,
    categories: [scenario.category],
    assignedTo: null,
    alertWebUrl: `https://security.microsoft.com/alerts/${id}?tid=${tenantId}`,
    incidentWebUrl: `https://security.microsoft.com/incidents/${incidentId}?tid=${tenantId}`,
    actorDisplayName: random.chance(0.05) ? 'BORON' : null,
    threatDisplayName: scenario.threat?.[0] ?? null,
    threatFamilyName: scenario.threat?.[1] ?? null,
    mitreTechniques: scenario.techniques,
    createdDateTime: preciseTime(random, createdMs),
    lastUpdateDateTime: updateTime(updatedMs),
    resolvedDateTime: null,
    firstActivityDateTime: preciseTime(random, createdMs - random.integer(60_000, 7_200_000)),
    lastActivityDateTime: preciseTime(random, createdMs - random.integer(1_000, 50_000)),
    investigationState: scenario.prefix === 'da' ? random.pick(['running', 'queued', 'unsupportedAlertType']) : null,
    comments: [],
    systemTags: random.chance(0.1) ? ['Defender Experts'] : [],
    alertPolicyId: null,
    additionalData: null,
    customDetails: {},
    evidence: evidenceFor(plan, scenario, createdMs),
  };
}

/** What an investigation adds hours later: nothing that the alert already names. @param nowMs epoch ms */
export function createLaterEvidence(alert: GraphAlert, random: Random, nowMs: number): readonly GraphEvidence[] {
  const tenantId = String(alert['tenantId']);
  const known = new Set((alert.evidence ?? []).map((item) => item['mdeDeviceId']));
  const device = DEVICES.findIndex((row) => known.has(toDevice(row, tenantId).mdeDeviceId));
  const context = contextFor(random, tenantId, nowMs, device < 0 ? undefined : device);
  const dropped = { file: `~${random.hex(8)}.tmp`, folder: 'C:\\Windows\\Temp', size: random.integer(1_000, 90_000) };
  switch (random.integer(1, 4)) {
    case 1:
      return createEvidence('process', context);
    case 2:
      return replaced('file', context, { fileDetails: fileDetails(random, dropped) });
    case 3:
      return replaced('ipv4', context, { ipAddress: `198.51.100.${random.integer(30, 240)}` });
    default:
      return replaced('url', context, { url: `http://updates.example.net/${random.hex(12)}` });
  }
}

function replaced(kind: EvidenceKind, context: EvidenceContext, own: Readonly<Record<string, unknown>>) {
  return createEvidence(kind, context).map((item) => ({ ...item, ...own }));
}

function evidenceFor(plan: AlertPlan, scenario: Scenario, createdMs: number): readonly GraphEvidence[] {
  const { random, tenantId, index, large } = plan;
  if (index % 25 === WITHOUT_EVIDENCE) return [];
  const context = contextFor(random, tenantId, createdMs);
  if (large) return manyItems(context);
  // Every eleventh alert that has a process shows what an attacker can put on a command line.
  const commandLine = `${context.process.commandLine} ${'A'.repeat(LONG_COMMAND)}`;
  const full = index % 11 === 2 ? { ...context, commandLine } : context;
  const kinds: readonly EvidenceKind[] = index % 11 === 2 ? ['process', 'device'] : scenario.evidence;
  const wanted = random.integer(Math.min(2, kinds.length), kinds.length);
  return kinds
    .slice(0, wanted)
    .flatMap((kind) => createEvidence(kind, full))
    .slice(0, 6);
}

function manyItems(context: EvidenceContext): readonly GraphEvidence[] {
  const { random } = context;
  const addresses = Array.from({ length: MANY_ITEMS - 2 }, (_, n) => {
    const [address] = createEvidence('ipv4', context);
    return address === undefined ? [] : [{ ...address, ipAddress: `203.0.113.${n + 1}` }];
  });
  const frame = [...createEvidence('device', context), ...createEvidence('user', context)];
  return random.shuffle([...frame, ...addresses.flat()]);
}

function contextFor(random: Random, tenantId: string, nowMs: number, device?: number): EvidenceContext {
  const deviceAt = device ?? random.integer(0, DEVICES.length - 1);
  const other = DEVICES[(deviceAt + 1) % DEVICES.length] ?? DEVICES[0];
  return {
    random,
    tenantId,
    nowMs,
    createdDateTime: preciseTime(random, nowMs),
    device: toDevice(DEVICES[deviceAt] ?? DEVICES[0], tenantId),
    secondDevice: toDevice(other, tenantId),
    user: toUserAccount(random.pick(USERS), tenantId),
    process: random.pick(PROCESSES),
  };
}
