import { CLOUD_NAMES, REGIONS, SIEM_REGIONS } from '../../config/clouds.ts';
import { keyProblem } from '../../config/key-check.ts';
import { SOURCE_NAMES } from '../../domain/detection.ts';
import { type Answers, type Place, type Question, question } from './answers.ts';

const CLOUD_LABELS: Readonly<Record<(typeof CLOUD_NAMES)[number], string>> = {
  commercial: 'commercial: everybody else',
  gcc: 'gcc: US GCC (moderate)',
  'gcc-high': 'gcc-high: US GCC High',
  dod: 'dod: US DoD',
  custom: 'custom: hosts of your own choice',
};

const API_LABELS: Readonly<Record<(typeof SOURCE_NAMES)[number], string>> = {
  'graph-alerts': 'graph-alerts: Microsoft Graph, which Microsoft recommends and which fills every field',
  'defender-alerts': 'defender-alerts: the API of Defender for Endpoint',
  'siem-detections': 'siem-detections: the retired SIEM API, for tenants that still have it',
};

const URL_KEYS = { loginUrl: 'login', graphUrl: 'graph', defenderUrl: 'defender', siemUrl: 'siem' } as const;
type UrlKey = keyof typeof URL_KEYS;

/** A place below a tenant, for the rule of the schema. */
const below = (...path: readonly string[]) => ['tenants', 0, ...path];

export const TENANT_QUESTIONS: readonly Question[] = [
  question('tenant', {
    key: 'cloud',
    flag: '--cloud <name>',
    title: "which of Microsoft's clouds",
    ask: "Which of Microsoft's clouds is the tenant in?",
    choices: CLOUD_NAMES.map((value) => ({ value, label: CLOUD_LABELS[value] })),
    initial: (_, { env }) => env.value('FLEXBRIDGE_CLOUD') ?? (urlsOf(env).length > 0 ? 'custom' : 'commercial'),
  }),
  question('tenant', {
    key: 'api',
    flag: '--api <name>',
    title: "which of Microsoft's APIs",
    ask: 'Which of its APIs is asked for alerts?',
    choices: SOURCE_NAMES.map((value) => ({ value, label: API_LABELS[value] })),
    initial: () => 'graph-alerts',
  }),
  question('tenant', {
    key: 'region',
    flag: '--region <name>',
    title: "where the tenant's Defender data is kept (commercial cloud)",
    ask: "In which region is the tenant's Defender data kept?",
    applies: ({ cloud }) => cloud === 'commercial',
    isAsked: ({ api }) => api === 'siem-detections',
    isOptional: ({ api }) => api !== 'siem-detections',
    initial: (_, { env }) => env.value('FLEXBRIDGE_REGION'),
    problem: (value, { api }) => regionProblem(value, api === 'siem-detections' ? SIEM_REGIONS : REGIONS),
  }),
  url('loginUrl', 'the login service', () => true),
  url('graphUrl', 'Microsoft Graph', ({ api }) => api === 'graph-alerts'),
  url('defenderUrl', 'the Defender for Endpoint API', ({ api }) => api === 'defender-alerts'),
  url('siemUrl', 'the SIEM API', ({ api }) => api === 'siem-detections'),
  question('tenant', {
    key: 'caFile',
    flag: '--ca-file <file>',
    title: 'PEM file with an extra CA, for a proxy that inspects TLS',
    isAsked: () => false,
    isOptional: () => true,
    initial: (_, { env }) => env.value('FLEXBRIDGE_CA_FILE'),
  }),
  question('tenant', {
    key: 'proxy',
    flag: '--proxy <url>',
    title: 'the proxy to Microsoft, or off (default: HTTPS_PROXY of the environment)',
    isAsked: () => false,
    isOptional: () => true,
    problem: (value) => (value === 'off' ? null : keyProblem(below('proxy', 'url'), value)),
  }),
  question('tenant', {
    key: 'tenantId',
    flag: '--tenant-id <id>',
    title: 'Directory (tenant) ID',
    ask: 'Directory (tenant) ID, as on the page Overview of the Entra admin center',
    initial: (_, { env }) => env.value('FLEXBRIDGE_TENANT_ID'),
    problem: (value) => keyProblem(below('tenantId'), value),
  }),
  question('tenant', {
    key: 'tenantName',
    flag: '--tenant-name <name>',
    title: 'a name for the tenant',
    ask: 'A short name for the tenant; it appears in the events as deviceFacility',
    initial: nameOfTenant,
    problem: (value, _, { tenants }) =>
      keyProblem(below('name'), value) ??
      (tenants?.includes(value) ? 'The configuration has a tenant of this name already.' : null),
  }),
];

/** Only the cloud `custom` has no host of its own. */
function url(key: UrlKey, what: string, isPolled: (answers: Answers) => boolean): Question {
  const name = URL_KEYS[key];
  const isNeeded = (answers: Answers): boolean => answers.cloud === 'custom' && isPolled(answers);
  return question('tenant', {
    key,
    flag: `--${name}-url <url>`,
    title: `base URL of ${what}, in place of the cloud's own`,
    ask: `Base URL of ${what}`,
    // What the environment names is taken without a word, as the bridge itself would.
    isAsked: (answers, { env }) => isNeeded(answers) && env.value(variableOf(name)) === null,
    isOptional: (answers) => !isNeeded(answers),
    initial: (_, { env }) => env.value(variableOf(name)),
    problem: (value) => keyProblem(below('endpoints', name), value),
  });
}

function variableOf(name: string): string {
  return `FLEXBRIDGE_ENDPOINTS__${name.toUpperCase()}`;
}

function urlsOf(env: Place['env']): readonly string[] {
  return Object.values(URL_KEYS).filter((name) => env.value(variableOf(name)) !== null);
}

function regionProblem(value: string, regions: readonly string[]): string | null {
  return regions.includes(value) ? null : `This must be one of ${regions.join(', ')}.`;
}

/** Of a domain its first word; else a name that is free. */
function nameOfTenant({ tenantId = '' }: Answers, { env, tenants }: Place): string | null {
  const [word = ''] = tenantId.includes('.') ? tenantId.toLowerCase().split('.') : [];
  const wanted = [env.value('FLEXBRIDGE_TENANT_NAME'), word, tenants === null ? 'default' : null];
  const free = (name: string): boolean => name !== '' && !(tenants ?? []).includes(name);
  return wanted.find((name) => name !== null && free(name)) ?? null;
}

/** The keys of `endpoints` that were answered, with their URLs. */
export function hostAnswers({
  loginUrl,
  graphUrl,
  defenderUrl,
  siemUrl,
}: Answers): readonly (readonly [string, string])[] {
  const given = { login: loginUrl, graph: graphUrl, defender: defenderUrl, siem: siemUrl };
  return Object.entries(given).flatMap(([name, text = '']): [string, string][] => (text === '' ? [] : [[name, text]]));
}
