import type { FAULTS, FaultName } from '../../src/simulator/faults/fault-table.ts';
import { type Asked, RETRY_AFTER_MS } from './fault-rig.ts';

/** What has to come of a fault. */
export type Outcome = Failing | Coping | SettingAside;

/** The turn fails and stores nothing that it should not; a later one makes everything whole. */
export interface Failing {
  readonly kind: 'fails';
  /** Of the error that is kept and logged. */
  readonly code: string;
  /** `warning`: it heals by itself, logged as a warning; `failed`: a person has to act, logged as an error. */
  readonly state: 'warning' | 'failed';
  /** Words of `source.poll`: what happened, and what is to be done. */
  readonly meaning: string;
  readonly remedy: string;
  /** State of `token` meanwhile; ok without it. */
  readonly token?: 'warning' | 'failed';
  /** How often it has to happen so that a turn fails; once without it. */
  readonly requests?: number;
  /** What is asked in that turn; the service, as often as it fails, without it. Null: it depends on the time. */
  readonly asked?: Asked | null;
  /** What the turn leaves in the store: nothing new without it. */
  readonly stored?: 'all';
  /** Least time before the next try, where Microsoft says so. */
  readonly waitMs?: number;
  /** Most that is asked within an hour of it; 45 without it. */
  readonly mostAnHour?: number;
  /** It takes real time. */
  readonly isSlow?: true;
}

/** The turn makes everything whole although it happens. */
export interface Coping {
  readonly kind: 'copes';
  /** What is asked in all. */
  readonly asked: Asked;
  /** It comes only in the second turn. */
  readonly isLate?: boolean;
  /** So it is however long it lasts. */
  readonly isOdd?: boolean;
}

/** One record goes into the quarantine; everything else is stored. */
export interface SettingAside {
  readonly kind: 'sets aside';
  readonly code: string;
  /** Words of the entry. */
  readonly reason: string;
  /** What Microsoft sent for it: nothing, or a text that begins so. */
  readonly raw: string | null;
  /** Whether the record is looked for: three failures and then about fifty requests; otherwise it is known at once. */
  readonly isSearched: boolean;
}

type ServicesOf<Name extends FaultName> = Extract<(typeof FAULTS)[number], { readonly name: Name }>['services'][number];

/** A fault without a row, and a service of its without an outcome, do not compile. */
export type FaultRows = {
  readonly [Name in FaultName]: Readonly<Record<ServicesOf<Name>, Outcome | readonly Outcome[]>>;
};

type Words = Omit<Failing, 'kind' | 'code' | 'state'>;

function heals(code: string, words: Words): Failing {
  return { kind: 'fails', code, state: 'warning', ...words };
}

function needsPerson(code: string, words: Words): Failing {
  return { kind: 'fails', code, state: 'failed', ...words };
}

/** No token, because of this: the two rows say the same. */
function noToken(code: string, words: Words): Failing {
  return heals(code, { token: 'warning', ...words });
}

function copes(asked: Asked): Coping {
  return { kind: 'copes', asked };
}

function odd(asked: Asked): Coping {
  return { kind: 'copes', asked, isOdd: true };
}

function apis<Value>(outcome: Value) {
  return { graph: outcome, defender: outcome, siem: outcome };
}

/** Of a tenant's first turn: a token, Microsoft's clock, and the two windows of a day. */
const FIRST = { graph: 3 } as const;
const UNNOTICED = {
  graph: odd({ graph: 1 }),
  defender: odd({ defender: 1 }),
  siem: odd({ siem: 1 }),
};
const UNNOTICED_EVERYWHERE = {
  ...UNNOTICED,
  login: odd({ login: 1, ...FIRST }),
  identity: odd({ identity: 1, ...FIRST }),
};
/** One new token at once, and the same question again. */
const RENEWED = {
  graph: copes({ graph: 2, login: 1 }),
  defender: copes({ defender: 2, login: 1 }),
  siem: copes({ siem: 2, login: 1 }),
};

const GOES_ON = 'tries again by itself';
const STATUS_PAGE = 'https://status.cloud.microsoft';
const FIREWALL = 'the firewall and any proxy';
const ENDPOINTS = '`cloud` and `endpoints` of the tenant';
const MACHINE = 'the health of this machine';
const IN_PLACE = 'a proxy or a sign-in page';

function throttled(waitMs: number) {
  const words = { remedy: GOES_ON, waitMs };
  return {
    ...apis(heals('UPSTREAM_THROTTLED', { meaning: 'Microsoft asks to slow down (429)', ...words })),
    login: noToken('TOKEN_THROTTLED', { meaning: 'the login service asks to slow down (429)', ...words }),
    identity: noToken('TOKEN_THROTTLED', { meaning: 'it asks to slow down (429)', ...words }),
  };
}

function failing(status: number, code: string, waitMs = 0) {
  return {
    ...apis(heals(code, { meaning: `Microsoft has a failure (${status})`, remedy: STATUS_PAGE, waitMs })),
    login: noToken('TOKEN_UNAVAILABLE', {
      meaning: `the login service has a failure (${status})`,
      remedy: STATUS_PAGE,
      waitMs,
    }),
    identity: noToken('TOKEN_UNAVAILABLE', {
      meaning: `it is being updated or has a failure (${status})`,
      remedy: MACHINE,
      waitMs,
    }),
  };
}

const BROKEN_OFF = {
  ...apis(heals('NETWORK_CUT', { meaning: 'the answer broke off on its way', remedy: FIREWALL })),
  login: noToken('TOKEN_UNAVAILABLE', { meaning: 'the answer broke off on its way', remedy: FIREWALL }),
  identity: noToken('TOKEN_UNAVAILABLE', { meaning: 'the answer broke off on its way', remedy: MACHINE }),
};

const TOO_SLOW = {
  ...apis(heals('NETWORK_TIMEOUT', { meaning: 'no answer in time', remedy: FIREWALL, isSlow: true })),
  login: noToken('TOKEN_UNAVAILABLE', { meaning: 'no answer in time', remedy: FIREWALL, isSlow: true }),
  identity: noToken('TOKEN_UNAVAILABLE', { meaning: 'no answer in time', remedy: MACHINE, isSlow: true }),
};

const UNTRUSTED = {
  meaning: 'the certificate is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE); it was issued by: CN=Somebody else CA',
  remedy: "the tenant's caFile",
  /** No request is made, let alone one with a token. */
  asked: {},
};

function notAToken(meaning: string) {
  return {
    login: noToken('TOKEN_NOT_JSON', { meaning, remedy: IN_PLACE }),
    identity: noToken('TOKEN_NOT_JSON', { meaning, remedy: 'something else answers at this address' }),
  };
}

const BROKEN_JSON = apis(heals('UPSTREAM_BAD_JSON', { meaning: 'answered 200 with JSON that is cut off or broken', remedy: 'cuts large answers' }));

/** Defender has no links: one is a sign that there is more, so the stretch is read in halves. */
const HALVED = copes({ defender: 3 });
const ALWAYS_MORE = heals('UPSTREAM_CROWDED', {
  meaning: 'or Microsoft says that there are always more',
  remedy: 'graph-alerts, which has pages',
  requests: 100,
  asked: null,
  mostAnHour: 500,
});

export const FAULT_ROWS: FaultRows = {
  throttled: throttled(RETRY_AFTER_MS),
  'throttled-date': throttled(RETRY_AFTER_MS),
  'throttled-bare': throttled(0),
  'throttled-nonsense': throttled(0),
  'server-error': failing(500, 'UPSTREAM_FAILED'),
  'server-error-html': failing(500, 'UPSTREAM_FAILED'),
  'bad-gateway': failing(502, 'UPSTREAM_UNAVAILABLE'),
  unavailable: failing(503, 'UPSTREAM_UNAVAILABLE', RETRY_AFTER_MS),
  'gateway-timeout': failing(504, 'UPSTREAM_FAILED'),

  'reset-before-headers': {
    ...apis(heals('NETWORK_FAILED', { meaning: 'the connection broke', remedy: FIREWALL })),
    login: heals('NETWORK_FAILED', { meaning: 'the connection broke', remedy: FIREWALL, token: 'warning' }),
    identity: noToken('TOKEN_UNAVAILABLE', { meaning: 'the connection broke', remedy: MACHINE }),
  },
  'reset-mid-body': BROKEN_OFF,
  'truncated-chunked': BROKEN_OFF,
  'dripping-body': TOO_SLOW,
  hang: TOO_SLOW,
  'certificate-change': {
    ...apis(needsPerson('NETWORK_CERTIFICATE', UNTRUSTED)),
    login: needsPerson('NETWORK_CERTIFICATE', { ...UNTRUSTED, token: 'warning' }),
  },

  'cut-json': { ...BROKEN_JSON, ...notAToken('answered 200 (application/json; charset=utf-8), but not with a token') },
  'html-200': {
    ...apis(heals('UPSTREAM_NOT_JSON', { meaning: 'a web page instead of data', remedy: 'Let this host through' })),
    ...notAToken('answered 200 (text/html; charset=utf-8), but not with a token'),
  },
  'wrong-content-type': UNNOTICED,
  'empty-body': { ...BROKEN_JSON, ...notAToken('answered 200 (application/json; charset=utf-8), but not with a token') },
  'no-list': apis(heals('UPSTREAM_BAD_ENVELOPE', { meaning: 'answered 200 with a page that cannot be read', remedy: 'please report it' })),
  'error-200': {
    ...apis(
      heals('UPSTREAM_BAD_ENVELOPE', {
        meaning: 'no list named `value`, but an error (InternalServerError)',
        remedy: 'please report it',
      }),
    ),
    siem: heals('UPSTREAM_BAD_ENVELOPE', { meaning: 'neither a list nor a detection', remedy: 'please report it' }),
  },
  'partial-206': apis(
    heals('UPSTREAM_PARTIAL', {
      meaning: 'a part of the data only (206): 199 - "Microsoft/Microsoft Defender for Endpoint/504/30000"',
      remedy: GOES_ON,
    }),
  ),

  unauthorized: {
    graph: [RENEWED.graph, refusedTwice({ graph: 2, login: 1 })],
    defender: [RENEWED.defender, refusedTwice({ defender: 2, login: 1 })],
    siem: [RENEWED.siem, refusedTwice({ siem: 2, login: 1 })],
  },
  'unauthorized-mid-paging': {
    graph: { ...copes({ graph: 3, login: 1 }), isLate: true },
    defender: { ...copes({ defender: 3, login: 1 }), isLate: true },
    siem: { ...copes({ siem: 3, login: 1 }), isLate: true },
  },
  'expired-token': RENEWED,
  'forbidden-role': {
    graph: needsPerson('UPSTREAM_FORBIDDEN', {
      meaning: 'the app lacks SecurityAlert.Read.All of Microsoft Graph. Grant it and give admin consent. Microsoft: Forbidden: Missing application roles',
      remedy: 'press Grant admin consent',
    }),
    defender: needsPerson('UPSTREAM_FORBIDDEN', {
      meaning: 'the app lacks Alert.Read.All of WindowsDefenderATP. Grant it and give admin consent. Microsoft: Forbidden: The application does not have',
      remedy: 'press Grant admin consent',
    }),
    siem: needsPerson('UPSTREAM_FORBIDDEN', {
      meaning: 'the app may not read the SIEM API of Microsoft Defender for Endpoint',
      remedy: 'change the source to graph-alerts',
    }),
  },
  'not-found': {
    graph: needsPerson('UPSTREAM_NOT_FOUND', { meaning: 'answers, but not as Microsoft Graph (404)', remedy: ENDPOINTS }),
    defender: needsPerson('UPSTREAM_NOT_FOUND', { meaning: 'not as Microsoft Defender for Endpoint (404)', remedy: ENDPOINTS }),
    siem: needsPerson('UPSTREAM_NOT_FOUND', { meaning: 'not as the SIEM API of Microsoft Defender for Endpoint (404)', remedy: ENDPOINTS }),
  },
  'login-throttled': { login: throttled(RETRY_AFTER_MS).login },
  'login-unavailable': { login: failing(503, 'UPSTREAM_UNAVAILABLE').login },
  'login-wrong-secret': {
    login: needsPerson('TOKEN_SECRET_WRONG', {
      meaning: 'the client secret is wrong. Microsoft: AADSTS7000215',
      remedy: 'put its Value (not its Secret ID)',
      token: 'failed',
    }),
  },
  'login-expired-secret': {
    login: needsPerson('TOKEN_SECRET_EXPIRED', {
      meaning: 'the client secret has expired. Microsoft: AADSTS7000222',
      remedy: 'make a new client secret',
      token: 'failed',
    }),
  },
  'login-html': { login: notAToken('answered 200 (text/html; charset=utf-8), but not with a token').login },
  'identity-updating': { identity: failing(410, '', 70_000).identity },

  redirect: {
    ...apis(needsPerson('UPSTREAM_REDIRECT', { meaning: 'it was not followed, because the token is for', remedy: ENDPOINTS })),
    ...notAToken('instead of giving a token; that was not followed'),
  },
  'foreign-next-link': {
    // Where the time moves on, the next page is asked for by time, whatever the link says.
    graph: [
      copes({ graph: 2 }),
      heals('UPSTREAM_FOREIGN_LINK', {
        meaning: 'it was not followed, because the token is for',
        remedy: 'a proxy rewrites the answers',
        requests: 2,
        stored: 'all',
      }),
    ],
    defender: [HALVED, ALWAYS_MORE],
  },
  'next-link-loop': {
    graph: [
      copes({ graph: 2 }),
      heals('UPSTREAM_PAGE_LOOP', {
        meaning: 'the next link leads back or nowhere',
        remedy: 'starts the window again with the next poll',
        requests: 3,
        stored: 'all',
        mostAnHour: 400,
      }),
    ],
    defender: HALVED,
  },
  'empty-page-with-next-link': {
    graph: [
      copes({ graph: 2 }),
      heals('UPSTREAM_PAGE_LOOP', {
        meaning: 'the next link leads back or nowhere',
        remedy: 'starts the window again with the next poll',
        requests: 2,
        mostAnHour: 400,
      }),
    ],
    defender: HALVED,
  },

  'repeated-rows': UNNOTICED,
  'shuffled-rows': UNNOTICED,
  'stale-version': { graph: UNNOTICED.graph, defender: UNNOTICED.defender },
  'poison-record-500': apis(unanswered('Microsoft has a failure (500)')),
  'poison-record-json': {
    graph: unreadable('JSON that is cut off or broken', '{"@odata.context"'),
    defender: unreadable('JSON that is cut off or broken', '{"@odata.context"'),
    siem: unreadable('JSON that is cut off or broken', '{"title": "cut'),
  },
  'poison-record-too-large': {
    graph: unreadable('answered with more than 2000000 bytes', '{"@odata.context"'),
    defender: unreadable('answered with more than 2000000 bytes', '{"@odata.context"'),
    siem: unreadable('answered with more than 2000000 bytes', null),
  },
  'record-without-id': {
    graph: known('no-id', 'the alert has no id', '{'),
    defender: known('no-id', 'the alert has no id', '{'),
    siem: known('no-id', 'the detection has no AlertId', '{'),
  },
  'record-without-update-time': {
    graph: known('no-update-time', 'lastUpdateDateTime is missing', '{'),
    // Its other times stand in: answers of 2018 and 2019 had none.
    defender: copes({ defender: 1 }),
    siem: known('no-update-time', 'LastProcessedTimeUtc is missing', '{'),
  },
  'record-not-an-object': {
    graph: known('not-an-object', 'the alert is not an object', '42'),
    defender: known('not-an-object', 'the alert is not an object', '42'),
    siem: known('not-an-object', 'the detection is not an object', '42'),
  },

  gzip: UNNOTICED_EVERYWHERE,
  'byte-order-mark': UNNOTICED_EVERYWHERE,
  'clock-skew-ahead': UNNOTICED_EVERYWHERE,
  'clock-skew-behind': UNNOTICED_EVERYWHERE,
};

function refusedTwice(asked: Asked): Failing {
  return needsPerson('UPSTREAM_UNAUTHORIZED', {
    meaning: 'Microsoft refused the token (401), and a new one too',
    remedy: 'under Enterprise applications that the app is enabled',
    requests: 2,
    asked,
  });
}

function unanswered(reason: string): SettingAside {
  return { kind: 'sets aside', code: 'unanswered', reason, raw: null, isSearched: true };
}

function unreadable(reason: string, raw: string | null): SettingAside {
  return { kind: 'sets aside', code: 'unreadable', reason, raw, isSearched: true };
}

function known(code: string, reason: string, raw: string): SettingAside {
  return { kind: 'sets aside', code, reason, raw, isSearched: false };
}
