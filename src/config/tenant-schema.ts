import { Type } from 'typebox';
import { SOURCE_NAMES } from '../domain/detection.ts';
import { CLOUD_NAMES, REGIONS, SIEM_FAMILIES } from './clouds.ts';
import { CredentialSchema } from './credential-schema.ts';
import type { FormatName } from './formats.ts';
import { CLOSED, duration, name, noFile, orOff, orOffOrNull, secret, secretFile } from './schema-keys.ts';

export const SourceSchema = Type.Object(
  {
    api: Type.Enum(SOURCE_NAMES, {
      description:
        "Which of Microsoft's APIs is polled: alerts of Microsoft Graph, alerts of Defender for Endpoint, or the detections of the retired SIEM API.",
      default: 'graph-alerts',
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
    slice: duration(
      '1h',
      'Longest stretch that is read at once, from 1m to 24h: a first start, or an outage, is caught up in such slices.',
    ),
    rescan: orOff(
      Type.Object(
        {
          every: duration('1h', 'How often the wide look back is taken.'),
          reach: duration('24h', 'How far it reaches back.'),
        },
        CLOSED,
      ),
      {
        description:
          'Wide look back for records that Microsoft shows so late that the overlap misses them; `off` leaves them lost.',
        default: {},
        'x-expects': 'off, or a block with every and reach',
      },
    ),
    budget: Type.Integer({
      description: 'Most pages that one poll reads; the rest waits for the next poll.',
      default: 50,
      minimum: 1,
      maximum: 10_000,
      'x-expects': 'a whole number from 1 to 10000',
    }),
  },
  CLOSED,
);

const endpoint = (description: string) =>
  Type.Optional(
    Type.String({
      description,
      format: 'https-base-url' satisfies FormatName,
      'x-expects': 'an https URL without user name, query and fragment',
      'x-secret': true,
    }),
  );

export const EndpointsSchema = Type.Object(
  {
    login: endpoint('Base URL of the login service.'),
    graph: endpoint('Base URL of Microsoft Graph.'),
    defender: endpoint('Base URL of the Defender for Endpoint API.'),
    siem: endpoint('Base URL of the SIEM API; `/api/alerts` follows.'),
  },
  {
    ...CLOSED,
    description: "Replaces the cloud's own hosts; cloud custom needs login and the host of each API that is polled.",
    default: {},
  },
);

const scope = (description: string) =>
  Type.Optional(
    Type.String({
      description,
      pattern: '^\\S+/\\.default$',
      'x-expects': 'a scope that ends in /.default, such as https://graph.microsoft.com/.default',
    }),
  );

export const ScopesSchema = Type.Object(
  {
    graph: scope('Scope of tokens for Microsoft Graph. Without it: the origin of its URL.'),
    defender: scope("Scope of tokens for Defender for Endpoint. Without it: the service's own, whatever the host."),
    siem: scope('Scope of tokens for the SIEM API. Without it: https://graph.windows.net/.default.'),
  },
  { ...CLOSED, description: 'Replaces what tokens are asked for.', default: {} },
);

export const ProxySchema = Type.Object(
  {
    url: Type.String({
      description: 'The proxy (HTTP CONNECT), without user name.',
      format: 'base-url' satisfies FormatName,
      'x-expects': 'an http or https URL without user name (which goes into user and passwordFile)',
      'x-secret': true,
    }),
    user: Type.Optional(
      Type.String({ description: 'User name for a proxy that asks for one.', minLength: 1, 'x-expects': 'text' }),
    ),
    password: secret('Its password. Better: passwordFile.'),
    passwordFile: secretFile('File that holds the password and nothing else.'),
    noProxy: Type.Array(Type.String(), {
      description:
        'Hosts that are reached without it: names, `.suffix`, addresses or CIDR ranges, each with an optional port.',
      default: [],
      'x-expects': 'a list of hosts',
    }),
  },
  CLOSED,
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
    region: Type.Optional(
      Type.Enum(REGIONS, {
        description:
          "Where the tenant's Defender data is kept (commercial cloud): the nearest host of Defender for Endpoint and, for us, eu and uk, the one of the SIEM API.",
      }),
    ),
    siemHosts: Type.Optional(
      Type.Enum(SIEM_FAMILIES, {
        description: 'Which of the two documented families of SIEM hosts (commercial cloud). Without it: windows.com.',
      }),
    ),
    endpoints: EndpointsSchema,
    scopes: ScopesSchema,
    caFile: noFile('PEM file with an extra CA, for a proxy that inspects TLS.'),
    proxy: orOffOrNull(ProxySchema, {
      description:
        'How Microsoft is reached. Without it: through the proxy of the variables HTTPS_PROXY and NO_PROXY, if they are set; `off` never uses one.',
      'x-expects': 'off, or a block with url',
      'x-secret': true,
    }),
    credential: CredentialSchema,
    sources: Type.Array(SourceSchema, {
      description: 'What is polled, each API once.',
      default: [{}],
      minItems: 1,
      'x-expects': 'a list of at least one source',
    }),
  },
  CLOSED,
);
