import type { TenantConfig } from '../config/config.ts';
import { printable } from '../domain/printable.ts';
import type { QuarantineEntry, SourceKey, Stretch } from '../store/detection-store.ts';
import { columns } from './columns.ts';

/** An entry as `--json` prints it. Times are epoch ms; `alertId` is null where none could be read. */
export interface EntryRow {
  readonly id: number;
  readonly tenant: string;
  readonly source: string;
  readonly alertId: string | null;
  readonly code: string;
  readonly reason: string;
  readonly stretch: Stretch | null;
  readonly sinceMs: number;
  readonly lastTryMs: number;
  readonly tries: number;
  readonly nextTryMs: number;
}

type Tenants = readonly Pick<TenantConfig, 'tenantId' | 'name'>[];

const TITLES = ['id', 'source', 'since', 'tries', 'next try', 'what', 'reason'];
/** Longest text of a cell; the whole of it stands in the details. */
const LONGEST = 100;

export function entryRow(entry: QuarantineEntry, tenants: Tenants): EntryRow {
  return {
    id: entry.entryId,
    tenant: tenantName(entry, tenants),
    source: entry.source,
    alertId: entry.id,
    code: entry.code,
    reason: entry.reason,
    stretch: entry.stretch,
    sinceMs: entry.firstMs,
    lastTryMs: entry.lastTryMs,
    tries: entry.tries,
    nextTryMs: entry.nextTryMs,
  };
}

export function sourceName(key: SourceKey, tenants: Tenants): string {
  return `${tenantName(key, tenants)}/${key.source}`;
}

/** The entries for people, one a line. */
export function entryTable(rows: readonly EntryRow[], nowMs: number): string {
  if (rows.length === 0) return 'Nothing is set aside.\n';
  const cells = rows.map((row) => [
    String(row.id),
    `${row.tenant}/${row.source}`,
    time(row.sinceMs),
    String(row.tries),
    nextTry(row, nowMs),
    what(row),
    row.reason,
  ]);
  return columns([TITLES, ...cells.map((line) => line.map((cell) => printable(cell, LONGEST)))]);
}

/** One entry in full, with what Microsoft sent. */
export function entryDetails(row: EntryRow, raw: string, nowMs: number): string {
  const facts = [
    ['entry', String(row.id)],
    ['source', `${row.tenant}/${row.source}`],
    ['what', what(row)],
    ['reason', `${row.reason} (${row.code})`],
    ['since', time(row.sinceMs)],
    ['last try', `${time(row.lastTryMs)} (tries: ${row.tries})`],
    ['next try', nextTry(row, nowMs)],
  ];
  const text = raw === '' ? 'Microsoft sent nothing that could be kept.' : safe(raw);
  return `${columns(facts.map(([name = '', value = '']) => [name, printable(value, Infinity)]))}\n${text}\n`;
}

/** Line by line, so that a printed JSON text keeps its form. */
function safe(raw: string): string {
  return raw
    .split(/\r?\n/)
    .map((line) => printable(line, Infinity))
    .join('\n');
}

function tenantName({ tenantId }: SourceKey, tenants: Tenants): string {
  return tenants.find((tenant) => tenant.tenantId === tenantId)?.name ?? tenantId;
}

function what({ alertId, stretch }: EntryRow): string {
  if (alertId !== null) return alertId;
  if (stretch === null) return 'a record without id';
  const { from, to, index } = stretch;
  return index === null ? `${from} to ${to}` : `record ${index + 1} of ${from}`;
}

function nextTry({ nextTryMs }: EntryRow, nowMs: number): string {
  return nextTryMs <= nowMs ? 'next poll' : time(nextTryMs);
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}
