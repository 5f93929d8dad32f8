import { BridgeError, type ErrorFacts } from '../domain/errors.ts';
import type { HttpResponse } from './fetcher.ts';
import { plainText } from './plain-text.ts';
import { retryAfterMs } from './retry-after.ts';
import { isObject, object, text } from './schema.ts';

type Judgement = Pick<ErrorFacts, 'code' | 'kind' | 'message' | 'hint'>;

const WAITS = 'FlexBridge tries again by itself and has not moved its position.';
const ENDPOINT = 'Check `cloud` and `endpoints` of the tenant, and whether a proxy answers in the place of Microsoft.';

/**
 * Any answer of Microsoft's API but a plain 200 as an error with a remedy.
 * @param permission the application permission that the API needs
 */
export function toResponseError(answer: HttpResponse, host: string, permission: string, nowMs: number): BridgeError {
  const wait = retryAfterMs(answer.header('retry-after'), answer.header('date'), nowMs);
  return new BridgeError({ ...judge(answer, host, permission), ...(wait !== undefined && { retryAfterMs: wait }) });
}

function judge(answer: HttpResponse, host: string, permission: string): Judgement {
  const { status } = answer;
  const said = microsoftSays(answer.body);
  if (status === 206) return partial(answer);
  if (status >= 300 && status < 400) return redirect(answer, host);
  if (status === 401) return unauthorized(said);
  if (status === 403) return forbidden(permission, said);
  if (status === 404) return missing(host, said);
  if (status === 429) return throttled(said);
  if (status >= 500 || status === 408) return failing(status, said);
  return {
    code: 'UPSTREAM_BAD_REQUEST',
    kind: 'upstream',
    message: `Microsoft did not accept the request (${status}).${said}`,
    hint: 'Microsoft may have changed its API, or the endpoint is another service. Please report it with this text.',
  };
}

/** Answer of a federated query with a provider missing; its Warning header says which (defender-api 4). */
function partial(answer: HttpResponse): Judgement {
  const warning = plainText(answer.header('warning') ?? '');
  return {
    code: 'UPSTREAM_PARTIAL',
    kind: 'transient',
    message: `Microsoft answered with a part of the data only (206)${warning === '' ? '' : `: ${warning}`}.`,
    hint: WAITS,
  };
}

function redirect(answer: HttpResponse, host: string): Judgement {
  const location = answer.header('location') ?? '';
  const to = URL.canParse(location) ? ` to ${new URL(location).host}` : '';
  return {
    code: 'UPSTREAM_REDIRECT',
    kind: 'operator',
    message: `${host} redirects the request${to} (${answer.status}); it was not followed, because the token is for ${host} only.`,
    hint: ENDPOINT,
  };
}

function unauthorized(said: string): Judgement {
  return {
    code: 'UPSTREAM_UNAUTHORIZED',
    kind: 'operator',
    message: `Microsoft refused the token (401), and a new one too.${said}`,
    hint:
      'Check that `cloud` and `endpoints` of the tenant belong together, that the clock of this host is right, and in ' +
      'the Entra admin center under Enterprise applications that the app is enabled.',
  };
}

function forbidden(permission: string, said: string): Judgement {
  return {
    code: 'UPSTREAM_FORBIDDEN',
    kind: 'operator',
    message: `Microsoft refused the request (403): the app lacks ${permission}. Grant it and give admin consent.${said}`,
    hint:
      `In the Entra admin center open App registrations > the app > API permissions > Add a permission > Microsoft Graph ` +
      `> Application permissions, add ${permission}, then press Grant admin consent. It takes effect with the next token, ` +
      'within the hour. If it is there already, the tenant may lack a Microsoft Defender licence.',
  };
}

function missing(host: string, said: string): Judgement {
  return {
    code: 'UPSTREAM_NOT_FOUND',
    kind: 'operator',
    message: `${host} does not have this API (404).${said}`,
    hint: ENDPOINT,
  };
}

function throttled(said: string): Judgement {
  return {
    code: 'UPSTREAM_THROTTLED',
    kind: 'transient',
    message: `Microsoft asks to slow down (429).${said}`,
    hint: WAITS,
  };
}

function failing(status: number, said: string): Judgement {
  return {
    code: 'UPSTREAM_UNAVAILABLE',
    kind: 'transient',
    message: `Microsoft has a failure (${status}).${said}`,
    hint: `${WAITS} If it lasts, look at https://status.cloud.microsoft.`,
  };
}

/** Microsoft's own words (`{"error":{"code","message"}}`) for a message. */
function microsoftSays(body: string): string {
  try {
    const json: unknown = JSON.parse(body);
    const error = isObject(json) ? object(json, 'error') : undefined;
    const words = error && [text(error, 'code'), text(error, 'message')].filter((part) => part !== undefined);
    return words === undefined || words.length === 0 ? '' : ` Microsoft: ${plainText(words.join(': '))}`;
  } catch {
    return '';
  }
}

/** The JSON of a 200; anything else is what a proxy, a sign-in page or a cut connection left of it. */
export function parseAnswer(answer: HttpResponse, host: string): unknown {
  try {
    return JSON.parse(answer.body);
  } catch {
    throw new BridgeError(isPage(answer) ? webPage(host) : brokenJson(host, answer.body.length));
  }
}

function isPage({ body, header }: HttpResponse): boolean {
  return /html/i.test(header('content-type') ?? '') || body.trimStart().startsWith('<');
}

function webPage(host: string): Judgement {
  return {
    code: 'UPSTREAM_NOT_JSON',
    kind: 'upstream',
    message: `${host} answered 200 with a web page instead of data.`,
    hint: 'A proxy or a sign-in page for the network answers in the place of Microsoft. Let this host through.',
  };
}

/** The parser's own message is left out: it quotes the data. */
function brokenJson(host: string, length: number): Judgement {
  return {
    code: 'UPSTREAM_BAD_JSON',
    kind: 'upstream',
    message: `${host} answered 200 with JSON that is cut off or broken (${length} characters).`,
    hint: `${WAITS} If it lasts, a proxy in between cuts large answers.`,
  };
}
