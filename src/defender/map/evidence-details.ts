import { isObject, type JsonObject } from '../schema.ts';

/** Members of every evidence; they have facts of their own or say nothing about the thing. */
const COMMON: ReadonlySet<string> = new Set([
  'createdDateTime',
  'detailedRoles',
  'mdeDeviceId',
  'remediationStatus',
  'remediationStatusDetails',
  'roles',
  'tags',
  'verdict',
]);

/** Members that name a nested thing, best first. */
const NAMING = [
  'name',
  'displayName',
  'fileName',
  'accountName',
  'userPrincipalName',
  'emailAddress',
  'ipAddress',
  'url',
  'resourceName',
  'resourceId',
  'deviceDnsName',
  'macAddress',
  'activeDirectoryDomainName',
  'imageId',
  'registry',
  'value',
] as const;

/** Complex members that hold the name of the evidence around them. */
const HOLDERS = ['userAccount', 'fileDetails', 'imageFile'] as const;

/**
 * `name=value` of everything an evidence says in scalars, for types without catalogue fields. One entry per list
 * element, so that lists compare as sets; of a nested thing only the member that names it (`namespace.name=...`).
 */
export function evidenceDetails(evidence: JsonObject): readonly string[] {
  return Object.entries(evidence)
    .filter(([member]) => !COMMON.has(member) && !member.includes('@'))
    .flatMap(([member, value]) => (Array.isArray(value) ? value : [value]).flatMap((item) => detail(member, item)));
}

function detail(member: string, value: unknown): readonly string[] {
  if (isObject(value)) return naming(member, value);
  const shown = scalar(value);
  return shown === undefined ? [] : [`${member}=${shown}`];
}

function naming(prefix: string, nested: JsonObject): readonly string[] {
  for (const member of NAMING) {
    const shown = scalar(nested[member]);
    if (shown !== undefined) return [`${prefix}.${member}=${shown}`];
  }
  for (const holder of HOLDERS) {
    const inner = nested[holder];
    if (isObject(inner)) return naming(`${prefix}.${holder}`, inner);
  }
  return [];
}

function scalar(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' && value !== 'null' ? value : undefined;
}

/** Names and ids of a type nobody documented, in the order of their members' names: all there is to tell two apart. */
export function identifyingDetails(evidence: JsonObject): string {
  const details = evidenceDetails(evidence);
  const identifying = details.filter((entry) => /^[^=]*(id|name|address|url|value)=/i.test(entry));
  return (identifying.length > 0 ? identifying : details).toSorted().join(';').toLowerCase();
}
