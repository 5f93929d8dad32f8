import { closeSync, openSync, writeSync } from 'node:fs';
import type { AuditEntry } from '../domain/audit.ts';
import { BridgeError, messageOf } from '../domain/errors.ts';

/** `auditId`: its number in the store's trail; null: it is not there. */
export interface AuditLine extends AuditEntry {
  readonly auditId: number | null;
}

/** JSON lines on the disk. */
export interface AuditFile {
  readonly path: string;
  /** All or an error: then the same lines may be given again. @throws BridgeError AUDIT_FILE */
  append(lines: readonly AuditLine[]): void;
}

const OWNER_ONLY = 0o600;

/**
 * Opened for each writing, which is seldom: a file that was moved away by a rotation is made anew by the next line, and
 * nobody needs to be told. A file that is there keeps its mode.
 */
export function createAuditFile(path: string): AuditFile {
  let isTorn = false;

  const write = (text: string): void => {
    const bytes = Buffer.from(`${isTorn ? '\n' : ''}${text}`);
    const file = openSync(path, 'a', OWNER_ONLY);
    try {
      for (let from = 0; from < bytes.length; ) {
        from += writeSync(file, bytes, from);
        // A full disk may take a part of a line: what comes next begins one of its own.
        isTorn = from < bytes.length;
      }
    } finally {
      closeSync(file);
    }
  };

  return {
    path,
    append(lines) {
      if (lines.length === 0) return;
      try {
        write(lines.map(toText).join(''));
      } catch (cause) {
        throw new BridgeError({
          code: 'AUDIT_FILE',
          kind: 'operator',
          message: `cannot write the audit file ${path}: ${messageOf(cause)}`,
          hint: 'Make its folder, give the account that runs FlexBridge the right to write there, and see that the disk is not full; or change log.auditFile. The lines are kept and written then.',
          cause,
        });
      }
    },
  };
}

function toText({ auditId, atMs, who, action, details }: AuditLine): string {
  return `${JSON.stringify({ time: new Date(atMs).toISOString(), id: auditId, who, action, ...details })}\n`;
}
