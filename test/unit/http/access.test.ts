import { scryptSync } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { hashPassword, hashSecret } from '../../../src/domain/credential.ts';
import { type Access, createAccess } from '../../../src/http/access.ts';
import { steppedClock } from '../../support/clock.ts';

const FEEDS = new Set(['default']);
const PASSWORD = 'correct horse: battery';
/** A hash of PASSWORD that takes a millisecond to check; the real ones take 70. */
const CHEAP = `$scrypt$ln=9,r=8,p=1$c2FsdA$${scryptSync(PASSWORD, 'salt', 32, { N: 512, r: 8, p: 1 }).toString('base64').replace('=', '')}`;
let costly: string;

beforeAll(async () => {
  costly = await hashPassword(PASSWORD);
});

/** What `identify` looks at of a request. */
function from(authorization?: string): FastifyRequest {
  const request: Pick<FastifyRequest, 'headers' | 'ip'> = {
    headers: authorization === undefined ? {} : { authorization },
    ip: '192.0.2.7',
  };
  return request as FastifyRequest;
}

function basic(name: string, password: string): FastifyRequest {
  return from(`Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`);
}

function build(operators = ['ops', 'both'], passwordHash = CHEAP): { access: Access; events: BridgeEvent[] } {
  const events: BridgeEvent[] = [];
  const access = createAccess({
    connectors: [
      { name: 'arcsight-01', feeds: FEEDS, secretHash: hashSecret('s3cret') },
      { name: 'both', feeds: FEEDS, secretHash: hashSecret('connector-side') },
      { name: 'jürgen-ключ', feeds: FEEDS, secretHash: hashSecret('pässwörd-密') },
    ],
    operators: operators.map((name) => ({ name, passwordHash })),
    emit: (event) => {
      events.push(event);
    },
    clock: steppedClock(0),
  });
  return { access, events };
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
    });
    expect(await access.identify(basic('ops', PASSWORD))).toEqual({ kind: 'operator', name: 'ops' });
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
    expect(events).toEqual(wrong.map(([login]) => ({ name: 'loginFailed', login, address: '192.0.2.7' })));
    expect(JSON.stringify(events)).not.toContain('wrong-');
  });

  it("is not let in by an operator's password under a name that does not exist", async () => {
    const { access } = build();
    expect(await access.identify(basic('nobody', PASSWORD))).toBeNull();
    expect(await access.identify(basic('arcsight-01', PASSWORD))).toBeNull();
  });

  it.each([
    ['no header', undefined],
    ['another scheme', 'Bearer czNjcmV0'],
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

  it('is bounded: past 32 waiting checks a login fails at once', async () => {
    const { access, events } = build();
    const all = Array.from({ length: 40 }, () => access.identify(basic('nobody', 'x')));
    await Promise.race(all);
    expect(events.length).toBeLessThan(32);
    await Promise.all(all);
    expect(events).toHaveLength(40);
    expect((await access.identify(basic('ops', PASSWORD)))?.kind).toBe('operator');
  });

  it('is short where there are no operators', async () => {
    const { access } = build([]);
    expect(await fastest(() => access.identify(basic('nobody', 'x')))).toBeLessThan(10);
  });
});
