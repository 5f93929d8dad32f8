import { constants, createHash, timingSafeEqual, verify, X509Certificate } from 'node:crypto';
import type { LoginErrorName } from './login-errors.ts';
import type { RegisteredSecret, SimulatedTenant } from './simulated-tenant.ts';

/** What is wrong with a client's proof of who it is; null when nothing is. */
export type ProofProblem = { readonly name: LoginErrorName; readonly detail: string } | null;

export interface ProofContext {
  readonly tenant: SimulatedTenant;
  readonly nowMs: number;
  /** Addresses of the token endpoint, any of which an assertion may be meant for. */
  readonly audiences: readonly string[];
}

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** Entra lets clocks differ by five minutes. */
const SKEW_MS = 300_000;

/** Checks the secret, the certificate's assertion or the federated assertion of a token request. */
export function checkProof(form: URLSearchParams, context: ProofContext): ProofProblem {
  const assertion = form.get('client_assertion') ?? '';
  const secret = form.get('client_secret') ?? '';
  if (assertion === '' && secret === '') return { name: 'missingSecret', detail: '' };
  if (assertion === '') return checkSecret(secret, context);
  if (form.get('client_assertion_type') !== ASSERTION_TYPE) return { name: 'badAssertionType', detail: '' };
  if ((context.tenant.federatedAssertions ?? []).some((known) => sameText(known, assertion))) {
    return checkLifetime(readJwt(assertion)?.claims ?? {}, context);
  }
  return checkCertificate(assertion, context);
}

function checkSecret(secret: string, { tenant, nowMs }: ProofContext): ProofProblem {
  const plain: readonly RegisteredSecret[] = tenant.clientSecret === undefined ? [] : [{ value: tenant.clientSecret }];
  const match = [...plain, ...(tenant.secrets ?? [])].find(({ value }) => sameText(value, secret));
  if (match === undefined) return { name: 'wrongSecret', detail: tenant.clientId };
  if ((match.expiresMs ?? Infinity) <= nowMs) return { name: 'expiredSecret', detail: tenant.clientId };
  return null;
}

interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

function checkCertificate(assertion: string, context: ProofContext): ProofProblem {
  const { tenant, nowMs, audiences } = context;
  const jwt = readJwt(assertion);
  if (jwt === null) return { name: 'malformedAssertion', detail: '' };
  const { header, claims } = jwt;
  const thumbprint = header['x5t#S256'] ?? header['x5t'];
  if (typeof thumbprint !== 'string') {
    const facts = `Assertion Issuer: '${String(claims['iss'])}'. Assertion Subject: '${String(claims['sub'])}'. Assertion Audience: '${String(claims['aud'])}'.`;
    return { name: 'noFederatedIdentity', detail: facts };
  }
  const certificate = (tenant.certificates ?? [])
    .map((pem) => new X509Certificate(pem))
    .find((known) => thumbprints(known).includes(thumbprint));
  const key = Buffer.from(thumbprint, 'base64url').toString('hex').toUpperCase();
  if (certificate === undefined) {
    return {
      name: 'badCertificate',
      detail: `[Reason - The key was not found., Thumbprint of key used by client: '${key}']`,
    };
  }
  if (Date.parse(certificate.validTo) <= nowMs) {
    return {
      name: 'badCertificate',
      detail: `[Reason - The key used is expired., Thumbprint of key used by client: '${key}']`,
    };
  }
  if (!isSignedBy(jwt, certificate)) {
    return {
      name: 'badCertificate',
      detail: '[Reason - The provided signature value did not match the expected signature value.]',
    };
  }
  if (claims['iss'] !== tenant.clientId || claims['sub'] !== tenant.clientId) {
    return { name: 'assertionOfAnotherClient', detail: tenant.clientId };
  }
  if (!audiences.some((audience) => audience === claims['aud'])) return { name: 'assertionAudience', detail: '' };
  return checkLifetime(claims, context);
}

function checkLifetime(claims: Readonly<Record<string, unknown>>, { nowMs }: ProofContext): ProofProblem {
  const [from, to] = [claims['nbf'] ?? claims['iat'], claims['exp']];
  const early = typeof from === 'number' && from * 1000 > nowMs + SKEW_MS;
  const late = typeof to === 'number' && to * 1000 < nowMs - SKEW_MS;
  if (!early && !late) return null;
  const time = (seconds: unknown) => (typeof seconds === 'number' ? new Date(seconds * 1000).toISOString() : 'unknown');
  const now = new Date(nowMs).toISOString();
  const detail = `Current time: ${now}, assertion valid from ${time(from)}, expiry time of assertion ${time(to)}.`;
  return { name: 'assertionTime', detail };
}

/** Base64url of the SHA-256 and, as older clients send it, the SHA-1 of the certificate. */
function thumbprints({ raw }: X509Certificate): readonly string[] {
  return ['sha256', 'sha1'].map((algorithm) => createHash(algorithm).update(raw).digest('base64url'));
}

function isSignedBy({ header, signed, signature }: Jwt, { publicKey }: X509Certificate): boolean {
  if (header['alg'] === 'RS256') return verify('sha256', signed, publicKey, signature);
  const pss = {
    key: publicKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
  return header['alg'] === 'PS256' && verify('sha256', signed, pss, signature);
}

function readJwt(text: string): Jwt | null {
  const [header = '', payload = '', signature = '', ...rest] = text.split('.');
  if (rest.length > 0 || signature === '') return null;
  const [head, claims] = [readPart(header), readPart(payload)];
  if (head === null || claims === null) return null;
  return {
    header: head,
    claims,
    signed: Buffer.from(`${header}.${payload}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

function readPart(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
