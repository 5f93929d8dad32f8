import { type Finding, type FindingId, ok } from '../../domain/finding.ts';

/** So many rows that are ok are shown one by one; of more of one kind, one line is enough for a person. */
const FEW = 8;
const NAMED = 5;

/** The rows for a screen: what is not ok in full, and what is ok of many tenants in one row a kind. */
export function folded(rows: readonly Finding[]): readonly Finding[] {
  const good = new Map<FindingId, readonly Finding[]>();
  for (const row of rows) if (row.state === 'ok') good.set(row.id, [...(good.get(row.id) ?? []), row]);
  const told = new Set<FindingId>();
  return rows.flatMap((row) => {
    const alike = row.state === 'ok' ? (good.get(row.id) ?? []) : [];
    if (alike.length <= FEW) return [row];
    if (told.has(row.id)) return [];
    told.add(row.id);
    const names = alike.slice(0, NAMED).map(({ subject }) => subject);
    const rest = alike.length - names.length;
    return [ok(row.id, `${alike.length} of them`, `${names.join(', ')} and ${rest} more; --json shows each.`)];
  });
}
