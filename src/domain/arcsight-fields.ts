/** What an ArcSight field takes. `long` and `integer` are whole numbers of 64 and 32 bits, `time` is epoch milliseconds. */
export type ArcSightType = 'text' | 'long' | 'integer' | 'double' | 'time' | 'ipv4' | 'ipv6' | 'mac';

/** A field of ArcSight's event that a parser file can set. */
export interface ArcSightField {
  /** As after `event.` in a parser file. */
  readonly name: string;
  readonly type: ArcSightType;
  /** UTF-16 units; null where it is no text. */
  readonly maxLength: number | null;
  /** Longest label, where it means nothing without the label beside it; else null. */
  readonly labelLength: number | null;
}

/**
 * Text fields by length: CEF implementation standard, document version 27; deviceSeverity is an assumption, the category
 * fields and cryptoSignature are the vendor's table of SmartConnectors 8.4.
 */
const TEXTS: readonly (readonly [maxLength: number, names: string])[] = [
  [31, 'deviceVersion applicationProtocol transportProtocol'],
  [40, 'externalId'],
  [63, 'deviceVendor deviceProduct deviceSeverity deviceAction eventOutcome'],
  [100, 'deviceHostName'],
  [128, 'deviceInboundInterface deviceOutboundInterface devicePayloadId'],
  [255, 'destinationDnsDomain deviceDnsDomain sourceDnsDomain destinationNtDomain deviceNtDomain sourceNtDomain'],
  [255, 'deviceExternalId deviceTimeZone fileHash oldFileHash'],
  [512, 'name cryptoSignature'],
  [1023, 'deviceEventClassId deviceEventCategory deviceFacility deviceProcessName message reason'],
  [1023, 'categoryBehavior categoryDeviceGroup categoryObject categoryOutcome categorySignificance categoryTechnique'],
  [1023, 'categoryDeviceType'],
  [1023, 'sourceHostName sourceServiceName sourceProcessName sourceUserId sourceUserName sourceUserPrivileges'],
  [1023, 'destinationHostName destinationServiceName destinationProcessName destinationUserId destinationUserName'],
  [1023, 'destinationUserPrivileges'],
  [1023, 'fileId fileName filePath filePermission fileType'],
  [1023, 'oldFileId oldFileName oldFilePath oldFilePermission oldFileType'],
  [1023, 'requestUrl requestClientApplication requestCookies requestMethod'],
  [1023, 'flexString1 flexString2'],
  // By the standard ArcSight sets it; among the names of a public list for parser files, not yet seen on a connector.
  [2048, 'customerURI'],
  [2048, 'requestContext'],
  [4000, 'deviceCustomString1 deviceCustomString2 deviceCustomString3'],
  [4000, 'deviceCustomString4 deviceCustomString5 deviceCustomString6 rawEvent'],
];

/** flexNumber1 and 2 stand in the schema of ESM only. */
const OTHERS: readonly (readonly [type: ArcSightType, names: string])[] = [
  ['long', 'deviceCustomNumber1 deviceCustomNumber2 deviceCustomNumber3 flexNumber1 flexNumber2'],
  ['long', 'fileSize oldFileSize bytesIn bytesOut'],
  ['integer', 'baseEventCount deviceDirection priority type destinationPort destinationTranslatedPort'],
  ['integer', 'sourcePort sourceTranslatedPort'],
  ['integer', 'destinationProcessId deviceProcessId sourceProcessId'],
  [
    'double',
    'deviceCustomFloatingPoint1 deviceCustomFloatingPoint2 deviceCustomFloatingPoint3 deviceCustomFloatingPoint4',
  ],
  ['time', 'startTime endTime deviceReceiptTime deviceCustomDate1 deviceCustomDate2 flexDate1'],
  ['time', 'fileCreateTime fileModificationTime oldFileCreateTime oldFileModificationTime'],
  ['ipv4', 'sourceAddress sourceTranslatedAddress destinationAddress destinationTranslatedAddress'],
  ['ipv4', 'deviceAddress deviceTranslatedAddress'],
  ['ipv6', 'deviceCustomIPv6Address1 deviceCustomIPv6Address2 deviceCustomIPv6Address3 deviceCustomIPv6Address4'],
  ['mac', 'deviceMacAddress sourceMacAddress'],
];

/** By name. */
export const ARCSIGHT_FIELDS: ReadonlyMap<string, ArcSightField> = new Map(
  [
    ...TEXTS.flatMap(([maxLength, names]) => names.split(' ').map((name) => fieldOf(name, 'text', maxLength))),
    ...OTHERS.flatMap(([type, names]) => names.split(' ').map((name) => fieldOf(name, type, null))),
  ].map((field) => [field.name, field]),
);

function fieldOf(name: string, type: ArcSightType, maxLength: number | null): ArcSightField {
  return { name, type, maxLength, labelLength: labelLength(name) };
}

function labelLength(name: string): number | null {
  if (name.startsWith('deviceCustom')) return 1023;
  return name.startsWith('flex') ? 128 : null;
}
