import { BridgeError, type ErrorFacts } from '../domain/errors.ts';
import type { ApiFacts } from './api-table.ts';
import type { HttpResponse } from './fetcher.ts';
import { retryAfterMs } from './retry-after.ts';
import { isObject, object, text } from './schema.ts';
import { withoutSecrets } from './token-error.ts';

type Judgement = Pick<ErrorFacts, 'code' | 'kind' | 'message' | 'hint'>;

const WAITS = 'FlexBridge tries again by itself and has not moved its position.';
const ENDPOINT = 'Check `cloud` and `endpoints` of the tenant, and whether a proxy answers in the place of Microsoft.';

interface Asked {
  readonly host: string;
  readonly api: ApiFacts;
  readonly nowMs: number;
  /** Texts that must not come back in a message: what answers may quote what it was sent. */
  readonly conceal: readonly string[];
}

/** Any answer of one of Microsoft's APIs but a plain 200 as an error with a remedy. */
export function toResponseError(answer: HttpResponse, asked: Asked): BridgeError {
  const wait = retryAfterMs(answer.header('retry-after'), answer.header('date'), asked.nowMs);
  return new BridgeError({ ...judge(answer, asked), ...(wait !== undefined && { retryAfterMs: wait }) });
}

function judge(answer: HttpResponse, { host, api, conceal }: Asked): Judgement {
  const { status } = answer;
  const said = microsoftSays(answer.body, conceal);
  if (status === 206) return partial(answer, conceal);
  if (status >= 300 && status < 400) return redirect(answer, host);
  if (status === 401) return unauthorized(said);
  if (status === 403) return forbidden(api, said);
  if (status === 404) return missing(host, api, said);
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
function partial(answer: HttpResponse, conceal: readonly string[]): Judgement {
  const warning = withoutSecrets(answer.header('warning') ?? '', conceal);
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

function forbidden({ title, entraName, permissions }: ApiFacts, said: string): Judgement {
  const [permission] = permissions;
  if (permission === undefined || entraName === null) return unlisted(title, said);
  return {
    code: 'UPSTREAM_FORBIDDEN',
    kind: 'operator',
    message: `Microsoft refused the request (403): the app lacks ${permission} of ${entraName}. Grant it and give admin consent.${said}`,
    hint:
      `In the Entra admin center open App registrations > the app > API permissions > Add a permission > ` +
      `${tabOf(entraName)} > Application permissions, add ${permission}, then press Grant admin consent. It takes ` +
      'effect with the next token, within the hour. If it is there already, the tenant may lack a Microsoft Defender licence.',
  };
}

/** The portal lists Graph on its first tab, and the others only by search. */
function tabOf(entraName: string): string {
  return entraName === 'Microsoft Graph' ? entraName : `APIs my organization uses > ${entraName}`;
}

/** defender-api 1.6, 1.7: no permission is documented for the old SIEM API; its app comes from a switch in the portal. */
function unlisted(title: string, said: string): Judgement {
  return {
    code: 'UPSTREAM_FORBIDDEN',
    kind: 'operator',
    message: `Microsoft refused the request (403): the app may not read ${title}.${said}`,
    hint:
      'Use the app that the SIEM integration switch of the Defender portal made, and check that the tenant still has ' +
      'it. Microsoft takes no new customers for this API: if it stays refused, change the source to graph-alerts.',
  };
}

function missing(host: string, { title }: ApiFacts, said: string): Judgement {
  return {
    code: 'UPSTREAM_NOT_FOUND',
    kind: 'operator',
    message: `${host} answers, but not as ${title} (404).${said}`,
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

/** A 500 or 504 may be the fault of what was asked for; the others say that nobody is there (inferred). */
function failing(status: number, said: string): Judgement {
  return {
    code: status === 500 || status === 504 ? 'UPSTREAM_FAILED' : 'UPSTREAM_UNAVAILABLE',
    kind: 'transient',
    message: `Microsoft has a failure (${status}).${said}`,
    hint: `${WAITS} If it lasts, look at https://status.cloud.microsoft.`,
  };
}

/** Microsoft's own words (`{"error":{"code","message"}}`) for a message. */
function microsoftSays(body: string, conceal: readonly string[]): string {
  try {
    const json: unknown = JSON.parse(body);
    const error = isObject(json) ? object(json, 'error') : undefined;
    const words = error && [text(error, 'code'), text(error, 'message')].filter((part) => part !== undefined);
    return words === undefined || words.length === 0 ? '' : ` Microsoft: ${withoutSecrets(words.join(': '), conceal)}`;
  } catch {
    return '';
  }
}
