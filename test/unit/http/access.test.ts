import { scryptSync } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import type { OAuth2Auth } from '../../../src/domain/connector-auth.ts';
import { hashPassword, hashSecret } from '../../../src/domain/credential.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
import {
  type Access,
  type AccessDeps,
  type ConnectorLogin,
  createAccess,
  type Logins,
} from '../../../src/http/access.ts';
import { type AccessTokens, createAccessTokens } from '../../../src/http/oauth/access-token.ts';
import { type SteppedClock, steppedClock } from '../../support/clock.ts';

const FEEDS = new Set(['default']);
const PASSWORD = 'correct horse: battery';
/** A hash of PASSWORD that takes a millisecond to check; the real ones take 70. */
const CHEAP = `$scrypt$ln=9,r=8,p=1$c2FsdA$${scryptSync(PASSWORD, 'salt', 32, { N: 512, r: 8, p: 1 }).toString('base64').replace('=', '')}`;
let costly: string;

beforeAll(async () => {
  costly = await hashPassword(PASSWORD);
});

/** What `identify` looks at of a request. */
function from(authorization?: string, { url = '/v1/feeds/:feed/detections', query = {}, ip = '192.0.2.7' } = {}) {
  const socket = { remoteAddress: '198.51.100.1' };
  const request = {
    headers: authorization === undefined ? {} : { authorization },
    ...{ ip, query, socket, raw: { socket }, routeOptions: { url } },
  };
  return request as unknown as FastifyRequest;
}

const bearer = (token: string): FastifyRequest => from(`Bearer ${token}`);

function basic(name: string, password: string): FastifyRequest {
  return from(`Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`);
}

const basicLogin = (name: string, ...secrets: readonly string[]): ConnectorLogin => ({
  ...{ name, feeds: FEEDS, auth: { kind: 'basic', secretHashes: secrets.map(hashSecret) } },
});
const CONNECTORS = [
  basicLogin('arcsight-01', 's3cret', 's3cret of before'),
  basicLogin('both', 'connector-side'),
  basicLogin('jürgen-ключ', 'pässwörd-密'),
];

function oauth2(name: string, over: Partial<OAuth2Auth> = {}): ConnectorLogin {
  const auth: OAuth2Auth = {
    ...{ kind: 'oauth2', clientId: `client of ${name}`, secretHashes: [hashSecret(`secret of ${name}`)] },
    ...{ redirectUris: [], acceptsBasic: false, rotatesRefreshTokens: false },
    ...over,
  };
  return { name, feeds: FEEDS, auth };
}

interface Built {
  readonly access: Access;
  readonly events: readonly BridgeEvent[];
  readonly clock: SteppedClock;
  readonly tokens: AccessTokens;
  /** Who may log in from now on; null: that cannot be read. */
  readonly become: (logins: Logins | null) => void;
  readonly revoked: Set<string>;
}

function build(operators = ['ops', 'both'], passwordHash = CHEAP, over: Partial<AccessDeps> = {}): Built {
  const events: BridgeEvent[] = [];
  const revoked = new Set<string>();
  const clock = steppedClock(0);
  const tokens = createAccessTokens({ key: Buffer.alloc(32, 1), clock });
  let logins: Logins | null = {
    connectors: CONNECTORS,
    operators: operators.map((name) => ({ name, passwordHash })),
  };
  const access = createAccess({
    logins: () => {
      if (logins === null) throw unreadable();
      return logins;
    },
    hasGrant: (grant) => !revoked.has(grant),
    allowUrlKeys: false,
    emit: (event) => {
      events.push(event);
    },
    ...{ clock, tokens },
    ...over,
  });
  const become = (next: Logins | null): void => {
    logins = next;
  };
  return { access, events, clock, tokens, become, revoked };
}

function unreadable(): BridgeError {
  return new BridgeError({ code: 'STORE_FAILED', kind: 'operator', message: 'unreadable', hint: 'none' });
}

/** The fastest of three, so that a busy machine does not make a fast path look slow. */
async function fastest(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return Math.min(...times);
}

describe('a login', () => {
  it('is a connector with its feeds, or an operator', async () => {
    const { access, events } = build();
    expect(await access.identify(basic('arcsight-01', 's3cret'))).toEqual({
      kind: 'connector',
      name: 'arcsight-01',
      feeds: FEEDS,
      by: 'basic',
    });
    expect(await access.identify(basic('ops', PASSWORD))).toEqual({ kind: 'operator', name: 'ops', by: 'basic' });
    expect(events).toEqual([]);
  });

  it('of a name that is both is told apart by its password', async () => {
    const { access } = build();
    expect((await access.identify(basic('both', 'connector-side')))?.kind).toBe('connector');
    expect((await access.identify(basic('both', PASSWORD)))?.kind).toBe('operator');
    expect(await access.identify(basic('both', 's3cret'))).toBeNull();
  });

  it('may hold any text of UTF-8, and colons in the password', async () => {
    const { access } = build();
    expect((await access.identify(basic('jürgen-ключ', 'pässwörd-密')))?.name).toBe('jürgen-ключ');
    expect(await access.identify(basic('jürgen-ключ', 'passwort'))).toBeNull();
    expect((await access.identify(basic('ops', PASSWORD)))?.name).toBe('ops');
    expect(await access.identify(basic('ops', 'correct horse'))).toBeNull();
  });

  it('that is wrong is told with name and address, never with its password', async () => {
    const { access, events } = build();
    const wrong = [
      ['arcsight-01', 'wrong-1'],
      ['ops', 'wrong-2'],
      ['nobody', 'wrong-3'],
      ['', ''],
    ] as const;
    for (const [name, password] of wrong) expect(await access.identify(basic(name, password))).toBeNull();
    expect(events).toEqual(wrong.map(([login]) => ({ name: 'loginFailed', login, address: '192.0.2.7', by: 'basic' })));
    expect(JSON.stringify(events)).not.toContain('wrong-');
  });

  it("is not let in by an operator's password under a name that does not exist", async () => {
    const { access } = build();
    expect(await access.identify(basic('nobody', PASSWORD))).toBeNull();
    expect(await access.identify(basic('arcsight-01', PASSWORD))).toBeNull();
  });

  it.each([
    ['no header', undefined],
    ['another scheme', 'Negotiate czNjcmV0'],
    ['a token', 'Bearer czNjcmV0'],
    ['a scheme alone', 'Basic'],
    ['an empty text', 'Basic '],
    ['text that is no base64', 'Basic %%%'],
    ['two texts', 'Basic YTpi YTpi'],
    ['no colon', `Basic ${Buffer.from('arcsight-01').toString('base64')}`],
    ['bytes that are no UTF-8', `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0xff]).toString('base64')}`],
    ['a name of the prototype', `Basic ${Buffer.from('__proto__:x').toString('base64')}`],
    ['15 kB', `Basic ${Buffer.from(`${'n'.repeat(10_000)}:x`).toString('base64')}`],
  ])('is none with %s', async (_name, header) => {
    expect(await build().access.identify(from(header))).toBeNull();
  });

  it('is read whatever the case of the scheme, with or without padding', async () => {
    const { access } = build();
    const text = Buffer.from('arcsight-01:s3cret').toString('base64');
    for (const header of [`basic ${text}`, `BASIC   ${text}`, `Basic ${text.replace(/=+$/, '')}`])
      expect((await access.identify(from(header)))?.name).toBe('arcsight-01');
  });
});

describe('two secrets of a connector', () => {
  it('are both right during a rotation, and none is when it has none', async () => {
    const { access, become } = build();
    for (const secret of ['s3cret', 's3cret of before'])
      expect((await access.identify(basic('arcsight-01', secret)))?.name).toBe('arcsight-01');
    become({ connectors: [basicLogin('arcsight-01', 's3cret')], operators: [] });
    expect(await access.identify(basic('arcsight-01', 's3cret of before'))).toBeNull();
    become({ connectors: [basicLogin('arcsight-01')], operators: [] });
    expect(await access.identify(basic('arcsight-01', 's3cret'))).toBeNull();
  });
});

describe('an access token', () => {
  const CLAIMS = { connector: 'oa', clientId: 'client of oa', grant: 'g1' };
  const withClient = (over: Partial<OAuth2Auth> = {}, deps: Partial<AccessDeps> = {}) => {
    const built = build([], CHEAP, deps);
    built.become({ connectors: [oauth2('oa', over), basicLogin('plain', 'x')], operators: [] });
    return { ...built, token: built.tokens.issue(CLAIMS).token };
  };

  it('is its connector for an hour, in any case of the scheme', async () => {
    const { access, token, clock, events } = withClient();
    expect(await access.identify(bearer(token))).toEqual({ kind: 'connector', name: 'oa', feeds: FEEDS, by: 'bearer' });
    expect((await access.identify(from(`bearer  ${token} `)))?.name).toBe('oa');
    clock.step(3_599_999);
    expect((await access.identify(bearer(token)))?.name).toBe('oa');
    clock.step(1);
    const late = bearer(token);
    expect([await access.identify(late), access.penalty(late)]).toEqual([null, null]);
    expect(events).toEqual([]);
  });

  it('is refused once its grant was revoked, or its connector is gone or another client or kind', async () => {
    const { access, token, become, revoked, events } = withClient();
    const others = [[], [oauth2('oa', { clientId: 'other' })], [basicLogin('oa', 'x')]];
    for (const connectors of others) {
      become({ connectors, operators: [] });
      expect(await access.identify(bearer(token))).toBeNull();
    }
    become({ connectors: [oauth2('oa')], operators: [] });
    expect((await access.identify(bearer(token)))?.name).toBe('oa');
    revoked.add('g1');
    expect(await access.identify(bearer(token))).toBeNull();
    expect(events).toEqual(
      Array.from({ length: 4 }, () => ({ name: 'loginFailed', login: 'oa', address: '192.0.2.7', by: 'bearer' })),
    );
  });

  it('of another key, changed by a letter, or made up is refused, and nothing of it is told', async () => {
    const { access, token, events } = withClient();
    const foreign = createAccessTokens({ key: Buffer.alloc(32, 2), clock: steppedClock(0) }).issue(CLAIMS).token;
    const changed = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
    for (const wrong of [foreign, changed, `${token}A`, 'x', '.', 'a.b', `${'x'.repeat(5000)}.${'y'.repeat(43)}`])
      expect(await access.identify(bearer(wrong))).toBeNull();
    expect(new Set(events.map((event) => JSON.stringify(event)))).toEqual(
      new Set([JSON.stringify({ name: 'loginFailed', login: '', address: '192.0.2.7', by: 'bearer' })]),
    );
  });

  it('that cannot be read counts by address alone, so that it cannot lock out a name', async () => {
    const { access } = withClient();
    const waits: (number | null)[] = [];
    for (let turn = 0; turn < 51; turn += 1) {
      const request = bearer(`wrong-${turn}`);
      await access.identify(request);
      waits.push(access.penalty(request));
    }
    expect(waits.slice(0, 50)).toEqual(Array<null>(50).fill(null));
    expect(waits[50]).toBeGreaterThan(0);
  });

  it('goes with the client secret as a password only where that is allowed', async () => {
    const secret = basic('oa', 'secret of oa');
    expect(await withClient().access.identify(secret)).toBeNull();
    expect(await withClient({ acceptsBasic: true }).access.identify(secret)).toMatchObject({ name: 'oa', by: 'basic' });
  });

  it('is undecided, not wrong, while its grant cannot be looked up', async () => {
    const hasGrant = (): never => {
      throw unreadable();
    };
    const { access, token } = withClient({}, { hasGrant });
    await expect(access.identify(bearer(token))).rejects.toThrow('unreadable');
  });
});

describe('a key in the URL', () => {
  const KEYED: Logins = {
    connectors: [
      { name: 'keyed', feeds: FEEDS, auth: { kind: 'urlKey', keyHashes: [hashSecret('k1'), hashSecret('k0')] } },
    ],
    operators: [],
  };
  const keyed = (key: unknown, url?: string): FastifyRequest =>
    from(undefined, { query: { key }, ...(url === undefined ? {} : { url }) });
  const withKeys = (allowUrlKeys: boolean): Built => {
    const built = build([], CHEAP, { allowUrlKeys });
    built.become(KEYED);
    return built;
  };

  it('is its connector where keys are allowed, the one of before too during a rotation', async () => {
    const { access } = withKeys(true);
    for (const key of ['k1', 'k0'])
      expect(await access.identify(keyed(key))).toMatchObject({ name: 'keyed', by: 'urlKey' });
    expect(await withKeys(false).access.identify(keyed('k1'))).toBeNull();
  });

  it('counts on the addresses that connectors poll, and on no others', async () => {
    const { access } = withKeys(true);
    const polled = ['detections', 'events', 'api/alerts'].map((end) => `/v1/feeds/:feed/${end}`);
    for (const url of [...polled, '/api/alerts']) expect((await access.identify(keyed('k1', url)))?.name).toBe('keyed');
    for (const url of ['/metrics', '/status.json', '/v1/feeds/:feed/connector.zip', ''])
      expect(await access.identify(keyed('k1', url))).toBeNull();
  });

  it('that is wrong is told without it; two of them are none', async () => {
    const { access, events } = withKeys(true);
    expect(await access.identify(keyed('wrong-key'))).toBeNull();
    expect(events).toEqual([{ name: 'loginFailed', login: '', address: '192.0.2.7', by: 'urlKey' }]);
    for (const none of [['k1', 'k1'], '']) expect(await access.identify(keyed(none))).toBeNull();
    expect(events).toHaveLength(1);
  });

  it('is looked at although a header came along that says nothing', async () => {
    const { access, events } = withKeys(true);
    const request = from('Basic Og==', { query: { key: 'k1' } });
    expect(await access.identify(request)).toMatchObject({ name: 'keyed' });
    expect(events).toEqual([]);
  });
});

describe('logins that change while the bridge runs', () => {
  it('hold from the next request on', async () => {
    const { access, become } = build();
    const made = basic('made-now', 'x');
    expect(await access.identify(made)).toBeNull();
    become({ connectors: [basicLogin('made-now', 'x')], operators: [{ name: 'ops', passwordHash: CHEAP }] });
    expect((await access.identify(made))?.name).toBe('made-now');
    expect((await access.identify(basic('ops', PASSWORD)))?.kind).toBe('operator');
    become({ connectors: [], operators: [{ name: 'ops', passwordHash: costly }] });
    expect(await access.identify(made)).toBeNull();
    expect((await access.identify(basic('ops', PASSWORD)))?.kind).toBe('operator');
    become({ connectors: [], operators: [] });
    expect(await access.identify(basic('ops', PASSWORD))).toBeNull();
  });

  it('are undecided while they cannot be read; those of the configuration hold', async () => {
    const configured = {
      connectors: [basicLogin('fixed', 'x'), oauth2('oa')],
      operators: [{ name: 'ops', passwordHash: CHEAP }],
    };
    const { access, become, events } = build([], CHEAP, { configured });
    become(null);
    expect((await access.identify(basic('fixed', 'x')))?.name).toBe('fixed');
    expect((await access.identify(basic('ops', PASSWORD)))?.kind).toBe('operator');
    await expect(access.identify(basic('arcsight-01', 's3cret'))).rejects.toThrow('unreadable');
    await expect(access.identify(basic('fixed', 'wrong'))).rejects.toThrow('unreadable');
    await expect(access.isOperator(from(), 'other', 'x')).rejects.toThrow('unreadable');
    expect(() => access.client(from(), 'nobody', null)).toThrow('unreadable');
    expect(access.client(from(), 'client of oa', null)?.connector).toBe('oa');
    expect(await access.identify(from())).toBeNull();
    expect(events).toEqual([]);
  });
});

describe('an OAuth2 client', () => {
  const built = (): Built => {
    const found = build([]);
    found.become({
      connectors: [oauth2('oa', { secretHashes: ['new', 'old'].map(hashSecret) }), basicLogin('b', 'x')],
      operators: [],
    });
    return found;
  };

  it('is found by its id; its secret is checked where one is shown, two during a rotation', () => {
    const { access, events } = built();
    for (const secrets of [null, ['new'], ['old'], ['of another reading', 'new']])
      expect(access.client(from(), 'client of oa', secrets)).toMatchObject({
        connector: 'oa',
        auth: { kind: 'oauth2' },
      });
    expect(access.client(from(), 'oa', null)).toBeNull();
    expect(access.client(from(), 'b', null)).toBeNull();
    expect(events).toEqual([]);
  });

  it('with a wrong secret is told and counted, and limited past ten', () => {
    const { access, events } = built();
    for (let turn = 0; turn < 10; turn += 1) expect(access.client(from(), 'client of oa', ['wrong'])).toBeNull();
    expect(access.tooMany(from(), 'client of oa')).toBeNull();
    expect(access.client(from(), 'client of oa', [''])).toBeNull();
    expect(access.tooMany(from(), 'client of oa')).toBeGreaterThan(0);
    expect(events[0]).toEqual({ name: 'loginFailed', login: 'client of oa', address: '192.0.2.7', by: 'clientSecret' });
    expect(JSON.stringify(events)).not.toContain('wrong');
    expect(access.client(from(), 'client of oa', ['new'])).not.toBeNull();
  });
});

describe('a sign-in', () => {
  it('is right for an operator alone; a wrong one is told and counted', async () => {
    const { access, events } = build();
    expect(await access.isOperator(from(), 'ops', PASSWORD)).toBe(true);
    expect(events).toEqual([]);
    expect(await access.isOperator(from(), 'arcsight-01', 's3cret')).toBe(false);
    expect(events).toEqual([{ name: 'loginFailed', login: 'arcsight-01', address: '192.0.2.7', by: 'signIn' }]);
    for (let turn = 0; turn < 11; turn += 1) await access.isOperator(from(), 'ops', 'wrong');
    expect(access.tooMany(from(), 'ops')).toBeGreaterThan(0);
    expect(access.tooMany(from(undefined, { ip: '192.0.2.8' }), 'ops')).toBeNull();
    expect(await access.isOperator(from(), 'ops', PASSWORD)).toBe(true);
  });
});

describe('the address that failures are counted by', () => {
  it('is that of the connection where a proxy passed on words that are no address', async () => {
    const { access, events } = build();
    await access.identify(from('Basic eDp5', { ip: 'not an address' }));
    expect(events).toEqual([{ name: 'loginFailed', login: 'x', address: '198.51.100.1', by: 'basic' }]);
  });
});

describe('the time a login takes', () => {
  it('does not tell whether a name exists', async () => {
    const { access } = build(['ops'], costly);
    const unknown = await fastest(() => access.identify(basic('nobody', 'x')));
    for (const name of ['ops', 'arcsight-01']) {
      const known = await fastest(() => access.identify(basic(name, 'x')));
      // A check is scrypt or nothing: 70 ms or less than 1.
      expect(Math.min(known, unknown) / Math.max(known, unknown)).toBeGreaterThan(0.2);
    }
  });

  it('is short for an operator whose password was right before, and only for that password', async () => {
    const { access } = build(['ops'], costly);
    const wrong = await fastest(() => access.identify(basic('ops', 'wrong')));
    await access.identify(basic('ops', PASSWORD));
    const again = await fastest(() => access.identify(basic('ops', PASSWORD)));
    expect(again).toBeLessThan(wrong / 5);
    expect(await access.identify(basic('ops', 'wrong'))).toBeNull();
    expect(await fastest(() => access.identify(basic('ops', 'wrong')))).toBeGreaterThan(again * 5);
  });

  it('is short for a connector, whatever waits', async () => {
    const { access } = build();
    const flood = Promise.all(Array.from({ length: 20 }, () => access.identify(basic('ops', 'wrong'))));
    let flooded = false;
    void flood.then(() => {
      flooded = true;
    });
    expect((await access.identify(basic('arcsight-01', 's3cret')))?.kind).toBe('connector');
    expect(flooded).toBe(false);
    expect(new Set(await flood)).toEqual(new Set([null]));
  });

  it('is bounded: past 32 waiting checks a login is told to come again, and not that it is wrong', async () => {
    const { access, events } = build();
    const flood = Promise.all(Array.from({ length: 32 }, () => access.identify(basic('nobody', 'x'))));
    await expect(access.identify(basic('ops', PASSWORD))).rejects.toMatchObject({ code: 'LOGIN_BUSY' });
    await expect(access.isOperator(from(), 'ops', PASSWORD)).rejects.toMatchObject({ code: 'LOGIN_BUSY' });
    expect((await access.identify(basic('arcsight-01', 's3cret')))?.kind).toBe('connector');
    await flood;
    expect(events).toHaveLength(32);
    expect((await access.identify(basic('ops', PASSWORD)))?.kind).toBe('operator');
  });

  it('is short where there are no operators', async () => {
    const { access } = build([]);
    expect(await fastest(() => access.identify(basic('nobody', 'x')))).toBeLessThan(10);
  });
});
