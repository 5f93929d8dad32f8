import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_REDIRECT_URIS } from '../../../src/domain/connector-auth.ts';
import { hashSecret, isPassword, isSecret } from '../../../src/domain/credential.ts';
import type { AccessStore } from '../../../src/store/access-store.ts';
import {
  createFirstLogins,
  FIRST_CONNECTOR,
  FIRST_OPERATOR,
  initialCredentialsPath,
  leftInitialCredentials,
} from '../../../src/store/first-logins.ts';
import { openAccessStore } from '../../../src/store/sqlite-access-store.ts';

const NOW = Date.UTC(2026, 0, 1);
const NONE = { connectors: 0, operators: 0 };

let folder: string;
let access: AccessStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-logins-'));
  access = openAccessStore(folder);
});
afterEach(() => {
  access.close();
  rmSync(folder, { recursive: true });
});

/** Name and password by kind, as a person would read them from the file. */
function written(): ReadonlyMap<string, { readonly name: string; readonly password: string }> {
  const rows = readFileSync(initialCredentialsPath(folder), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '));
  return new Map(rows.map(([kind = '', name = '', password = '']) => [kind, { name, password }]));
}

async function expectUsable(): Promise<void> {
  const { connector, operator, 'refresh-token': token } = Object.fromEntries(written());
  expect([connector?.name, token?.name, operator?.name]).toEqual([FIRST_CONNECTOR, FIRST_CONNECTOR, FIRST_OPERATOR]);
  const auth = access.connectors().find(({ name }) => name === FIRST_CONNECTOR)?.auth;
  const secretHash = auth?.kind === 'oauth2' ? (auth.secretHashes[0] ?? '') : '';
  expect(auth).toMatchObject({ clientId: FIRST_CONNECTOR, acceptsBasic: true, redirectUris: DEFAULT_REDIRECT_URIS });
  expect(access.refreshToken(hashSecret(token?.password ?? ''))).toMatchObject({
    connector: FIRST_CONNECTOR,
    clientId: FIRST_CONNECTOR,
    createdMs: NOW,
  });
  const passwordHash = access.operators().find(({ name }) => name === FIRST_OPERATOR)?.passwordHash ?? '';
  expect(isSecret(connector?.password ?? '', secretHash)).toBe(true);
  expect(await isPassword(operator?.password ?? '', passwordHash)).toBe(true);
}

describe('the logins of a first start', () => {
  it('are one connector and one operator, their passwords in a file for its own account only', async () => {
    expect(leftInitialCredentials(folder)).toBeNull();
    expect(await createFirstLogins(access, folder, NONE, NOW)).toBe(initialCredentialsPath(folder));
    expect(statSync(initialCredentialsPath(folder)).mode & 0o777).toBe(0o600);
    expect(leftInitialCredentials(folder)).toBe(initialCredentialsPath(folder));
    expect(existsSync(`${initialCredentialsPath(folder)}.new`)).toBe(false);
    await expectUsable();
  });

  it('are made once: a second start leaves logins and file alone', async () => {
    await createFirstLogins(access, folder, NONE, NOW);
    const text = readFileSync(initialCredentialsPath(folder), 'utf8');
    expect(await createFirstLogins(access, folder, NONE, NOW)).toBeNull();
    expect(readFileSync(initialCredentialsPath(folder), 'utf8')).toBe(text);
    await expectUsable();
  });

  it('do not come back once the file was taken away', async () => {
    await createFirstLogins(access, folder, NONE, NOW);
    rmSync(initialCredentialsPath(folder));
    expect(await createFirstLogins(access, folder, NONE, NOW)).toBeNull();
    expect(leftInitialCredentials(folder)).toBeNull();
  });

  it('are only those of a kind that is not configured', async () => {
    expect(await createFirstLogins(access, folder, { connectors: 1, operators: 1 }, NOW)).toBeNull();
    await createFirstLogins(access, folder, { connectors: 1, operators: 0 }, NOW);
    expect([...written().keys()]).toEqual(['operator']);
    expect(access.connectors()).toEqual([]);
  });

  it('are made anew, and the file with them, when a crash left the file without logins', async () => {
    await createFirstLogins(access, folder, NONE, NOW);
    const lost = written().get('connector')?.password;
    access.close();
    rmSync(join(folder, 'access.db'));
    access = openAccessStore(folder);
    await createFirstLogins(access, folder, NONE, NOW);
    expect(written().get('connector')?.password).not.toBe(lost);
    expect(readFileSync(initialCredentialsPath(folder), 'utf8')).not.toContain(lost);
    await expectUsable();
  });

  it.each(['putRefreshToken', 'putConnector', 'addOperator'] as const)(
    'lose no secret when a crash came at %s',
    async (step) => {
      const dying: AccessStore = {
        ...access,
        [step]: () => {
          throw new Error('killed');
        },
      };
      await expect(createFirstLogins(dying, folder, NONE, NOW)).rejects.toThrow('killed');
      await createFirstLogins(access, folder, NONE, NOW);
      await expectUsable();
    },
  );

  it('are written with the mode of a secret though a draft was left behind with another', async () => {
    const draft = `${initialCredentialsPath(folder)}.new`;
    writeFileSync(draft, 'left over');
    chmodSync(draft, 0o644);
    await createFirstLogins(access, folder, NONE, NOW);
    expect(statSync(initialCredentialsPath(folder)).mode & 0o777).toBe(0o600);
    await expectUsable();
  });

  it.each(['lies below a file', 'is missing', 'has a folder in the place of the file'])(
    'are not made when the data folder %s; the error says what to do',
    async (trouble) => {
      writeFileSync(join(folder, 'file'), '');
      mkdirSync(join(folder, 'taken', 'initial-credentials', 'x'), { recursive: true });
      const place = { 'lies below a file': 'file/data', 'is missing': 'missing' }[trouble] ?? 'taken';
      await expect(createFirstLogins(access, join(folder, place), NONE, NOW)).rejects.toMatchObject({
        name: 'BridgeError',
        code: 'CREDENTIALS_FILE',
        kind: 'operator',
        hint: expect.stringContaining('writable') as string,
      });
      expect([access.connectors(), access.operators()]).toEqual([[], []]);
    },
  );
});
