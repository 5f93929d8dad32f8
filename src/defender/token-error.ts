import { BridgeError } from '../domain/errors.ts';
import type { HttpResponse } from './fetcher.ts';
import { plainText } from './plain-text.ts';
import { retryAfterMs } from './retry-after.ts';
import { isObject, type JsonObject, list, text } from './schema.ts';
import { TOKEN_REFUSALS } from './token-refusals.ts';

/** Anything that looks like a signed token, whole or cut off. */
const JWT = /eyJ[\w-]{8,}(\.[\w-]*){0,2}/g;

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
  const row = TOKEN_REFUSALS.find(({ aadsts }) => aadsts.some((number) => numbers.includes(number)));
  const words = text(json, 'error_description') ?? text(json, 'error');
  const said = words === undefined ? '' : ` Microsoft: ${withoutSecrets(words, conceal)}`;
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

/** What came in the place of a token, for a message. */
export function inPlaceOfToken({ status, header }: HttpResponse): string {
  const location = header('location') ?? '';
  if (status >= 300 && status < 400 && URL.canParse(location)) {
    return `redirects to ${new URL(location).host} (${status}) instead of giving a token; that was not followed`;
  }
  const type = plainText(header('content-type') ?? 'no content type');
  return `answered ${status} (${type}), but not with a token`;
}

function notAToken(answer: HttpResponse): BridgeError {
  return new BridgeError({
    code: 'TOKEN_NOT_JSON',
    kind: 'upstream',
    message: `The login service ${inPlaceOfToken(answer)}.`,
    hint: 'Check endpoints.login, and whether a proxy or a sign-in page for the network answers in its place.',
  });
}

/** `error_codes`, or the number in the description where an older answer has no list. */
function errorNumbers(json: JsonObject): readonly number[] {
  const listed = (list(json, 'error_codes') ?? []).map(Number);
  const printed = /AADSTS(\d+)/.exec(text(json, 'error_description') ?? '')?.[1];
  return printed === undefined ? listed : [...listed, Number(printed)];
}

/** Somebody else's words for a message: one line, without these texts, their encoded forms, and any token. */
export function withoutSecrets(words: string, conceal: readonly string[]): string {
  const forms = conceal.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ '': secret }).toString().slice(1),
  ]);
  const hidden = forms.reduce((shown, form) => (form === '' ? shown : shown.replaceAll(form, '[hidden]')), words);
  return plainText(hidden.replaceAll(JWT, '[hidden]'));
}

function parse(body: string): JsonObject | null {
  try {
    const json: unknown = JSON.parse(body);
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}
