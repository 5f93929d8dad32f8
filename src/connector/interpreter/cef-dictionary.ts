/** What an event field accepts. Addresses of type `ipv4` take IPv6 too on connectors that say so (an option of `interpret`). */
export type FieldType = 'string' | 'integer' | 'long' | 'double' | 'timestamp' | 'ipv4' | 'ipv6' | 'mac';

export interface CefField {
  /** ArcSight's name, as after `event.` in a parser file. */
  readonly field: string;
  /** Key in the extension of a CEF line; null for the fields of the header. */
  readonly cefKey: string | null;
  readonly type: FieldType;
  /** UTF-16 units; null where the type bounds it. */
  readonly maxLength: number | null;
  /** Greatest value, where it is less than the type holds. */
  readonly max?: number;
}

/**
 * The event fields a parser can set. This table is the reader's own: it shares nothing with the generator, so that
 * a wrong row on one side shows as a difference.
 */
const ROWS: readonly CefField[] = [
  // Header of the line: CEF implementation standard, document version 27 (SmartConnectors 25.1).
  { field: 'deviceVendor', cefKey: null, type: 'string', maxLength: 63 },
  { field: 'deviceProduct', cefKey: null, type: 'string', maxLength: 63 },
  { field: 'deviceVersion', cefKey: null, type: 'string', maxLength: 31 },
  { field: 'deviceEventClassId', cefKey: null, type: 'string', maxLength: 1023 },
  { field: 'name', cefKey: null, type: 'string', maxLength: 512 },

  // Producer keys of the same standard. bytesIn, bytesOut and fileSize are Long, and ports end at 65535, in the vendor's
  // table of SmartConnectors 8.4; fileName and flexString1Label are printed wrong upstream.
  { field: 'deviceAction', cefKey: 'act', type: 'string', maxLength: 63 },
  { field: 'applicationProtocol', cefKey: 'app', type: 'string', maxLength: 31 },
  { field: 'deviceCustomIPv6Address1', cefKey: 'c6a1', type: 'ipv6', maxLength: null },
  { field: 'deviceCustomIPv6Address1Label', cefKey: 'c6a1Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomIPv6Address3', cefKey: 'c6a3', type: 'ipv6', maxLength: null },
  { field: 'deviceCustomIPv6Address3Label', cefKey: 'c6a3Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomIPv6Address4', cefKey: 'c6a4', type: 'ipv6', maxLength: null },
  { field: 'deviceCustomIPv6Address4Label', cefKey: 'c6a4Label', type: 'string', maxLength: 1023 },
  { field: 'deviceEventCategory', cefKey: 'cat', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomFloatingPoint1', cefKey: 'cfp1', type: 'double', maxLength: null },
  { field: 'deviceCustomFloatingPoint1Label', cefKey: 'cfp1Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomFloatingPoint2', cefKey: 'cfp2', type: 'double', maxLength: null },
  { field: 'deviceCustomFloatingPoint2Label', cefKey: 'cfp2Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomFloatingPoint3', cefKey: 'cfp3', type: 'double', maxLength: null },
  { field: 'deviceCustomFloatingPoint3Label', cefKey: 'cfp3Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomFloatingPoint4', cefKey: 'cfp4', type: 'double', maxLength: null },
  { field: 'deviceCustomFloatingPoint4Label', cefKey: 'cfp4Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomNumber1', cefKey: 'cn1', type: 'long', maxLength: null },
  { field: 'deviceCustomNumber1Label', cefKey: 'cn1Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomNumber2', cefKey: 'cn2', type: 'long', maxLength: null },
  { field: 'deviceCustomNumber2Label', cefKey: 'cn2Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomNumber3', cefKey: 'cn3', type: 'long', maxLength: null },
  { field: 'deviceCustomNumber3Label', cefKey: 'cn3Label', type: 'string', maxLength: 1023 },
  { field: 'baseEventCount', cefKey: 'cnt', type: 'integer', maxLength: null },
  { field: 'deviceCustomString1', cefKey: 'cs1', type: 'string', maxLength: 4000 },
  { field: 'deviceCustomString1Label', cefKey: 'cs1Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomString2', cefKey: 'cs2', type: 'string', maxLength: 4000 },
  { field: 'deviceCustomString2Label', cefKey: 'cs2Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomString3', cefKey: 'cs3', type: 'string', maxLength: 4000 },
  { field: 'deviceCustomString3Label', cefKey: 'cs3Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomString4', cefKey: 'cs4', type: 'string', maxLength: 4000 },
  { field: 'deviceCustomString4Label', cefKey: 'cs4Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomString5', cefKey: 'cs5', type: 'string', maxLength: 4000 },
  { field: 'deviceCustomString5Label', cefKey: 'cs5Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomString6', cefKey: 'cs6', type: 'string', maxLength: 4000 },
  { field: 'deviceCustomString6Label', cefKey: 'cs6Label', type: 'string', maxLength: 1023 },
  { field: 'destinationDnsDomain', cefKey: 'destinationDnsDomain', type: 'string', maxLength: 255 },
  { field: 'destinationServiceName', cefKey: 'destinationServiceName', type: 'string', maxLength: 1023 },
  { field: 'destinationTranslatedAddress', cefKey: 'destinationTranslatedAddress', type: 'ipv4', maxLength: null },
  {
    field: 'destinationTranslatedPort',
    cefKey: 'destinationTranslatedPort',
    type: 'integer',
    maxLength: null,
    max: 65535,
  },
  { field: 'deviceCustomDate1', cefKey: 'deviceCustomDate1', type: 'timestamp', maxLength: null },
  { field: 'deviceCustomDate1Label', cefKey: 'deviceCustomDate1Label', type: 'string', maxLength: 1023 },
  { field: 'deviceCustomDate2', cefKey: 'deviceCustomDate2', type: 'timestamp', maxLength: null },
  { field: 'deviceCustomDate2Label', cefKey: 'deviceCustomDate2Label', type: 'string', maxLength: 1023 },
  { field: 'deviceDirection', cefKey: 'deviceDirection', type: 'integer', maxLength: null },
  { field: 'deviceDnsDomain', cefKey: 'deviceDnsDomain', type: 'string', maxLength: 255 },
  { field: 'deviceExternalId', cefKey: 'deviceExternalId', type: 'string', maxLength: 255 },
  { field: 'deviceFacility', cefKey: 'deviceFacility', type: 'string', maxLength: 1023 },
  { field: 'deviceInboundInterface', cefKey: 'deviceInboundInterface', type: 'string', maxLength: 128 },
  { field: 'deviceNtDomain', cefKey: 'deviceNtDomain', type: 'string', maxLength: 255 },
  { field: 'deviceOutboundInterface', cefKey: 'deviceOutboundInterface', type: 'string', maxLength: 128 },
  { field: 'devicePayloadId', cefKey: 'devicePayloadId', type: 'string', maxLength: 128 },
  { field: 'deviceProcessName', cefKey: 'deviceProcessName', type: 'string', maxLength: 1023 },
  { field: 'deviceTranslatedAddress', cefKey: 'deviceTranslatedAddress', type: 'ipv4', maxLength: null },
  { field: 'destinationHostName', cefKey: 'dhost', type: 'string', maxLength: 1023 },
  { field: 'deviceMacAddress', cefKey: 'dmac', type: 'mac', maxLength: null },
  { field: 'destinationNtDomain', cefKey: 'dntdom', type: 'string', maxLength: 255 },
  { field: 'destinationProcessId', cefKey: 'dpid', type: 'integer', maxLength: null },
  { field: 'destinationUserPrivileges', cefKey: 'dpriv', type: 'string', maxLength: 1023 },
  { field: 'destinationProcessName', cefKey: 'dproc', type: 'string', maxLength: 1023 },
  { field: 'destinationPort', cefKey: 'dpt', type: 'integer', maxLength: null, max: 65535 },
  { field: 'destinationAddress', cefKey: 'dst', type: 'ipv4', maxLength: null },
  { field: 'deviceTimeZone', cefKey: 'dtz', type: 'string', maxLength: 255 },
  { field: 'destinationUserId', cefKey: 'duid', type: 'string', maxLength: 1023 },
  { field: 'destinationUserName', cefKey: 'duser', type: 'string', maxLength: 1023 },
  { field: 'deviceAddress', cefKey: 'dvc', type: 'ipv4', maxLength: null },
  { field: 'deviceHostName', cefKey: 'dvchost', type: 'string', maxLength: 100 },
  { field: 'deviceProcessId', cefKey: 'dvcpid', type: 'integer', maxLength: null },
  { field: 'endTime', cefKey: 'end', type: 'timestamp', maxLength: null },
  { field: 'externalId', cefKey: 'externalId', type: 'string', maxLength: 40 },
  { field: 'fileCreateTime', cefKey: 'fileCreateTime', type: 'timestamp', maxLength: null },
  { field: 'fileHash', cefKey: 'fileHash', type: 'string', maxLength: 255 },
  { field: 'fileId', cefKey: 'fileId', type: 'string', maxLength: 1023 },
  { field: 'fileModificationTime', cefKey: 'fileModificationTime', type: 'timestamp', maxLength: null },
  { field: 'filePath', cefKey: 'filePath', type: 'string', maxLength: 1023 },
  { field: 'filePermission', cefKey: 'filePermission', type: 'string', maxLength: 1023 },
  { field: 'fileType', cefKey: 'fileType', type: 'string', maxLength: 1023 },
  { field: 'flexDate1', cefKey: 'flexDate1', type: 'timestamp', maxLength: null },
  { field: 'flexDate1Label', cefKey: 'flexDate1Label', type: 'string', maxLength: 128 },
  { field: 'flexString1', cefKey: 'flexString1', type: 'string', maxLength: 1023 },
  { field: 'flexString1Label', cefKey: 'flexString1Label', type: 'string', maxLength: 128 },
  { field: 'flexString2', cefKey: 'flexString2', type: 'string', maxLength: 1023 },
  { field: 'flexString2Label', cefKey: 'flexString2Label', type: 'string', maxLength: 128 },
  { field: 'fileName', cefKey: 'fname', type: 'string', maxLength: 1023 },
  { field: 'fileSize', cefKey: 'fsize', type: 'long', maxLength: null },
  { field: 'bytesIn', cefKey: 'in', type: 'long', maxLength: null },
  { field: 'message', cefKey: 'msg', type: 'string', maxLength: 1023 },
  { field: 'oldFileCreateTime', cefKey: 'oldFileCreateTime', type: 'timestamp', maxLength: null },
  { field: 'oldFileHash', cefKey: 'oldFileHash', type: 'string', maxLength: 255 },
  { field: 'oldFileId', cefKey: 'oldFileId', type: 'string', maxLength: 1023 },
  { field: 'oldFileModificationTime', cefKey: 'oldFileModificationTime', type: 'timestamp', maxLength: null },
  { field: 'oldFileName', cefKey: 'oldFileName', type: 'string', maxLength: 1023 },
  { field: 'oldFilePath', cefKey: 'oldFilePath', type: 'string', maxLength: 1023 },
  { field: 'oldFilePermission', cefKey: 'oldFilePermission', type: 'string', maxLength: 1023 },
  { field: 'oldFileSize', cefKey: 'oldFileSize', type: 'long', maxLength: null },
  { field: 'oldFileType', cefKey: 'oldFileType', type: 'string', maxLength: 1023 },
  { field: 'bytesOut', cefKey: 'out', type: 'long', maxLength: null },
  { field: 'eventOutcome', cefKey: 'outcome', type: 'string', maxLength: 63 },
  { field: 'transportProtocol', cefKey: 'proto', type: 'string', maxLength: 31 },
  { field: 'reason', cefKey: 'reason', type: 'string', maxLength: 1023 },
  { field: 'requestUrl', cefKey: 'request', type: 'string', maxLength: 1023 },
  { field: 'requestClientApplication', cefKey: 'requestClientApplication', type: 'string', maxLength: 1023 },
  { field: 'requestContext', cefKey: 'requestContext', type: 'string', maxLength: 2048 },
  { field: 'requestCookies', cefKey: 'requestCookies', type: 'string', maxLength: 1023 },
  { field: 'requestMethod', cefKey: 'requestMethod', type: 'string', maxLength: 1023 },
  { field: 'deviceReceiptTime', cefKey: 'rt', type: 'timestamp', maxLength: null },
  { field: 'sourceHostName', cefKey: 'shost', type: 'string', maxLength: 1023 },
  { field: 'sourceMacAddress', cefKey: 'smac', type: 'mac', maxLength: null },
  { field: 'sourceNtDomain', cefKey: 'sntdom', type: 'string', maxLength: 255 },
  { field: 'sourceDnsDomain', cefKey: 'sourceDnsDomain', type: 'string', maxLength: 255 },
  { field: 'sourceServiceName', cefKey: 'sourceServiceName', type: 'string', maxLength: 1023 },
  { field: 'sourceTranslatedAddress', cefKey: 'sourceTranslatedAddress', type: 'ipv4', maxLength: null },
  { field: 'sourceTranslatedPort', cefKey: 'sourceTranslatedPort', type: 'integer', maxLength: null, max: 65535 },
  { field: 'sourceProcessId', cefKey: 'spid', type: 'integer', maxLength: null },
  { field: 'sourceUserPrivileges', cefKey: 'spriv', type: 'string', maxLength: 1023 },
  { field: 'sourceProcessName', cefKey: 'sproc', type: 'string', maxLength: 1023 },
  { field: 'sourcePort', cefKey: 'spt', type: 'integer', maxLength: null, max: 65535 },
  { field: 'sourceAddress', cefKey: 'src', type: 'ipv4', maxLength: null },
  { field: 'startTime', cefKey: 'start', type: 'timestamp', maxLength: null },
  { field: 'sourceUserId', cefKey: 'suid', type: 'string', maxLength: 1023 },
  { field: 'sourceUserName', cefKey: 'suser', type: 'string', maxLength: 1023 },
  { field: 'type', cefKey: 'type', type: 'integer', maxLength: null },

  // Missing from the table of the standard, named on its page of special mappings.
  { field: 'deviceCustomIPv6Address2', cefKey: 'c6a2', type: 'ipv6', maxLength: null },
  { field: 'deviceCustomIPv6Address2Label', cefKey: 'c6a2Label', type: 'string', maxLength: 1023 },

  // ESM schema only: no short key, the connector writes the full name. The label length follows the other flex labels.
  { field: 'flexNumber1', cefKey: 'flexNumber1', type: 'long', maxLength: null },
  { field: 'flexNumber1Label', cefKey: 'flexNumber1Label', type: 'string', maxLength: 128 },
  { field: 'flexNumber2', cefKey: 'flexNumber2', type: 'long', maxLength: null },
  { field: 'flexNumber2Label', cefKey: 'flexNumber2Label', type: 'string', maxLength: 128 },

  // Seen in the output of real connectors and in published parsers. Lengths of the category fields and cryptoSignature:
  // vendor's table of SmartConnectors 8.4; that of deviceSeverity is an assumption, that of rawEvent the standard's.
  { field: 'deviceSeverity', cefKey: 'deviceSeverity', type: 'string', maxLength: 63 },
  { field: 'categoryBehavior', cefKey: 'categoryBehavior', type: 'string', maxLength: 1023 },
  { field: 'categoryDeviceGroup', cefKey: 'categoryDeviceGroup', type: 'string', maxLength: 1023 },
  { field: 'categoryObject', cefKey: 'categoryObject', type: 'string', maxLength: 1023 },
  { field: 'categoryOutcome', cefKey: 'categoryOutcome', type: 'string', maxLength: 1023 },
  { field: 'categorySignificance', cefKey: 'categorySignificance', type: 'string', maxLength: 1023 },
  { field: 'categoryTechnique', cefKey: 'categoryTechnique', type: 'string', maxLength: 1023 },
  { field: 'categoryDeviceType', cefKey: 'catdt', type: 'string', maxLength: 1023 },
  { field: 'cryptoSignature', cefKey: 'cryptoSignature', type: 'string', maxLength: 512 },
  // By the standard ArcSight sets it itself; among the names that a public list gives for parser files.
  { field: 'customerURI', cefKey: 'customerURI', type: 'string', maxLength: 2048 },
  { field: 'priority', cefKey: 'priority', type: 'integer', maxLength: null },
  { field: 'rawEvent', cefKey: 'rawEvent', type: 'string', maxLength: 4000 },
];

/** By ArcSight name. */
export const CEF_FIELDS: ReadonlyMap<string, CefField> = new Map(ROWS.map((row) => [row.field, row]));

/** Fields that mean nothing to a reader without the label beside them; null when `field` is none of them. */
export function labelOf(field: string): string | null {
  const custom = /^(deviceCustom(String|Number|Date|FloatingPoint|IPv6Address)|flex(String|Number|Date))\d$/;
  return custom.test(field) ? `${field}Label` : null;
}
