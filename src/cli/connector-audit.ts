import type { Config } from '../config/config.ts';
import type { AuditEntry } from '../domain/audit.ts';
import { toBridgeError } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';
import { account } from './account.ts';
import type { Console } from './console.ts';
import { withStore } from './open-store.ts';

/**
 * Notes a change of logins in the audit trail, which is in the event store. The change is made by then and stays made:
 * where the store is locked or not there yet, that is said on one line and no more.
 */
export async function auditLogins(
  config: Config,
  action: string,
  details: AuditEntry['details'],
  { err }: Pick<Console, 'err'>,
): Promise<void> {
  try {
    await withStore(config, 'write', (store) => store.addAudit({ who: account(), action, details }));
  } catch (thrown) {
    const { message, code } = toBridgeError(thrown);
    err(`flexbridge: done, but the audit trail has no line of it: ${printable(message, 300)} [${code}]\n`);
  }
}
