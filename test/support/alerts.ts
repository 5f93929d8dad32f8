import type { AlertRecord, Evidence } from '../../src/domain/detection.ts';
import { type Instant, parseInstant } from '../../src/domain/instant.ts';

/** An instant that a test writes down itself. */
export function instant(text: string): Instant {
  const parsed = parseInstant(text);
  if (parsed === null) throw new Error(`not an instant: ${text}`);
  return parsed;
}

export function anEvidence(overrides: Partial<Evidence> = {}): Evidence {
  return {
    type: 'ip',
    family: 'ip',
    key: ['192.0.2.1'],
    createdAt: instant('2026-01-01T08:00:00Z'),
    roles: [],
    facts: { EvidenceType: 'ip', IpAddress: '192.0.2.1' },
    ...overrides,
  };
}

export function aProcess(name: string, pid: number, overrides: Partial<Evidence> = {}): Evidence {
  return anEvidence({
    type: 'process',
    family: 'process',
    key: ['dev-1', String(pid), '2026-01-01t07:59:00.0000000z'],
    image: ['dev-1', '', `sha-${name}`, name, 'c:\\windows'],
    deviceId: 'dev-1',
    facts: { EvidenceType: 'process', FileName: name, CommandLine: `${name} -x`, ProcessId: pid },
    ...overrides,
  });
}

export function aFile(name: string, overrides: Partial<Evidence> = {}): Evidence {
  return anEvidence({
    type: 'file',
    family: 'file',
    key: ['dev-1', '', `sha-${name}`, name, 'c:\\windows'],
    deviceId: 'dev-1',
    facts: { EvidenceType: 'file', FileName: name, Sha1: `sha-${name}`, Md5: `md5-${name}` },
    ...overrides,
  });
}

export function aDevice(id: string, overrides: Partial<Evidence> = {}): Evidence {
  return anEvidence({
    type: 'device',
    family: 'device',
    key: [id],
    deviceId: id,
    facts: { EvidenceType: 'device', DeviceID: id, MachineName: `host-${id}` },
    ...overrides,
  });
}

export function aUser(name: string, overrides: Partial<Evidence> = {}): Evidence {
  return anEvidence({
    type: 'user',
    family: 'user',
    key: [name],
    facts: { EvidenceType: 'user', UserName: name, UserDomain: 'CONTOSO' },
    ...overrides,
  });
}

export function anAlert(overrides: Partial<AlertRecord> = {}): AlertRecord {
  const lastUpdate = overrides.lastUpdate ?? instant('2026-01-01T09:00:00Z');
  return {
    alertId: 'da-1',
    scope: 'whole',
    lastUpdate,
    evidence: [anEvidence()],
    raw: '{"id":"da-1"}',
    ...overrides,
    facts: {
      AlertId: overrides.alertId ?? 'da-1',
      AlertTitle: 'Suspicious activity',
      Severity: 'Medium',
      Status: 'new',
      Category: 'Execution',
      LastUpdateMs: Date.parse(lastUpdate),
      LastActivityMs: Date.parse('2026-01-01T07:30:00Z'),
      ...overrides.facts,
    },
  };
}

/** One detection as the SIEM API delivers it: a file with Microsoft's own key and its processing time. */
export function aDetection(id: string, processedAt: string, overrides: Partial<Evidence> = {}): Evidence {
  return aFile('a.exe', {
    id: `da-1:${id}`,
    processedAt: instant(processedAt),
    createdAt: null,
    facts: { ...aFile('a.exe').facts, MachineName: 'host-dev-1', UserName: 'kim' },
    ...overrides,
  });
}

/** Some detections of an alert in one answer of the SIEM API; its time is the newest of theirs. */
export function aPart(evidence: readonly Evidence[], facts: AlertRecord['facts'] = {}): AlertRecord {
  const times = evidence.flatMap(({ processedAt }) => processedAt ?? []).toSorted();
  const lastUpdate = times.at(-1);
  return anAlert({ scope: 'part', evidence, facts, ...(lastUpdate !== undefined && { lastUpdate }) });
}
