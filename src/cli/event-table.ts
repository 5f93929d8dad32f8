import type { ArcSightEvent } from '../connector/interpreter/interpret.ts';
import { printable } from '../domain/printable.ts';

const COLUMNS = [
  ['end', 20],
  ['severity', 9],
  ['class', 38],
  ['name', 44],
  ['host', 20],
  ['user', 16],
  ['what', 40],
] as const;

/** Column titles of `eventLine`. */
export function eventHeader(): string {
  return line(COLUMNS.map(([title]) => title));
}

/** One event on one line, for a person to skim; text from the alert is made safe for a terminal. */
export function eventLine({ fields, severity, additionalData }: ArcSightEvent): string {
  const { endTime } = fields;
  const text = (name: string) => String(fields[name] ?? '');
  return line([
    typeof endTime === 'number' ? `${new Date(endTime).toISOString().slice(0, 19)}Z` : '',
    severity,
    text('deviceEventClassId'),
    text('name'),
    text('sourceHostName') || text('destinationHostName'),
    text('sourceUserName') || text('destinationUserName'),
    text('fileName') || text('sourceAddress') || text('deviceCustomIPv6Address2') || text('requestUrl') || additionalData['EvidenceDetails'] || text('reason'),
  ]);
}

function line(cells: readonly string[]): string {
  return COLUMNS.map(([, width], index) => printable(cells[index] ?? '', width).padEnd(width))
    .join('  ')
    .trimEnd();
}
