import type { FastifyRequest } from 'fastify';
import type { Emit, LoginWay } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { isOneOf } from '../domain/credential.ts';
import { addressOf, type LoginAttempt, readAttempts } from './login-attempt.ts';
import {
  findConnector,
  type LoginIndex,
  type Logins,
  loginIndex,
  type OAuthClient,
  throwIfUnread,
} from './login-index.ts';
import { createLoginLimit } from './login-limit.ts';
import type { AccessTokens } from './oauth/access-token.ts';
import { createOperatorCheck } from './operator-check.ts';

export type { ConnectorLogin, Logins, OAuthClient } from './login-index.ts';

/** Who a request comes from, and by which login. */
export type Caller =
  | {
      readonly kind: 'connector';
      readonly name: string;
      readonly feeds: ReadonlySet<string>;
      readonly by: 'basic' | 'bearer' | 'certificate' | 'urlKey';
    }
  | { readonly kind: 'operator'; readonly name: string; readonly by: 'basic' | 'session' };

/** Every check throws a BridgeError while the database of logins cannot be read and the answer depends on it: a 503. */
export interface Access {
  /** Null when there is no login or a wrong one; a wrong one is told and counted, without its secret. */
  identify(request: FastifyRequest): Promise<Caller | null>;
  /** After `identify` gave null: seconds to wait when there were too many wrong logins, else null. */
  penalty(request: FastifyRequest): number | null;
  /** For the sign-in; a wrong one is told and counted. */
  isOperator(request: FastifyRequest, name: string, password: string): Promise<boolean>;
  /**
   * The OAuth2 client of that id, or null. A wrong secret is told and counted.
   * @param secrets readings of the one that was sent; null: it is not checked (the authorization endpoint, where a
   * client shows none)
   */
  client(request: FastifyRequest, clientId: string, secrets: readonly string[] | null): OAuthClient | null;
  /** After a wrong sign-in or client secret: seconds to wait when there were too many, else null. Counts nothing. */
  tooMany(request: FastifyRequest, name: string): number | null;
}

export interface AccessDeps {
  /** May throw while the database of logins cannot be read. */
  readonly logins: () => Logins;
  /** Those that stand in the configuration: they hold also while that database cannot be read. */
  readonly configured?: Logins;
  readonly tokens: AccessTokens;
  /** Whether the grant of an access token is still there. */
  readonly hasGrant: (grant: string) => boolean;
  readonly allowUrlKeys: boolean;
  /** There is a CA of client certificates: a pinned certificate must be signed by it, too. */
  readonly clientCa?: boolean;
  readonly emit: Emit;
  readonly clock: Clock;
}

/** Who may do what over HTTP; names are looked up among connectors first. */
export function createAccess(deps: AccessDeps): Access {
  const limit = createLoginLimit(deps.clock);
  const isPasswordOf = createOperatorCheck();
  const known = loginIndex(deps.logins, deps.configured);
  const penalties = new WeakMap<FastifyRequest, number>();

  const fail = (request: FastifyRequest, by: LoginWay, login: string, countedName: string | null): void => {
    deps.emit({ name: 'loginFailed', login, address: addressOf(request), by });
    count(request, countedName);
  };
  const count = (request: FastifyRequest, name: string | null): void => {
    const seconds = limit.failed(addressOf(request), name);
    if (seconds !== null) penalties.set(request, seconds);
  };
  const isOperator = ({ operators }: LoginIndex, name: string, password: string): Promise<boolean> => {
    const [decoy = ''] = operators.values();
    return isPasswordOf({ name, password }, operators.get(name) ?? null, decoy);
  };

  const check = async (index: LoginIndex, attempt: LoginAttempt): Promise<Caller | null> => {
    const connector = findConnector(index, attempt, deps);
    if (connector !== null && attempt.by !== 'other')
      return { kind: 'connector', name: connector.name, feeds: connector.feeds, by: attempt.by };
    if (attempt.by !== 'basic') return null;
    const { name, password } = attempt;
    return (await isOperator(index, name, password)) ? { kind: 'operator', name, by: 'basic' } : null;
  };
  const refuse = (request: FastifyRequest, attempt: LoginAttempt): void => {
    switch (attempt.by) {
      case 'basic':
        fail(request, 'basic', attempt.name, attempt.name);
        return;
      case 'bearer': {
        const found = deps.tokens.look(attempt.token);
        // That a token is past its hour is how a connector learns that it needs the next one.
        if (found?.isExpired !== true)
          fail(request, 'bearer', found?.claims.connector ?? '', found?.claims.connector ?? null);
        return;
      }
      case 'certificate':
        fail(request, 'certificate', attempt.fingerprint, null);
        return;
      case 'urlKey':
        fail(request, 'urlKey', '', null);
        return;
      case 'other':
        count(request, null);
    }
  };

  return {
    async identify(request) {
      const attempts = readAttempts(request).filter(({ by }) => by !== 'urlKey' || deps.allowUrlKeys);
      if (attempts.length === 0) return null;
      const index = known();
      for (const attempt of attempts) {
        const caller = await check(index, attempt);
        if (caller !== null) return caller;
      }
      throwIfUnread(index);
      const [first] = attempts;
      if (first !== undefined) refuse(request, first);
      return null;
    },
    penalty: (request) => penalties.get(request) ?? null,
    async isOperator(request, name, password) {
      const index = known();
      if (await isOperator(index, name, password)) return true;
      throwIfUnread(index);
      fail(request, 'signIn', name, name);
      return false;
    },
    client(request, clientId, secrets) {
      const index = known();
      const client = index.clients.get(clientId) ?? null;
      if (client === null) throwIfUnread(index);
      const hashes = client?.auth.secretHashes ?? [];
      const isRight = secrets === null || secrets.filter((secret) => isOneOf(secret, hashes)).length > 0;
      if (!isRight) fail(request, 'clientSecret', clientId, clientId);
      return isRight ? client : null;
    },
    tooMany: (request, name) => limit.wait(addressOf(request), name),
  };
}
