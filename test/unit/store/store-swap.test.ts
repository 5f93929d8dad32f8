import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clearDraft, draftFilesName, draftName, finishSwap, swapIn } from '../../../src/store/store-swap.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const TAIL = 'replaced-20260101T120000Z';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-swap-'));
  path = join(folder, 'events.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function put(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** Every file below the folder with its content. */
function content(): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(folder.length + 1), readFileSync(file, 'utf8')]),
  );
}

const PRESENT = {
  'events.db': 'old',
  'events.db-wal': 'old log',
  'events.db-shm': 'old index',
  'access.db': 'old logins',
};
const DRAFT = {
  'events.db.draft': 'new',
  'events.db.draft.files/access.db': 'new logins',
  'events.db.draft.files/tls/ca.pem': 'new ca',
};
const AFTER = {
  'events.db': 'new',
  'access.db': 'new logins',
  'tls/ca.pem': 'new ca',
  [`events.db.${TAIL}`]: 'old',
  [`events.db.${TAIL}-wal`]: 'old log',
  [`events.db.${TAIL}-shm`]: 'old index',
  [`access.db.${TAIL}`]: 'old logins',
};

describe('the swap of a database', () => {
  it('puts the draft and its files in place, and keeps everything that was there', () => {
    put({ ...PRESENT, ...DRAFT });
    expect(swapIn(path, 'replaced', NOW)).toEqual({ aside: `${path}.${TAIL}` });
    expect(content()).toEqual(AFTER);
    expect(existsSync(draftFilesName(path))).toBe(false);
  });

  it('needs nothing to be there before', () => {
    put({ 'events.db.draft': 'new' });
    expect(swapIn(path, 'damaged', NOW)).toEqual({ aside: null });
    expect(content()).toEqual({ 'events.db': 'new' });
  });

  it('never takes a name that is taken', () => {
    put({ ...PRESENT, 'events.db.draft': 'new', [`events.db.${TAIL}-wal`]: 'of an earlier one' });
    expect(swapIn(path, 'replaced', NOW).aside).toBe(`${path}.${TAIL}-2`);
    expect(content()).toMatchObject({ [`events.db.${TAIL}-wal`]: 'of an earlier one', [`events.db.${TAIL}-2`]: 'old' });
  });

  it('leaves the old state when it was killed while the draft was written', () => {
    put({ ...PRESENT, ...DRAFT });
    expect(finishSwap(path)).toBeNull();
    expect(content()).toMatchObject(PRESENT);
    clearDraft(path);
    expect(content()).toEqual(PRESENT);
  });

  // The steps of the order in which it works, and a kill after each.
  const staged = `events.db.incoming-${TAIL}`;
  const steps: readonly (readonly [from: string, to: string])[] = [
    ['events.db.draft.files', `${staged}.files`],
    ['events.db.draft', staged],
    ['events.db', `events.db.${TAIL}`],
    ['events.db-wal', `events.db.${TAIL}-wal`],
    ['events.db-shm', `events.db.${TAIL}-shm`],
    ['access.db', `access.db.${TAIL}`],
    [`${staged}.files/access.db`, 'access.db'],
    [`${staged}.files/tls`, 'tls'],
    [staged, 'events.db'],
  ];
  it.each(steps.map((_, index) => index + 1))(
    'leaves the old or the new state when it was killed after step %i',
    (done) => {
      put({ ...PRESENT, ...DRAFT });
      for (const [from, to] of steps.slice(0, done)) renameSync(join(folder, from), join(folder, to));
      finishSwap(path);
      clearDraft(path);
      expect(content()).toEqual(done === 1 ? PRESENT : AFTER);
      expect(readdirSync(folder).filter((name) => name.includes('incoming'))).toEqual([]);
      expect(finishSwap(path)).toBeNull();
    },
  );

  it('has a draft beside the database', () => {
    expect([draftName(path), draftFilesName(path)]).toEqual([`${path}.draft`, `${path}.draft.files`]);
  });

  it('is nothing to finish where there is no folder yet', () => {
    expect(finishSwap(join(folder, 'missing', 'events.db'))).toBeNull();
  });
});
