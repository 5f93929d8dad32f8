import { type Static, Type } from 'typebox';
import { SIGNIFICANT_ALERT_FACTS, SIGNIFICANT_ITEM_FACTS } from '../domain/significant.ts';
import type { FormatName } from './formats.ts';
import { CLOSED, duration, file, name, orOff } from './schema-keys.ts';
import { TenantSchema } from './tenant-schema.ts';

export const TlsSchema = Type.Object(
  {
    certFile: file('PEM file with the certificate and its chain.'),
    keyFile: file('PEM file with the private key.'),
    clientCaFile: Type.Optional(
      Type.Unsafe<string | null>({
        description: 'PEM file with the CA of client certificates. Without it none is asked for.',
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
  },
  { ...CLOSED, description: 'The HTTP server.', default: {}, 'x-later': ['health', 'trustProxy'] },
);

export const StoreSchema = Type.Object(
  {
    kind: Type.Enum(['sqlite'], {
      description: 'Where everything is kept.',
      default: 'sqlite',
      'x-later': ['postgres'],
    }),
    path: Type.String({
      description: 'SQLite database file. Its folder also holds the files that the bridge makes for itself.',
      default: 'data/flexbridge.db',
      minLength: 1,
      'x-expects': 'the path of a file',
    }),
    retention: Type.Object(
      { age: duration('30d', 'How long events and the original records are kept.') },
      { ...CLOSED, description: 'When stored data goes.', default: {}, 'x-later': ['size', 'undelivered'] },
    ),
  },
  { ...CLOSED, description: 'The event store.', default: {}, 'x-later': ['url'] },
);

export const FeedSchema = Type.Object(
  {
    name: name('Name of the feed in its URLs.', 'default'),
    tenants: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Names of the tenants in the feed. Without it: all of them.',
        minItems: 1,
        'x-expects': 'a list of at least one tenant name (without the key the feed takes all tenants)',
      }),
    ),
    detections: Type.Enum(['perEvidence', 'perAlert'], {
      description:
        'perEvidence: one detection for each actionable evidence item of an alert. perAlert: one for the whole alert, in which new evidence is an update.',
      default: 'perEvidence',
    }),
    changes: Type.Enum(['first', 'significant', 'all'], {
      description: `Which changes of a known alert become events: none, the significant ones (${SIGNIFICANT_ALERT_FACTS.join(', ')} of the alert; ${SIGNIFICANT_ITEM_FACTS.join(', ')} of an evidence item), all.`,
      default: 'significant',
    }),
    layout: Type.Enum(['microsoft', 'esm'], {
      description: "Where the victim goes in ArcSight: as in Microsoft's mapping, or where ESM's content expects it.",
      default: 'microsoft',
    }),
    receiptTime: Type.Enum(['feed', 'alert'], {
      description: 'deviceReceiptTime: the time the feed sent the event, or the time of the alert.',
      default: 'feed',
    }),
    page: Type.Object(
      {
        maxEvents: Type.Integer({
          description: 'Most events in one answer.',
          default: 1000,
          minimum: 1,
          maximum: 100_000,
          'x-expects': 'a whole number from 1 to 100000',
        }),
        maxBytes: Type.Unsafe<string | number>({
          description: 'Largest answer: a number of bytes, or a size such as 5MB (decimal) or 5MiB (binary).',
          default: '5MB',
          type: ['string', 'integer'],
          format: 'page-size' satisfies FormatName,
          minimum: 1,
          maximum: 1_000_000_000,
          'x-expects': 'a size such as 500KB, 5MB or 5MiB (at most 1GB)',
        }),
      },
      { ...CLOSED, description: 'How large one answer may be.', default: {} },
    ),
    acknowledge: Type.Enum(['progress', 'response'], {
      description:
        'What counts as delivered. progress: the time in the next request moved. response: a further request on the same connection, or its orderly end.',
      default: 'progress',
      'x-later': ['none'],
    }),
    initialLookback: duration('24h', 'How far back a connector starts at its first contact.'),
    maxLookback: duration('7d', 'The most that a time in the request can reach back at the first contact.'),
    filter: Type.Object(
      {
        minSeverity: Type.Enum(['High', 'Medium', 'Low', 'Informational'], {
          description: 'Lowest severity that the feed takes.',
          default: 'Informational',
        }),
        categories: Type.Array(Type.String(), {
          description: 'Alert categories that the feed takes; an empty list takes all.',
          default: [],
          'x-expects': 'a list of category names',
        }),
      },
      { ...CLOSED, description: 'Which detections the feed takes.', default: {} },
    ),
  },
  { ...CLOSED, 'x-later': ['legacyUpdates'] },
);

export const ConnectorSchema = Type.Object(
  {
    name: name('User name of the connector.'),
    feeds: Type.Array(Type.String(), {
      description: 'Names of the feeds that it may read.',
      minItems: 1,
      'x-expects': 'a list of at least one feed name',
    }),
    auth: Type.Object(
      {
        kind: Type.Enum(['basic'], {
          description: 'How the connector signs in.',
          default: 'basic',
          'x-later': ['oauth2', 'urlKey', 'mtls'],
        }),
        secretHash: Type.String({
          description: 'SHA-256 of its password, 64 hex digits.',
          pattern: '^[0-9A-Fa-f]{64}$',
          'x-expects': 'the SHA-256 of the password as 64 hex digits',
          'x-secret': true,
        }),
      },
      { ...CLOSED, description: 'Login of the connector.' },
    ),
  },
  CLOSED,
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
  { ...CLOSED, 'x-later': ['heartbeat', 'role'] },
);

export type ServerSettings = Static<typeof ServerSchema>;
export type StoreSettings = Static<typeof StoreSchema>;
export type FeedSettings = Static<typeof FeedSchema>;
export type ConnectorSettings = Static<typeof ConnectorSchema>;
