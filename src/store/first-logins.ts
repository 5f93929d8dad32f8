import { closeSync, existsSync, fchmodSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_REDIRECT_URIS } from '../domain/connector-auth.ts';
import { generateGrant, generateSecret, generateToken, hashPassword, hashSecret } from '../domain/credential.ts';
import { BridgeError, messageOf } from '../domain/errors.ts';
import type { AccessStore, StoredConnector, StoredRefreshToken } from './access-store.ts';

/** Names of the logins made at a first start. */
export const FIRST_CONNECTOR = 'arcsight-01';
export const FIRST_OPERATOR = 'ops';

/** Where the passwords of a first start are written, once. */
export function initialCredentialsPath(dataDir: string): string {
  return join(dataDir, 'initial-credentials');
}

/** The file while it is still there; somebody should take the passwords and delete it. */
export function leftInitialCredentials(dataDir: string): string | null {
  const path = initialCredentialsPath(dataDir);
  return existsSync(path) ? path : null;
}

/**
 * Makes one connector with a refresh token, and one operator, where there are none, and writes what they sign in with to
 * a file of mode 0600.
 * @returns the file's path, or null when nothing had to be made
 */
export async function createFirstLogins(
  access: AccessStore,
  dataDir: string,
  configured: { readonly connectors: number; readonly operators: number },
  nowMs: number,
): Promise<string | null> {
  const lines = new Map<string, string>();
  const save: (() => void)[] = [];
  if (configured.connectors + access.connectors().length === 0) {
    const secret = generateSecret();
    const refreshToken = generateToken();
    lines.set(`connector ${FIRST_CONNECTOR}`, secret);
    lines.set(`refresh-token ${FIRST_CONNECTOR}`, refreshToken);
    save.push(() => {
      // The token before its connector: a crash between them leaves no connector, and the next start makes both anew.
      access.removeConnector(FIRST_CONNECTOR);
      access.putRefreshToken(firstRefreshToken(refreshToken, nowMs));
      access.putConnector(firstConnector(secret, nowMs));
    });
  }
  if (configured.operators + access.operators().length === 0) {
    const password = generateSecret();
    const passwordHash = await hashPassword(password);
    lines.set(`operator ${FIRST_OPERATOR}`, password);
    save.push(() => {
      access.addOperator({ name: FIRST_OPERATOR, passwordHash });
    });
  }
  if (lines.size === 0) return null;
  const path = initialCredentialsPath(dataDir);
  // The file first: a login whose password nobody can read would be worse than a file without a login.
  writeSafely(path, lines);
  for (const write of save) write();
  return path;
}

/**
 * Puts what somebody signs in with beside what a first start made, mode 0600.
 * @param lines secrets by `KIND NAME`, for example `refresh-token arcsight-01`
 * @returns the file's path
 * @throws BridgeError CREDENTIALS_FILE
 */
export function keepInitialCredentials(dataDir: string, lines: ReadonlyMap<string, string>): string {
  const path = initialCredentialsPath(dataDir);
  writeSafely(path, lines);
  return path;
}

/** For OAuth2, and with the same secret as its password for a wizard that offers Basic only. */
function firstConnector(secret: string, nowMs: number): StoredConnector {
  return {
    name: FIRST_CONNECTOR,
    auth: {
      kind: 'oauth2',
      clientId: FIRST_CONNECTOR,
      secretHashes: [hashSecret(secret)],
      redirectUris: DEFAULT_REDIRECT_URIS,
      acceptsBasic: true,
      rotatesRefreshTokens: false,
    },
    feeds: null,
    createdMs: nowMs,
  };
}

function firstRefreshToken(token: string, nowMs: number): StoredRefreshToken {
  return {
    tokenHash: hashSecret(token),
    grant: generateGrant(),
    connector: FIRST_CONNECTOR,
    clientId: FIRST_CONNECTOR,
    createdBy: 'first start',
    createdMs: nowMs,
    usedMs: null,
    replacedMs: null,
  };
}

const HEADING =
  '# FlexBridge: logins made at the first start (kind, name, secret). Take them over, then delete this file.';

/** @throws BridgeError CREDENTIALS_FILE */
function writeSafely(path: string, lines: ReadonlyMap<string, string>): void {
  try {
    const made = [...lines].map(([login, password]) => `${login} ${password}`);
    const draft = `${path}.new`;
    const file = openSync(draft, 'w', 0o600);
    try {
      // A draft left behind by somebody keeps its mode.
      fchmodSync(file, 0o600);
      writeSync(file, [HEADING, ...leftLines(path, lines), ...made, ''].join('\n'));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (cause) {
    throw new BridgeError({
      code: 'CREDENTIALS_FILE',
      kind: 'operator',
      message: `cannot write the first logins to ${path}: ${messageOf(cause)}`,
      hint: 'Make the data folder writable for the account that runs FlexBridge, or configure connectors and operators. No login was made.',
      cause,
    });
  }
}

/** Logins still in the file and not made anew now: of an earlier start, or of one that ended half-way. */
function leftLines(path: string, lines: ReadonlyMap<string, string>): readonly string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /^(connector|refresh-token|operator) \S+ \S+$/.test(line))
    .filter((line) => !lines.has(line.slice(0, line.lastIndexOf(' '))));
}
