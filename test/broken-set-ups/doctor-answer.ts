/** A row of `flexbridge doctor --json`, as a stranger reads it. */
export interface DoctorRow {
  readonly id: string;
  readonly state: string;
  readonly subject: string;
  readonly meaning: string;
  readonly remedy: string;
}

export interface DoctorAnswer {
  readonly code: number | null;
  readonly rows: readonly DoctorRow[];
  readonly err: string;
}

/** Throws when the text is not the documented form. */
export function readRows(text: string): readonly DoctorRow[] {
  const document: unknown = JSON.parse(text);
  const rows = memberOf(document, 'findings');
  if (!Array.isArray(rows)) throw new Error(`doctor printed no findings: ${text.slice(0, 200)}`);
  return rows.map(readRow);
}

function readRow(row: unknown): DoctorRow {
  return {
    id: textOf(row, 'id'),
    state: textOf(row, 'state'),
    subject: textOf(row, 'subject'),
    meaning: textOf(row, 'meaning'),
    remedy: textOf(row, 'remedy'),
  };
}

function textOf(row: unknown, name: string): string {
  const value = memberOf(row, name);
  if (typeof value !== 'string') throw new Error(`a finding without ${name}: ${JSON.stringify(row)}`);
  return value;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
