import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  fingerprintOf,
  generateGrant,
  generateSecret,
  hashPassword,
  hashSecret,
  isHashOf,
  isOneOf,
  isPassword,
  isSecret,
} from '../../../src/domain/credential.ts';

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/** A hash that somebody else made, with any cost. */
function foreignHash(password: string, ln: number, r: number, p: number, length = 32): string {
  const key = scryptSync(password, 'a-salt', length, { N: 2 ** ln, r, p, maxmem: 2 ** 28 });
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(Buffer.from('a-salt'))}$${base64(key)}`;
}

describe('a generated secret', () => {
  it('has 192 bits, is URL-safe and never the same', () => {
    const secrets = Array.from({ length: 50 }, generateSecret);
    for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(new Set(secrets).size).toBe(50);
  });

  it('is known by its hash, in either case of the hex digits', () => {
    const hash = hashSecret('a-secret');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(isSecret('a-secret', hash)).toBe(true);
    expect(isSecret('a-secret', hash.toUpperCase())).toBe(true);
  });

  it.each(['', 'A-secret', 'a-secret ', 'a-secre'])('is not %j', (other) => {
    expect(isSecret(other, hashSecret('a-secret'))).toBe(false);
  });

  it('is never the hash itself, nor anything under a hash of another length', () => {
    const hash = hashSecret('a-secret');
    expect(isSecret(hash, hash)).toBe(false);
    for (const text of ['', hash.slice(1), `${hash}0`]) expect(isSecret('a-secret', text)).toBe(false);
  });
});

describe("a person's password", () => {
  it('is known by its salted hash', async () => {
    const [one, other] = await Promise.all([hashPassword('pässwörd'), hashPassword('pässwörd')]);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(other);
    expect(await isPassword('pässwörd', one)).toBe(true);
    expect(await isPassword('passwörd', one)).toBe(false);
    expect(await isPassword('', one)).toBe(false);
  });

  it.each([
    [10, 8, 1, 32],
    [1, 8, 16, 32],
    [12, 1, 3, 64],
    [4, 32, 2, 16],
  ])('is known by a hash of cost ln=%i, r=%i, p=%i with %i bytes', async (ln, r, p, length) => {
    const hash = foreignHash('pw', ln, r, p, length);
    expect(await isPassword('pw', hash)).toBe(true);
    expect(await isPassword('pW', hash)).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['the password itself', 'pw'],
    ['another scheme', '$2b$10$abcdefghijklmnopqrstuv'],
    ['no base64', '$scrypt$ln=10,r=8,p=1$!!$!!'],
    ['a hash that lost all but its first digit', '$scrypt$ln=10,r=8,p=1$YS1zYWx0$A'],
    ['a hash that lost most of it', foreignHash('pw', 10, 8, 1, 15)],
    ['no rounds', '$scrypt$ln=0,r=8,p=1$YS1zYWx0$AAAAAAAAAAAAAAAAAAAAAAAA'],
    ['no block', '$scrypt$ln=10,r=0,p=1$YS1zYWx0$AAAAAAAAAAAAAAAAAAAAAAAA'],
    ['no pass', '$scrypt$ln=10,r=8,p=0$YS1zYWx0$AAAAAAAAAAAAAAAAAAAAAAAA'],
    ['more rounds than the block allows', '$scrypt$ln=16,r=1,p=1$YS1zYWx0$AAAAAAAAAAAAAAAAAAAAAAAA'],
    ['a gigabyte of memory', '$scrypt$ln=20,r=8,p=1$YS1zYWx0$AAAAAAAAAAAAAAAAAAAAAAAA'],
    ['a cost for years', '$scrypt$ln=99,r=99,p=99$YS1zYWx0$AAAAAAAAAAAAAAAAAAAAAAAA'],
    ['too many passes', '$scrypt$ln=10,r=8,p=17$YS1zYWx0$AAAAAAAAAAAAAAAAAAAAAAAA'],
  ])('is never right, and nothing breaks, with a hash that is %s', async (_name, hash) => {
    expect(await isPassword('pw', hash)).toBe(false);
  });
});

describe('secrets of which two are live', () => {
  it('are right by any of their hashes, in any case, and by none when there is none', () => {
    const hashes = [hashSecret('new'), hashSecret('old').toUpperCase()];
    expect(['new', 'old', 'New', ''].map((secret) => isOneOf(secret, hashes))).toEqual([true, true, false, false]);
    expect(isOneOf('new', [])).toBe(false);
    expect(isOneOf('', ['', hashSecret('x')])).toBe(false);
  });
});

describe('a fingerprint', () => {
  it('is the SHA-256 of the certificate, and compared in any case', () => {
    const empty = fingerprintOf(Buffer.from(''));
    expect(empty).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(isHashOf(empty, empty.toUpperCase())).toBe(true);
    expect(isHashOf(empty, empty.slice(1))).toBe(false);
  });
});

describe('the id of a grant', () => {
  it('is short and met once', () => {
    const ids = Array.from({ length: 1000 }, generateGrant);
    expect(new Set(ids).size).toBe(1000);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{10}$/);
  });
});
