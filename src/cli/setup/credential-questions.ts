import { keyProblem } from '../../config/key-check.ts';
import { type Answers, type Place, type Question, question } from './answers.ts';

const KIND_LABELS = {
  secret: 'secret: a text that expires; to begin at once',
  certificate: 'certificate: a key file and a certificate; for a bridge outside of Azure',
  'managed-identity': 'managed-identity: nothing to keep; the bridge runs on a machine in Azure, in this tenant',
  'workload-identity': 'workload-identity: nothing to keep; the bridge runs on Kubernetes',
} as const;

const below = (key: string) => ['tenants', 0, 'credential', key];
const isKind =
  (kind: keyof typeof KIND_LABELS) =>
  ({ credential }: Answers): boolean =>
    credential === kind;

export const CREDENTIAL_QUESTIONS: readonly Question[] = [
  question('credential', {
    key: 'credential',
    flag: '--credential <kind>',
    title: 'how the bridge signs in at Microsoft',
    ask: 'How does the bridge sign in at Microsoft?',
    choices: Object.entries(KIND_LABELS).map(([value, label]) => ({ value, label })),
    initial: (_, { env }) => env.value('FLEXBRIDGE_CREDENTIAL__KIND') ?? kindOfVariables(env),
  }),
  question('credential', {
    key: 'clientId',
    flag: '--client-id <id>',
    title: 'Application (client) ID',
    ask: 'Application (client) ID, as on the page Overview of the app',
    isAsked: ({ credential }) => credential !== 'managed-identity',
    isOptional: ({ credential }, { env }) => hasOwnClientId(credential, env),
    initial: (_, { env }) => env.value('FLEXBRIDGE_CLIENT_ID'),
    problem: (value) => keyProblem(below('clientId'), value),
  }),
  question('credential', {
    key: 'clientSecretFile',
    flag: '--client-secret-file <file>',
    title: 'file with the Value of the client secret; - reads it from standard input',
    ask: 'The Value of the client secret (not its Secret ID); it is not shown',
    applies: isKind('secret'),
    initial: (_, { env }) => env.value('FLEXBRIDGE_CLIENT_SECRET_FILE'),
  }),
  question('credential', {
    key: 'secretExpires',
    flag: '--secret-expires <date>',
    title: 'the day it expires, as Entra shows it; may be left out',
    ask: 'The day it expires, such as 2027-01-31, for a warning 30 days ahead; empty where you do not know',
    applies: isKind('secret'),
    isOptional: () => true,
    problem: (value) => keyProblem(below('expires'), value),
  }),
  question('credential', {
    key: 'clientCertificate',
    flag: '--client-certificate <file>',
    title: 'PEM file with the certificate that was uploaded to the app',
    ask: 'PEM file with the certificate that was uploaded to the app',
    applies: isKind('certificate'),
    initial: (_, { env }) => env.value('FLEXBRIDGE_CLIENT_CERTIFICATE_FILE'),
  }),
  question('credential', {
    key: 'clientKey',
    flag: '--client-key <file>',
    title: 'PEM file with its private key; left out where the key is in the same file',
    ask: 'PEM file with its private key; empty where it is in the same file',
    applies: isKind('certificate'),
    isOptional: () => true,
    initial: (_, { env }) => env.value('FLEXBRIDGE_CLIENT_CERTIFICATE_KEY_FILE'),
  }),
  question('credential', {
    key: 'passphraseFile',
    flag: '--passphrase-file <file>',
    title: 'file with the passphrase of the private key, if it has one',
    applies: isKind('certificate'),
    isAsked: () => false,
    isOptional: () => true,
    initial: (_, { env }) => env.value('FLEXBRIDGE_CLIENT_CERTIFICATE_PASSPHRASE_FILE'),
  }),
  question('credential', {
    key: 'tokenFile',
    flag: '--token-file <file>',
    title: 'file with the token of the pod (default: AZURE_FEDERATED_TOKEN_FILE)',
    ask: 'File with the token of the pod',
    applies: isKind('workload-identity'),
    isAsked: (_, { env }) => env.value('AZURE_FEDERATED_TOKEN_FILE') === null,
    isOptional: (_, { env }) => env.value('AZURE_FEDERATED_TOKEN_FILE') !== null,
  }),
  question('credential', {
    key: 'identityEndpoint',
    flag: '--identity-endpoint <url>',
    title: "another address of the machine's identity service",
    applies: isKind('managed-identity'),
    isAsked: () => false,
    isOptional: () => true,
    problem: (value) => keyProblem(below('endpoint'), value),
  }),
];

function kindOfVariables(env: Place['env']): string {
  return env.value('FLEXBRIDGE_CLIENT_CERTIFICATE_FILE') === null ? 'secret' : 'certificate';
}

/** Entra's webhook sets it in a pod, and the bridge reads it there; a managed identity has it of its machine. */
function hasOwnClientId(credential: string | undefined, env: Place['env']): boolean {
  if (credential === 'managed-identity') return true;
  return credential === 'workload-identity' && env.value('AZURE_CLIENT_ID') !== null;
}

/** Entra's Secret IDs are GUIDs, its secrets never are. */
export function looksLikeSecretId(secret: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(secret.trim());
}

/** What is wrong with the text of a secret; null when it can be one. */
export function secretProblem(text: string): string | null {
  if (text.trim() === '') return 'The secret is empty.';
  if (text !== text.trim()) return 'There is a blank before or after it.';
  return /[\r\n\0\ufffd]/.test(text) ? 'The secret is one line of text.' : null;
}
