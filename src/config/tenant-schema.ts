import { Type } from 'typebox';
import { CLOUD_NAMES } from './clouds.ts';
import type { FormatName } from './formats.ts';
import { CLOSED, duration, endpoint, name, noFile } from './schema-keys.ts';

const CredentialSchema = Type.Object(
  {
    kind: Type.Enum(['secret'], {
      description: 'How the bridge signs in at Microsoft.',
      default: 'secret',
      'x-later': ['certificate', 'managed-identity', 'workload-identity'],
    }),
    clientId: Type.String({
      description: 'Application (client) id of the app registration.',
      pattern: '^\\S+$',
      'x-expects': 'the application (client) id, without blanks',
      'x-secret': true,
    }),
    secret: Type.Optional(
      Type.String({
        description: 'The client secret itself. Better: secretFile.',
        minLength: 1,
        'x-expects': 'text',
        'x-secret': true,
      }),
    ),
    secretFile: Type.Optional(
      Type.String({
        description: 'File that holds the client secret and nothing else.',
        minLength: 1,
        'x-expects': 'the path of a file',
        // A secret put here by mistake must not come back in a message.
        'x-secret': true,
      }),
    ),
    expires: Type.Optional(
      Type.String({
        description:
          'The day the secret expires, as the Entra admin center shows it: a finding warns 30 days ahead. Microsoft does not tell it.',
        format: 'date' satisfies FormatName,
        'x-expects': 'a date such as 2027-01-31',
      }),
    ),
  },
  { ...CLOSED, description: 'The credential of the app registration.' },
);

const SourceSchema = Type.Object(
  {
    api: Type.Enum(['graph-alerts'], {
      description: "Which of Microsoft's APIs is polled.",
      default: 'graph-alerts',
      'x-later': ['defender-alerts', 'siem-detections'],
    }),
    schedule: Type.String({
      description: 'When it is polled: cron, five fields, or six with seconds first.',
      default: '*/30 * * * * *',
      format: 'cron' satisfies FormatName,
      'x-expects': 'a cron schedule of five fields, or six with seconds first, such as "*/30 * * * * *"',
    }),
    overlap: duration('15m', 'How far each poll reaches back behind the last one, for records that show up late.'),
    settle: duration('30s', 'How close to now a poll reaches; younger records wait for the next one.'),
    initialLookback: duration('24h', 'How far the very first poll reaches back.'),
  },
  CLOSED,
);

export const EndpointsSchema = Type.Object(
  {
    login: endpoint('Base URL of the login service.'),
    graph: endpoint('Base URL of Microsoft Graph.'),
    defender: endpoint('Base URL of the Defender API; no source of this version asks it.'),
    siem: endpoint('Base URL of the SIEM API; no source of this version asks it.'),
  },
  { ...CLOSED, description: "Replaces the cloud's own hosts; cloud custom needs login and graph.", default: {} },
);

export const TenantSchema = Type.Object(
  {
    name: name('Name of the tenant in feeds, events and messages.'),
    tenantId: Type.String({
      description: 'Directory (tenant) id, or a domain name of the tenant.',
      format: 'tenant-id' satisfies FormatName,
      'x-expects': 'a directory (tenant) id such as 00000000-0000-0000-0000-000000000000, or a domain name',
    }),
    cloud: Type.Optional(
      Type.Enum(CLOUD_NAMES, {
        description: "Which of Microsoft's clouds. Without it: custom when endpoints are given, else commercial.",
      }),
    ),
    endpoints: EndpointsSchema,
    caFile: noFile('PEM file with an extra CA, for a proxy that inspects TLS.'),
    credential: CredentialSchema,
    sources: Type.Array(SourceSchema, {
      description: 'What is polled.',
      default: [{}],
      minItems: 1,
      'x-expects': 'a list of at least one source',
    }),
  },
  { ...CLOSED, 'x-later': ['proxy'] },
);
