import type { Clock } from '../domain/clock.ts';
import { BridgeError, type ErrorFacts } from '../domain/errors.ts';
import type { ManagedIdentityEndpoint } from './credential.ts';
import type { Fetcher, HttpResponse } from './fetcher.ts';
import type { HostGate } from './host-gate.ts';
import { retryAfterMs } from './retry-after.ts';
import { integer, isObject, type JsonObject, object, text } from './schema.ts';
import { inPlaceOfToken, toTokenError, withoutSecrets } from './token-error.ts';
import type { IssuedToken } from './token-request.ts';

/** More than the dispatcher's for connecting, so that an address that nobody has shows as such. */
const TIMEOUT_MS = 30_000;
const MAX_BYTES = 1_000_000;
/** The endpoint says 410 while it is updated, which takes up to 70 s (how-to-use-vm-token, Error handling). */
const UPDATING_MS = 70_000;

/** What asking comes to where nothing listens at the endpoint's address; one that breaks off or is slow is there. */
const ABSENT: ReadonlySet<string> = new Set(['NETWORK_REFUSED', 'NETWORK_UNREACHABLE', 'NETWORK_DNS']);

export interface ManagedTokenRequest {
  readonly endpoint: ManagedIdentityEndpoint;
  /** Of a user-assigned identity; null for the system-assigned one. */
  readonly clientId: string | null;
  readonly scope: string;
  readonly fetcher: Fetcher;
  readonly gate: HostGate;
  readonly clock: Clock;
  /** For the whole answer, milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Asks the machine's own endpoint once for a token (Microsoft: how-to-use-vm-token, App Service overview-managed-identity).
 * Not with msal: its managed identity keeps the token and the detected endpoint in statics of the process, so that two
 * tenants would share them, reads the environment by itself, and tries again by itself. The next poll is the retry here.
 * Both endpoints speak plain http and never go through a proxy (dispatcher.ts). Throws a BridgeError (TOKEN_...), or the
 * signal's reason.
 */
export async function requestManagedToken(wanted: ManagedTokenRequest, signal: AbortSignal): Promise<IssuedToken> {
  const { endpoint, gate, clock } = wanted;
  const secret = endpoint.kind === 'app-service' ? await endpoint.header() : null;
  const url = tokenUrl(wanted);
  await gate.pass(signal);
  const answer = await ask(wanted, url, headersFor(secret), signal);
  const wait = waitMs(answer, clock.now());
  gate.observe({ status: answer.status, retryAfterMs: wait });
  const json = parse(answer.body);
  if (answer.status === 200) return issued(json, answer, url.host, clock.now());
  const refusal = judge(answer, json, secret === null ? [] : [secret], wanted);
  throw refusal instanceof BridgeError
    ? refusal
    : new BridgeError({ ...refusal, ...(wait !== undefined && { retryAfterMs: wait }) });
}

/** The resource is the scope without `/.default`: this is the older form of asking. */
function tokenUrl({ endpoint, clientId, scope }: ManagedTokenRequest): URL {
  if (!URL.canParse(endpoint.url)) throw badUrl(endpoint.url);
  const url = new URL(endpoint.url);
  if (endpoint.kind === 'imds') url.pathname = `${url.pathname.replace(/\/+$/, '')}/metadata/identity/oauth2/token`;
  url.searchParams.set('api-version', endpoint.kind === 'imds' ? '2018-02-01' : '2019-08-01');
  url.searchParams.set('resource', scope.replace(/\/\.default$/, ''));
  if (clientId !== null) url.searchParams.set('client_id', clientId);
  return url;
}

function headersFor(secret: string | null): Record<string, string> {
  const accept = { accept: 'application/json' };
  return secret === null ? { ...accept, metadata: 'true' } : { ...accept, 'x-identity-header': secret };
}

async function ask(
  { fetcher, timeoutMs = TIMEOUT_MS }: ManagedTokenRequest,
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
) {
  const attempt = 'asking the managed identity endpoint for a token';
  try {
    return await fetcher({ method: 'GET', url, headers, attempt, timeoutMs, maxBytes: MAX_BYTES }, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof BridgeError)) throw thrown;
    if (ABSENT.has(thrown.code)) throw unreachable(thrown);
    throw thrown.kind === 'transient' ? interrupted(thrown) : thrown;
  }
}

function waitMs({ status, header }: HttpResponse, nowMs: number): number | undefined {
  return retryAfterMs(header('retry-after'), header('date'), nowMs) ?? (status === 410 ? UPDATING_MS : undefined);
}

/** `expires_in` and `expires_on` come as digits in a text; App Service sends only the latter, by Microsoft's clock. */
function issued(json: JsonObject | null, answer: HttpResponse, host: string, nowMs: number): IssuedToken {
  const token = json === null ? undefined : text(json, 'access_token');
  if (json === null || token === undefined) throw useless(answer, host);
  const sentMs = Date.parse(answer.header('date') ?? '');
  const endMs = (integer(json, 'expires_on') ?? 0) * 1000;
  const lifetimeMs = (integer(json, 'expires_in') ?? 0) * 1000 || endMs - (Number.isNaN(sentMs) ? nowMs : sentMs);
  if (lifetimeMs <= 0) throw useless(answer, host);
  return { token, lifetimeMs };
}

function judge(
  answer: HttpResponse,
  json: JsonObject | null,
  conceal: readonly string[],
  { endpoint, clientId, clock }: ManagedTokenRequest,
): BridgeError | ErrorFacts {
  const { status } = answer;
  const words = json === null ? '' : wordsOf(json);
  const said = words === '' ? '' : ` It says: ${withoutSecrets(words, conceal)}`;
  // 404 too: documented for a metadata service that is being updated.
  const passes = status === 408 || status === 410 || status === 429 || status >= 500;
  if (passes || (status === 404 && endpoint.kind === 'imds')) return unavailable(status, said);
  if (json === null || status < 400) return useless(answer, new URL(endpoint.url).host);
  if (/AADSTS\d/.test(words)) return toTokenError(answer, conceal, clock.now());
  if (status === 400 || status === 404) return unknownIdentity(status, clientId, said);
  return refused(status, said);
}

/** IMDS: `{error, error_description}`; App Service: `{statusCode, message}` or `{error: {code, message}}`. */
function wordsOf(json: JsonObject): string {
  const inner = object(json, 'error');
  const words = text(json, 'error_description') ?? text(json, 'message') ?? (inner && text(inner, 'message'));
  return words ?? text(json, 'error') ?? '';
}

function parse(body: string): JsonObject | null {
  try {
    const json: unknown = JSON.parse(body);
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}

const HEALS =
  'FlexBridge tries again by itself. If it lasts, look at the health of this machine in the Azure portal, and at its Identity page.';

function unavailable(status: number, said: string): ErrorFacts {
  const busy = status === 429;
  return {
    code: busy ? 'TOKEN_THROTTLED' : 'TOKEN_UNAVAILABLE',
    kind: 'transient',
    message: `The managed identity endpoint gave no token: it ${busy ? 'asks to slow down' : 'is being updated or has a failure'} (${status}).${said}`,
    hint: HEALS,
  };
}

function interrupted(cause: BridgeError): BridgeError {
  const message = `The managed identity endpoint gave no token: ${cause.message}.`;
  return new BridgeError({ code: 'TOKEN_UNAVAILABLE', kind: 'transient', message, hint: HEALS, cause });
}

function unknownIdentity(status: number, clientId: string | null, said: string): ErrorFacts {
  const which = clientId === null ? 'a system-assigned managed identity' : `the user-assigned identity ${clientId}`;
  return {
    code: 'TOKEN_IDENTITY_UNKNOWN',
    kind: 'operator',
    message: `The managed identity endpoint gave no token (${status}): this machine does not have ${which}.${said}`,
    hint:
      'In the Azure portal open the machine or app > Identity. Switch the system-assigned identity on and leave clientId ' +
      'empty, or add the user-assigned identity and give its client ID. A new assignment can take minutes.',
  };
}

function refused(status: number, said: string): ErrorFacts {
  return {
    code: 'TOKEN_REFUSED',
    kind: 'operator',
    message: `The managed identity endpoint gave no token (${status}).${said}`,
    hint:
      'Check in the Azure portal under Identity that the machine has the identity. On App Service, IDENTITY_ENDPOINT and ' +
      'IDENTITY_HEADER must be those of the running instance: they change with every restart.',
  };
}

function useless(answer: HttpResponse, host: string): BridgeError {
  return new BridgeError({
    code: 'TOKEN_NOT_JSON',
    kind: 'upstream',
    message: `${host} ${inPlaceOfToken(answer)}.`,
    hint: 'Check the URL of the managed identity endpoint, and whether something else answers at this address.',
  });
}

function unreachable(cause: BridgeError): BridgeError {
  return new BridgeError({
    code: 'TOKEN_IDENTITY_UNREACHABLE',
    kind: 'operator',
    message: `There is no managed identity endpoint here: ${cause.message}.`,
    hint:
      'A managed identity exists only on a machine, app or container in Azure. Elsewhere use a client secret, a ' +
      'certificate or a workload identity. On Azure check that nothing blocks 169.254.169.254 (firewall, container network).',
    cause,
  });
}

function badUrl(url: string): BridgeError {
  return new BridgeError({
    code: 'TOKEN_IDENTITY_URL',
    kind: 'operator',
    message: `the managed identity endpoint is not a URL: ${withoutSecrets(url, [])}`,
    hint: 'Leave it out on a virtual machine; on App Service give the value of IDENTITY_ENDPOINT.',
  });
}
