import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isPassword } from '../domain/credential.ts';
import { BridgeError } from '../domain/errors.ts';

/** Logins that may wait for their check; past it they are told to come again. */
const MOST_WAITING = 32;

/**
 * @param passwordHash null for a name that nobody has; `decoy` is then checked in its place
 * @throws BridgeError LOGIN_BUSY where too many wait: whether the password is right, nobody has looked
 */
export type OperatorCheck = (
  login: { readonly name: string; readonly password: string },
  passwordHash: string | null,
  decoy: string,
) => Promise<boolean>;

/**
 * A check takes scrypt 70 ms of a worker thread and 32 MB (measured): so they go one at a time, and a right password is
 * remembered, as its HMAC under a key of this process, for as long as its hash stays the same. An unknown name is checked
 * too, against somebody else's hash, so that the time taken tells nothing about names.
 */
export function createOperatorCheck(): OperatorCheck {
  const key = randomBytes(32);
  const right = new Map<string, Buffer>();
  let waiting = 0;
  let turn: Promise<unknown> = Promise.resolve();

  const isKnown = (name: string, mac: Buffer): boolean => timingSafeEqual(right.get(name) ?? Buffer.alloc(32), mac);

  return async ({ name, password }, passwordHash, decoy) => {
    const mac = createHmac('sha256', key)
      .update(JSON.stringify([name, password, passwordHash]))
      .digest();
    if (isKnown(name, mac)) return true;
    if (waiting >= MOST_WAITING) throw tooManyWait();
    waiting += 1;
    const check = async (): Promise<boolean> => {
      if (isKnown(name, mac)) return true;
      const isRight = await isPassword(password, passwordHash ?? decoy);
      if (!isRight || passwordHash === null) return false;
      right.set(name, mac);
      return true;
    };
    const mine = turn.then(check);
    turn = mine.catch(() => false);
    return mine.finally(() => {
      waiting -= 1;
    });
  };
}

function tooManyWait(): BridgeError {
  return new BridgeError({
    code: 'LOGIN_BUSY',
    kind: 'transient',
    message: `more than ${MOST_WAITING} passwords of operators wait to be checked`,
    hint: 'Somebody sends wrong passwords without end: the lines "login failed" have the addresses. Shut them out at the firewall. Connectors are not held up.',
  });
}
