import { isIP, isIPv4, isIPv6 } from 'node:net';
import { instant, integer, type JsonObject, knownWord, object, objects, text, texts } from '../schema.ts';
import { folderOf, fullPath } from './file-path.ts';
import type { DraftFacts } from './known-facts.ts';
import { keyPart, keyPartAt } from './natural-key-part.ts';

/** What the evidence types with catalogue fields of their own say (defender-api 2 and 4.1). */

export function fileFacts(file: JsonObject | undefined): DraftFacts {
  if (file === undefined) return {};
  const name = text(file, 'fileName');
  const sha1 = text(file, 'sha1');
  return {
    FileName: name,
    FilePath: fullPath(text(file, 'filePath'), name),
    Sha1: sha1,
    Sha256: text(file, 'sha256'),
    Md5: text(file, 'md5'),
    FileHash: sha1,
  };
}

/** Device, sha256, sha1, name, folder. */
export function fileKey(deviceId: string | undefined, file: JsonObject | undefined): readonly string[] {
  const details = file ?? {};
  const name = text(details, 'fileName');
  return [
    keyPart(deviceId),
    keyPartAt(details, 'sha256'),
    keyPartAt(details, 'sha1'),
    keyPart(name),
    keyPart(folderOf(text(details, 'filePath'), name)),
  ];
}

export function processFacts(process: JsonObject): DraftFacts {
  const parent = object(process, 'parentProcessImageFile') ?? {};
  const parentName = text(parent, 'fileName');
  return {
    ...fileFacts(object(process, 'imageFile')),
    CommandLine: text(process, 'processCommandLine'),
    ProcessId: integer(process, 'processId'),
    ProcessTime: instant(process, 'processCreationDateTime'),
    ParentProcessId: integer(process, 'parentProcessId'),
    ParentFileName: parentName,
    ParentFilePath: fullPath(text(parent, 'filePath'), parentName),
    WasExecutingWhileDetected: wasExecuting(process),
    ...accountFacts(object(process, 'userAccount')),
  };
}

/**
 * Device, process id and start name a process for good; its image and, while one of those is missing, its command line
 * tell apart what was stopped before it got an id. Md5, parent and account are left out: they come and go.
 */
export function processKey(process: JsonObject): readonly string[] {
  const image = object(process, 'imageFile') ?? {};
  const id = keyPartAt(process, 'processId');
  const started = keyPart(instant(process, 'processCreationDateTime'));
  return [
    keyPartAt(process, 'mdeDeviceId'),
    id,
    started,
    keyPartAt(image, 'sha256'),
    keyPartAt(image, 'sha1'),
    keyPartAt(image, 'fileName'),
    id !== '' && started !== '' ? '' : keyPartAt(process, 'processCommandLine'),
  ];
}

/** Inferred: Microsoft's migration table names `detectionStatus` as the successor and does not say how it maps. */
function wasExecuting(process: JsonObject): number | undefined {
  const status = text(process, 'detectionStatus');
  if (status === 'detected') return 1;
  return status === 'prevented' || status === 'blocked' ? 0 : undefined;
}

export function accountFacts(account: JsonObject | undefined): DraftFacts {
  if (account === undefined) return {};
  return {
    UserName: text(account, 'accountName'),
    UserDomain: text(account, 'domainName'),
    UserPrincipalName: text(account, 'userPrincipalName'),
    UserSid: text(account, 'userSid'),
  };
}

/** Account of a user evidence that is nested in a logon session. */
export function sessionFacts(session: JsonObject): DraftFacts {
  return accountFacts(object(object(session, 'account') ?? {}, 'userAccount'));
}

export function mailboxFacts(mailbox: JsonObject): DraftFacts {
  const account = accountFacts(object(mailbox, 'userAccount'));
  return { ...account, UserPrincipalName: text(mailbox, 'upn') ?? account.UserPrincipalName };
}

export function deviceFacts(device: JsonObject): DraftFacts {
  const dnsName = text(device, 'deviceDnsName');
  const [label, domain] = splitDnsName(dnsName);
  const tags = texts(device, 'tags');
  return {
    ComputerDnsName: dnsName,
    MachineName: text(device, 'hostName') ?? label,
    MachineDomain: text(device, 'dnsDomain') ?? domain,
    DeviceID: text(device, 'mdeDeviceId'),
    MachineGroup: text(device, 'rbacGroupName'),
    OsPlatform: text(device, 'osPlatform'),
    DeviceCreatedMachineTags: tags,
    CloudCreatedMachineTags: tags,
  };
}

/** Changes with every logon and lease; health, risk and last addresses have no field and are left out. */
export function deviceTelemetry(device: JsonObject): DraftFacts {
  const addresses = texts(device, 'ipInterfaces') ?? [];
  return {
    LogOnUsers: objects(device, 'loggedOnUsers').flatMap((user) => logonName(user) ?? []),
    InternalIPv4List: addresses.filter((address) => isIPv4(address)),
    InternalIPv6List: addresses.filter((address) => isIPv6(address)),
  };
}

/** The ids name a device for good; its name only while there is none, because devices are renamed. */
export function deviceKey(device: JsonObject): readonly string[] {
  const ids = [keyPartAt(device, 'mdeDeviceId'), keyPartAt(device, 'azureAdDeviceId')];
  return [...ids, ids.every((id) => id === '') ? keyPartAt(device, 'deviceDnsName') : ''];
}

function splitDnsName(name: string | undefined): readonly [string | undefined, string | undefined] {
  if (name === undefined || isIP(name) !== 0) return [name, undefined];
  const dot = name.indexOf('.');
  return dot <= 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
}

/** No domain on old Windows 10 (defender-api 1.4). */
function logonName(user: JsonObject): string | undefined {
  const name = text(user, 'accountName');
  const domain = text(user, 'domainName');
  return name === undefined || domain === undefined ? name : `${domain}\\${name}`;
}

export function connectionFacts(connection: JsonObject): DraftFacts {
  const destination = text(object(connection, 'destinationAddress') ?? {}, 'ipAddress');
  return { IpAddress: destination ?? text(object(connection, 'sourceAddress') ?? {}, 'ipAddress') };
}

export function hashFacts(hashes: readonly JsonObject[]): DraftFacts {
  const of = (algorithm: string) => {
    const hash = hashes.find((candidate) => text(candidate, 'algorithm')?.toLowerCase() === algorithm);
    return hash === undefined ? undefined : text(hash, 'value');
  };
  const sha1 = of('sha1');
  return { Sha1: sha1, Sha256: of('sha256'), Md5: of('md5'), FileHash: sha1 };
}

/** States in which nothing has happened yet, or nobody knows: an absent member, never 0 (design: Change). */
const UNDECIDED: ReadonlySet<string> = new Set(['none', 'active', 'pendingApproval', 'running', 'notFound']);
const SUCCESS: ReadonlySet<string> = new Set(['remediated', 'prevented', 'blocked']);
const FAILURE: ReadonlySet<string> = new Set(['unremediated', 'partiallyRemediated', 'declined']);

/** What every evidence type says. */
export function commonFacts(evidence: JsonObject, roles: readonly string[]): DraftFacts {
  const status = knownWord(evidence, 'remediationStatus');
  const decided = status !== undefined && !UNDECIDED.has(status) ? status : undefined;
  return {
    EvidenceRoles: roles,
    Verdict: knownWord(evidence, 'verdict'),
    RemediationAction: decided,
    RemediationIsSuccess: decided === undefined ? undefined : succeeded(decided),
  };
}

function succeeded(status: string): number | undefined {
  if (SUCCESS.has(status)) return 1;
  return FAILURE.has(status) ? 0 : undefined;
}
