import type { ArcSightChoices } from '../domain/arcsight-choices.ts';
import {
  BRIDGE_CLASSES,
  CATEGORIES,
  EVIDENCE_FAMILIES,
  type EvidenceFamily,
  eventClassId,
} from '../domain/event-class.ts';

/*
 * ArcSight's list of category words is not public as a whole. Only words that were seen in public are written here:
 *
 *   [F] published categorizer files and the output of a real connector (arcsight-parser 8, 10.1)
 *   [I] values named in the ArcSight module of stix-shifter: /Actor/User, /Host/Operating System, /Modify/Content, /Hostile,
 *       /Recon; and "Network" there, which every other value's leading slash makes /Network
 *   [C] CEF samples of shipped products in the tests of public CEF readers: /Host, /Found, /Compromise, /Traffic Anomaly; and
 *       device groups below /IDS in published report queries
 *
 * Which word fits which event is our choice throughout, so inferred: Microsoft publishes no categorization of its alerts.
 * No public text lists words for a technique, so that column stays empty but for one seen in a sample; an empty cell
 * leaves the field alone (arcsight-parser 8).
 */
type CategoryObject =
  | '/Actor/User'
  | '/Host'
  | '/Host/Application'
  | '/Host/Application/Service'
  | '/Host/Application/Service/Email'
  | '/Host/Operating System'
  | '/Host/Resource/File'
  | '/Host/Resource/Process'
  | '/Network';
type Behavior =
  | '/Access'
  | '/Access/Start'
  | '/Authentication/Verify'
  | '/Communicate'
  | '/Communicate/Query'
  | '/Create'
  | '/Execute'
  | '/Execute/Response'
  | '/Execute/Start'
  | '/Found'
  | '/Modify/Configuration'
  | '/Modify/Content';
type Technique = '' | '/Traffic Anomaly';
type Significance = '/Compromise' | '/Hostile' | '/Informational' | '/Informational/Warning' | '/Recon' | '/Suspicious';

/** What the event is about: the item that Defender names as evidence. */
const OBJECTS: Readonly<Record<EvidenceFamily, CategoryObject>> = {
  process: '/Host/Resource/Process', // [F]
  file: '/Host/Resource/File', // [F]
  ip: '/Network', // [I]
  url: '/Network', // [I]
  user: '/Actor/User', // [I]
  device: '/Host', // [C]
  mailbox: '/Host/Application/Service/Email', // [F]
  mail: '/Host/Application/Service/Email', // [F]
  registry: '/Host/Operating System', // [I]
  network: '/Network', // [I]
  dns: '/Network', // [I]
  logon: '/Actor/User', // [I]
  'cloud-app': '/Host/Application/Service', // [F]
  'cloud-resource': '/Host/Application/Service', // [F]
  container: '/Host/Application', // [F]
  iot: '/Host', // [C]
  malware: '/Host/Application', // [F]
  group: '/Actor/User', // [I]
  'code-repository': '/Host/Application/Service', // [F]
  'ai-agent': '/Host/Application', // [F]
  alert: '/Host', // [C]
  other: '/Host', // [C]
};

interface Meaning {
  readonly behavior: Behavior;
  readonly technique?: Technique;
  readonly significance: Significance;
}

type Category = (typeof CATEGORIES)[number] | 'other';

/**
 * What was done, and how grave it is: /Compromise where the category says that something was gained, /Hostile where it
 * says malicious, /Suspicious where it says less. Behaviors [F] but /Found [C] and /Modify/Content [I].
 */
const MEANINGS: Readonly<Record<Category, Meaning>> = {
  collection: { behavior: '/Access', significance: '/Suspicious' },
  commandandcontrol: { behavior: '/Communicate', significance: '/Compromise' },
  credentialaccess: { behavior: '/Authentication/Verify', significance: '/Suspicious' },
  credentialstealing: { behavior: '/Access', significance: '/Compromise' },
  credentialtheft: { behavior: '/Access', significance: '/Compromise' },
  defenseevasion: { behavior: '/Modify/Configuration', significance: '/Suspicious' },
  discovery: { behavior: '/Communicate/Query', significance: '/Recon' },
  enterprisepolicy: { behavior: '/Found', significance: '/Informational/Warning' },
  execution: { behavior: '/Execute/Start', significance: '/Suspicious' },
  exfiltration: { behavior: '/Communicate', significance: '/Compromise' },
  exploit: { behavior: '/Execute', significance: '/Hostile' },
  general: { behavior: '/Found', significance: '/Suspicious' },
  impact: { behavior: '/Modify/Content', significance: '/Hostile' },
  initialaccess: { behavior: '/Access/Start', significance: '/Hostile' },
  installation: { behavior: '/Create', significance: '/Suspicious' },
  lateralmovement: { behavior: '/Access/Start', significance: '/Hostile' },
  malware: { behavior: '/Found', significance: '/Hostile' },
  malwaredownload: { behavior: '/Create', significance: '/Hostile' },
  networkpropagation: { behavior: '/Communicate', significance: '/Hostile' },
  persistence: { behavior: '/Modify/Configuration', significance: '/Suspicious' },
  phishing: { behavior: '/Communicate', significance: '/Hostile' },
  privilegeescalation: { behavior: '/Execute', significance: '/Hostile' },
  ransomware: { behavior: '/Modify/Content', significance: '/Hostile' },
  reconnaissance: { behavior: '/Communicate/Query', significance: '/Recon' },
  remoteaccesstool: { behavior: '/Execute/Start', significance: '/Suspicious' },
  resourcedevelopment: { behavior: '/Create', significance: '/Suspicious' },
  socialengineering: { behavior: '/Communicate', significance: '/Suspicious' },
  suspiciousactivity: { behavior: '/Found', significance: '/Suspicious' },
  suspiciousnetworktraffic: { behavior: '/Communicate', technique: '/Traffic Anomaly', significance: '/Suspicious' },
  threatmanagement: { behavior: '/Found', significance: '/Informational/Warning' },
  trojan: { behavior: '/Found', significance: '/Hostile' },
  trojandownloader: { behavior: '/Create', significance: '/Hostile' },
  unwantedsoftware: { behavior: '/Found', significance: '/Informational/Warning' },
  weaponization: { behavior: '/Create', significance: '/Hostile' },
  webexploit: { behavior: '/Execute', significance: '/Hostile' },
  other: { behavior: '/Found', significance: '/Suspicious' },
};

/** Defender watches hosts. Groups below /IDS were seen [C]; this one among them is inferred. */
const DETECTION_GROUP = '/IDS/Host';
/** The class of an event does not say whether what was detected succeeded; [F]. */
const DETECTION_OUTCOME = '/Attempt';
/** As ArcSight's own connectors categorize their status events [F]. */
const OWN_EVENT = ['/Host/Application', '/Execute/Response', '', '/Application', '/Informational', '/Success'];

const HEADER = [
  'event.deviceEventClassId',
  'set.event.categoryObject',
  'set.event.categoryBehavior',
  'set.event.categoryTechnique',
  'set.event.categoryDeviceGroup',
  'set.event.categorySignificance',
  'set.event.categoryOutcome',
];

/** Text of the categorizer CSV: ArcSight's categories for every EventClassId that the bridge can write. */
export function renderCategorizer(): string {
  const detections = EVIDENCE_FAMILIES.flatMap((family) =>
    [...CATEGORIES, 'other' as const].map((category) => detectionRow(family, category)),
  );
  const own = Object.values(BRIDGE_CLASSES).map((eventClass) => [eventClass, ...OWN_EVENT]);
  return [HEADER, ...detections, ...own].map((cells) => `${cells.join(',')}\n`).join('');
}

function detectionRow(family: EvidenceFamily, category: Category): readonly string[] {
  const { behavior, technique = '', significance } = MEANINGS[category];
  const eventClass = eventClassId(family, category);
  return [eventClass, OBJECTS[family], behavior, technique, DETECTION_GROUP, significance, DETECTION_OUTCOME];
}

/** `<vendor>/<product>.csv`: ArcSight finds the file by the names in the event, written so (flexconnector.md 1.4). */
export function categorizerName({ deviceVendor, deviceProduct }: ArcSightChoices): string {
  return `${inFileName(deviceVendor)}/${inFileName(deviceProduct)}.csv`;
}

function inFileName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '_');
}
