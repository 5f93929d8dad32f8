import type { AuditEntry } from '../domain/audit.ts';
import type { Clock } from '../domain/clock.ts';
import {
  type CommandRequest,
  type CommandUpdate,
  isEnded,
  type NumberedAuditEntry,
  type StoredCommand,
} from './errands.ts';
import type { Sqlite } from './sqlite.ts';

export interface CommandTable {
  add(request: CommandRequest): number;
  take(): StoredCommand | null;
  update(commandId: number, update: CommandUpdate): void;
  get(commandId: number): StoredCommand | null;
  list(limit: number): readonly StoredCommand[];
  release(): number;
  addAudit(entry: Omit<AuditEntry, 'atMs'>): void;
  audit(limit: number): readonly AuditEntry[];
  auditAfter(auditId: number, limit: number): readonly NumberedAuditEntry[];
}

interface Row {
  readonly command_id: number;
  readonly kind: string;
  readonly args: string;
  readonly requested_by: string;
  readonly requested_ms: number;
  readonly state: string;
  readonly done: number;
  readonly total: number;
  readonly progress: string;
  readonly problem: string | null;
  readonly updated_ms: number;
}

interface AuditRow {
  readonly audit_id: number;
  readonly at_ms: number;
  readonly who: string;
  readonly action: string;
  readonly details: string;
}

/** Requests of commands, and the audit trail. */
export function createCommandTable(db: Sqlite, clock: Clock): CommandTable {
  const sql = prepare(db);
  const get = (commandId: number): StoredCommand | null => {
    const row = sql.one.get(commandId);
    return row === undefined ? null : toCommand(row);
  };
  const take = db.transaction((): StoredCommand | null => {
    const waiting = sql.oldest.get();
    if (waiting === undefined) return null;
    sql.setState.run('running', clock.now(), waiting.command_id);
    return get(waiting.command_id);
  });
  const update = db.transaction((commandId: number, change: CommandUpdate): void => {
    const now = get(commandId);
    // An end is an end: who cancels, and who finishes a moment later, do not undo each other.
    if (now === null || isEnded(now)) return;
    const next = { ...now, ...change };
    const problem = next.problem === null ? null : JSON.stringify(next.problem);
    const progress = JSON.stringify(next.progress);
    sql.update.run(next.state, next.done, next.total, progress, problem, clock.now(), commandId);
  });

  return {
    add({ kind, args, requestedBy }) {
      const nowMs = clock.now();
      return Number(sql.add.run(kind, JSON.stringify(args ?? null), requestedBy, nowMs, nowMs).lastInsertRowid);
    },
    // Asked every second: nothing is written, and no lock taken, while nothing waits.
    take: () => (sql.oldest.get() === undefined ? null : take.immediate()),
    update: (commandId, change) => {
      update.immediate(commandId, change);
    },
    get,
    list: (limit) => sql.list.all(limit).map(toCommand),
    release: () => (sql.running.get() === undefined ? 0 : sql.release.run(clock.now()).changes),
    addAudit({ who, action, details }) {
      sql.addAudit.run(clock.now(), who, action, JSON.stringify(details));
    },
    audit: (limit) => sql.audit.all(limit).map(toEntry),
    auditAfter: (auditId, limit) =>
      sql.auditAfter.all(auditId, limit).map((row) => ({ auditId: row.audit_id, ...toEntry(row) })),
  };
}

function toEntry({ at_ms: atMs, who, action, details }: AuditRow): AuditEntry {
  return { atMs, who, action, details: JSON.parse(details) as AuditEntry['details'] };
}

function toCommand(row: Row): StoredCommand {
  return {
    commandId: row.command_id,
    kind: row.kind as StoredCommand['kind'],
    args: JSON.parse(row.args) as unknown,
    requestedBy: row.requested_by,
    requestedMs: row.requested_ms,
    state: row.state as StoredCommand['state'],
    done: row.done,
    total: row.total,
    progress: JSON.parse(row.progress) as unknown,
    problem: row.problem === null ? null : (JSON.parse(row.problem) as StoredCommand['problem']),
    updatedMs: row.updated_ms,
  };
}

function prepare(db: Sqlite) {
  return {
    add: db.prepare<[string, string, string, number, number]>(
      `INSERT INTO command (kind, args, requested_by, requested_ms, state, done, total, progress, updated_ms)
       VALUES (?, ?, ?, ?, 'waiting', 0, 0, 'null', ?)`,
    ),
    oldest: db.prepare<[], { readonly command_id: number }>(
      "SELECT command_id FROM command WHERE state = 'waiting' ORDER BY command_id LIMIT 1",
    ),
    setState: db.prepare<[string, number, number]>('UPDATE command SET state = ?, updated_ms = ? WHERE command_id = ?'),
    update: db.prepare<[string, number, number, string, string | null, number, number]>(
      'UPDATE command SET state = ?, done = ?, total = ?, progress = ?, problem = ?, updated_ms = ? WHERE command_id = ?',
    ),
    one: db.prepare<[number], Row>('SELECT * FROM command WHERE command_id = ?'),
    list: db.prepare<[number], Row>('SELECT * FROM command ORDER BY command_id DESC LIMIT ?'),
    running: db.prepare<[], { readonly command_id: number }>(
      "SELECT command_id FROM command WHERE state = 'running' LIMIT 1",
    ),
    release: db.prepare<[number]>("UPDATE command SET state = 'waiting', updated_ms = ? WHERE state = 'running'"),
    addAudit: db.prepare<[number, string, string, string]>(
      'INSERT INTO audit (at_ms, who, action, details) VALUES (?, ?, ?, ?)',
    ),
    audit: db.prepare<[number], AuditRow>(
      'SELECT audit_id, at_ms, who, action, details FROM audit ORDER BY audit_id DESC LIMIT ?',
    ),
    auditAfter: db.prepare<[number, number], AuditRow>(
      'SELECT audit_id, at_ms, who, action, details FROM audit WHERE audit_id > ? ORDER BY audit_id LIMIT ?',
    ),
  };
}
