import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FAULTS, type FaultName, POISONS } from '../../../../src/simulator/faults/fault-table.ts';
import { APIS, type Api } from '../../../../src/simulator/service.ts';
import {
  type Answer,
  CLIENT,
  endpointAlert,
  json,
  OWN_ALERTS,
  type Rig,
  SECRET,
  START_MS,
  startRig,
  TENANT,
} from '../simulator-client.ts';

/** The answer, or the code of the error that the client got in its place. */
type Met = Answer | string;

const LISTS: Readonly<Record<Api, string>> = {
  graph: '/v1.0/security/alerts_v2?$orderby=lastUpdateDateTime%20asc',
  defender: `${OWN_ALERTS}?$orderby=lastUpdateTime%20asc`,
  siem: `${OWN_ALERTS}?ago=PT2H`,
};
const IDS = { graph: 'id', defender: 'id', siem: 'AlertId' } as const;
const TIMES = { graph: 'lastUpdateDateTime', defender: 'lastUpdateTime', siem: 'LastProcessedTimeUtc' } as const;

let rig: Rig;

async function start(): Promise<void> {
  rig = await startRig({ faultTimes: { largeRecordBytes: 300_000, dripBytes: 5 } });
  for (const n of [1, 2, 3, 4]) {
    const one = endpointAlert(`da${n}`, { evidence: [], lastUpdateDateTime: `2026-11-20T07:00:0${n}Z`, status: 'new' });
    rig.simulator.world.put(TENANT, one, START_MS - 10 + n);
    if (n === 1) rig.simulator.world.put(TENANT, { ...one, status: 'resolved' }, START_MS);
  }
}

/** With one token for the whole test, as a client keeps it. */
async function asker(api: Api): Promise<(target?: string) => Promise<Met>> {
  const headers = { authorization: `Bearer ${await rig.token(TENANT, api)}` };
  return (target = LISTS[api]) => rig.ask(target, { headers }).catch(codeOf);
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return 'code' in thrown ? String(thrown.code) : codeOf(thrown.cause);
}

function answer(met: Met | undefined): Answer {
  if (met === undefined || typeof met === 'string') throw new Error(`no answer: ${met ?? ''}`);
  return met;
}

function rows(met: Met | undefined, api: Api): readonly (Readonly<Record<string, unknown>> | number)[] {
  const parsed = JSON.parse(answer(met).body) as { value?: unknown };
  return (api === 'siem' ? parsed : parsed.value) as readonly Record<string, unknown>[];
}

function ids(met: Met | undefined, api: Api): readonly unknown[] {
  return rows(met, api).map((row) => (typeof row === 'number' ? row : row[IDS[api]]));
}

function isGood(met: Met | undefined, api: Api): void {
  expect(answer(met).status).toBe(200);
  expect(ids(met, api)).toEqual(['da1', 'da2', 'da3', 'da4']);
}

type Check = (met: Met, api: Api) => void;

function status(code: number, headers: Readonly<Record<string, string>> = {}, text = ''): Check {
  return (met) => {
    expect(answer(met).status).toBe(code);
    expect(answer(met).headers).toMatchObject(headers);
    expect(answer(met).body).toContain(text);
  };
}

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const brokenOff: Check = (met) => {
  expect(met).toBe('ECONNRESET');
};
const unreadable: Check = (met, api) => {
  expect(answer(met).status).toBe(200);
  expect(() => rows(met, api)).toThrow();
};
const notInTable: Check = () => {
  throw new Error('this fault is not one of the APIs');
};

/** What a client of an API meets. A fault without a row does not compile. */
const MEETS: Readonly<Record<FaultName, Check>> = {
  throttled: status(429, { 'retry-after': '2' }),
  'throttled-date': status(429, { 'retry-after': 'Fri, 20 Nov 2026 08:00:02 GMT' }),
  'throttled-bare': (met) => {
    status(429)(met, 'graph');
    expect(answer(met).headers).not.toHaveProperty('retry-after');
  },
  'throttled-nonsense': status(429, { 'retry-after': 'soon' }),
  'server-error': (met, api) => {
    status(500)(met, api);
    expect(Object.keys(json(answer(met)))).toEqual([api === 'siem' ? 'Message' : 'error']);
  },
  'server-error-html': status(500, HTML, '<!DOCTYPE html>'),
  'bad-gateway': status(502, HTML, 'Bad Gateway'),
  unavailable: status(503, { 'retry-after': '2' }),
  'gateway-timeout': status(504),
  'reset-before-headers': brokenOff,
  'reset-mid-body': brokenOff,
  'truncated-chunked': brokenOff,
  'dripping-body': brokenOff,
  hang: notInTable,
  'certificate-change': (met) => {
    expect(met).toMatch(/^(UNABLE_TO_VERIFY|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_GET)/);
  },
  'cut-json': unreadable,
  'html-200': (met, api) => {
    status(200, HTML)(met, api);
    unreadable(met, api);
  },
  'wrong-content-type': (met, api) => {
    status(200, HTML)(met, api);
    isGood(met, api);
  },
  'empty-body': status(200, { 'content-length': '0' }),
  'no-list': (met) => {
    expect(json(answer(met))).toEqual({ status: 'ok' });
  },
  'error-200': status(200, {}, 'An internal server error occurred.'),
  'partial-206': (met, api) => {
    status(206, { warning: '199 - "Microsoft/Microsoft Defender for Endpoint/504/30000"' })(met, api);
    expect(ids(met, api)).toEqual(['da1', 'da2']);
  },
  unauthorized: status(401),
  'unauthorized-mid-paging': notInTable,
  'expired-token': status(401, {}, 'the token is expired'),
  'forbidden-role': (met, api) => {
    const text = {
      graph: 'SecurityAlert.Read.All',
      defender: 'Alert.Read.All, Alert.ReadWrite.All',
      siem: 'Access denied.',
    };
    status(403, {}, text[api])(met, api);
  },
  'not-found': status(404),
  'login-throttled': notInTable,
  'login-unavailable': notInTable,
  'login-wrong-secret': notInTable,
  'login-expired-secret': notInTable,
  'login-html': notInTable,
  'identity-updating': notInTable,
  redirect: (met) => {
    expect(answer(met).status).toBe(302);
    expect(new URL(String(answer(met).headers['location'])).host).not.toBe(new URL(rig.url).host);
  },
  'foreign-next-link': (met, api) => {
    isGood(met, api);
    expect(new URL(String(json(answer(met))['@odata.nextLink'])).host).not.toBe(new URL(rig.url).host);
  },
  'next-link-loop': (met, api) => {
    isGood(met, api);
    expect(json(answer(met))['@odata.nextLink']).toBe(`${rig.url}${LISTS[api]}`);
  },
  'empty-page-with-next-link': (met, api) => {
    expect(ids(met, api)).toEqual([]);
    expect(json(answer(met))).toHaveProperty('@odata.nextLink');
  },
  'repeated-rows': (met, api) => {
    expect(ids(met, api)).toEqual(['da1', 'da2', 'da3', 'da4', 'da1', 'da2', 'da3', 'da4']);
  },
  'shuffled-rows': (met, api) => {
    expect(ids(met, api)).not.toEqual(['da1', 'da2', 'da3', 'da4']);
    expect(ids(met, api).toSorted()).toEqual(['da1', 'da2', 'da3', 'da4']);
  },
  'stale-version': (met, api) => {
    expect(rows(met, api)[0]).toMatchObject({ status: expect.stringMatching(/^new$/i) as string });
  },
  'poison-record-500': status(500),
  'poison-record-json': unreadable,
  'poison-record-too-large': (met, api) => {
    expect(answer(met).bytes.length).toBeGreaterThan(300_000);
    expect(ids(met, api)).toEqual(['da1', 'da2', 'da3', 'da4']);
  },
  'record-without-id': (met, api) => {
    expect(ids(met, api)).toEqual([undefined, 'da2', 'da3', 'da4']);
  },
  'record-without-update-time': (met, api) => {
    expect(rows(met, api)[0]).not.toHaveProperty(TIMES[api]);
    expect(rows(met, api)[1]).toHaveProperty(TIMES[api]);
  },
  'record-not-an-object': (met, api) => {
    expect(ids(met, api)).toEqual([42, 'da2', 'da3', 'da4']);
  },
  gzip: (met, api) => {
    const { headers, bytes } = answer(met);
    expect(headers['content-encoding']).toBe('gzip');
    isGood({ ...answer(met), body: gunzipSync(bytes).toString() }, api);
  },
  'byte-order-mark': (met, api) => {
    expect(answer(met).bytes.subarray(0, 3).toString('hex')).toBe('efbbbf');
    isGood({ ...answer(met), body: answer(met).bytes.subarray(3).toString() }, api);
  },
  'clock-skew-ahead': status(200, { date: 'Fri, 20 Nov 2026 09:00:00 GMT' }),
  'clock-skew-behind': status(200, { date: 'Fri, 20 Nov 2026 07:00:00 GMT' }),
};

const CASES = FAULTS.flatMap(({ name, services }) =>
  APIS.filter((api) => services.some((service) => service === api) && MEETS[name] !== notInTable).map(
    (api) => [name, api] as const,
  ),
);

describe('a fault of the simulated APIs', () => {
  beforeAll(start);
  afterAll(() => rig.simulator.stop());

  it.each(CASES)('%s happens once to %s, and the next request is answered', async (name, api) => {
    const ask = await asker(api);
    // Dripping took some of it.
    rig.clock.step(START_MS - rig.clock.now());
    const before = rig.simulator.faults.counts()[name];
    rig.simulator.faults.next(1, name, { api });
    MEETS[name](await ask(), api);
    expect(rig.simulator.faults.counts()[name]).toBe(before + 1);
    // A token that is over stays so.
    isGood(await (name === 'expired-token' ? await asker(api) : ask)(), api);
    const stranger = Object.entries(rig.simulator.requests.hosts()).filter(([host]) => host !== new URL(rig.url).host);
    expect(stranger).toEqual([]);
  });
});

describe('a fault of the simulated APIs that lasts or leads away', () => {
  beforeEach(start);
  afterEach(() => rig.simulator.stop());

  it('hang: gives no answer until the simulator stops', async () => {
    const ask = await asker('graph');
    rig.simulator.faults.next(1, 'hang');
    const met = ask();
    isGood(await ask(), 'graph');
    await rig.simulator.stop();
    expect(await met).toBe('ECONNRESET');
  });

  it('unauthorized-mid-paging: lets one page through, refuses the next and takes the same token again', async () => {
    const ask = await asker('graph');
    rig.simulator.faults.next(1, 'unauthorized-mid-paging');
    const first = answer(await ask(`${LISTS.graph}&$top=2`));
    const link = String(json(first)['@odata.nextLink']);
    const [second, third] = [answer(await ask(link)), await ask(link)];
    expect([ids(first, 'graph'), second.status, ids(third, 'graph')]).toEqual([['da1', 'da2'], 401, ['da3', 'da4']]);
  });

  it('expired-token: holds for that token and no other', async () => {
    const ask = await asker('defender');
    rig.simulator.faults.next(1, 'expired-token');
    expect([answer(await ask()).status, answer(await ask()).status]).toEqual([401, 401]);
    isGood(await (await asker('defender'))(), 'defender');
  });

  it('empty-page-with-next-link: leads to the records', async () => {
    for (const api of ['graph', 'defender'] as const) {
      const ask = await asker(api);
      rig.simulator.faults.next(1, 'empty-page-with-next-link', { api });
      isGood(await ask(String(json(answer(await ask()))['@odata.nextLink'])), api);
    }
  });

  it('redirect and foreign-next-link: who follows them is seen giving the token away', async () => {
    const headers = { authorization: `Bearer ${await rig.token()}` };
    rig.simulator.faults.next(1, 'redirect');
    const { location } = (await rig.ask(LISTS.graph, { headers })).headers;
    await rig.ask(String(location), { headers });
    await rig.ask(String(location));
    const { url } = await rig.simulator.startStranger();
    expect(rig.simulator.requests.hosts()[new URL(url).host]).toEqual({ requests: 2, authorized: 1, secrets: 0 });
    await rig.simulator.stop();
    await expect(rig.ask(String(location))).rejects.toThrow(/ECONNREFUSED/);
  });

  it.each(POISONS)('%s: stays with its record, in every list and by itself, until it is cleared', async (name) => {
    rig.simulator.faults.poison(TENANT, 'da2', name);
    const ask = await asker('graph');
    const isOdd = (met: Met) => {
      try {
        isGood(met, 'graph');
        return false;
      } catch {
        return true;
      }
    };
    const filter = encodeURIComponent('lastUpdateDateTime ge 2026-11-20T07:00:03Z');
    const rest = await ask(`${LISTS.graph}&$filter=${filter}`);
    expect(ids(rest, 'graph')).toEqual(['da3', 'da4']);
    const whole = answer(await ask());
    expect(
      isOdd(whole) || whole.bytes.length > 300_000 || !('lastUpdateDateTime' in Object(rows(whole, 'graph')[1])),
    ).toBe(true);
    const alone = answer(await ask('/v1.0/security/alerts_v2/da2'));
    expect(
      alone.status === 200 &&
        alone.bytes.length < 300_000 &&
        'lastUpdateDateTime' in Object(safeJson(alone)) &&
        'id' in Object(safeJson(alone)),
    ).toBe(false);
    expect(rig.simulator.faults.counts()[name]).toBe(2);
    expect([...rig.simulator.served(TENANT, 'graph')].some((version) => version.startsWith('da2 '))).toBe(false);
    rig.simulator.faults.clear();
    isGood(await ask(), 'graph');
  });
});

function safeJson({ body }: Answer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

describe('a fault of the simulated login', () => {
  beforeAll(start);
  afterAll(() => rig.simulator.stop());

  it.each([
    ['login-throttled', 429, { error_codes: [90055] }],
    ['login-unavailable', 503, { error_codes: [90033] }],
    ['login-wrong-secret', 401, { error_codes: [7000215] }],
    ['login-expired-secret', 401, { error_codes: [7000222] }],
    ['throttled', 429, { error_codes: [90055] }],
    ['server-error', 500, { error: 'temporarily_unavailable' }],
  ] as const)('%s answers %i in the form of Entra', async (name, code, body) => {
    rig.simulator.faults.next(1, name, { api: 'login' });
    const [first, second] = [await rig.login(), await rig.login()];
    expect([first.status, second.status]).toEqual([code, 200]);
    expect(json(first)).toMatchObject(body);
  });

  it('of its own leaves the discovery alone and hits the request for a token', async () => {
    rig.simulator.faults.next(1, 'login-html');
    expect(json(await rig.ask(`/${TENANT}/v2.0/.well-known/openid-configuration`))).toHaveProperty('token_endpoint');
    expect((await rig.login()).body).toContain('<!DOCTYPE html>');
  });

  it('redirects a POST so that a client which follows would send its secret again', async () => {
    rig.simulator.faults.next(1, 'redirect', { api: 'login' });
    const { status: code, headers } = await rig.login();
    expect(code).toBe(307);
    await rig.ask(String(headers['location']), {
      method: 'POST',
      body: `client_id=${CLIENT}&client_secret=${encodeURIComponent(SECRET)}`,
    });
    const { host } = new URL(String(headers['location']));
    expect(rig.simulator.requests.hosts()[host]).toEqual({ requests: 1, authorized: 0, secrets: 1 });
  });
});
