import { BridgeError, type ErrorKind } from '../domain/errors.ts';
import type { HttpResponse } from './fetcher.ts';
import { plainText } from './plain-text.ts';
import { retryAfterMs } from './retry-after.ts';
import { isObject, type JsonObject, list, text } from './schema.ts';

interface Row {
  readonly aadsts: readonly number[];
  readonly code: string;
  readonly kind: ErrorKind;
  readonly what: string;
  readonly hint: string;
}

const NEW_SECRET =
  'In the Entra admin center open App registrations > the app > Certificates & secrets, make a new client secret, and ' +
  'put its Value (not its Secret ID) where the tenant reads its secret from.';

/** Entra's error numbers that an administrator can do something about. */
const ROWS: readonly Row[] = [
  {
    aadsts: [7000215],
    code: 'TOKEN_SECRET_WRONG',
    kind: 'operator',
    what: 'the client secret is wrong',
    hint: NEW_SECRET,
  },
  {
    aadsts: [7000222],
    code: 'TOKEN_SECRET_EXPIRED',
    kind: 'operator',
    what: 'the client secret has expired',
    hint: NEW_SECRET,
  },
  {
    aadsts: [90002, 900023],
    code: 'TOKEN_TENANT_UNKNOWN',
    kind: 'operator',
    what: 'Microsoft knows no such tenant',
    hint:
      'Compare tenantId with the Tenant ID on the Overview page of the Entra admin center, and check that `cloud` is ' +
      'the one the tenant lives in.',
  },
  {
    aadsts: [700016],
    code: 'TOKEN_CLIENT_UNKNOWN',
    kind: 'operator',
    what: 'the tenant has no such app',
    hint:
      'Compare clientId with the Application (client) ID under App registrations in the Entra admin center, in the same ' +
      'tenant. For an app of another tenant an administrator must first give consent here.',
  },
  {
    aadsts: [7000112],
    code: 'TOKEN_CLIENT_DISABLED',
    kind: 'operator',
    what: 'the app is disabled in this tenant',
    hint: 'In the Entra admin center open Enterprise applications > the app > Properties and let users sign in to it.',
  },
  {
    aadsts: [53003, 530035],
    code: 'TOKEN_POLICY',
    kind: 'operator',
    what: 'a Conditional Access policy blocks the app',
    hint:
      'Look the sign-in up in the Entra admin center under Sign-in logs > Service principal sign-ins; it names the ' +
      'policy. Exempt the app or allow the address of this host.',
  },
  {
    aadsts: [500011, 70011, 1002012],
    code: 'TOKEN_SCOPE',
    kind: 'operator',
    what: 'the tenant does not know the API that was asked for',
    hint: 'Check `cloud` and `endpoints` of the tenant: the token is asked for the configured API host.',
  },
];

/**
 * A refused or useless answer to a token request as an error with a remedy.
 * @param conceal texts that must not come back in a message
 */
export function toTokenError(answer: HttpResponse, conceal: readonly string[], nowMs: number): BridgeError {
  const json = parse(answer.body);
  const wait = retryAfterMs(answer.header('retry-after'), answer.header('date'), nowMs);
  const retry = wait !== undefined && { retryAfterMs: wait };
  if (answer.status === 429 || answer.status >= 500)
    return new BridgeError({ ...unavailable(answer.status), ...retry });
  if (json === null || answer.status < 400) return notAToken(answer);

  const numbers = errorNumbers(json);
  const row = ROWS.find(({ aadsts }) => aadsts.some((number) => numbers.includes(number)));
  const said = microsoftSays(json, conceal);
  if (row === undefined) return new BridgeError({ ...refused(answer.status, said), ...retry });
  return new BridgeError({
    code: row.code,
    kind: row.kind,
    message: `Microsoft gave no token (${answer.status}): ${row.what}.${said}`,
    hint: row.hint,
    ...retry,
  });
}

function unavailable(status: number) {
  return {
    code: status === 429 ? 'TOKEN_THROTTLED' : 'TOKEN_UNAVAILABLE',
    kind: 'transient' as const,
    message: `Microsoft gave no token: the login service ${status === 429 ? 'asks to slow down' : 'has a failure'} (${status}).`,
    hint: 'FlexBridge tries again by itself. If it lasts, look at https://status.cloud.microsoft.',
  };
}

function refused(status: number, said: string) {
  return {
    code: 'TOKEN_REFUSED',
    kind: 'operator' as const,
    message: `Microsoft gave no token (${status}).${said}`,
    hint:
      'Look the AADSTS number up at https://login.microsoftonline.com/error and the sign-in in the Entra admin center ' +
      'under Sign-in logs > Service principal sign-ins.',
  };
}

function notAToken({ status, header }: HttpResponse): BridgeError {
  const type = plainText(header('content-type') ?? 'no content type');
  return new BridgeError({
    code: 'TOKEN_NOT_JSON',
    kind: 'upstream',
    message: `The login service answered ${status} (${type}), but not with a token.`,
    hint: 'Check endpoints.login, and whether a proxy or a sign-in page for the network answers in its place.',
  });
}

/** `error_codes`, or the number in the description where an older answer has no list. */
function errorNumbers(json: JsonObject): readonly number[] {
  const listed = (list(json, 'error_codes') ?? []).map(Number);
  const printed = /AADSTS(\d+)/.exec(text(json, 'error_description') ?? '')?.[1];
  return printed === undefined ? listed : [...listed, Number(printed)];
}

function microsoftSays(json: JsonObject, conceal: readonly string[]): string {
  const words = text(json, 'error_description') ?? text(json, 'error');
  if (words === undefined) return '';
  const hidden = conceal.reduce(
    (shown, secret) => (secret === '' ? shown : shown.replaceAll(secret, '[hidden]')),
    words,
  );
  return ` Microsoft: ${plainText(hidden)}`;
}

function parse(body: string): JsonObject | null {
  try {
    const json: unknown = JSON.parse(body);
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}
