import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuditStream } from '../../src/bridge-audit-stream.ts';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import type { NumberedAuditEntry } from '../../src/store/errands.ts';
import { createAuditFile } from '../../src/telemetry/audit-file.ts';
import { steppedClock } from '../support/clock.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-audit-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function rig(path = join(folder, 'audit.log')) {
  const trail: NumberedAuditEntry[] = [];
  const events: BridgeEvent[] = [];
  const store = {
    auditAfter: (auditId: number, limit: number) =>
      Promise.resolve(trail.filter((line) => line.auditId > auditId).slice(0, limit)),
  };
  const open = () =>
    createAuditStream({
      store,
      file: createAuditFile(path),
      dataDir: folder,
      clock: steppedClock(0),
      emit: (event) => events.push(event),
    });
  const note = (action: string): void => {
    trail.push({ auditId: trail.length + 1, atMs: trail.length, who: 'ops', action, details: { n: trail.length } });
  };
  const lines = (file = path) =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return { path, open, note, lines, events };
}

describe('the audit file', () => {
  it('gets every line of the trail once, also across a restart, whoever wrote it', async () => {
    const { open, note, lines, path } = rig();
    note('sign-in');
    note('replay');
    const first = open();
    await first.turn();
    await first.turn();
    note('token-create');
    await first.stop();
    note('while no bridge ran');
    await open().turn();
    expect(lines().map(({ id, action }) => [id, action])).toEqual([
      [1, 'sign-in'],
      [2, 'replay'],
      [3, 'token-create'],
      [4, 'while no bridge ran'],
    ]);
    expect(lines()[1]).toEqual({ time: '1970-01-01T00:00:00.001Z', id: 2, who: 'ops', action: 'replay', n: 1 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is made anew once a rotation has moved it away', async () => {
    const { open, note, lines, path } = rig();
    const stream = open();
    note('before');
    await stream.turn();
    renameSync(path, `${path}.1`);
    await stream.turn();
    expect(existsSync(path)).toBe(false);
    note('after');
    await stream.turn();
    expect(lines(`${path}.1`).map(({ action }) => action)).toEqual(['before']);
    expect(lines().map(({ action }) => action)).toEqual(['after']);
  });

  it('that cannot be written is told once, and has everything once it can be', async () => {
    const { open, note, lines, events } = rig(join(folder, 'absent', 'audit.log'));
    const stream = open();
    note('one');
    stream.tell({ name: 'loginFailed', login: 'guess', address: '192.0.2.7', by: 'basic' });
    await stream.turn();
    note('two');
    await stream.turn();
    expect(events.map(({ name }) => name)).toEqual(['auditFileFailed']);
    expect(events[0]).toMatchObject({ error: { code: 'AUDIT_FILE', kind: 'operator' } });
    mkdirSync(join(folder, 'absent'));
    await stream.turn();
    expect(events.map(({ name }) => name)).toEqual(['auditFileFailed', 'auditFileWritten']);
    expect(lines().map(({ id, who, action }) => [id, who, action])).toEqual([
      [null, 'guess', 'login-failed'],
      [1, 'ops', 'one'],
      [2, 'ops', 'two'],
    ]);
  });

  it('has what the store could not take, and no escape of a login name', async () => {
    const { open, lines, path } = rig();
    const stream = open();
    stream.add({ who: 'ops', action: 'sign-in', details: {} });
    stream.tell({ name: 'loginFailed', login: 'a\u001b[2J\nb', address: '::1', by: 'basic' });
    stream.tell({ name: 'stopped' });
    await stream.turn();
    expect(lines().map(({ who }) => who)).toEqual(['ops', 'a\ufffd[2J\ufffdb']);
    expect(readFileSync(path, 'utf8')).not.toContain('\\u001b');
  });
});
