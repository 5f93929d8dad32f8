import { createHash } from 'node:crypto';
import { seedFor } from '../random.ts';
import { evidenceType, firstDevice, member, objectsOf, textOf } from '../world/endpoint-alert.ts';
import type { GraphAlert, GraphEvidence } from '../world/graph-alert.ts';
import type { SiemDetection } from '../world/siem-detection.ts';
import { type DefenderEvidence, toDefenderEvidence } from './defender-evidence.ts';

/** How the exporter wrote over the years; `mixed` is another way for each record (defender-api 1.4). */
export interface SiemForm {
  /** A text that there is none of: 2018 `null`, 2020 `""`. Default `empty`. */
  readonly absent?: 'null' | 'empty' | 'missing' | 'mixed';
  /** `samples`: the keys of the JSON samples. `tables`: those of the 2018 page and the tables. Default `samples`. */
  readonly spelling?: 'samples' | 'tables' | 'mixed';
  /** A single record comes without a list around it, as the 2018 page prints it. */
  readonly bareObject?: boolean;
}

/** Keys that have more than one spelling. */
const OTHER_SPELLING: Readonly<Record<string, string>> = {
  IoaDefinitionId: 'IoaDefinitiondId',
  ThreatFamily: 'ThreatFamilyName',
  ReportID: 'ReportId',
  IpAddress: 'IPAddress',
  Url: 'URL',
  InternalIPv4List: 'InternalIPV4List',
  InternalIPv6List: 'InternalIPV6List',
};

export type SiemRecord = Readonly<Record<string, unknown>>;

export function fullIdOf({ alert, iocUniqueId }: SiemDetection): string {
  return `${alert.id}:${iocUniqueId}`;
}

/** The detection as the exporter prints it (defender-api 1.4). */
export function toSiemRecord(detection: SiemDetection, form: SiemForm): SiemRecord {
  const pick = seedFor(0, detection.iocUniqueId);
  const { absent = 'empty', spelling = 'samples' } = form;
  const nothing = absent === 'mixed' ? (['null', 'empty', 'missing'] as const)[pick % 3] : absent;
  const tables = spelling === 'mixed' ? pick % 2 === 0 : spelling === 'tables';
  const entries = Object.entries(membersOf(detection)).flatMap(([name, value]): readonly [string, unknown][] => {
    const key = tables ? (OTHER_SPELLING[name] ?? name) : name;
    if (value !== '') return [[key, value]];
    if (nothing === 'missing') return [];
    return [[key, nothing === 'null' ? null : '']];
  });
  return Object.fromEntries(entries);
}

/** An absent text is '' here; only the two booleans are null. */
function membersOf(detection: SiemDetection): Readonly<Record<string, string | number | boolean | null>> {
  const { alert, iocUniqueId, processedAt } = detection;
  const portal = `https://securitycenter.windows.com/alert/${alert.id}`;
  const byAlert = `/incidents/byalert?alertId=${alert.id}&source=SIEM`;
  return {
    AlertTime: alert.lastActivityDateTime ?? alert.createdDateTime,
    AlertTitle: alert.title ?? '',
    Category: text(alert, 'category'),
    Severity: severityOf(alert),
    AlertId: alert.id,
    Actor: text(alert, 'actorDisplayName'),
    LinkToWDATP: portal,
    IocName: '',
    IocValue: '',
    CreatorIocName: '',
    CreatorIocValue: '',
    IoaDefinitionId: text(alert, 'detectorId'),
    AlertPart: 0,
    FullId: fullIdOf(detection),
    LastProcessedTimeUtc: processedAt.replace(/\.?0*Z$/, 'Z'),
    ThreatCategory: text(alert, 'threatFamilyName') === '' ? '' : text(alert, 'category'),
    ThreatFamily: text(alert, 'threatFamilyName'),
    ThreatName: text(alert, 'threatDisplayName'),
    Source: alert.detectionSource === 'antivirus' ? 'Antivirus' : 'EDR',
    Description: text(alert, 'description'),
    ...machine(firstDevice(alert) ?? {}),
    ...event(alert, detection.item),
    IncidentLinkToWDATP: `https://securitycenter.windows.com${byAlert}`,
    ReportID: seedFor(1, alert.id) % 2_000_000_000,
    LinkToMTP: `https://security.microsoft.com/alert/${alert.id}`,
    IncidentLinkToMTP: `https://security.microsoft.com${byAlert}`,
    ExternalId: createHash('sha1').update(alert.id).digest('hex').toUpperCase(),
    IocUniqueId: iocUniqueId,
  };
}

function machine(device: Readonly<Record<string, unknown>>) {
  const addresses = Array.isArray(device['ipInterfaces']) ? device['ipInterfaces'].map(String) : [];
  const users = objectsOf(device, 'loggedOnUsers');
  const tags = Array.isArray(device['tags']) ? device['tags'].map(String) : [];
  return {
    ComputerDnsName: text(device, 'deviceDnsName'),
    MachineDomain: text(device, 'dnsDomain'),
    MachineName: text(device, 'hostName'),
    MachineGroup: text(device, 'rbacGroupName'),
    DeviceID: text(device, 'mdeDeviceId'),
    InternalIPv4List: addresses.filter((address) => !address.includes(':')).join(', '),
    InternalIPv6List: addresses.filter((address) => address.includes(':')).join(', '),
    LogOnUsers: users.map((user) => `${text(user, 'domainName')}\\${text(user, 'accountName')}`).join('; '),
    DeviceCreatedMachineTags: '',
    CloudCreatedMachineTags: tags.join('; '),
  };
}

/** Of the item; who acted is said by the item, else by the alert's user. */
function event(alert: GraphAlert, item: GraphEvidence | null) {
  const [own] = item === null ? [] : toDefenderEvidence({ ...alert, evidence: [item] });
  const users = (alert.evidence ?? []).filter((candidate) => evidenceType(candidate) === 'user').slice(0, 1);
  const [user] = toDefenderEvidence({ ...alert, evidence: users });
  const isAntivirus = alert.detectionSource === 'antivirus';
  const value = (name: keyof DefenderEvidence) => String(own?.[name] ?? '');
  const actor = (name: 'accountName' | 'domainName') => value(name) || String(user?.[name] ?? '');
  const sha1 = value('sha1');
  return {
    Sha1: sha1,
    Sha256: value('sha256'),
    Md5: text(member(item ?? {}, 'fileDetails'), 'md5') || text(member(item ?? {}, 'imageFile'), 'md5'),
    FileName: value('fileName'),
    FilePath: value('filePath'),
    FileHash: sha1,
    IpAddress: value('ipAddress'),
    Url: value('url'),
    CommandLine: value('processCommandLine'),
    UserName: actor('accountName'),
    UserDomain: actor('domainName'),
    RemediationAction: isAntivirus ? value('detectionStatus') : '',
    RemediationIsSuccess: isAntivirus ? value('detectionStatus') !== 'Detected' : null,
    WasExecutingWhileDetected: isAntivirus ? value('processId') !== '' : null,
  };
}

function severityOf({ severity = 'high' }: GraphAlert): string {
  return `${severity.slice(0, 1).toUpperCase()}${severity.slice(1)}`;
}

function text(from: Readonly<Record<string, unknown>>, name: string): string {
  return textOf(from, name) ?? '';
}
