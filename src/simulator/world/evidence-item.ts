import { createHash } from 'node:crypto';
import type { Random } from '../random.ts';
import type { GraphEvidence } from './graph-alert.ts';
import { type DeviceRow, DNS_DOMAIN, NT_DOMAIN, type ProcessRow, type UserRow } from './organisation-table.ts';

/** A device of the tenant with the ids it keeps for good. */
export interface Device extends DeviceRow {
  readonly mdeDeviceId: string;
  readonly azureAdDeviceId: string | null;
  readonly rbacGroupId: number;
  readonly firstSeenDateTime: string;
  readonly lastIpAddress: string;
}

export interface UserAccount {
  readonly accountName: string;
  readonly domainName: string;
  readonly userSid: string;
  readonly azureAdUserId: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly activeDirectoryObjectGuid: null;
}

/** Who and what one alert is about. */
export interface EvidenceContext {
  readonly random: Random;
  readonly tenantId: string;
  /** When the item came to the alert; epoch ms and as text. */
  readonly nowMs: number;
  readonly createdDateTime: string;
  readonly device: Device;
  readonly secondDevice: Device;
  readonly user: UserAccount;
  readonly process: ProcessRow;
  /** In place of the process's usual one. */
  readonly commandLine?: string;
}

interface ItemFacts {
  readonly random: Random;
  readonly createdDateTime: string;
  readonly roles?: readonly string[];
  readonly tags?: readonly string[];
}

/** An item with the members of `alertEvidence` and its own (defender-api 4.1). */
export function item(type: string, facts: ItemFacts, own: Readonly<Record<string, unknown>>): GraphEvidence {
  return {
    '@odata.type': `#microsoft.graph.security.${type}`,
    createdDateTime: facts.createdDateTime,
    verdict: facts.random.pick(['unknown', 'suspicious', 'suspicious', 'malicious']),
    remediationStatus: facts.random.pick(['none', 'none', 'active', 'prevented']),
    remediationStatusDetails: null,
    roles: facts.roles ?? [],
    detailedRoles: [],
    tags: facts.tags ?? [],
    ...own,
  };
}

/** The same file has the same hashes everywhere, as files do. */
export function fileDetails(
  random: Random,
  row: { readonly file: string; readonly folder: string; readonly size: number; readonly publisher?: string | null },
): Readonly<Record<string, unknown>> {
  const hash = (algorithm: string) => createHash(algorithm).update(`${row.folder}/${row.file}`).digest('hex');
  return {
    sha1: hash('sha1'),
    sha256: random.chance(0.8) ? hash('sha256') : null,
    md5: random.chance(0.3) ? hash('md5') : null,
    sha256Ac: null,
    fileName: row.file,
    filePath: row.folder,
    fileSize: row.size,
    filePublisher: row.publisher ?? null,
    signer: null,
    issuer: null,
  };
}

export function toDevice(row: DeviceRow, tenantId: string): Device {
  const digest = createHash('sha256').update(`${tenantId}/${row.name}`).digest('hex');
  return {
    ...row,
    mdeDeviceId: digest.slice(0, 40),
    azureAdDeviceId: row.os.startsWith('Windows1') ? toGuid(digest) : null,
    rbacGroupId: 70 + row.group.length,
    firstSeenDateTime: '2025-03-12T07:28:32.4321753Z',
    lastIpAddress: row.ip,
  };
}

export function toUserAccount(row: UserRow, tenantId: string): UserAccount {
  return {
    accountName: row.account,
    domainName: NT_DOMAIN,
    userSid: row.sid,
    azureAdUserId: toGuid(createHash('sha256').update(`${tenantId}/${row.account}`).digest('hex')),
    userPrincipalName: `${row.account}@${DNS_DOMAIN}`,
    displayName: row.display,
    activeDirectoryObjectGuid: null,
  };
}

function toGuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
