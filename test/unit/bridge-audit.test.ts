import { describe, expect, it } from 'vitest';
import { createAudit } from '../../src/bridge-audit.ts';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';

const LINE = { who: 'ops', action: 'sign-in', details: { connector: 'arcsight-01', codes: 1, until: null } };

function build(addAudit: (entry: Omit<AuditEntry, 'atMs'>) => Promise<void>) {
  const events: BridgeEvent[] = [];
  const audit = createAudit({ addAudit }, (event) => {
    events.push(event);
  });
  return { audit, events };
}

describe('a line for the auditor', () => {
  it('goes to the store and to the log, as text that harms neither', async () => {
    const lines: unknown[] = [];
    const { audit, events } = build(async (entry) => {
      lines.push(entry);
      await Promise.resolve();
    });
    audit(LINE);
    audit({ ...LINE, who: 'a\nb', details: { client: '\u202ex\u001b[2J' } });
    await new Promise(setImmediate);
    const safe = { ...LINE, who: 'a\ufffdb', details: { client: '\ufffdx\ufffd[2J' } };
    expect(lines).toEqual([LINE, safe]);
    expect(events).toEqual([LINE, safe].map((line) => ({ name: 'audited', ...line })));
  });

  it('that cannot be written is in the log alone, with the reason, and nothing is thrown', async () => {
    const { audit, events } = build(() => Promise.reject(new Error('the disk is full')));
    audit(LINE);
    await new Promise(setImmediate);
    expect(events).toEqual([
      { name: 'audited', ...LINE },
      {
        name: 'auditFailed',
        action: 'sign-in',
        error: expect.objectContaining({ message: expect.stringContaining('the disk is full') as string }) as Error,
      },
    ]);
  });
});
