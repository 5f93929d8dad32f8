import { Type } from 'typebox';
import type { FormatName } from './formats.ts';
import { CLOSED, file, secret, secretFile } from './schema-keys.ts';

const SECRET = { 'x-kinds': ['secret'] };
const CERTIFICATE = { 'x-kinds': ['certificate'] };

/** One secret or one certificate. */
const LIVE = {
  secret: secret('The client secret itself. Better: secretFile.', SECRET),
  secretFile: secretFile('File that holds the client secret and nothing else.', SECRET),
  expires: Type.Optional(
    Type.String({
      description:
        'The day the secret expires, as the Entra admin center shows it: a finding warns 30 days ahead. Microsoft does not tell it.',
      format: 'date' satisfies FormatName,
      'x-expects': 'a date such as 2027-01-31',
      ...SECRET,
    }),
  ),
  certificateFile: Type.Optional(
    file('PEM file with the certificate and its chain, and the private key unless that has a file of its own.', {
      ...CERTIFICATE,
      'x-required-for': ['certificate'],
    }),
  ),
  keyFile: Type.Optional(file('PEM file with the private key (RSA).', CERTIFICATE)),
  passphrase: secret('Passphrase of the private key. Better: passphraseFile.', CERTIFICATE),
  passphraseFile: secretFile('File that holds the passphrase and nothing else.', CERTIFICATE),
};

/** One block for all kinds: the annotations say which key belongs to which (schema-kinds.ts). */
export const CredentialSchema = Type.Object(
  {
    kind: Type.Enum(['secret', 'certificate', 'managed-identity', 'workload-identity'], {
      description: 'How the bridge signs in at Microsoft.',
      default: 'secret',
    }),
    clientId: Type.Optional(
      Type.String({
        description:
          'Application (client) id of the app registration. A managed identity needs it only when it is user-assigned; a workload identity takes AZURE_CLIENT_ID from the environment.',
        pattern: '^\\S+$',
        'x-expects': 'the application (client) id, without blanks',
        'x-secret': true,
        'x-required-for': ['secret', 'certificate'],
      }),
    ),
    ...LIVE,
    next: Type.Optional(
      Type.Object(LIVE, {
        ...CLOSED,
        description:
          'A second live secret or certificate, for changing it without a gap: either is used while it works.',
        'x-kinds': ['secret', 'certificate'],
      }),
    ),
    tokenFile: Type.Optional(
      file(
        'File with the federated token, read anew each time. Without it: AZURE_FEDERATED_TOKEN_FILE of the environment.',
        {
          'x-kinds': ['workload-identity'],
        },
      ),
    ),
    endpoint: Type.Optional(
      Type.String({
        description:
          'Base URL of the instance metadata service. Without it: IDENTITY_ENDPOINT and IDENTITY_HEADER of the environment (App Service), else http://169.254.169.254.',
        format: 'identity-url' satisfies FormatName,
        'x-expects': 'an https URL, or an http URL of this machine (a loopback or link-local address)',
        'x-secret': true,
        'x-kinds': ['managed-identity'],
      }),
    ),
  },
  { ...CLOSED, description: 'The credential of the app registration.' },
);
