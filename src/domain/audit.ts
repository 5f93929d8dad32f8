/** A line for the auditor: who did what, when. */
export interface AuditEntry {
  readonly atMs: number;
  readonly who: string;
  /** `replay`, `cut-over`, `passed-over`, `retention`, `sign-in`, `token-refused`, ... */
  readonly action: string;
  /** Ids, counts and times; no alert text, no secret. */
  readonly details: Readonly<Record<string, string | number | null>>;
}

/** Writes a line. Never throws and waits for nothing: where the store cannot be written, the log has the line alone. */
export type Audit = (entry: Omit<AuditEntry, 'atMs'>) => void;
