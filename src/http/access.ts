import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { isPassword, isSecret } from '../domain/credential.ts';
import { createLoginLimit } from './login-limit.ts';

export interface ConnectorLogin {
  readonly name: string;
  /** Feeds it may read. */
  readonly feeds: ReadonlySet<string>;
  /** Hex SHA-256. */
  readonly secretHash: string;
}
export interface OperatorLogin {
  readonly name: string;
  readonly passwordHash: string;
}

/** Who a request comes from. */
export type Caller =
  | { readonly kind: 'connector'; readonly name: string; readonly feeds: ReadonlySet<string> }
  | { readonly kind: 'operator'; readonly name: string };

export interface Access {
  /** Null when there is no login or a wrong one; a wrong one is told, without its password. */
  identify(request: FastifyRequest): Promise<Caller | null>;
  /** After a wrong login: seconds to wait when there were too many, else null. */
  penalty(request: FastifyRequest): number | null;
}

/** Compared with when the name is unknown, so that the time taken tells nothing about names. */
const NOBODY = '0'.repeat(64);
/** Logins that may wait for their check; past it they fail at once. */
const MOST_WAITING = 32;

/** HTTP Basic (RFC 7617) for connectors and operators; names are looked up among connectors first. */
export function createAccess(deps: {
  readonly connectors: readonly ConnectorLogin[];
  readonly operators: readonly OperatorLogin[];
  readonly emit: Emit;
  readonly clock: Clock;
}): Access {
  const connectors = new Map(deps.connectors.map((login) => [login.name, login]));
  const isOperator = createOperatorCheck(deps.operators);
  const limit = createLoginLimit(deps.clock);

  const check = async (name: string, password: string): Promise<Caller | null> => {
    const connector = connectors.get(name);
    if (isSecret(password, connector?.secretHash ?? NOBODY) && connector) {
      return { kind: 'connector', name, feeds: connector.feeds };
    }
    return (await isOperator(name, password)) ? { kind: 'operator', name } : null;
  };

  return {
    async identify(request) {
      const login = readBasic(request.headers.authorization);
      if (login === null) return null;
      const caller = await check(login.name, login.password);
      if (caller === null) deps.emit({ name: 'loginFailed', login: login.name, address: request.ip });
      return caller;
    },
    penalty(request) {
      return limit.failed(request.ip, readBasic(request.headers.authorization)?.name ?? '');
    },
  };
}

/**
 * A check takes scrypt 70 ms of a worker thread and 32 MB (measured): so they go one at a time, and a right password is
 * remembered, as its HMAC under a key of this process. An unknown name is checked too, against somebody else's hash.
 */
function createOperatorCheck(logins: readonly OperatorLogin[]) {
  const operators = new Map(logins.map((login) => [login.name, login.passwordHash]));
  const decoy = logins[0]?.passwordHash;
  const key = randomBytes(32);
  const right = new Map<string, Buffer>();
  let waiting = 0;
  let turn: Promise<unknown> = Promise.resolve();

  const isKnown = (name: string, mac: Buffer): boolean => timingSafeEqual(right.get(name) ?? Buffer.alloc(32), mac);
  const check = async (name: string, password: string, mac: Buffer): Promise<boolean> => {
    if (isKnown(name, mac)) return true;
    const isRight = await isPassword(password, operators.get(name) ?? decoy ?? '');
    if (!isRight || !operators.has(name)) return false;
    right.set(name, mac);
    return true;
  };

  return async (name: string, password: string): Promise<boolean> => {
    const mac = createHmac('sha256', key)
      .update(JSON.stringify([name, password]))
      .digest();
    if (isKnown(name, mac)) return true;
    if (waiting >= MOST_WAITING) return false;
    waiting += 1;
    const mine = turn.then(() => check(name, password, mac));
    turn = mine.catch(() => false);
    return mine.finally(() => {
      waiting -= 1;
    });
  };
}

function readBasic(header: string | undefined): { readonly name: string; readonly password: string } | null {
  const match = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header ?? '');
  if (match === null) return null;
  const text = Buffer.from(match[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
