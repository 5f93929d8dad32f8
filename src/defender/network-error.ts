import { BridgeError, type ErrorKind } from '../domain/errors.ts';
import { readPeerIssuer } from './peer-issuer.ts';

interface Row {
  readonly codes: readonly string[];
  readonly code: string;
  readonly kind: ErrorKind;
  readonly what: string;
  readonly hint: string;
}

const FIREWALL = 'Check the route, the firewall and any proxy between this host and Microsoft.';

/** Codes of Node (system, DNS, OpenSSL) and undici by what they mean to an administrator. */
const ROWS: readonly Row[] = [
  {
    codes: ['ENOTFOUND'],
    code: 'NETWORK_DNS',
    kind: 'operator',
    what: 'the name does not resolve',
    hint: 'Check the endpoint in the configuration (cloud, endpoints) and the DNS of this host.',
  },
  {
    codes: ['EAI_AGAIN'],
    code: 'NETWORK_DNS',
    kind: 'transient',
    what: 'the DNS server did not answer',
    hint: 'Check the DNS of this host. FlexBridge tries again by itself.',
  },
  {
    codes: ['ECONNREFUSED'],
    code: 'NETWORK_REFUSED',
    kind: 'transient',
    what: 'the connection was refused',
    hint: FIREWALL,
  },
  {
    codes: ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
    code: 'NETWORK_UNREACHABLE',
    kind: 'transient',
    what: 'the host cannot be reached',
    hint: FIREWALL,
  },
  {
    codes: ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'TimeoutError'],
    code: 'NETWORK_TIMEOUT',
    kind: 'transient',
    what: 'no answer in time',
    hint: FIREWALL,
  },
  {
    codes: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
    code: 'NETWORK_CERTIFICATE',
    kind: 'operator',
    what: 'the certificate is not valid at this time',
    hint: 'Check the clock of this host; if it is right, whoever runs the server or the proxy must renew the certificate.',
  },
  {
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH'],
    code: 'NETWORK_CERTIFICATE',
    kind: 'operator',
    what: 'the certificate belongs to another name',
    hint: 'Check the endpoint in the configuration, and whether a proxy answers in its place.',
  },
  {
    codes: [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_UNTRUSTED',
      'CERT_SIGNATURE_FAILURE',
      'INVALID_CA',
    ],
    code: 'NETWORK_CERTIFICATE',
    kind: 'operator',
    what: 'the certificate is not trusted',
    hint: "If that issuer is your own TLS-inspecting proxy, put its root certificate (PEM) into the tenant's caFile.",
  },
  {
    codes: ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    code: 'NETWORK_TLS',
    kind: 'operator',
    what: 'the other side does not speak TLS 1.2 or later',
    hint: 'Check that the endpoint is an https URL with the right port, and whether a proxy answers in its place.',
  },
];

const OTHER: Omit<Row, 'codes'> = {
  code: 'NETWORK_FAILED',
  kind: 'transient',
  what: 'the connection broke',
  hint: FIREWALL,
};

/** The connection was there and the answer had begun: the answer itself may be what breaks it. */
const CUT: Omit<Row, 'codes'> = {
  code: 'NETWORK_CUT',
  kind: 'transient',
  what: 'the answer broke off on its way or arrived damaged',
  hint: `Nothing of it counts and the position did not move. If it lasts: ${FIREWALL}`,
};

export interface FailedExchange {
  readonly url: URL;
  /** What was tried, for example `asking Microsoft for a token`. */
  readonly attempt: string;
  /** `body`: status and headers had arrived. */
  readonly stage: 'head' | 'body';
  /** How the issuer of the host's certificate is found out, where the way there leads through a proxy. */
  readonly readIssuer?: () => Promise<string | null>;
}

/** Why a request got no complete answer. */
export async function toNetworkError(thrown: unknown, exchange: FailedExchange): Promise<BridgeError> {
  const { url, attempt, stage, readIssuer = () => readPeerIssuer(url) } = exchange;
  const code = failureCode(thrown);
  const known = ROWS.find(({ codes }) => codes.includes(code)) ?? OTHER;
  const row = stage === 'body' && known.code !== 'NETWORK_TIMEOUT' ? CUT : known;
  const issuer = row.code === 'NETWORK_CERTIFICATE' ? await readIssuer() : null;
  const seen = issuer === null ? '' : `; it was issued by: ${issuer}`;
  return new BridgeError({
    code: row.code,
    kind: row.kind,
    message: `${attempt} failed: ${url.host}: ${row.what} (${code})${seen}`,
    hint: row.hint,
    // undici's own error may carry a piece of the answer, and an answer may be a token.
    cause: new Error(code),
  });
}

/** The code of Node's, undici's or the DOM's, for a message. */
export function failureCode(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown';
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return thrown.name;
}
