import type { ErrorKind } from '../domain/errors.ts';

/** What an error number of Entra's means to an administrator. */
export interface TokenRefusal {
  readonly aadsts: readonly number[];
  readonly code: string;
  readonly kind: ErrorKind;
  readonly what: string;
  readonly hint: string;
  /** It is about this one secret or certificate: another of the same app may be accepted. */
  readonly ofProof: boolean;
}

const CREDENTIALS = 'In the Entra admin center open App registrations > the app > Certificates & secrets';
const NEW_SECRET = `${CREDENTIALS}, make a new client secret, and put its Value (not its Secret ID) where the tenant reads its secret from.`;
const UPLOAD = `${CREDENTIALS} > Certificates, and upload the certificate that the tenant is configured with; compare the thumbprint.`;

/**
 * "Confidential Client is not supported in Cross Cloud request": 900382 is on Microsoft's page, the others come from answers
 * that others have published.
 */
const OTHER_CLOUD_NUMBERS = [900382, 900432, 900439, 90038, 90043] as const;

/**
 * Entra's error numbers that an administrator can do something about. From Microsoft's page of AADSTS numbers
 * (identity-platform/reference-error-codes); 1000502, 7000214, 7000274 and 7000277 from Microsoft.Identity.Web, those of
 * federation (70021x) from answers that others have published.
 */
export const TOKEN_REFUSALS: readonly TokenRefusal[] = [
  {
    aadsts: [7000215, 70002],
    code: 'TOKEN_SECRET_WRONG',
    kind: 'operator',
    what: 'the client secret is wrong',
    hint: NEW_SECRET,
    ofProof: true,
  },
  {
    aadsts: [7000222],
    code: 'TOKEN_SECRET_EXPIRED',
    kind: 'operator',
    what: 'the client secret has expired',
    hint: NEW_SECRET,
    ofProof: true,
  },
  {
    aadsts: [700027, 7000274, 700030, 50012],
    code: 'TOKEN_CERTIFICATE_REFUSED',
    kind: 'operator',
    what: 'the certificate is not one of the app, or has expired there',
    hint: UPLOAD,
    ofProof: true,
  },
  {
    aadsts: [1000502],
    code: 'TOKEN_CERTIFICATE_EXPIRED',
    kind: 'operator',
    what: 'the certificate is not valid at this time',
    hint: `Make a new certificate. ${UPLOAD}`,
    ofProof: true,
  },
  {
    aadsts: [7000214, 7000277],
    code: 'TOKEN_CERTIFICATE_REVOKED',
    kind: 'operator',
    what: 'the certificate has been revoked',
    hint: `Make a new certificate. ${UPLOAD}`,
    ofProof: true,
  },
  {
    aadsts: [700024],
    code: 'TOKEN_ASSERTION_TIME',
    kind: 'operator',
    what: 'the signed proof of who we are is not valid at this time',
    hint:
      'With a certificate: the clock of this host is wrong by minutes. With a workload identity: the token file has not ' +
      'been renewed by the platform.',
    ofProof: false,
  },
  {
    aadsts: [70021, 700211, 700212, 700213, 7002131],
    code: 'TOKEN_FEDERATION',
    kind: 'operator',
    what: "no federated credential of the app matches the workload's token",
    hint: `${CREDENTIALS} > Federated credentials, and compare Issuer, Subject identifier and Audience with iss, sub and aud of the token file.`,
    ofProof: false,
  },
  {
    aadsts: [50027, 700021, 700023],
    code: 'TOKEN_ASSERTION',
    kind: 'operator',
    what: 'the signed proof of who we are cannot be used',
    hint: 'With a workload identity: check that tokenFile holds a token made for this app. Check clientId too.',
    ofProof: false,
  },
  {
    aadsts: [90002, 900023],
    code: 'TOKEN_TENANT_UNKNOWN',
    kind: 'operator',
    what: 'Microsoft knows no such tenant',
    hint:
      'Compare tenantId with the Tenant ID on the Overview page of the Entra admin center, and check that `cloud` is ' +
      'the one the tenant lives in.',
    ofProof: false,
  },
  {
    aadsts: [...OTHER_CLOUD_NUMBERS],
    code: 'TOKEN_OTHER_CLOUD',
    kind: 'operator',
    what: 'the tenant belongs to another Microsoft cloud than the login service that was asked',
    hint: 'Set `cloud` of the tenant to the one it lives in: gcc-high or dod for a US Government tenant (login.microsoftonline.us), commercial or gcc for any other.',
    ofProof: false,
  },
  {
    aadsts: [700016, 700011],
    code: 'TOKEN_CLIENT_UNKNOWN',
    kind: 'operator',
    what: 'the tenant has no such app',
    hint:
      'Compare clientId with the Application (client) ID under App registrations in the Entra admin center, in the same ' +
      'tenant. For an app of another tenant an administrator must first give consent here.',
    ofProof: false,
  },
  {
    aadsts: [7000112],
    code: 'TOKEN_CLIENT_DISABLED',
    kind: 'operator',
    what: 'the app is disabled in this tenant',
    hint: 'In the Entra admin center open Enterprise applications > the app > Properties and let users sign in to it.',
    ofProof: false,
  },
  {
    aadsts: [700025],
    code: 'TOKEN_CLIENT_PUBLIC',
    kind: 'operator',
    what: 'the app is registered as a public client, which has no secret or certificate',
    hint: 'In the Entra admin center open App registrations > the app > Authentication and switch off Allow public client flows.',
    ofProof: false,
  },
  {
    aadsts: [53003, 530035],
    code: 'TOKEN_POLICY',
    kind: 'operator',
    what: 'a Conditional Access policy blocks the app',
    hint:
      'Look the sign-in up in the Entra admin center under Sign-in logs > Service principal sign-ins; it names the ' +
      'policy. Exempt the app or allow the address of this host.',
    ofProof: false,
  },
  {
    aadsts: [500011, 70011, 1002012, 650052],
    code: 'TOKEN_SCOPE',
    kind: 'operator',
    what: 'the tenant does not know the API that was asked for',
    hint: 'Check `cloud` and `endpoints` of the tenant: the token is asked for the configured API host.',
    ofProof: false,
  },
];

/** True when Entra refused this secret or certificate as such, so that another one is worth a try. */
export function refusesProof(code: string): boolean {
  return TOKEN_REFUSALS.some((refusal) => refusal.ofProof && refusal.code === code);
}
