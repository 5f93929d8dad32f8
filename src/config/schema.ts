import { type Static, Type } from 'typebox';
import { ConnectorSchema } from './connector-schema.ts';
import { FeedSchema } from './feed-schema.ts';
import type { FormatName } from './formats.ts';
import { HealthSchema } from './health-schema.ts';
import { LogSchema } from './log-schema.ts';
import { CLOSED, file, name, orNumberOrNull, orOff } from './schema-keys.ts';
import { AlarmsSchema, StoreSchema } from './store-schema.ts';
import { TenantSchema } from './tenant-schema.ts';

export const TlsSchema = Type.Object(
  {
    certFile: file('PEM file with the certificate and its chain.'),
    keyFile: file('PEM file with the private key.'),
    clientCaFile: Type.Optional(
      Type.Unsafe<string | null>({
        description:
          'PEM file with the CA that the certificates of connectors of kind `mtls` must come from. Without it their fingerprint is enough.',
        type: ['string', 'null'],
        minLength: 1,
        'x-expects': 'the path of a file',
      }),
    ),
  },
  CLOSED,
);

export const ServerSchema = Type.Object(
  {
    host: Type.String({
      description: 'Address to listen on.',
      default: '127.0.0.1',
      pattern: '^[A-Za-z0-9_.:-]+$',
      'x-expects': 'an IP address or a host name',
    }),
    port: Type.Integer({
      description: 'Port to listen on; 0 takes a free one.',
      default: 8443,
      minimum: 0,
      maximum: 65535,
      'x-expects': 'a port from 0 to 65535',
    }),
    publicUrl: Type.Unsafe<string | null>({
      description:
        'Base URL under which the connectors reach the bridge. Without it: https://localhost:<port>, or http with tls: off.',
      type: ['string', 'null'],
      default: null,
      format: 'base-url' satisfies FormatName,
      'x-expects': 'an https (or http) URL without user name, query and fragment',
      'x-secret': true,
    }),
    tls: Type.Optional(
      orOff(TlsSchema, {
        description:
          'Certificate of the server. Without it the bridge makes its own under a CA of its own and keeps both; `off` serves plain http, on a loopback host only.',
        'x-expects': 'off, or a block with certFile and keyFile',
      }),
    ),
    trustProxy: Type.Array(
      Type.String({
        format: 'address-range' satisfies FormatName,
        'x-expects': 'an IP address, or a range such as 10.0.0.0/8',
      }),
      {
        description:
          'Addresses of the proxies in front of the bridge. `X-Forwarded-For` counts only in requests that come from one of them.',
        default: [],
        'x-expects': 'a list of IP addresses or ranges such as 10.0.0.0/8',
      },
    ),
    urlKeys: Type.Boolean({
      description:
        'Whether a connector of kind `urlKey` may sign in with a key in the URL (`?key=`). Every proxy and history that sees the URL sees the key.',
      default: false,
      'x-expects': 'true or false',
    }),
    health: orNumberOrNull(HealthSchema, {
      description:
        'A second port, plain http and without a login, with /livez, /readyz, /healthz and /metrics only: for probes and Prometheus. Its number alone will do.',
      'x-expects': 'a port from 1 to 65535, or a block with host and port',
    }),
  },
  { ...CLOSED, description: 'The HTTP server.', default: {} },
);

export const OperatorSchema = Type.Object(
  {
    name: name('User name of the operator.'),
    passwordHash: Type.String({
      description: 'scrypt hash of the password, made by `flexbridge hash-password`.',
      pattern: '^\\$scrypt\\$ln=15,r=8,p=1\\$[A-Za-z0-9+/]{22,}\\$[A-Za-z0-9+/]{22,}$',
      'x-expects': 'the text that `flexbridge hash-password` prints ($scrypt$ln=15,r=8,p=1$...), in quotes',
      'x-secret': true,
    }),
  },
  CLOSED,
);

/**
 * The one description of the configuration: checked by the loader, rendered into the reference and the JSON Schema.
 * A key with a `default` may always be left out. Annotations of our own:
 * `x-expects` what the value must be, in words; `x-secret` never repeat the value in a message;
 * `x-later` words or keys of the design that this version does not have; `x-kinds` the values of `kind` (of this block
 * or the one around it) that a key belongs to, and `x-required-for` those that cannot do without it.
 */
export const ConfigSchema = Type.Object(
  {
    server: ServerSchema,
    log: LogSchema,
    store: StoreSchema,
    tenants: Type.Array(TenantSchema, {
      description: 'The Microsoft tenants that are polled.',
      minItems: 1,
      'x-expects': 'a list of at least one tenant',
    }),
    feeds: Type.Array(FeedSchema, {
      description: 'The feeds that connectors read.',
      default: [{}],
      minItems: 1,
      'x-expects': 'a list of at least one feed',
    }),
    alarms: AlarmsSchema,
    connectors: Type.Array(ConnectorSchema, {
      description: 'The ArcSight connectors. Without any, one is created at the first start.',
      default: [],
      'x-expects': 'a list of connectors',
    }),
    operators: Type.Array(OperatorSchema, {
      description: 'People who may see the status. Without any, one is created at the first start.',
      default: [],
      'x-expects': 'a list of operators',
    }),
  },
  { ...CLOSED, 'x-later': ['role'] },
);

export type ServerSettings = Static<typeof ServerSchema>;
