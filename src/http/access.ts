import type { FastifyRequest } from 'fastify';
import type { Emit } from '../domain/bridge-event.ts';
import { isPassword, isSecret } from '../domain/credential.ts';

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
}

/** Compared with when the name is unknown, so that the time taken tells nothing about names. */
const NOBODY = '0'.repeat(64);

/** HTTP Basic (RFC 7617) for connectors and operators; names are looked up among connectors first. */
export function createAccess(deps: {
  readonly connectors: readonly ConnectorLogin[];
  readonly operators: readonly OperatorLogin[];
  readonly emit: Emit;
}): Access {
  const connectors = new Map(deps.connectors.map((login) => [login.name, login]));
  const operators = new Map(deps.operators.map((login) => [login.name, login]));

  const check = async (name: string, password: string): Promise<Caller | null> => {
    const connector = connectors.get(name);
    if (isSecret(password, connector?.secretHash ?? NOBODY) && connector) {
      return { kind: 'connector', name, feeds: connector.feeds };
    }
    const operator = operators.get(name);
    if (operator && (await isPassword(password, operator.passwordHash))) return { kind: 'operator', name };
    return null;
  };

  return {
    async identify(request) {
      const login = readBasic(request.headers.authorization);
      if (login === null) return null;
      const caller = await check(login.name, login.password);
      if (caller === null) deps.emit({ name: 'loginFailed', login: login.name, address: request.ip });
      return caller;
    },
  };
}

function readBasic(header: string | undefined): { readonly name: string; readonly password: string } | null {
  const match = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header ?? '');
  if (match === null) return null;
  const text = Buffer.from(match[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
