import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** A generated connector secret: 192 bits, URL-safe. */
export function generateSecret(): string {
  return randomBytes(24).toString('base64url');
}

/** An authorization code or a refresh token: 256 bits, URL-safe. */
export function generateToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Id of a grant, short, for people: `token list` shows it and `token revoke` takes it. */
export function generateGrant(): string {
  return randomBytes(5).toString('hex');
}

/** Hex SHA-256; enough for a generated secret of at least 128 bits, which no dictionary holds. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Constant time, whatever the lengths. */
export function isSecret(secret: string, secretHash: string): boolean {
  return isHashOf(hashSecret(secret), secretHash);
}

/** Compared with when there is no hash, so that the time taken tells nothing about names. */
const NOBODYS = '0'.repeat(64);

/** Whether it is the secret of one of the hashes: two are live during a rotation. */
export function isOneOf(secret: string, secretHashes: readonly string[]): boolean {
  const hash = hashSecret(secret);
  const hashes = secretHashes.length === 0 ? [NOBODYS] : secretHashes;
  return hashes.filter((one) => isHashOf(hash, one)).length > 0 && secretHashes.length > 0;
}

/** Two hex digests, in any case; constant time. */
export function isHashOf(hash: string, expected: string): boolean {
  return timingSafeEqual(digest(hash.toLowerCase()), digest(expected.toLowerCase()));
}

/** Of a certificate in DER: hex SHA-256 in lower case, without colons. */
export function fingerprintOf(der: Buffer): string {
  return createHash('sha256').update(der).digest('hex');
}

interface ScryptCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}
const COST: ScryptCost = { ln: 15, r: 8, p: 1 };
const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
/** Refuses costs that would let a configuration stop the service: 1 GiB of memory, sixteen passes. */
const MOST_MEMORY = 2 ** 30;
const MOST_PASSES = 16;
/** A shorter hash is a mutilated text, not a password's hash; an empty one would equal any. */
const SHORTEST_HASH = 16;

/** `$scrypt$ln=15,r=8,p=1$<salt>$<hash>` (base64 without padding) of a password chosen by a person. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, COST, 32);
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${unpadded(salt)}$${unpadded(key)}`;
}

/** False for a wrong password and for a text that is no scrypt hash. */
export async function isPassword(password: string, passwordHash: string): Promise<boolean> {
  const match = FORM.exec(passwordHash);
  if (match === null) return false;
  const [, ln, r, p, salt = '', hash = ''] = match;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const expected = Buffer.from(hash, 'base64');
  if (!isBearable(cost) || expected.length < SHORTEST_HASH) return false;
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64'), cost, expected.length), expected);
}

function isBearable(cost: ScryptCost): boolean {
  const { ln, r, p } = cost;
  return ln >= 1 && ln < 16 * r && p >= 1 && p <= MOST_PASSES && memory(cost) <= MOST_MEMORY;
}

/** What scrypt works on (RFC 7914 2), in bytes, with some to spare. */
function memory({ ln, r, p }: ScryptCost): number {
  return 128 * r * (2 ** ln + p + 2);
}

function derive(password: string, salt: Buffer, cost: ScryptCost, length: number): Promise<Buffer> {
  const { ln, r, p } = cost;
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, { N: 2 ** ln, r, p, maxmem: 2 * memory(cost) }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
