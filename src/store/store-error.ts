import { BridgeError, type ErrorKind, messageOf } from '../domain/errors.ts';

/** What a file of SQLite's is for, as far as its failures differ by it. */
export interface DatabaseRole {
  /** Stands before its path. */
  readonly name: string;
  /** What to do when it is damaged, or is no database at all. */
  readonly whenDamaged: string;
}

/** The event database while it is opened: nothing is written before it turned out to be one. */
export const OPENED_DATABASE: DatabaseRole = {
  name: 'the database',
  whenDamaged:
    'The file was not touched. Put a backup in its place (flexbridge restore FILE), or keep what can still be read (flexbridge serve --salvage).',
};

/** The event database later on, when the damage may be younger than the last write. */
export const RUNNING_DATABASE: DatabaseRole = {
  name: 'the database',
  whenDamaged:
    'Stop FlexBridge and look at the disk. Then put a backup in its place (flexbridge restore FILE), or keep what can still be read (flexbridge serve --salvage).',
};

/** What SQLite says, in words an operator can act on. Source of the codes: sqlite.org/rescode.html. */
const CAUSES: readonly {
  readonly match: RegExp;
  readonly code: string;
  readonly kind: ErrorKind;
  readonly meaning: string;
  /** Null where it depends on the file. */
  readonly hint: string | null;
}[] = [
  {
    match: /^SQLITE_(BUSY|LOCKED)/,
    code: 'STORE_BUSY',
    kind: 'transient',
    meaning: 'is locked by another process',
    hint: 'serve tries again by itself; repeat a command. If it lasts, find the program that holds the file open.',
  },
  {
    // A wal-index that cannot grow has no code of its own for the full disk.
    match: /^(SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC)/,
    code: 'STORE_FULL',
    kind: 'operator',
    meaning: 'cannot grow: the disk is full',
    hint: 'Free space on the disk of the data folder. Collection goes on by itself; nothing is lost.',
  },
  {
    match: /^(SQLITE_READONLY|EROFS)/,
    code: 'STORE_READ_ONLY',
    kind: 'operator',
    meaning: 'cannot be written',
    hint: 'Make the data folder writable for the account that runs FlexBridge.',
  },
  {
    match: /^(SQLITE_IOERR_(WRITE|FSYNC|DIR_FSYNC|TRUNCATE|SHMMAP)|EPERM|EDQUOT)/,
    code: 'STORE_WRITE_FAILED',
    kind: 'operator',
    meaning: 'cannot be written: the file system refuses',
    hint: 'Look at the disk and what the system says of it (dmesg): a failing disk, a file system that went read-only, a quota, an immutable file. Collection goes on by itself once it can be written; nothing is lost.',
  },
  {
    match: /^SQLITE_(CORRUPT|NOTADB)/,
    code: 'STORE_DAMAGED',
    kind: 'operator',
    meaning: 'is damaged or is no SQLite database',
    hint: null,
  },
  {
    match: /^SQLITE_CANTOPEN/,
    code: 'STORE_CANNOT_OPEN',
    kind: 'operator',
    meaning: 'cannot be opened',
    hint: 'Check that the folder exists and belongs to the account that runs FlexBridge (store.path in the configuration).',
  },
];

export function toStoreError(path: string, thrown: unknown, role: DatabaseRole = OPENED_DATABASE): unknown {
  if (thrown instanceof BridgeError) return thrown;
  const code = codeOf(thrown);
  const text = messageOf(thrown);
  const known = CAUSES.find(({ match }) => match.test(code));
  if (known !== undefined) {
    return new BridgeError({
      code: known.code,
      kind: known.kind,
      message: `${role.name} ${path} ${known.meaning} (${text})`,
      hint: known.hint ?? role.whenDamaged,
      cause: thrown,
    });
  }
  if (!code.startsWith('SQLITE_') && !/^(E[A-Z]+$|ERR_FS_)/.test(code)) return thrown;
  return new BridgeError({
    code: 'STORE_FAILED',
    kind: 'operator',
    message: `${role.name} ${path} failed: ${text}`,
    hint: 'Check the disk, the path and the rights of the data folder (store.path in the configuration).',
    cause: thrown,
  });
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  // better-sqlite3 looks for the folder itself and throws a TypeError without a code.
  return thrown.message.startsWith('Cannot open database because') ? 'SQLITE_CANTOPEN' : '';
}

/** Runs `work`; what SQLite or the file system throws comes out as a BridgeError. */
export function guard<Result>(path: string, work: () => Result, role: DatabaseRole = OPENED_DATABASE): Result {
  try {
    return work();
  } catch (error) {
    throw toStoreError(path, error, role);
  }
}
