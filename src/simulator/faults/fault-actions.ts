import { gzipSync } from 'node:zlib';
import { apiError } from '../apis/api-error.ts';
import { ACCESS_RULES } from '../apis/bearer.ts';
import { Refusal } from '../apis/refusal.ts';
import type { Delivery, SimulatorAnswer } from '../exchange.ts';
import { loginError } from '../login/login-errors.ts';
import type { FaultContext } from './fault-context.ts';
import type { FaultName, PoisonName } from './fault-table.ts';
import { ownError } from './own-error.ts';
import { doubtful, pageWith, unreadable } from './page-change.ts';
import { poisonPage } from './poison-page.ts';

type FaultAction = (context: FaultContext) => SimulatorAnswer;

/** What each fault does to an answer. An answer that keeps its `page` is one that a client can take. */
export const FAULT_ACTIONS: Readonly<Record<FaultName, FaultAction>> = {
  throttled: (context) => refused(context, 429, retryAfter(context)),
  'throttled-date': (context) => {
    const atMs = context.nowMs + context.times.retryAfterSeconds * 1000;
    return refused(context, 429, { 'retry-after': new Date(atMs).toUTCString() });
  },
  'throttled-bare': (context) => refused(context, 429),
  'throttled-nonsense': (context) => refused(context, 429, { 'retry-after': 'soon' }),
  'server-error': (context) => refused(context, 500),
  'server-error-html': () => html(500, 'Server Error', 'The service ran into a problem.'),
  'bad-gateway': () => html(502, 'Bad Gateway', 'nginx'),
  unavailable: (context) => refused(context, 503, retryAfter(context)),
  'gateway-timeout': () => ({ status: 504, headers: {}, body: '' }),

  'reset-before-headers': (context) => delivered(context, { kind: 'reset', afterShare: null }),
  'reset-mid-body': (context) => delivered(context, { kind: 'reset', afterShare: 0.5 }),
  'truncated-chunked': (context) => delivered(context, { kind: 'truncate' }),
  'dripping-body': (context) => {
    const { dripEveryMs: everyMs, dripBytes: bytes } = context.times;
    return delivered(context, { kind: 'drip', everyMs, bytes });
  },
  hang: (context) => delivered(context, { kind: 'hang' }),
  'certificate-change': (context) => {
    context.changeCertificate(1);
    return delivered(context, { kind: 'reset', afterShare: null });
  },

  'cut-json': (context) => {
    const answer = unreadable(context.proper());
    const bytes = Buffer.from(answer.body);
    return { ...answer, body: bytes.subarray(0, Math.floor(bytes.length / 2)) };
  },
  'html-200': () => html(200, 'Sign in to your account', 'JavaScript is required.'),
  'wrong-content-type': (context) => {
    const answer = doubtful(context.proper());
    return { ...answer, headers: { ...answer.headers, 'content-type': 'text/html; charset=utf-8' } };
  },
  'empty-body': (context) => ({ ...unreadable(context.proper()), body: '' }),
  'no-list': (context) => ({ ...unreadable(context.proper()), body: '{"status":"ok"}' }),
  'error-200': (context) => ({ ...refused(context, 500), status: 200 }),
  'partial-206': (context) => {
    const answer = context.proper();
    if (answer.page === undefined) return answer;
    const half = answer.page.rows.slice(0, Math.ceil(answer.page.rows.length / 2));
    const partial = unreadable(pageWith(answer, half, answer.page.nextLink));
    // defender-api 4: vendor, provider, status, latency.
    const warning = '199 - "Microsoft/Microsoft Defender for Endpoint/504/30000"';
    return { ...partial, status: 206, headers: { ...partial.headers, warning } };
  },

  unauthorized: (context) => refused(context, 401),
  'unauthorized-mid-paging': (context) => refused(context, 401),
  'expired-token': (context) => {
    context.endToken();
    return context.proper();
  },
  'forbidden-role': (context) => {
    const { service, request, nowMs } = context;
    if (service === 'login' || service === 'identity') return refused(context, 403);
    const refusal = new Refusal(403, 'Forbidden', ACCESS_RULES[service].missingRole([]));
    return apiError(service, refusal, request, nowMs);
  },
  'not-found': (context) => refused(context, 404),
  'login-throttled': (context) => refused(context, 429, retryAfter(context)),
  'login-unavailable': ({ nowMs }) => loginError('unavailable', nowMs),
  'login-wrong-secret': ({ nowMs, request }) => loginError('wrongSecret', nowMs, clientOf(request.body)),
  'login-expired-secret': ({ nowMs, request }) => loginError('expiredSecret', nowMs, clientOf(request.body)),
  'login-html': () => html(200, 'Sign in to your account', 'JavaScript is required.'),
  'identity-updating': (context) => refused(context, 410),

  redirect: ({ request, strangerUrl }) => ({
    // 307 repeats a POST with its body, so a client that follows it would give its secret away.
    status: request.method === 'GET' ? 302 : 307,
    headers: { location: `${strangerUrl}${request.url}` },
    body: '',
  }),
  'foreign-next-link': (context) => linked(context, `${context.strangerUrl}${context.request.url}`),
  'next-link-loop': (context) => linked(context, `${context.request.origin}${context.request.url}`),
  'empty-page-with-next-link': (context) => {
    const answer = context.proper();
    const again = answer.page?.again() ?? null;
    return again === null ? answer : pageWith(answer, [], again);
  },

  'repeated-rows': (context) => {
    const answer = context.proper();
    const rows = answer.page?.rows ?? [];
    return pageWith(answer, [...rows, ...rows], answer.page?.nextLink ?? null);
  },
  'shuffled-rows': (context) => {
    const answer = context.proper();
    return pageWith(answer, context.random.shuffle(answer.page?.rows ?? []), answer.page?.nextLink ?? null);
  },
  'stale-version': (context) => context.proper({ ...context.request, replica: 'stale' }),
  'poison-record-500': (context) => firstPoisoned(context, 'poison-record-500'),
  'poison-record-json': (context) => firstPoisoned(context, 'poison-record-json'),
  'poison-record-too-large': (context) => firstPoisoned(context, 'poison-record-too-large'),
  'record-without-id': (context) => firstPoisoned(context, 'record-without-id'),
  'record-without-update-time': (context) => firstPoisoned(context, 'record-without-update-time'),
  'record-not-an-object': (context) => firstPoisoned(context, 'record-not-an-object'),

  gzip: (context) => {
    const answer = context.proper();
    return { ...answer, headers: { ...answer.headers, 'content-encoding': 'gzip' }, body: gzipSync(answer.body) };
  },
  'byte-order-mark': (context) => {
    const answer = context.proper();
    return { ...answer, body: Buffer.concat([Buffer.from('\uFEFF'), Buffer.from(answer.body)]) };
  },
  'clock-skew-ahead': (context) => dated(context, 3_600_000),
  'clock-skew-behind': (context) => dated(context, -3_600_000),
};

function refused(
  context: FaultContext,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): SimulatorAnswer {
  const answer = ownError(context.service, status, context.request, context.nowMs);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function retryAfter({ times }: FaultContext): Readonly<Record<string, string>> {
  return { 'retry-after': String(times.retryAfterSeconds) };
}

function html(status: number, title: string, text: string): SimulatorAnswer {
  const body = `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

function delivered({ proper }: FaultContext, delivery: Delivery): SimulatorAnswer {
  return { ...unreadable(proper()), delivery };
}

/** A careful client does not take a page whose link it must not follow, so it counts as not read. */
function linked({ proper }: FaultContext, link: string): SimulatorAnswer {
  const answer = proper();
  return answer.page === undefined ? answer : doubtful(pageWith(answer, answer.page.rows, link));
}

function firstPoisoned(context: FaultContext, name: PoisonName): SimulatorAnswer {
  const answer = context.proper();
  const first = answer.page?.rows[0];
  return first === undefined ? answer : poisonPage(context, answer, answer.page, [{ alertId: first.alertId, name }]);
}

function dated({ proper, nowMs }: FaultContext, skewMs: number): SimulatorAnswer {
  const answer = proper();
  return { ...answer, headers: { ...answer.headers, date: new Date(nowMs + skewMs).toUTCString() } };
}

function clientOf(form: string): string {
  return new URLSearchParams(form).get('client_id') ?? '';
}
