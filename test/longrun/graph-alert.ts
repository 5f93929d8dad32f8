import { type Json, objectOf, objectsOf, sevenDigits, textOf, without } from './json-reading.ts';
import type { AlertReading, Item } from './snapshot.ts';

/** Members of an alert that no field carries, or that change with another one that counts. */
const NO_CONTENT = new Set(['evidence', 'lastUpdateDateTime', 'comments', 'resolvedDateTime']);

/** Members of an item that no field carries, and telemetry of a device, which is left out (design: Change). */
const NO_ITEM_CONTENT = new Set([
  'verdict',
  'remediationStatus',
  'remediationStatusDetails',
  'countryLetterCode',
  'fileDetails',
  'imageFile',
  'healthStatus',
  'riskScore',
  'lastIpAddress',
  'lastExternalIpAddress',
]);

/** They are looked up later, and count wherever they come from. */
const HASHES = new Set(['sha256', 'md5']);
const CONTEXT = new Set(['device', 'user', 'mailbox', 'securityGroup']);
/** States in which nothing is known yet are absent (design: Change). */
const UNDECIDED = new Set(['none', 'active', 'notFound']);

/** How the factory names a thing of each type. */
const NAMES: Readonly<Record<string, (item: Json) => readonly unknown[]>> = {
  process: ({ processId, processCreationDateTime }) => [processId, sevenDigits(processCreationDateTime)],
  file: ({ fileDetails }) => fileName(objectOf(fileDetails)),
  ip: ({ ipAddress }) => [ipAddress],
  url: ({ url }) => [url],
  user: ({ userAccount }) => [objectOf(userAccount)['userSid']],
  device: ({ mdeDeviceId }) => [mdeDeviceId],
  mailbox: ({ primaryAddress }) => [primaryAddress],
  securityGroup: ({ securityGroupId }) => [securityGroupId],
  analyzedMessage: ({ networkMessageId }) => [networkMessageId],
  mailCluster: ({ urn }) => [urn],
  cloudApplication: ({ appId }) => [appId],
  oauthApplication: ({ appId }) => [appId],
  cloudLogonSession: ({ sessionId }) => [sessionId],
  azureResource: ({ resourceId }) => [resourceId],
  kubernetesPod: ({ name }) => [name],
  networkConnection: ({ sourcePort, destinationAddress }) => [sourcePort, objectOf(destinationAddress)['ipAddress']],
  dns: ({ domainName }) => [domainName],
  registryKey: ({ registryKey }) => [registryKey],
  registryValue: ({ registryKey, registryValueName }) => [registryKey, registryValueName],
};

/** Reads alerts of Graph. Items that are served again and again are the same objects in the simulator: each is read once. */
export function createGraphReading(): (value: unknown) => AlertReading {
  const known = new WeakMap<Json, Item>();
  return (value) =>
    readGraphAlert(value, (item) => {
      const made = known.get(item) ?? readItem(item);
      known.set(item, made);
      return made;
    });
}

function readGraphAlert(value: unknown, toItem: (item: Json) => Item): AlertReading {
  const alert = objectOf(value);
  const { severity, status, classification, determination } = alert;
  return {
    updatedAt: sevenDigits(alert['lastUpdateDateTime']),
    significant: {
      severity: word(severity),
      status: word(status),
      classification: word(classification),
      determination: word(determination),
    },
    content: without(alert, NO_CONTENT),
    items: objectsOf(alert['evidence']).map(toItem),
  };
}

function readItem(item: Json): Item {
  const type = /\.(\w+?)Evidence$/.exec(textOf(item['@odata.type']))?.[1] ?? '';
  const naming = NAMES[type];
  if (naming === undefined) throw new Error(`evidence of the type ${type} has no name here`);
  const file = objectOf(item['fileDetails'] ?? item['imageFile']);
  const remediation = textOf(item['remediationStatus']);
  return {
    type,
    name: naming(item).map(textOf).join('|'),
    isContext: CONTEXT.has(type),
    createdAt: sevenDigits(item['createdDateTime']),
    content: `${without(item, NO_ITEM_CONTENT)}${without(file, HASHES)}`,
    sha256: textOf(file['sha256']),
    md5: textOf(file['md5']),
    file: Object.keys(file).length === 0 ? null : [item['mdeDeviceId'], ...fileName(file)].map(textOf).join('|'),
    verdict: item['verdict'] === 'unknown' ? '' : word(item['verdict']),
    remediation: UNDECIDED.has(remediation) ? '' : word(remediation),
  };
}

/** The factory makes the hash of folder and name. */
export function fileName({ sha1, fileName: name }: Json): readonly unknown[] {
  return [sha1, name];
}

function word(value: unknown): string {
  return textOf(value).toLowerCase();
}
