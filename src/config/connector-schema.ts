import { type Static, Type } from 'typebox';
import { CLOSED, name } from './schema-keys.ts';

const SECRET = { 'x-kinds': ['basic', 'oauth2'] };
const OAUTH2 = { 'x-kinds': ['oauth2'] };
const URL_KEY = { 'x-kinds': ['urlKey'] };
const MTLS = { 'x-kinds': ['mtls'] };

/** A hash of a generated secret, and the one of before that is still taken during a rotation. */
const hash = (description: string, expects: string, annotations: Readonly<Record<string, unknown>>) =>
  Type.Optional(
    Type.String({
      description,
      pattern: '^[0-9A-Fa-f]{64}$',
      'x-expects': expects,
      'x-secret': true,
      ...annotations,
    }),
  );

const fingerprint = (description: string, annotations: Readonly<Record<string, unknown>>) =>
  Type.Optional(
    Type.String({
      description,
      pattern: '^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$',
      'x-expects': 'the SHA-256 fingerprint of the certificate as 64 hex digits, with colons or without',
      ...annotations,
    }),
  );

const SECRET_HASH = 'the SHA-256 of the password as 64 hex digits';
const KEY_HASH = 'the SHA-256 of the key as 64 hex digits';

/** One block for all kinds: the annotations say which key belongs to which (schema-kinds.ts). */
const AuthSchema = Type.Object(
  {
    kind: Type.Enum(['basic', 'oauth2', 'urlKey', 'mtls'], {
      description: 'How the connector signs in.',
      default: 'basic',
    }),
    clientId: Type.Optional(
      Type.String({
        description: "Client id of the connector. Without it: the connector's name.",
        pattern: '^[A-Za-z0-9._~-]{1,128}$',
        'x-expects': 'a client id of letters, digits and . _ ~ - (at most 128)',
        ...OAUTH2,
      }),
    ),
    secretHash: hash('SHA-256 of its password or client secret, 64 hex digits.', SECRET_HASH, {
      ...SECRET,
      'x-required-for': SECRET['x-kinds'],
    }),
    previousSecretHash: hash('The hash of before: both are taken until it is removed.', SECRET_HASH, SECRET),
    redirectUris: Type.Optional(
      Type.Array(
        Type.String({ 'x-expects': 'an http or https URL of this machine, such as http://localhost:44300/' }),
        {
          description:
            'Where the sign-in may send the browser back to: http or https, localhost, 127.0.0.1 or [::1]; any port is taken. Without them: `http://localhost:44300/flexbridge`, and the same with https.',
          minItems: 1,
          'x-expects': 'a list of at least one URL',
          ...OAUTH2,
        },
      ),
    ),
    acceptBasic: Type.Optional(
      Type.Boolean({
        description:
          "The feeds take the connector's name and client secret as HTTP Basic, too. Without it: they do not.",
        'x-expects': 'true or false',
        ...OAUTH2,
      }),
    ),
    rotateRefreshTokens: Type.Optional(
      Type.Boolean({
        description: 'Each refresh gives a new refresh token in place of the old one. Without it: the same one stays.',
        'x-expects': 'true or false',
        ...OAUTH2,
      }),
    ),
    keyHash: hash('SHA-256 of its key, 64 hex digits. Needs `server.urlKeys: true`.', KEY_HASH, {
      ...URL_KEY,
      'x-required-for': URL_KEY['x-kinds'],
    }),
    previousKeyHash: hash('The hash of before: both are taken until it is removed.', KEY_HASH, URL_KEY),
    fingerprint: fingerprint('SHA-256 fingerprint of its client certificate.', {
      ...MTLS,
      'x-required-for': MTLS['x-kinds'],
    }),
    previousFingerprint: fingerprint('The fingerprint of before: both are taken until it is removed.', MTLS),
  },
  { ...CLOSED, description: 'Login of the connector.' },
);

export const ConnectorSchema = Type.Object(
  {
    name: name('User name of the connector.'),
    feeds: Type.Array(Type.String(), {
      description: 'Names of the feeds that it may read.',
      minItems: 1,
      'x-expects': 'a list of at least one feed name',
    }),
    auth: AuthSchema,
  },
  CLOSED,
);

export type ConnectorSettings = Static<typeof ConnectorSchema>;
