import { isLoopback } from '../../config/formats.ts';
import { keyProblem } from '../../config/key-check.ts';
import { FIRST_CONNECTOR } from '../../store/first-logins.ts';
import { type Answers, type Place, type Question, question } from './answers.ts';

const server = (key: string) => ['server', key];
const hasFiles = ({ certificate }: Answers): boolean => certificate === 'files';

/** What the connectors get. */
export const FEED_QUESTIONS: readonly Question[] = [
  question('feed', {
    key: 'detections',
    flag: '--detections <kind>',
    title: 'what becomes an event',
    ask: 'What becomes an event in ArcSight?',
    choices: [
      { value: 'perEvidence', label: 'perEvidence: each piece of evidence of an alert' },
      { value: 'perAlert', label: 'perAlert: each alert as a whole' },
    ],
    initial: () => 'perEvidence',
  }),
  question('feed', {
    key: 'layout',
    flag: '--layout <name>',
    title: 'where the victim stands in an event',
    ask: 'Where does the victim stand in an event?',
    choices: [
      { value: 'microsoft', label: "microsoft: as in Microsoft's own mapping" },
      { value: 'esm', label: "esm: where ESM's content expects it" },
    ],
    initial: () => 'microsoft',
  }),
  question('feed', {
    key: 'minSeverity',
    flag: '--min-severity <severity>',
    title: 'lowest severity that becomes an event',
    choices: ['Informational', 'Low', 'Medium', 'High'].map((value) => ({ value, label: value })),
    isAsked: () => false,
    initial: () => 'Informational',
  }),
];

/** Who signs in at the bridge, and how the bridge is reached. */
export const BRIDGE_QUESTIONS: readonly Question[] = [
  question('connector', {
    key: 'connector',
    flag: '--connector <name>',
    title: 'name of the login of the ArcSight connector',
    isAsked: () => false,
    initial: () => FIRST_CONNECTOR,
    problem: (value) => keyProblem(['connectors', 0, 'name'], value),
  }),
  question('connector', {
    key: 'login',
    flag: '--login <kind>',
    title: 'how the connector signs in at the bridge',
    ask: 'How does the ArcSight connector sign in at the bridge?',
    choices: [
      { value: 'oauth2', label: 'oauth2: as in the documented wizard of the connector' },
      { value: 'basic', label: 'basic: name and password (not documented for the connector)' },
      { value: 'mtls', label: 'mtls: its client certificate (not documented for the connector)' },
      { value: 'urlKey', label: 'urlKey: a key in the URL, where nothing else works' },
    ],
    initial: () => 'oauth2',
  }),
  question('connector', {
    key: 'connectorCertificate',
    flag: '--connector-certificate <file>',
    title: 'PEM file with the certificate of the connector, without its key',
    ask: 'PEM file with the certificate of the connector (without its key)',
    applies: ({ login }) => login === 'mtls',
  }),
  question('bridge', {
    key: 'host',
    flag: '--host <address>',
    title: 'address to listen on',
    ask: 'Address to listen on: 127.0.0.1 for connectors on this machine, 0.0.0.0 for those on others',
    initial: (_, { env }) => env.value('FLEXBRIDGE_SERVER__HOST') ?? '127.0.0.1',
    problem: (value) => keyProblem(server('host'), value),
  }),
  question('bridge', {
    key: 'port',
    flag: '--port <port>',
    title: 'port to listen on',
    ask: 'Port to listen on',
    initial: (_, { env }) => env.value('FLEXBRIDGE_SERVER__PORT') ?? '8443',
    problem: portProblem,
  }),
  question('bridge', {
    key: 'publicUrl',
    flag: '--public-url <url>',
    title: 'URL under which the connectors reach the bridge',
    ask: 'URL under which the connectors reach the bridge; certificate and files for ArcSight are made for it',
    initial: publicUrlOf,
    problem: (value) =>
      keyProblem(server('publicUrl'), value) ?? (/^https:/i.test(value) ? null : 'This must be an https URL.'),
  }),
  question('bridge', {
    key: 'certificate',
    flag: '--certificate <origin>',
    title: 'where the certificate of the bridge comes from',
    ask: 'Where does the certificate of the bridge come from?',
    choices: [
      { value: 'self-made', label: 'self-made: the bridge makes a CA and a certificate, and renews it' },
      { value: 'files', label: 'files: you have a certificate and a key' },
    ],
    initial: () => 'self-made',
  }),
  question('bridge', {
    key: 'serverCertificate',
    flag: '--server-certificate <file>',
    title: 'PEM file with the certificate of the bridge and its chain',
    ask: 'PEM file with the certificate of the bridge and its chain',
    applies: hasFiles,
  }),
  question('bridge', {
    key: 'serverKey',
    flag: '--server-key <file>',
    title: 'PEM file with the private key of that certificate',
    ask: 'PEM file with its private key',
    applies: hasFiles,
  }),
  question('bridge', {
    key: 'pack',
    flag: '--pack <folder>',
    title: 'folder for the files for ArcSight',
    isAsked: () => false,
    initial: () => 'pack',
  }),
  question('bridge', {
    key: 'service',
    flag: '--service <kind>',
    title: 'a file that starts the bridge with the machine',
    ask: 'Shall a file be written that starts the bridge with the machine?',
    choices: [
      { value: 'none', label: 'none: I start it myself' },
      { value: 'systemd', label: 'systemd: a unit for this folder' },
      { value: 'compose', label: 'compose: a file for Docker Compose' },
    ],
    initial: () => 'none',
  }),
];

function portProblem(text: string): string | null {
  if (!/^\d{1,5}$/.test(text) || Number(text) === 0) return 'This must be a port from 1 to 65535.';
  return keyProblem(server('port'), Number(text));
}

function publicUrlOf({ host = '', port = '' }: Answers, { env, hostname }: Place): string {
  const name = isLoopback(host) ? 'localhost' : hostname;
  return env.value('FLEXBRIDGE_SERVER__PUBLIC_URL') ?? `https://${name}:${port}`;
}
