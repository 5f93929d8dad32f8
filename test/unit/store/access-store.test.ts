import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAccessStore } from '../../../src/store/access-store.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-access-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the store of logins', () => {
  it('keeps connectors and operators apart, by name, across a restart', () => {
    const store = openAccessStore(folder);
    expect([store.connectors(), store.operators()]).toEqual([[], []]);
    store.addConnector({ name: 'b', secretHash: 'hash-b' });
    store.addConnector({ name: 'a', secretHash: 'hash-a' });
    store.addOperator({ name: 'a', passwordHash: 'hash-o' });
    store.close();
    const again = openAccessStore(folder);
    expect(again.connectors()).toEqual([
      { name: 'a', secretHash: 'hash-a' },
      { name: 'b', secretHash: 'hash-b' },
    ]);
    expect(again.operators()).toEqual([{ name: 'a', passwordHash: 'hash-o' }]);
    again.close();
  });

  it('replaces a login of the same name', () => {
    const store = openAccessStore(folder);
    store.addConnector({ name: 'a', secretHash: 'old' });
    store.addConnector({ name: 'a', secretHash: 'new' });
    expect(store.connectors()).toEqual([{ name: 'a', secretHash: 'new' }]);
    store.close();
  });

  it('is a file for its own account only, also when it was not', () => {
    const file = join(folder, 'access.db');
    writeFileSync(file, '', { mode: 0o644 });
    openAccessStore(folder).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('says what is wrong with a file that is no database', () => {
    writeFileSync(join(folder, 'access.db'), 'no database at all, not even a short one. '.repeat(100));
    expect(() => openAccessStore(folder)).toThrow(
      expect.objectContaining({
        code: 'STORE_DAMAGED',
        kind: 'operator',
        message: expect.stringContaining(`the database of logins ${join(folder, 'access.db')} is damaged`) as string,
        hint: expect.stringContaining('new logins are written to initial-credentials') as string,
      }) as Error,
    );
  });

  it('says when its folder is missing, and makes none', () => {
    const missing = join(folder, 'missing');
    expect(() => openAccessStore(missing)).toThrow(
      expect.objectContaining({ code: 'STORE_CANNOT_OPEN', kind: 'operator' }) as Error,
    );
    expect(existsSync(missing)).toBe(false);
  });
});
