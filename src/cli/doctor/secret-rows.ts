import { constants, type Stats } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import type { Config } from '../../config/config.ts';
import { type Finding, ok } from '../../domain/finding.ts';
import { account } from '../account.ts';
import { type SecretFile, secretFiles } from './secret-files.ts';

/** Docker and Kubernetes mount secrets there; their modes are not the operator's to set. */
const MOUNTED = /^(\/var)?\/run\/secrets\//;

/** Of the process; -1 where the system has none. */
export interface Rights {
  readonly uid: number;
  readonly groups: readonly number[];
  readonly hasModes: boolean;
}

/** Who else can read the files with secrets, and whether this account can; one row where all is well. */
export async function secretRows(config: Config, rights: Rights = ownRights()): Promise<readonly Finding[]> {
  const files = await secretFiles(config);
  const checked = await Promise.all(files.map((file) => checkFile(file, rights)));
  const rows = checked.flatMap((row) => row ?? []);
  if (rows.length > 0) return rows;
  const words = rights.hasModes
    ? `${files.length} with secrets, folders included: nobody but the account of the bridge can read them.`
    : 'Windows has no file modes: see that only the account of the service may read the data folder and the secret files (icacls).';
  return [ok('config.secrets', 'files', words)];
}

function ownRights(): Rights {
  return {
    uid: process.getuid?.() ?? -1,
    groups: [...(process.getgroups?.() ?? []), process.getegid?.() ?? -1],
    hasModes: process.platform !== 'win32',
  };
}

async function checkFile({ path, what }: SecretFile, rights: Rights): Promise<Finding | null> {
  const row = { id: 'config.secrets', subject: path, sinceMs: null } as const;
  const readable = await access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (!readable)
    return {
      ...row,
      state: 'failed',
      meaning: `It holds ${what}, and the account ${account()} cannot read it.`,
      remedy:
        'Run doctor as the account that runs the bridge. If this is that account, give it the file: chown ACCOUNT FILE.',
    };
  if (!rights.hasModes || MOUNTED.test(path)) return null;
  const facts = await stat(path);
  const who = readers(facts, rights);
  if (who === null) return null;
  const mode = facts.isDirectory() ? '700' : '600';
  return {
    ...row,
    state: 'warning',
    meaning: `It holds ${what}, and ${who} can read it (mode ${(facts.mode & 0o777).toString(8)}).`,
    remedy: `chmod ${mode} ${path} (as its owner; the bridge need not be restarted)`,
  };
}

/**
 * A group that this account reads it by is right where the file belongs to somebody else: root:flexbridge 0640 is how
 * packages place what a service may read and not change.
 */
function readers({ mode, uid, gid }: Stats, rights: Rights): string | null {
  if ((mode & 0o007) !== 0) return 'every user of this machine';
  if ((mode & 0o070) === 0) return null;
  const isByGroup = uid !== rights.uid && rights.uid !== 0 && rights.groups.includes(gid);
  const isRootsGroup = rights.uid === 0 && uid === 0 && gid !== 0;
  return isByGroup || isRootsGroup ? null : `every member of its group (gid ${gid})`;
}
