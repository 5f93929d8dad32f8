import { describe, expect, it } from 'vitest';
import { normaliseDefenderAlerts } from '../../../../src/defender/map/defender-alert.ts';
import { normalisePayload } from '../../../../src/defender/map/payload.ts';
import { takeIn } from '../../../../src/domain/intake.ts';
import { apiFixture } from '../../../support/api-fixture.ts';

const MACHINE = '00000000000000000000000000000000000000b1';

function anAlert(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return { id: 'da1', lastUpdateTime: '2026-03-01T10:05:00Z', ...overrides };
}

function recordOf(overrides: Record<string, unknown> = {}) {
  return normaliseDefenderAlerts([anAlert(overrides)]).records[0];
}

function factsOf(overrides: Record<string, unknown>) {
  return recordOf(overrides)?.facts;
}

function itemOf(evidence: Record<string, unknown>) {
  const [item] = recordOf({ machineId: MACHINE, evidence: [evidence] })?.evidence ?? [];
  return item;
}

function usersOf(overrides: Record<string, unknown>) {
  const users = recordOf(overrides)?.evidence.filter(({ type }) => type === 'user') ?? [];
  return users.map(({ facts }) => [facts.UserDomain, facts.UserName]);
}

describe('an alert of the Defender for Endpoint API', () => {
  it('becomes facts under the documented field names', () => {
    const [record] = normalisePayload(apiFixture('defender-alerts')).records;
    expect(record?.facts).toEqual({
      AlertId: 'da638100000000000001_1001',
      AlertTime: '2026-04-01T08:01:00.7654321Z',
      AlertTimeMs: Date.parse('2026-04-01T08:01:00.765Z'),
      FirstActivityMs: Date.parse('2026-04-01T07:58:00Z'),
      LastActivityMs: Date.parse('2026-04-01T07:59:30.500Z'),
      LastUpdateMs: Date.parse('2026-04-01T08:30:00.250Z'),
      LastProcessedTimeUtc: '2026-04-01T07:59:30.5000000Z',
      AlertTitle: 'A script wrote to a start-up key',
      Description: 'A script made itself start with the system.',
      Severity: 'High',
      Category: 'Persistence',
      Source: 'microsoftDefenderForEndpoint',
      Status: 'resolved',
      Classification: 'truePositive',
      Determination: 'malware',
      AssignedTo: 'analyst@contoso.example',
      IncidentId: 9001,
      MitreTechniques: ['T1547.001', 'T1059.001'],
      ThreatCategory: ['T1547.001', 'T1059.001'],
      Actor: 'BORON',
      ThreatName: 'Backdoor:Win32/Sample',
      ThreatFamily: 'Sample',
      IoaDefinitionId: '0a0a0a0a-1111-4222-8333-444444444444',
    });
    expect(record).toMatchObject({ scope: 'whole', lastUpdate: '2026-04-01T08:30:00.2500000Z' });
  });

  it('is kept as it was sent', () => {
    const sent = anAlert({ comments: [{ comment: 'x' }], somethingNew: { a: [1] } });
    expect(normaliseDefenderAlerts([sent]).records[0]?.raw).toBe(JSON.stringify(sent));
  });

  it.each([
    ['a text', 'alert', null, 'not-an-object'],
    ['no id', { lastUpdateTime: '2026-03-01T10:05:00Z' }, null, 'no-id'],
    ['no time at all', { id: 'da1', alertCreationTime: null }, 'da1', 'no-update-time'],
  ])('is rejected with code and raw text when it is or has %s', (_name, json, id, code) => {
    const { records, rejected } = normaliseDefenderAlerts([json, anAlert()]);
    expect(records).toHaveLength(1);
    expect(rejected).toMatchObject([{ id, code, raw: JSON.stringify(json) }]);
  });

  it('that is nested too deep is rejected with its outermost texts', () => {
    let nested: unknown = 'end';
    for (let level = 0; level < 5000; level += 1) nested = [nested];
    const { rejected } = normaliseDefenderAlerts([anAlert({ comments: nested })]);
    expect(rejected).toMatchObject([{ id: 'da1', code: 'too-deep', raw: expect.stringContaining('"da1"') as string }]);
  });

  it('stays when a piece of its evidence cannot be read, and the piece is set aside', () => {
    const { records, rejected } = normaliseDefenderAlerts([
      anAlert({ evidence: [7, { entityType: 'Ip', ipAddress: '192.0.2.9' }] }),
    ]);
    expect(records[0]?.evidence.map(({ type }) => type)).toEqual(['ip']);
    expect(rejected).toMatchObject([{ id: 'da1', code: 'evidence-not-an-object', raw: '7' }]);
  });

  it('without an update time, as in 2018, was updated no earlier than its latest time', () => {
    const times = {
      lastUpdateTime: null,
      alertCreationTime: '2018-08-07T11:45:40Z',
      lastEventTime: '2018-08-03T16:45:21Z',
    };
    expect(recordOf(times)?.lastUpdate).toBe('2018-08-07T11:45:40.0000000Z');
    expect(recordOf({ ...times, resolvedTime: '2018-08-09T01:00:00Z' })?.lastUpdate).toBe(
      '2018-08-09T01:00:00.0000000Z',
    );
  });

  it('has no category where the API says "null" in so many letters', () => {
    expect(factsOf({ category: 'null' })).not.toHaveProperty('Category');
  });
});

describe('words of the Defender for Endpoint API', () => {
  it.each([
    ['status', 'New', 'Status', 'new'],
    ['status', 'InProgress', 'Status', 'inProgress'],
    ['status', 'Unknown', 'Status', undefined],
    ['classification', 'InformationalExpectedActivity', 'Classification', 'informationalExpectedActivity'],
    ['classification', 'Informational, expected activity', 'Classification', 'informationalExpectedActivity'],
    ['classification', 'Unknown', 'Classification', undefined],
    ['determination', 'MultiStagedAttack', 'Determination', 'multiStagedAttack'],
    ['determination', 'CompromisedUser', 'Determination', 'compromisedAccount'],
    ['determination', 'Clean', 'Determination', 'notMalicious'],
    ['determination', 'InsufficientData', 'Determination', 'notEnoughDataToValidate'],
    ['determination', 'ConfirmedUserActivity', 'Determination', 'confirmedActivity'],
    ['determination', 'NotAvailable', 'Determination', undefined],
    ['determination', 'SomethingNew', 'Determination', 'SomethingNew'],
    ['detectionSource', 'WindowsDefenderAv', 'Source', 'antivirus'],
    ['detectionSource', 'CustomerTI', 'Source', 'customTi'],
    ['detectionSource', 'MTP', 'Source', 'microsoft365Defender'],
    ['detectionSource', 'ThirdPartySensors', 'Source', 'ThirdPartySensors'],
    ['severity', 'UnSpecified', 'Severity', 'UnSpecified'],
  ] as const)('%s %s is %s %s in the feed', (member, word, fact, expected) => {
    expect(factsOf({ [member]: word })?.[fact]).toBe(expected);
  });

  it.each([
    ['Detected', 1, undefined, undefined],
    ['Prevented', 0, 'prevented', 1],
    ['Blocked', 0, 'blocked', 1],
    [null, undefined, undefined, undefined],
  ])(
    'detectionStatus %s of a process: executing %s, action %s, success %s',
    (detectionStatus, executing, action, success) => {
      const facts = itemOf({ entityType: 'Process', processId: 1, detectionStatus })?.facts;
      expect([facts?.WasExecutingWhileDetected, facts?.RemediationAction, facts?.RemediationIsSuccess]).toEqual([
        executing,
        action,
        success,
      ]);
    },
  );

  it('are taken from the evidence where it has a verdict and a remediation of its own', () => {
    const sent = {
      entityType: 'File',
      sha1: 'AA',
      verdict: 'NoThreatsFound',
      remediationStatus: 'PartiallyRemediated',
    };
    expect(itemOf(sent)?.facts).toMatchObject({
      Verdict: 'noThreatsFound',
      RemediationAction: 'partiallyRemediated',
      RemediationIsSuccess: 0,
    });
  });
});

describe('evidence of the Defender for Endpoint API', () => {
  it('has the natural keys, types and families of the same alert in Graph', () => {
    const [graph] = normalisePayload(apiFixture('graph-alerts')).records;
    const [defender] = normalisePayload(apiFixture('defender-alerts')).records;
    const keys = (record: typeof graph) =>
      (record?.evidence ?? [])
        .map(({ type, family, key, image, deviceId }) => JSON.stringify({ type, family, key, image, deviceId }))
        .toSorted();
    expect(keys(defender)).toEqual(keys(graph));
    expect(keys(graph)).toHaveLength(6);
  });

  it('is the same to the bridge when the alert changes over to Graph', () => {
    const [graph] = normalisePayload(apiFixture('graph-alerts')).records;
    const [defender] = normalisePayload(apiFixture('defender-alerts')).records;
    if (graph === undefined || defender === undefined) throw new Error('no record');
    const first = takeIn(null, defender, { tenantId: 't', source: 'defender-alerts', sources: ['defender-alerts'] });
    if (first.outcome !== 'fresh') throw new Error(first.outcome);
    const then = takeIn(first.state, graph, { tenantId: 't', source: 'graph-alerts', sources: ['graph-alerts'] });
    const emissions = then.outcome === 'changed' ? then.emissions : [];
    expect(first.emissions.filter(({ kind }) => kind === 'new')).toHaveLength(4);
    expect(emissions.filter(({ kind }) => kind === 'new')).toEqual([]);
  });

  it.each([
    ['registryKey', {}],
    ['registryValue', { registryValueName: 'start' }],
    ['registryValue', { registryValue: '1' }],
  ])('of the registry is a %s with %o', (type, members) => {
    const item = itemOf({ entityType: 'Registry', registryHive: 'HKEY_USERS', registryKey: 'RUN', ...members });
    expect(item).toMatchObject({ type, family: 'registry' });
    expect(item?.facts.EvidenceDetails).toEqual([
      'registryHive=HKEY_USERS',
      'registryKey=RUN',
      ...Object.entries(members).map(([name, value]) => `${name}=${value}`),
    ]);
  });

  it('of a type that nobody documented is listed and told apart by what names it', () => {
    const mail = itemOf({
      entityType: 'MailMessage',
      evidenceCreationTime: '2026-03-01T10:00:00Z',
      messageId: 'M1',
      sha1: null,
    });
    expect(mail).toMatchObject({ type: 'mailMessage', family: 'other', createdAt: '2026-03-01T10:00:00.0000000Z' });
    expect(mail?.facts.EvidenceDetails).toEqual(['messageId=M1']);
  });

  it('of a process without a file has no image', () => {
    expect(itemOf({ entityType: 'Process', processId: 7, fileName: null })).not.toHaveProperty('image');
  });

  it('stands in lists of its own in answers of 2019', () => {
    const record = recordOf({
      machineId: MACHINE,
      alertUser: { accountName: 'kim', domainName: 'CORP' },
      alertFiles: [{ sha1: 'AA', sha256: null, fileName: 'a.exe', filePath: 'C:\\Temp\\a.exe' }],
      alertIps: [{ ipAddress: '192.0.2.9' }],
      alertDomains: [{ host: 'bad.example' }],
    });
    expect(record?.evidence.map(({ type, key }) => [type, key.join(' ').trim()])).toEqual([
      ['file', `${MACHINE}  aa a.exe c:\\temp`],
      ['ip', '192.0.2.9'],
      ['url', 'bad.example'],
      ['device', MACHINE],
      ['user', 'corp kim'],
    ]);
  });
});

describe('device and user of a Defender for Endpoint alert', () => {
  it('carries the names, group and logged-on users of its machine', () => {
    const [device] =
      recordOf({
        machineId: MACHINE,
        computerDnsName: 'ws-31.corp.example',
        rbacGroupName: 'Workstations',
        loggedOnUsers: [{ accountName: 'kim', domainName: 'CORP' }],
      })?.evidence ?? [];
    expect(device).toMatchObject({ type: 'device', deviceId: MACHINE, telemetry: { LogOnUsers: ['CORP\\kim'] } });
    expect(device?.facts).toEqual({
      EvidenceType: 'device',
      DeviceID: MACHINE,
      ComputerDnsName: 'ws-31.corp.example',
      MachineName: 'ws-31',
      MachineDomain: 'corp.example',
      MachineGroup: 'Workstations',
    });
  });

  it('has no device where the alert names none', () => {
    expect(recordOf({ machineId: null, rbacGroupName: 'Workstations' })?.evidence).toEqual([]);
  });

  const relatedUser = { userName: 'Kim', domainName: 'CORP' };
  it.each([
    ['another user', { accountName: 'robin', domainName: 'CORP' }, 2],
    ['the same name', { accountName: 'kim', domainName: 'corp' }, 1],
    ['the same name without a domain', { accountName: 'kim' }, 1],
    ['the same name in another domain', { accountName: 'kim', domainName: 'LAB' }, 2],
    ['the same principal name', { userPrincipalName: 'kim@corp.example', domainName: 'CORP' }, 1],
  ])('names its related user once where the evidence names %s', (_name, account, users) => {
    expect(usersOf({ relatedUser, evidence: [{ entityType: 'User', ...account }] })).toHaveLength(users);
  });

  it('says itself which of several users it is about', () => {
    const evidence = [
      { entityType: 'User', accountName: 'robin', domainName: 'CORP' },
      { entityType: 'Ip', ipAddress: '192.0.2.9' },
    ];
    expect(factsOf({ relatedUser, evidence })).toMatchObject({ UserName: 'Kim', UserDomain: 'CORP' });
    expect(factsOf({ relatedUser, evidence: evidence.slice(1) })).not.toHaveProperty('UserName');
  });
});
