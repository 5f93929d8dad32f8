import { evidenceType, member, numberOf, textOf } from '../world/endpoint-alert.ts';
import type { GraphAlert, GraphEvidence } from '../world/graph-alert.ts';

/** Members of an evidence item of `/api/alerts`: every one of them is always there (defender-api 3). */
const NOTHING = {
  sha1: null,
  sha256: null,
  fileName: null,
  filePath: null,
  processId: null,
  processCommandLine: null,
  processCreationTime: null,
  parentProcessId: null,
  parentProcessCreationTime: null,
  parentProcessFileName: null,
  parentProcessFilePath: null,
  ipAddress: null,
  url: null,
  registryKey: null,
  registryHive: null,
  registryValueType: null,
  registryValue: null,
  registryValueName: null,
  accountName: null,
  domainName: null,
  userSid: null,
  aadUserId: null,
  userPrincipalName: null,
  detectionStatus: null,
};

type Name = keyof typeof NOTHING;
type Members = Readonly<Partial<Record<Name, string | number | null>>>;
export type DefenderEvidence = Readonly<Record<Name, string | number | null>> & {
  readonly entityType: string;
  readonly evidenceCreationTime: string | null;
};

/** What each of Graph's types is here; a device is no evidence of this API, and what it has no type for is left out. */
const TYPES: Readonly<Partial<Record<string, readonly [entityType: string, read: (item: GraphEvidence) => Members]>>> =
  {
    user: ['User', (item) => account(item)],
    process: ['Process', (item) => ({ ...file(member(item, 'imageFile')), ...process(item), ...account(item) })],
    file: ['File', (item) => ({ ...file(member(item, 'fileDetails')), detectionStatus: detection(item) })],
    ip: ['Ip', (item) => ({ ipAddress: textOf(item, 'ipAddress') })],
    url: ['Url', (item) => ({ url: textOf(item, 'url') })],
    networkConnection: ['Ip', (item) => ({ ipAddress: textOf(member(item, 'destinationAddress'), 'ipAddress') })],
    dns: ['Url', (item) => ({ url: textOf(item, 'domainName') })],
    registryKey: ['Registry', (item) => registry(item)],
    registryValue: ['Registry', (item) => registry(item)],
  };

export function toDefenderEvidence({ evidence = [] }: GraphAlert): readonly DefenderEvidence[] {
  return evidence.flatMap((item) => {
    const type = TYPES[evidenceType(item)];
    if (type === undefined) return [];
    const [entityType, read] = type;
    return [{ entityType, evidenceCreationTime: item.createdDateTime ?? null, ...NOTHING, ...read(item) }];
  });
}

function account(item: GraphEvidence): Members {
  const user = member(item, 'userAccount');
  return {
    accountName: textOf(user, 'accountName'),
    domainName: textOf(user, 'domainName'),
    userSid: textOf(user, 'userSid'),
    aadUserId: textOf(user, 'azureAdUserId'),
    userPrincipalName: textOf(user, 'userPrincipalName'),
  };
}

function file(details: Readonly<Record<string, unknown>>): Members {
  return {
    sha1: textOf(details, 'sha1'),
    sha256: textOf(details, 'sha256'),
    fileName: textOf(details, 'fileName'),
    filePath: textOf(details, 'filePath'),
  };
}

function process(item: GraphEvidence): Members {
  const parent = member(item, 'parentProcessImageFile');
  return {
    processId: numberOf(item, 'processId'),
    processCommandLine: textOf(item, 'processCommandLine'),
    processCreationTime: textOf(item, 'processCreationDateTime'),
    parentProcessId: numberOf(item, 'parentProcessId'),
    parentProcessCreationTime: textOf(item, 'parentProcessCreationDateTime'),
    parentProcessFileName: textOf(parent, 'fileName'),
    parentProcessFilePath: textOf(parent, 'filePath'),
    detectionStatus: detection(item),
  };
}

function registry(item: GraphEvidence): Members {
  return {
    registryKey: textOf(item, 'registryKey'),
    registryHive: textOf(item, 'registryHive'),
    registryValueType: textOf(item, 'registryValueType'),
    registryValue: textOf(item, 'registryValue'),
    registryValueName: textOf(item, 'registryValueName'),
  };
}

function detection(item: GraphEvidence): string | null {
  const word = textOf(item, 'detectionStatus');
  return word === null ? null : `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
