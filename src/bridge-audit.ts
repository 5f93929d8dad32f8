import type { Audit, AuditEntry } from './domain/audit.ts';
import type { Emit } from './domain/bridge-event.ts';
import { toBridgeError } from './domain/errors.ts';
import { printable } from './domain/printable.ts';
import type { DetectionStore } from './store/detection-store.ts';

/**
 * Lines for the auditor: in the store, and in the log, which has them also while the store cannot be written.
 * @param onUnstored told of a line that the store did not take
 */
export function createAudit(
  store: Pick<DetectionStore, 'addAudit'>,
  emit: Emit,
  onUnstored: (entry: Omit<AuditEntry, 'atMs'>) => void = ignore,
): Audit {
  return ({ who, action, details }) => {
    // Names come from outside.
    const entry = { who: printable(who), action, details: printableDetails(details) };
    emit({ name: 'audited', ...entry });
    Promise.resolve()
      .then(() => store.addAudit(entry))
      .catch((error: unknown) => {
        onUnstored(entry);
        emit({ name: 'auditFailed', action, error: toBridgeError(error) });
      });
  };
}

function ignore(): void {}

function printableDetails(details: AuditEntry['details']): AuditEntry['details'] {
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, typeof value === 'string' ? printable(value) : value]),
  );
}
