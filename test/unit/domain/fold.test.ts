import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../src/domain/detection.ts';
import { factsHash } from '../../../src/domain/digest.ts';
import { fold } from '../../../src/domain/fold.ts';
import { aDevice, aFile, anAlert, anEvidence, aProcess, aUser } from '../../support/alerts.ts';

function folded(...evidence: readonly Evidence[]) {
  return fold(anAlert({ evidence }));
}

function facts(...evidence: readonly Evidence[]) {
  return folded(...evidence).detections.map((detection) => detection.facts);
}

describe('the device of a detection', () => {
  it('is the one the evidence names, though another was attacked', () => {
    const other = aDevice('dev-2', { roles: ['attacked'] });
    expect(facts(other, aDevice('dev-1'), aProcess('a.exe', 7))[0]?.MachineName).toBe('host-dev-1');
  });

  it('is the only one for evidence that names none, or names one the alert does not describe', () => {
    expect(facts(aDevice('dev-1'), anEvidence())[0]?.MachineName).toBe('host-dev-1');
    expect(facts(aDevice('dev-1'), anEvidence({ deviceId: 'dev-9' }))[0]?.MachineName).toBe('host-dev-1');
  });

  it('is the first attacked or compromised of several, and none when none was', () => {
    const devices = [
      aDevice('dev-1'),
      aDevice('dev-2', { roles: ['compromised'] }),
      aDevice('dev-3', { roles: ['attacked'] }),
    ];
    expect(facts(...devices, anEvidence())[0]?.MachineName).toBe('host-dev-2');
    expect(facts(aDevice('dev-1'), aDevice('dev-2'), anEvidence())[0]).not.toHaveProperty('MachineName');
  });

  it('is shown with its telemetry, which makes no change', () => {
    const well = aDevice('dev-1', { telemetry: { LogOnUsers: ['CONTOSO\\kim'] } });
    const ill = aDevice('dev-1', { telemetry: { LogOnUsers: ['CONTOSO\\lee'] } });
    expect(facts(ill, anEvidence())[0]?.LogOnUsers).toEqual(['CONTOSO\\lee']);
    expect(factsHash(folded(well, anEvidence()).alertOwn)).toBe(factsHash(folded(ill, anEvidence()).alertOwn));
  });
});

describe('the user of a detection', () => {
  it("is the item's own before the alert's", () => {
    const named = anEvidence({ facts: { IpAddress: '192.0.2.1', UserName: 'own' } });
    expect(facts(aUser('kim'), named)[0]).toMatchObject({ UserName: 'own' });
    expect(facts(aUser('kim'), named)[0]).not.toHaveProperty('UserDomain');
  });

  it('is the only one, else the first attacked or compromised, else none', () => {
    expect(facts(aUser('kim'), anEvidence())[0]?.UserName).toBe('kim');
    expect(facts(aUser('kim'), aUser('lee', { roles: ['compromised'] }), anEvidence())[0]?.UserName).toBe('lee');
    expect(facts(aUser('kim'), aUser('lee'), anEvidence())[0]).not.toHaveProperty('UserName');
  });
});

describe('an item of an alert', () => {
  it('carries the details of the alert, and its own before those of its context', () => {
    const item = anEvidence({ facts: { IpAddress: '192.0.2.1', MachineName: 'named-by-item' } });
    expect(facts(aDevice('dev-1'), item)[0]).toMatchObject({ AlertId: 'da-1', MachineName: 'named-by-item' });
  });

  it('is one though Microsoft lists it twice, and several when the keys differ or say nothing', () => {
    expect(folded(anEvidence(), anEvidence()).detections).toHaveLength(1);
    expect(folded(anEvidence(), anEvidence({ key: ['192.0.2.2'] })).detections).toHaveLength(2);
    const unnamed = (text: string) => anEvidence({ type: 'blob', key: ['', ''], facts: { EvidenceDetails: [text] } });
    expect(folded(unnamed('a'), unnamed('b')).detections).toHaveLength(2);
  });

  it('that is a process takes in the file it was started from, wherever that is listed', () => {
    for (const evidence of [
      [aProcess('a.exe', 7), aFile('a.exe')],
      [aFile('a.exe'), aProcess('a.exe', 7)],
    ]) {
      const { detections } = folded(...evidence);
      expect(detections.map(({ type, facts: { Sha1, ProcessId } }) => [type, Sha1, ProcessId])).toEqual([
        ['process', 'sha-a.exe', 7],
      ]);
    }
  });

  it('that is a file stays one of its own beside a process of another file or another device', () => {
    const elsewhere = aFile('a.exe', { key: ['dev-2', '', 'sha-a.exe', 'a.exe', 'c:\\windows'], deviceId: 'dev-2' });
    expect(folded(aProcess('a.exe', 7), elsewhere).detections).toHaveLength(2);
    expect(folded(aProcess('a.exe', 7), aFile('b.exe')).detections).toHaveLength(2);
  });

  it('that two processes were started from is in both, and not a third', () => {
    const { detections } = folded(aProcess('a.exe', 7), aProcess('a.exe', 8), aFile('a.exe'));
    expect(detections.map(({ type, facts: { Md5 } }) => [type, Md5])).toEqual([
      ['process', 'md5-a.exe'],
      ['process', 'md5-a.exe'],
    ]);
  });
});

describe('an alert without actionable evidence', () => {
  it('is its users with their device, else its devices, else itself', () => {
    const types = (...evidence: readonly Evidence[]) => folded(...evidence).detections.map(({ type }) => type);
    expect(types(aDevice('dev-1'), aUser('kim'), aUser('lee'))).toEqual(['user', 'user']);
    expect(types(aDevice('dev-1'), aDevice('dev-2'))).toEqual(['device', 'device']);
    expect(types()).toEqual(['alert']);
  });

  it('shows each device as itself, not as the first attacked one', () => {
    const rows = facts(aDevice('dev-1', { roles: ['attacked'] }), aDevice('dev-2'));
    expect(rows.map(({ MachineName }) => MachineName)).toEqual(['host-dev-1', 'host-dev-2']);
  });
});

describe('an alert as a whole', () => {
  it('carries its device and user, and its update time makes no change', () => {
    const one = folded(aDevice('dev-1'), aUser('kim'), anEvidence());
    expect(one.alertFacts).toMatchObject({ AlertId: 'da-1', MachineName: 'host-dev-1', UserName: 'kim' });
    const later = fold(
      anAlert({ evidence: [aDevice('dev-1'), aUser('kim'), anEvidence()], facts: { LastUpdateMs: 1 } }),
    );
    expect(factsHash(later.alertOwn)).toBe(factsHash(one.alertOwn));
    const renamed = fold(anAlert({ evidence: [aDevice('dev-1'), aUser('kim')], facts: { AlertTitle: 'Other' } }));
    expect(factsHash(renamed.alertOwn)).not.toBe(factsHash(one.alertOwn));
  });

  it('is the same whatever the order of its evidence', () => {
    const evidence = [aDevice('dev-1'), aUser('kim'), anEvidence(), aProcess('a.exe', 7), aFile('a.exe')];
    const hash = (items: readonly Evidence[]) => {
      const { alertOwn, detections } = folded(...items);
      return [factsHash(alertOwn), factsHash(detections.map(({ own }) => own))];
    };
    expect(hash(evidence.toReversed())).toEqual(hash(evidence));
  });
});
