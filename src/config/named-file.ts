import { BridgeError } from '../domain/errors.ts';
import { type ConfigFiles, diskFiles, readFailure } from './config-files.ts';
import type { ConfigPath } from './config-path.ts';
import type { Place, Report } from './report.ts';

/** Docker and Kubernetes mount secrets there; their modes are not the operator's to set. */
const MOUNTED_SECRETS = /^(\/var)?\/run\/secrets\//;

interface Reading {
  readonly files: ConfigFiles;
  readonly report: Report;
}

/** Reads a file that the configuration names; an empty or unreadable one is a problem. */
export async function readNamed(
  { files, report }: Reading,
  at: ConfigPath,
  file: string,
  place: Place = report.placeOf(at),
): Promise<Buffer | null> {
  try {
    const bytes = await files.read(file);
    if (bytes.length > 0) return bytes;
    report.problem(at, `the file ${file} is empty`, 'Write its content, or name another file.', place);
  } catch (error) {
    const remedy = 'Correct the path, or make the file readable for the user that runs FlexBridge.';
    const message = `the file ${file} ${readFailure(error)}`;
    report.problem(at, message, `${remedy} Paths count from the configuration file.`, place);
  }
  return null;
}

/** Warns of a file with a secret in it that every user of the machine can get at. */
export async function warnIfOpen({ files, report }: Reading, at: ConfigPath, file: string): Promise<void> {
  if (MOUNTED_SECRETS.test(file)) return;
  // A file that went away since it was read has nobody to warn of.
  const mode = await files.mode(file).catch(() => null);
  if (mode === null || (mode & 0o007) === 0) return;
  const message = `every user of this machine can open ${file}, which holds a secret`;
  // Two secrets in one file are one matter.
  if (report.warnings.some((known) => known.message === message)) return;
  report.warning(at, message, `chmod 600 ${file}`);
}

/** Reads a file of a credential at run time. Throws CREDENTIAL_FILE. */
export async function readCredentialFile(file: string): Promise<Buffer> {
  try {
    return await diskFiles.read(file);
  } catch (cause) {
    throw credentialFile(`the file ${file} ${readFailure(cause)}`, 'Put the file back where it was.', cause);
  }
}

/** A file of a credential that was good when the bridge started, and is no more. */
export function credentialFile(message: string, remedy: string, cause?: unknown): BridgeError {
  const readAnew = 'is read anew with each token request; no restart is needed';
  // A remedy may end in a command, which a full stop would become a part of.
  const hint = remedy.endsWith('.') ? `${remedy} It ${readAnew}.` : `${remedy} (it ${readAnew})`;
  return new BridgeError({ code: 'CREDENTIAL_FILE', kind: 'operator', message, hint, cause });
}
