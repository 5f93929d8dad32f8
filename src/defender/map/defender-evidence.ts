import { isObject, type JsonObject, list, object, objects, text } from '../schema.ts';
import { graphWord } from './graph-words.ts';

/**
 * Evidence of the Defender for Endpoint API in the shape of Graph's, so that both are read by one table and one thing has
 * one natural key whichever API it came from. One flat element holds the members of all types (defender-api 3).
 */
export function toGraphShape(evidence: JsonObject, machineId: string | undefined): JsonObject {
  const entity = text(evidence, 'entityType') ?? '';
  const shape = SHAPES.get(entity.toLowerCase());
  const common = {
    createdDateTime: evidence['evidenceCreationTime'],
    remediationStatus: remediation(evidence),
    verdict: graphWord('verdict', text(evidence, 'verdict')),
  };
  if (shape !== undefined) return { ...common, ...shape(evidence, machineId) };
  const { entityType: _type, evidenceCreationTime: _created, ...members } = evidence;
  return { ...members, ...common, ...ofType(`${entity.slice(0, 1).toLowerCase()}${entity.slice(1)}`) };
}

type Shape = (evidence: JsonObject, machineId: string | undefined) => JsonObject;

const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['process', processShape],
  ['file', fileShape],
  ['ip', ({ ipAddress }) => ({ ...ofType('ip'), ipAddress })],
  ['url', ({ url }) => ({ ...ofType('url'), url })],
  ['user', (user) => ({ ...ofType('user'), userAccount: account(user) })],
  ['registry', registryShape],
]);

function fileShape(file: JsonObject, machineId: string | undefined): JsonObject {
  return {
    ...ofType('file'),
    mdeDeviceId: machineId,
    detectionStatus: detectionStatus(file),
    fileDetails: fileDetails(file),
  };
}

function processShape(process: JsonObject, machineId: string | undefined): JsonObject {
  const { processId, processCommandLine, processCreationTime, parentProcessId, parentProcessCreationTime } = process;
  const { parentProcessFileName: fileName, parentProcessFilePath: filePath } = process;
  return {
    ...ofType('process'),
    mdeDeviceId: machineId,
    detectionStatus: detectionStatus(process),
    imageFile: fileDetails(process),
    processId,
    processCommandLine,
    processCreationDateTime: processCreationTime,
    parentProcessId,
    parentProcessCreationDateTime: parentProcessCreationTime,
    parentProcessImageFile: { fileName, filePath },
    userAccount: account(process),
  };
}

/** One entity type here, two in Graph: a value has a name, content or type, a key has none. */
function registryShape(registry: JsonObject, machineId: string | undefined): JsonObject {
  const { registryHive, registryKey, registryValueName, registryValue, registryValueType } = registry;
  const isValue = ['registryValueName', 'registryValue', 'registryValueType'].some(
    (member) => text(registry, member) !== undefined,
  );
  if (!isValue) return { ...ofType('registryKey'), mdeDeviceId: machineId, registryHive, registryKey };
  return {
    ...ofType('registryValue'),
    mdeDeviceId: machineId,
    registryHive,
    registryKey,
    registryValueName,
    registryValue,
    registryValueType,
  };
}

function ofType(type: string): JsonObject {
  return { '@odata.type': `#microsoft.graph.security.${type}Evidence` };
}

/** Absent where the evidence names no file at all: a process then has no image. */
function fileDetails(evidence: JsonObject): JsonObject | undefined {
  const { fileName, filePath, sha1, sha256 } = evidence;
  const names = ['fileName', 'filePath', 'sha1', 'sha256'];
  return names.some((member) => text(evidence, member) !== undefined)
    ? { fileName, filePath, sha1, sha256 }
    : undefined;
}

function account({ accountName, domainName, userSid, aadUserId, userPrincipalName }: JsonObject): JsonObject {
  return { accountName, domainName, userSid, azureAdUserId: aadUserId, userPrincipalName };
}

/**
 * The documented evidence has no remediation of its own. That Defender prevented or blocked the thing is what Graph says
 * in `remediationStatus` (inferred: both enums have the two words).
 */
function remediation(evidence: JsonObject): string | undefined {
  const detection = detectionStatus(evidence);
  const stopped = detection === 'prevented' || detection === 'blocked' ? detection : undefined;
  return graphWord('remediationStatus', text(evidence, 'remediationStatus')) ?? stopped;
}

function detectionStatus(evidence: JsonObject): string | undefined {
  return graphWord('detectionStatus', text(evidence, 'detectionStatus'));
}

/** Elements of the lists that answers of 2019 have instead of `evidence`. */
export function listedEvidence(alert: JsonObject): readonly JsonObject[] {
  return [
    ...objects(alert, 'alertFiles').map((file) => ({ entityType: 'File', ...file })),
    ...objects(alert, 'alertIps').map((ip) => ({ entityType: 'Ip', ...ip })),
    ...objects(alert, 'alertDomains').map(({ host }) => ({ entityType: 'Url', url: host })),
  ];
}

/** The device and the user that the alert itself names, as evidence of Graph's; a user that the evidence names too is left to it. */
export function contextEvidence(alert: JsonObject): readonly JsonObject[] {
  const { machineId, computerDnsName, rbacGroupName, loggedOnUsers } = alert;
  const device = {
    ...ofType('device'),
    mdeDeviceId: machineId,
    deviceDnsName: computerDnsName,
    rbacGroupName,
    loggedOnUsers,
  };
  const hasDevice = ['machineId', 'computerDnsName'].some((member) => text(alert, member) !== undefined);
  const related = relatedAccount(alert);
  const isNamed = related !== undefined && users(alert).some((evidence) => isSame(evidence, related));
  return [
    ...(hasDevice ? [device] : []),
    ...(related === undefined || isNamed ? [] : [{ ...ofType('user'), userAccount: related }]),
  ];
}

interface Account {
  readonly accountName: string;
  readonly domainName: string | undefined;
}

/** The user of the alert. The 2019 pages name `alertUser` and never print one: its members are inferred. */
export function relatedAccount(alert: JsonObject): Account | undefined {
  const user = object(alert, 'relatedUser') ?? object(alert, 'alertUser') ?? {};
  const accountName = text(user, 'userName') ?? text(user, 'accountName');
  return accountName === undefined ? undefined : { accountName, domainName: text(user, 'domainName') };
}

function users(alert: JsonObject): readonly JsonObject[] {
  return (list(alert, 'evidence') ?? [])
    .filter(isObject)
    .filter((evidence) => text(evidence, 'entityType')?.toLowerCase() === 'user');
}

/** The same account name, or the name before the @ of the principal name, in a domain that does not contradict. */
function isSame(evidence: JsonObject, { accountName, domainName }: Account): boolean {
  const domain = text(evidence, 'domainName')?.toLowerCase();
  if (domain !== undefined && domainName !== undefined && domain !== domainName.toLowerCase()) return false;
  const principal = text(evidence, 'userPrincipalName')?.toLowerCase();
  const names = [text(evidence, 'accountName')?.toLowerCase(), principal, principal?.split('@')[0]];
  return names.includes(accountName.toLowerCase());
}
