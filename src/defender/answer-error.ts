import { BridgeError, type ErrorFacts } from '../domain/errors.ts';
import type { HttpResponse } from './fetcher.ts';
import { rawText } from './map/raw-text.ts';

/** Of what Microsoft sent, this much goes into the quarantine. */
export const LONGEST_ANSWER = 65_536;

const STAYS = 'Nothing was stored of it and the position did not move.';

/** The JSON of a 200; anything else is what a proxy, a sign-in page or a cut connection left of it. */
export function parseAnswer({ body, header }: HttpResponse, host: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw isPage(header('content-type'), body) ? webPage(host) : brokenJson(host, body);
  }
}

function isPage(contentType: string | undefined, start: string): boolean {
  return /html/i.test(contentType ?? '') || start.trimStart().startsWith('<');
}

export function webPage(host: string): BridgeError {
  return new BridgeError({
    code: 'UPSTREAM_NOT_JSON',
    kind: 'upstream',
    message: `${host} answered 200 with a web page instead of data.`,
    hint: 'A proxy or a sign-in page for the network answers in the place of Microsoft. Let this host through.',
  });
}

/** The parser's own message is left out: it quotes the data. */
export function brokenJson(host: string, answer: string): BridgeError {
  return new BridgeError({
    code: 'UPSTREAM_BAD_JSON',
    kind: 'upstream',
    message: `${host} answered 200 with JSON that is cut off or broken.`,
    hint: `${STAYS} If it lasts, a proxy in between cuts large answers.`,
    answer: answer.slice(0, LONGEST_ANSWER),
  });
}

export function badEnvelope(what: string, json: unknown): BridgeError {
  return new BridgeError({
    code: 'UPSTREAM_BAD_ENVELOPE',
    kind: 'upstream',
    message: `Microsoft answered 200 with a page that cannot be read: ${what}.`,
    hint: `${STAYS} If it lasts, Microsoft has changed its API: please report it.`,
    answer: (rawText(json) ?? '').slice(0, LONGEST_ANSWER),
  });
}

/** The same error with what had arrived of the answer. */
export function withAnswer(error: BridgeError, answer: string): BridgeError {
  const { code, kind, message, hint, cause, retryAfterMs } = error;
  const facts: ErrorFacts = { code, kind, message, hint, cause, answer: answer.slice(0, LONGEST_ANSWER) };
  return new BridgeError(retryAfterMs === undefined ? facts : { ...facts, retryAfterMs });
}
