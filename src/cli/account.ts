import { userInfo } from 'node:os';

/** Who runs this command, for the audit trail. */
export function account(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container the number may have no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
