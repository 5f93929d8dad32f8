import { type Instant, parseInstant } from '../../domain/instant.ts';
import type { AlertVersion } from '../world/alert-version.ts';
import { evidenceType, firstDevice, member, objectsOf, textOf } from '../world/endpoint-alert.ts';
import type { GraphAlert } from '../world/graph-alert.ts';

/** Steps of Defender's update times within a second: coarser than Graph's 1/300 (defender-api 3: `…59.2Z`). */
const STEPS = 30;

/** The update time as Defender for Endpoint keeps it: rounded down. Null when the alert's own text is no time. */
export function defenderUpdateTime({ updatedAt }: AlertVersion): Instant | null {
  if (updatedAt === null) return null;
  const step = Math.floor((Number(updatedAt.slice(20, 27)) * STEPS) / 10_000_000);
  const fraction = String(Math.round((step * 10_000_000) / STEPS)).padStart(7, '0');
  return parseInstant(`${updatedAt.slice(0, 20)}${fraction}Z`);
}

/** The alert as `/api/alerts` shows it without `$expand`: there is no evidence in it (defender-api 3). */
export function toDefenderRecord(version: AlertVersion) {
  const { alert } = version;
  const device = firstDevice(alert) ?? {};
  const users = objectsOf(device, 'loggedOnUsers');
  const updated = defenderUpdateTime(version);
  return {
    id: alert.id,
    incidentId: Number(alert['incidentId'] ?? 0),
    investigationId: null,
    assignedTo: alert.assignedTo ?? null,
    severity: capital(alert.severity),
    status: capital(alert.status),
    classification: capital(alert.classification),
    determination: DETERMINATIONS[alert.determination ?? ''] ?? capital(alert.determination),
    investigationState: capital(textOf(alert, 'investigationState')),
    detectionSource: DETECTION_SOURCES[alert.detectionSource ?? ''] ?? capital(alert.detectionSource),
    detectorId: textOf(alert, 'detectorId'),
    category: textOf(alert, 'category'),
    threatFamilyName: textOf(alert, 'threatFamilyName'),
    title: alert.title ?? null,
    description: textOf(alert, 'description'),
    alertCreationTime: alert.createdDateTime,
    firstEventTime: textOf(alert, 'firstActivityDateTime'),
    lastEventTime: alert.lastActivityDateTime ?? null,
    lastUpdateTime: updated === null ? alert.lastUpdateDateTime : updated.replace(/\.?0*Z$/, 'Z'),
    resolvedTime: alert.resolvedDateTime ?? null,
    machineId: textOf(device, 'mdeDeviceId'),
    computerDnsName: textOf(device, 'deviceDnsName'),
    rbacGroupName: textOf(device, 'rbacGroupName'),
    aadTenantId: textOf(alert, 'tenantId'),
    threatName: textOf(alert, 'threatDisplayName'),
    mitreTechniques: alert['mitreTechniques'] ?? [],
    relatedUser: relatedUser(alert),
    loggedOnUsers: users.map((user) => ({
      accountName: textOf(user, 'accountName'),
      domainName: textOf(user, 'domainName'),
    })),
    comments: (alert.comments ?? []).map(({ comment, createdByDisplayName, createdDateTime }) => ({
      comment,
      createdBy: createdByDisplayName,
      createdTime: createdDateTime,
    })),
    evidence: [],
    domains: [],
  };
}

export type DefenderRecord = ReturnType<typeof toDefenderRecord>;

const DETECTION_SOURCES: Readonly<Partial<Record<string, string>>> = {
  microsoftDefenderForEndpoint: 'WindowsDefenderAtp',
  antivirus: 'WindowsDefenderAv',
  customTi: 'CustomerTI',
  microsoft365Defender: 'MTP',
};

/** Graph's words for the older ones that this API keeps (defender-api 3 and 4.1). */
const DETERMINATIONS: Readonly<Partial<Record<string, string>>> = {
  compromisedAccount: 'CompromisedUser',
  notMalicious: 'Clean',
  notEnoughDataToValidate: 'InsufficientData',
  confirmedActivity: 'ConfirmedUserActivity',
};

function relatedUser({ evidence = [] }: GraphAlert) {
  const user = evidence.find((item) => evidenceType(item) === 'user');
  if (user === undefined) return null;
  const account = member(user, 'userAccount');
  return { userName: textOf(account, 'accountName'), domainName: textOf(account, 'domainName') };
}

function capital(word: string | null | undefined): string | null {
  return word === null || word === undefined ? null : `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
