import { loadConfig } from '../config/load.ts';
import type { AuditEntry } from '../domain/audit.ts';
import { BridgeError } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';
import { moment } from '../domain/time-words.ts';
import { columns } from './columns.ts';
import type { Console } from './console.ts';
import { withStore } from './open-store.ts';

const TITLES = ['time', 'who', 'what', 'details'];
const LONGEST = 200;
const MOST = 100_000;

/** The audit trail, newest first: what was done by hand, and what the bridge had to give up. */
export async function audit(
  options: { readonly config?: string; readonly limit: string; readonly json?: boolean },
  { out }: Console,
): Promise<number> {
  const limit = parseLimit(options.limit);
  const config = await loadConfig({ argvPath: options.config });
  const entries = await withStore(config, 'read', (store) => store.audit(limit));
  out(options.json ? `${JSON.stringify(entries, null, 2)}\n` : auditTable(entries));
  return 0;
}

function auditTable(entries: readonly AuditEntry[]): string {
  if (entries.length === 0) return 'Nothing was done so far.\n';
  const rows = entries.map(({ atMs, who, action, details }) => [moment(atMs), who, action, detailsText(details)]);
  return columns([TITLES, ...rows.map((row) => row.map((cell) => printable(cell, LONGEST)))]);
}

function detailsText(details: AuditEntry['details']): string {
  const told = Object.entries(details).filter(([, value]) => value !== null);
  return told.map(([name, value]) => `${name}=${value}`).join(' ');
}

function parseLimit(text: string): number {
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST) return limit;
  throw new BridgeError({
    code: 'AUDIT_LIMIT',
    kind: 'operator',
    message: `${JSON.stringify(text.slice(0, 40))} is no number of entries`,
    hint: `Give one from 1 to ${MOST}.`,
  });
}
