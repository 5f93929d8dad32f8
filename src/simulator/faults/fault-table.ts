import type { Service } from '../service.ts';

/** One way in which Microsoft's side goes wrong. */
interface FaultRow {
  readonly name: string;
  /** What the client meets. */
  readonly description: string;
  readonly services: readonly Service[];
  /** It lets so many requests through before it happens. */
  readonly after?: number;
}

const LISTS = ['graph', 'defender', 'siem'] as const;
const LINKED = ['graph', 'defender'] as const;
const ALL = ['graph', 'defender', 'siem', 'login', 'identity'] as const;
const TLS = ['graph', 'defender', 'siem', 'login'] as const;
const LOGIN = ['login'] as const;
const IDENTITY = ['identity'] as const;

/** The fault panel: every name that `Simulator.faults` takes. What each does stands in fault-actions.ts. */
export const FAULTS = [
  // ---- throttled, or not available ----
  { name: 'throttled', services: ALL, description: '429 with Retry-After in seconds' },
  { name: 'throttled-date', services: ALL, description: '429 with Retry-After as an HTTP date' },
  { name: 'throttled-bare', services: ALL, description: '429 without Retry-After' },
  { name: 'throttled-nonsense', services: ALL, description: '429 with a Retry-After that is neither number nor date' },
  { name: 'server-error', services: ALL, description: '500 with an error in the form of the API' },
  { name: 'server-error-html', services: ALL, description: '500 with an HTML page' },
  { name: 'bad-gateway', services: ALL, description: '502 with an HTML page of a gateway' },
  { name: 'unavailable', services: ALL, description: '503 with Retry-After in seconds' },
  { name: 'gateway-timeout', services: ALL, description: '504 without a body' },

  // ---- the connection ----
  { name: 'reset-before-headers', services: ALL, description: 'the connection is reset before any byte of the answer' },
  { name: 'reset-mid-body', services: ALL, description: 'the connection is reset in the middle of the body' },
  { name: 'truncated-chunked', services: ALL, description: 'a chunked body ends without its last chunk' },
  { name: 'dripping-body', services: ALL, description: 'one byte now and then, and a reset before the end' },
  { name: 'hang', services: ALL, description: 'no answer at all until the connection is closed' },
  { name: 'certificate-change', services: TLS, description: 'the connection breaks, and the next one meets a certificate of another CA' },

  // ---- 200, and not what was asked for ----
  { name: 'cut-json', services: ALL, description: '200 with a body of the announced length whose JSON is cut' },
  { name: 'html-200', services: ALL, description: '200 with an HTML sign-in page' },
  { name: 'wrong-content-type', services: LISTS, description: '200 with the proper JSON under the content type text/html' },
  { name: 'empty-body', services: ALL, description: '200 with an empty body' },
  { name: 'no-list', services: LISTS, description: '200 with a JSON object that has no list of alerts' },
  { name: 'error-200', services: LISTS, description: '200 with an error object in the form of the API' },
  { name: 'partial-206', services: LISTS, description: '206 with half of the records and a Warning header' },

  // ---- access ----
  { name: 'unauthorized', services: LISTS, description: '401, once, for a valid token' },
  { name: 'unauthorized-mid-paging', services: LISTS, after: 1, description: '401, once, for a valid token, at the request after the next one' },
  { name: 'expired-token', services: LISTS, description: '401 for this token from now on: its time is over early' },
  { name: 'forbidden-role', services: LISTS, description: '403 with the text that names the missing permission' },
  { name: 'not-found', services: LISTS, description: '404: there is no such API here, as in a cloud without it' },
  { name: 'login-throttled', services: LOGIN, description: '429 with Retry-After and AADSTS90055' },
  { name: 'login-unavailable', services: LOGIN, description: '503 with AADSTS90033' },
  { name: 'login-wrong-secret', services: LOGIN, description: '401 with AADSTS7000215' },
  { name: 'login-expired-secret', services: LOGIN, description: '401 with AADSTS7000222' },
  { name: 'login-html', services: LOGIN, description: '200 with an HTML page in place of a token' },
  { name: 'identity-updating', services: IDENTITY, description: '410: the identity endpoint is being updated' },

  // ---- where it leads ----
  { name: 'redirect', services: ALL, description: '302 to a host that must never get a token' },
  { name: 'foreign-next-link', services: LINKED, description: 'a nextLink to a host that must never get a token' },
  { name: 'next-link-loop', services: LINKED, description: 'a nextLink to the same page' },
  { name: 'empty-page-with-next-link', services: LINKED, description: 'no records, and a nextLink to the page that has them' },

  // ---- the records ----
  { name: 'repeated-rows', services: LISTS, description: 'every record of the page twice' },
  { name: 'shuffled-rows', services: LISTS, description: 'the records of the page in another order' },
  { name: 'stale-version', services: LINKED, description: 'every alert as it was before its latest version' },
  { name: 'poison-record-500', services: LISTS, description: '500 whenever the page holds the record' },
  { name: 'poison-record-json', services: LISTS, description: 'the JSON is broken within the record' },
  { name: 'poison-record-too-large', services: LISTS, description: 'the record is larger than any client takes' },
  { name: 'record-without-id', services: LISTS, description: 'the record has no id' },
  { name: 'record-without-update-time', services: LISTS, description: 'the record has no update time' },
  { name: 'record-not-an-object', services: LISTS, description: 'a number in place of the record' },

  // ---- odd, but whole: a client has to cope ----
  { name: 'gzip', services: ALL, description: 'the body is compressed although nobody asked for it' },
  { name: 'byte-order-mark', services: ALL, description: 'the body begins with a byte order mark' },
  { name: 'clock-skew-ahead', services: ALL, description: 'the Date header is an hour ahead' },
  { name: 'clock-skew-behind', services: ALL, description: 'the Date header is an hour behind' },
] as const satisfies readonly FaultRow[];

export type FaultName = (typeof FAULTS)[number]['name'];

/** Faults that stay with a record until they are cleared. */
export const POISONS = ['poison-record-500', 'poison-record-json', 'poison-record-too-large', 'record-without-id', 'record-without-update-time', 'record-not-an-object'] as const satisfies readonly FaultName[];
export type PoisonName = (typeof POISONS)[number];

/** The row of a name that comes from outside; null for a name there is none of. */
export function findFault(name: string): (FaultRow & { readonly name: FaultName }) | null {
  return FAULTS.find((row) => row.name === name) ?? null;
}

export function isPoison(name: FaultName): name is PoisonName {
  return POISONS.some((poison) => poison === name);
}
