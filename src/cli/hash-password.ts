import { text } from 'node:stream/consumers';
import { hashPassword } from '../domain/credential.ts';
import { BridgeError } from '../domain/errors.ts';
import type { Console } from './console.ts';

const SHORTEST = 12;

/** Reads one password from standard input and prints its scrypt hash. */
export async function hashPasswordCommand({ input, out }: Console): Promise<number> {
  const password = (await text(input)).replace(/\r?\n$/, '');
  if (password.length < SHORTEST) {
    throw new BridgeError({
      code: 'PASSWORD_SHORT',
      kind: 'operator',
      message: `the password has ${password.length} characters`,
      hint: `Give at least ${SHORTEST}, on standard input: echo 'a long pass phrase' | flexbridge hash-password`,
    });
  }
  out(`${await hashPassword(password)}\n`);
  return 0;
}
