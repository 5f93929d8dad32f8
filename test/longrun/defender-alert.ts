import { fileName } from './graph-alert.ts';
import { type Json, objectOf, objectsOf, sevenDigits, textOf, without } from './json-reading.ts';
import type { AlertReading, Item } from './snapshot.ts';

/** Members of an alert that no field carries, or that change with another one that counts; who is logged on is telemetry. */
const NO_CONTENT = new Set(['evidence', 'lastUpdateTime', 'comments', 'resolvedTime', 'loggedOnUsers']);
const HASHES = new Set(['sha256']);
/** An older word for one of Graph's, in which the feed speaks. */
const GRAPH_WORDS: Readonly<Record<string, string>> = { clean: 'notmalicious' };

/** Type in the feed, and how the factory names a thing of it. */
const KINDS: Readonly<Record<string, (item: Json) => readonly [type: string, ...name: readonly unknown[]]>> = {
  Process: ({ processId, processCreationTime }) => ['process', processId, sevenDigits(processCreationTime)],
  File: (file) => ['file', ...fileName(file)],
  Ip: ({ ipAddress }) => ['ip', ipAddress],
  Url: ({ url }) => ['url', url],
  User: ({ userSid }) => ['user', userSid],
  Registry: ({ registryKey, registryValueName }) =>
    registryValueName === null ? ['registryKey', registryKey] : ['registryValue', registryKey, registryValueName],
};

export function readDefenderAlert(value: unknown): AlertReading {
  const alert = objectOf(value);
  const { severity, status, classification, determination, machineId } = alert;
  return {
    updatedAt: sevenDigits(alert['lastUpdateTime']),
    significant: {
      severity: word(severity),
      status: word(status),
      classification: word(classification),
      determination: word(determination),
    },
    content: without(alert, NO_CONTENT),
    items: [...objectsOf(alert['evidence']).map(toItem), ...(typeof machineId === 'string' ? [device(machineId)] : [])],
  };
}

function toItem(item: Json): Item {
  const kind = KINDS[textOf(item['entityType'])];
  if (kind === undefined) throw new Error(`evidence of the type ${textOf(item['entityType'])} has no name here`);
  const [type, ...name] = kind(item);
  const detection = textOf(item['detectionStatus']).toLowerCase();
  return {
    type,
    name: name.map(textOf).join('|'),
    isContext: type === 'user',
    createdAt: sevenDigits(item['evidenceCreationTime']),
    content: without(item, HASHES),
    sha256: textOf(item['sha256']),
    md5: '',
    // One alert is about one machine here.
    file: type === 'process' || type === 'file' ? fileName(item).map(textOf).join('|') : null,
    // This API says neither, but what was prevented or blocked is remediated so.
    verdict: '',
    remediation: detection === 'prevented' || detection === 'blocked' ? detection : '',
  };
}

/** The machine is no evidence here: the alert itself names it. */
function device(machineId: string): Item {
  return {
    type: 'device',
    name: machineId,
    isContext: true,
    createdAt: '',
    content: machineId,
    sha256: '',
    md5: '',
    file: null,
    verdict: '',
    remediation: '',
  };
}

function word(value: unknown): string {
  const text = textOf(value).toLowerCase();
  return GRAPH_WORDS[text] ?? text;
}
