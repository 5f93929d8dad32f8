import { isIPv4, isIPv6 } from 'node:net';
import { CEF_FIELDS } from '../../src/connector/interpreter/cef-dictionary.ts';
import type { Layout, ReceiptTime } from '../../src/domain/field.ts';

/** An event of the feed, as JSON.parse gives it. */
export type FeedMembers = Readonly<Record<string, string | number>>;

/** Where each member is looked for in ArcSight under layout `microsoft`: written by hand from Microsoft's table and docs. */
const PLACES: Readonly<Record<string, string>> = {
  AlertTitle: 'name',
  Description: 'message',
  Severity: 'deviceSeverity',
  Category: 'deviceEventCategory',
  Source: 'sourceServiceName',
  MachineName: 'sourceHostName',
  MachineDomain: 'sourceDnsDomain',
  DeviceID: 'deviceExternalId',
  UserName: 'sourceUserName',
  UserDomain: 'sourceNtDomain',
  LogOnUsers: 'sourceUserId',
  FileName: 'fileName',
  FilePath: 'filePath',
  Sha1: 'fileHash',
  ThreatName: 'deviceCustomString1',
  DetectionId: 'deviceCustomString2',
  CommandLine: 'deviceCustomString3',
  Actor: 'deviceCustomString4',
  Md5: 'deviceCustomString5',
  Sha256: 'deviceCustomString6',
  LinkToWDATP: 'flexString1',
  MitreTechniques: 'flexString2',
  Url: 'requestUrl',
  RemediationAction: 'deviceAction',
  TenantName: 'deviceFacility',
  EventReason: 'reason',
  EventClassId: 'deviceEventClassId',
  EventExternalId: 'externalId',
  WasExecutingWhileDetected: 'deviceCustomNumber1',
  RemediationIsSuccess: 'deviceCustomNumber2',
  IncidentId: 'deviceCustomNumber3',
  MappingVersion: 'flexNumber1',
  EndTimeMs: 'endTime',
  FirstActivityMs: 'startTime',
  AlertTimeMs: 'deviceCustomDate1',
};
/** What the layout `esm` has elsewhere. */
const MOVED: Readonly<Record<string, string>> = {
  MachineName: 'destinationHostName',
  MachineDomain: 'destinationDnsDomain',
  UserName: 'destinationUserName',
  UserDomain: 'destinationNtDomain',
  LogOnUsers: 'destinationUserId',
};
const ALWAYS = {
  deviceVendor: 'Microsoft',
  deviceProduct: 'Microsoft Defender ATP',
  deviceVersion: '2.0',
  flexNumber2: 1,
  deviceCustomNumber1Label: 'Was Executing While Detected',
  deviceCustomNumber2Label: 'Remediation Is Success',
  deviceCustomNumber3Label: 'Incident ID',
  deviceCustomString1Label: 'Threat Name',
  deviceCustomString2Label: 'Detection ID',
  deviceCustomString3Label: 'Command Line',
  deviceCustomString4Label: 'Actor',
  deviceCustomString5Label: 'MD5',
  deviceCustomString6Label: 'SHA-256',
  deviceCustomDate1Label: 'Alert Time',
  deviceCustomIPv6Address2Label: 'Source IPv6 Address',
  flexString1Label: 'Link To Alert',
  flexString2Label: 'MITRE Techniques',
  flexNumber1Label: 'Mapping Version',
  flexNumber2Label: 'Parser Version',
};

export function placesOf(layout: Layout): Readonly<Record<string, string>> {
  return layout === 'esm' ? { ...PLACES, ...MOVED } : PLACES;
}

/** The event that ArcSight is to make of one of the feed: `fields` and `additionalData`, complete. */
export function expectedEvent(members: FeedMembers, layout: Layout, receiptTime: ReceiptTime) {
  const places = placesOf(layout);
  const fields: Record<string, string | number> = { ...ALWAYS };
  const additionalData: Record<string, string> = {};
  const used = new Set(['IpAddress']);
  for (const [name, value] of Object.entries(members)) {
    const field = places[name];
    if (field !== undefined) fields[field] = value;
  }
  const received = receiptTime === 'feed' ? 'FeedTime' : 'AlertTimeMs';
  used.add(received);
  putNumber(fields, 'deviceReceiptTime', members[received]);
  putAddress(fields, { v4: 'sourceAddress', v6: 'deviceCustomIPv6Address2' }, members['IpAddress']);
  if (layout === 'esm') {
    fields['deviceCustomIPv6Address3Label'] = 'Destination IPv6 Address';
    for (const name of ['InternalIPv4List', 'InternalIPv6List']) {
      used.add(name);
      putAddress(fields, { v4: 'destinationAddress', v6: 'deviceCustomIPv6Address3' }, members[name]);
    }
  }
  for (const [name, value] of Object.entries(members)) {
    if (places[name] === undefined && !used.has(name)) additionalData[name] = String(value);
  }
  return { fields, additionalData };
}

function putNumber(fields: Record<string, string | number>, field: string, value: string | number | undefined): void {
  if (value !== undefined) fields[field] = value;
}

/** The first address of a list, without the zone of an IPv6 one. */
function putAddress(
  fields: Record<string, string | number>,
  { v4, v6 }: { readonly v4: string; readonly v6: string },
  value: string | number | undefined,
): void {
  const [first = ''] = String(value ?? '').split(';');
  const [plain = ''] = first.split('%');
  if (isIPv4(first)) fields[v4] = first;
  else if (isIPv6(plain)) fields[v6] = plain;
}

/** The text as its ArcSight field keeps it: whole code points, no more UTF-16 units than the field holds. */
export function asKept(text: string, field: string): string {
  const room = CEF_FIELDS.get(field)?.maxLength ?? Number.POSITIVE_INFINITY;
  let kept = '';
  for (const point of text.toWellFormed()) {
    if (kept.length + point.length > room) break;
    kept += point;
  }
  return kept;
}
