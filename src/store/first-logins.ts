import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { generateSecret, hashPassword, hashSecret } from '../domain/credential.ts';
import type { AccessStore } from './access-store.ts';

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
 * Makes one connector and one operator where there are none, and writes their passwords to a file of mode 0600.
 * @returns the file's path, or null when nothing had to be made
 */
export async function createFirstLogins(
  access: AccessStore,
  dataDir: string,
  configured: { readonly connectors: number; readonly operators: number },
): Promise<string | null> {
  const lines: string[] = [];
  const save: (() => void)[] = [];
  if (configured.connectors + access.connectors().length === 0) {
    const secret = generateSecret();
    lines.push(`connector ${FIRST_CONNECTOR} ${secret}`);
    save.push(() => {
      access.addConnector({ name: FIRST_CONNECTOR, secretHash: hashSecret(secret) });
    });
  }
  if (configured.operators + access.operators().length === 0) {
    const password = generateSecret();
    const passwordHash = await hashPassword(password);
    lines.push(`operator ${FIRST_OPERATOR} ${password}`);
    save.push(() => {
      access.addOperator({ name: FIRST_OPERATOR, passwordHash });
    });
  }
  if (lines.length === 0) return null;
  const path = initialCredentialsPath(dataDir);
  // The file first: a login whose password nobody can read would be worse than a file without a login.
  writeOnce(
    path,
    [
      '# FlexBridge: logins made at the first start (kind, name, password). Take them over, then delete this file.',
      ...lines,
      '',
    ].join('\n'),
  );
  for (const write of save) write();
  return path;
}

function writeOnce(path: string, text: string): void {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', 0o600);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(draft, path);
}
