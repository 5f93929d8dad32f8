import { BridgeError, messageOf } from '../../domain/errors.ts';

export function installError(code: string, message: string, hint: string, cause?: unknown): BridgeError {
  return new BridgeError({ code, kind: 'operator', message, hint, cause });
}

/** The system's refusal of one file or folder, in words; `attempt` as in "writing" or "reading". A BridgeError stays as it is. */
export function fileFailure(attempt: string, path: string, thrown: unknown): BridgeError {
  if (thrown instanceof BridgeError) return thrown;
  const code = errnoOf(thrown);
  const text = `${attempt} ${path} failed`;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return installError(
      'INSTALL_DISK_FULL',
      `${text}: the disk is full`,
      'Make room on that disk, then run the command again.',
      thrown,
    );
  if (isBusy(code))
    return installError(
      'INSTALL_FILE_BUSY',
      `${text} (${code}): another program has the file open`,
      'Stop the connector (and close editors that show the file), then run the command again.',
      thrown,
    );
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return installError(
      'INSTALL_UNWRITABLE',
      `${text} (${code}): this user has no right to do so`,
      'Run the command as the user the connector runs as, and see that the folder is not read-only.',
      thrown,
    );
  return installError(
    'INSTALL_FAILED',
    `${text}: ${messageOf(thrown)}`,
    'Mend what the text names, then run the command again.',
    thrown,
  );
}

/** Windows answers EPERM or EACCES where a file is open elsewhere. */
function isBusy(code: string): boolean {
  if (code === 'EBUSY' || code === 'ETXTBSY') return true;
  return process.platform === 'win32' && (code === 'EPERM' || code === 'EACCES');
}

/** `ENOENT` and the like; empty where it is no failure of the system. */
export function errnoOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}
