import { describe, expect, it } from 'vitest';
import { normalisePayload } from '../../../../src/defender/map/payload.ts';
import { normaliseSiemDetections } from '../../../../src/defender/map/siem-detection.ts';
import { takeIn } from '../../../../src/domain/intake.ts';
import { agree } from '../../../../src/domain/natural-key.ts';
import { apiFixture } from '../../../support/api-fixture.ts';

const DEVICE = '00000000000000000000000000000000000000b1';

/** As the answers of 2020 are: every member there, empty ones as "". */
function aDetection(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    AlertId: 'da1_-5',
    AlertTitle: 'A title',
    FullId: 'da1_-5:AAA=',
    LastProcessedTimeUtc: '2026-03-01T10:05:00.1Z',
    Actor: '',
    Category: 'Malware',
    ...overrides,
  };
}

function recordOf(overrides: Record<string, unknown> = {}) {
  return normaliseSiemDetections([aDetection(overrides)]).records[0];
}

function itemOf(overrides: Record<string, unknown>) {
  return recordOf(overrides)?.evidence[0];
}

describe('a detection of the SIEM API', () => {
  const [record] = normalisePayload(apiFixture('siem-detections')).records;

  it('is a part of its alert, with the facts that all its detections share', () => {
    expect(record).toMatchObject({ alertId: 'da638100000000000001_1001', scope: 'part' });
    expect(record?.lastUpdate).toBe('2026-04-01T08:30:00.2500000Z');
    expect(record?.facts).toEqual({
      AlertId: 'da638100000000000001_1001',
      AlertTitle: 'A script wrote to a start-up key',
      Description: 'A script made itself start with the system.',
      Severity: 'High',
      Category: 'Persistence',
      Actor: 'BORON',
      LinkToWDATP: 'https://securitycenter.windows.com/alert/da638100000000000001_1001',
      LinkToMTP: 'https://security.microsoft.com/alert/da638100000000000001_1001',
      IncidentLinkToWDATP:
        'https://securitycenter.windows.com/incidents/byalert?alertId=da638100000000000001_1001&source=SIEM',
      IncidentLinkToMTP:
        'https://security.microsoft.com/incidents/byalert?alertId=da638100000000000001_1001&source=SIEM',
      LastUpdateMs: Date.parse('2026-04-01T08:30:00.250Z'),
    });
  });

  it('has what belongs to it in an item with its own id and time', () => {
    expect(record?.evidence).toEqual([
      {
        id: 'da638100000000000001_1001:bm90LWEtcmVhbC1pb2M+/w==',
        processedAt: '2026-04-01T08:30:00.2500000Z',
        type: 'process',
        family: 'process',
        key: [
          DEVICE,
          '',
          '',
          'a200000000000000000000000000000000000000000000000000000000000001',
          'a100000000000000000000000000000000000001',
          'script.exe',
          'script.exe -install',
        ],
        createdAt: '2026-04-01T07:58:00.1234567Z',
        deviceId: DEVICE,
        roles: [],
        facts: {
          EvidenceType: 'process',
          EvidenceDetails: [
            'IocName=watch-list',
            'IocValue=a100000000000000000000000000000000000001',
            'IocUniqueId=bm90LWEtcmVhbC1pb2M+/w==',
            'AlertPart=0',
            'ReportID=1053',
            'ExternalId=00AA00AA00AA00AA00AA00AA00AA00AA00AA00AA',
          ],
          AlertTime: '2026-04-01T07:58:00.1234567Z',
          AlertTimeMs: Date.parse('2026-04-01T07:58:00.123Z'),
          FirstActivityMs: Date.parse('2026-04-01T07:58:00.123Z'),
          LastActivityMs: Date.parse('2026-04-01T07:58:00.123Z'),
          Source: 'EDR',
          IoaDefinitionId: '0a0a0a0a-1111-4222-8333-444444444444',
          ThreatName: 'Backdoor:Win32/Sample',
          ThreatFamily: 'Sample',
          ThreatCategory: 'Backdoor',
          RemediationAction: 'Quarantine',
          RemediationIsSuccess: 1,
          WasExecutingWhileDetected: 0,
          FileName: 'script.exe',
          FilePath: 'C:\\Tools\\script.exe',
          Sha1: 'a100000000000000000000000000000000000001',
          Sha256: 'a200000000000000000000000000000000000000000000000000000000000001',
          Md5: 'a3000000000000000000000000000001',
          FileHash: 'a100000000000000000000000000000000000001',
          CommandLine: 'script.exe -install',
          IpAddress: '203.0.113.31',
          Url: 'bad.example',
          UserName: 'alex',
          UserDomain: 'CONTOSO',
          ComputerDnsName: 'ws-31.corp.contoso.example',
          MachineName: 'ws-31',
          MachineDomain: 'corp.contoso.example',
          DeviceID: DEVICE,
          MachineGroup: 'Workstations',
          DeviceCreatedMachineTags: 'Finance',
          CloudCreatedMachineTags: 'Pilot',
        },
        telemetry: {
          LastProcessedTimeUtc: '2026-04-01T08:30:00.2500000Z',
          LastUpdateMs: Date.parse('2026-04-01T08:30:00.250Z'),
          LogOnUsers: ['CONTOSO\\alex', 'CONTOSO\\robin'],
          InternalIPv4List: ['10.0.3.31', '192.168.7.31'],
          InternalIPv6List: ['fe80:0000:0000:0000:0000:0000:0000:0031'],
        },
      },
    ]);
  });

  it.each([
    ['null', null],
    ['an empty text', ''],
    ['the text null', 'null'],
  ])('has no member where the API sent %s', (_name, value) => {
    const item = itemOf({
      FileName: value,
      IpAddress: value,
      RemediationIsSuccess: value,
      LogOnUsers: value,
      ReportID: value,
    });
    expect(Object.keys(item?.facts ?? {})).toEqual(['EvidenceType']);
    expect(Object.keys(item?.telemetry ?? {})).toEqual(['LastProcessedTimeUtc', 'LastUpdateMs']);
  });

  it.each([
    ['IoaDefinitiondId', 'x-1', 'IoaDefinitionId', 'x-1'],
    ['ThreatFamilyName', 'Sample', 'ThreatFamily', 'Sample'],
    ['IPAddress', '192.0.2.9', 'IpAddress', '192.0.2.9'],
    ['URL', 'bad.example', 'Url', 'bad.example'],
    ['SHA1', 'aa', 'Sha1', 'aa'],
    ['deviceId', DEVICE, 'DeviceID', DEVICE],
    ['ReportId', 7, 'EvidenceDetails', ['ReportID=7']],
  ] as const)('is read where a member is spelled %s', (spelled, value, fact, expected) => {
    expect(itemOf({ [spelled]: value })?.facts[fact]).toEqual(expected);
    expect(itemOf({ [fact]: null, [spelled]: value })?.facts[fact]).toEqual(expected);
  });

  it('is read where a list is spelled otherwise', () => {
    expect(itemOf({ InternalIPV4List: '10.0.0.1,10.0.0.2' })?.telemetry?.InternalIPv4List).toEqual([
      '10.0.0.1',
      '10.0.0.2',
    ]);
  });

  it.each([
    [true, 1],
    ['TRUE', 1],
    [1, 1],
    [false, 0],
    ['FALSE', 0],
    [null, undefined],
    ['perhaps', undefined],
    [{ toString: 1, valueOf: 1 }, undefined],
  ])('RemediationIsSuccess %o is %s', (sent, expected) => {
    expect(itemOf({ RemediationIsSuccess: sent })?.facts.RemediationIsSuccess).toBe(expected);
  });

  it.each([
    ['process', { CommandLine: 'a.exe -x', IpAddress: '192.0.2.9' }],
    ['process', { FileName: 'a.exe', IoaDefinitionId: 'x' }],
    ['process', { Sha1: 'aa', UserName: 'kim' }],
    ['process', { FileName: 'a.exe', WasExecutingWhileDetected: true }],
    ['file', { FileName: 'a.exe', WasExecutingWhileDetected: false, ThreatName: 'T' }],
    ['file', { Sha256: 'aa', IpAddress: '192.0.2.9' }],
    ['file', { FilePath: 'C:\\Temp\\a.exe' }],
    ['ip', { IpAddress: '192.0.2.9', Url: 'bad.example', UserName: 'kim' }],
    ['url', { Url: 'bad.example', UserName: 'kim' }],
    ['user', { UserName: 'kim', UserDomain: 'CORP' }],
    ['alert', { IoaDefinitionId: 'x', DeviceID: DEVICE }],
  ])('is about a %s with %o', (type, members) => {
    const item = itemOf(members);
    expect(item).toMatchObject({ type, family: type, facts: { EvidenceType: type } });
  });

  it.each([
    [
      'file',
      { FileName: 'A.exe', FilePath: 'C:\\Temp', Sha1: 'AA', DeviceID: 'D1' },
      ['d1', '', 'aa', 'a.exe', 'c:\\temp'],
    ],
    ['ip', { IpAddress: '2001:DB8::9' }, ['2001:db8::9']],
    ['url', { Url: 'Bad.example' }, ['bad.example']],
    ['user', { UserName: 'Kim', UserDomain: 'CORP' }, ['', '', '', 'corp', 'kim']],
  ])('about a %s has its key in the order of Graph', (_type, members, key) => {
    expect(itemOf(members)?.key).toEqual(key);
  });

  it('about a process agrees with the key that Graph has for it', () => {
    const [graph] = normalisePayload(apiFixture('graph-alerts')).records;
    const process = graph?.evidence.find(({ type }) => type === 'process');
    expect(agree(record?.evidence[0]?.key ?? [], process?.key ?? [], DEVICE)).toBe(true);
  });

  it('names its host by its DNS name where the answer has no other, as in 2018', () => {
    const { facts } = itemOf({ ComputerDnsName: 'ws-31.corp.example' }) ?? {};
    expect([facts?.MachineName, facts?.MachineDomain]).toEqual(['ws-31', 'corp.example']);
  });
});

describe('detections of the SIEM API that are set aside', () => {
  it.each([
    ['a text', 'x', null, 'not-an-object'],
    ['no AlertId', aDetection({ AlertId: '' }), null, 'no-id'],
    ['neither FullId nor IocUniqueId', aDetection({ FullId: null }), 'da1_-5', 'no-id'],
    ['no time of processing', aDetection({ LastProcessedTimeUtc: null }), 'da1_-5', 'no-update-time'],
    ['a time that is none', aDetection({ LastProcessedTimeUtc: '2026-02-30T00:00:00Z' }), 'da1_-5', 'no-update-time'],
  ])('are those that are or have %s, with code and raw text', (_name, json, id, code) => {
    const { records, rejected } = normaliseSiemDetections([json, aDetection({ FullId: 'other' })]);
    expect(records).toHaveLength(1);
    expect(rejected).toMatchObject([{ id, code, raw: JSON.stringify(json) }]);
  });

  it('are those that are nested too deep, with their outermost texts', () => {
    let nested: unknown = 'end';
    for (let level = 0; level < 5000; level += 1) nested = [nested];
    const { rejected } = normaliseSiemDetections([aDetection({ Description: nested })]);
    expect(rejected).toMatchObject([{ id: 'da1_-5', code: 'too-deep' }]);
    expect(JSON.parse(rejected[0]?.raw ?? '')).toMatchObject({ FullId: 'da1_-5:AAA=' });
  });

  it('are not those without FullId whose parts are known', () => {
    expect(itemOf({ FullId: null, IocUniqueId: 'BBB=' })?.id).toBe('da1_-5:BBB=');
  });
});

describe('several detections of the SIEM API', () => {
  const first = aDetection({ FileName: 'a.exe', Severity: 'Low' });
  const second = aDetection({
    FullId: 'da1_-5:BBB=',
    FileName: 'a.exe',
    Severity: 'High',
    LastProcessedTimeUtc: '2026-03-01T10:06:00Z',
  });
  const elsewhere = aDetection({ AlertId: 'da2', FullId: 'da2:AAA=' });

  it('of one alert are one record, as of the last of them', () => {
    const { records } = normaliseSiemDetections([second, elsewhere, first]);
    expect(records.map(({ alertId, evidence }) => [alertId, evidence.map(({ id }) => id)])).toEqual([
      ['da1_-5', ['da1_-5:AAA=', 'da1_-5:BBB=']],
      ['da2', ['da2:AAA=']],
    ]);
    expect(records[0]?.lastUpdate).toBe('2026-03-01T10:06:00.0000000Z');
    expect(records[0]?.facts.Severity).toBe('High');
  });

  it('are kept as they were sent, those of the record alone', () => {
    const { records } = normaliseSiemDetections([first, elsewhere, second]);
    expect(records.map(({ raw }) => JSON.parse(raw) as unknown)).toEqual([[first, second], [elsewhere]]);
  });

  it('that look the same are still as many events', () => {
    const [record] = normaliseSiemDetections([first, second]).records;
    if (record === undefined) throw new Error('no record');
    const about = { tenantId: 't', source: 'siem-detections', sources: ['siem-detections'] } as const;
    const intake = takeIn(null, record, about);
    expect(intake.outcome === 'fresh' ? intake.emissions.map(({ kind }) => kind) : []).toEqual(['new', 'new']);
  });

  it('that are repeats of one are one', () => {
    const { records } = normaliseSiemDetections([first, first, first]);
    expect(records.map(({ evidence, raw }) => [evidence.length, raw])).toEqual([[1, `[${JSON.stringify(first)}]`]]);
  });

  it('that are versions of one are as many records, the oldest first', () => {
    const again = { ...first, LastProcessedTimeUtc: '2026-03-01T11:00:00Z', RemediationAction: 'Clean' };
    const { records } = normaliseSiemDetections([again, second, first]);
    expect(records.map(({ evidence }) => evidence.map(({ id, processedAt }) => [id, processedAt]))).toEqual([
      [
        ['da1_-5:AAA=', '2026-03-01T10:05:00.1000000Z'],
        ['da1_-5:BBB=', '2026-03-01T10:06:00.0000000Z'],
      ],
      [['da1_-5:AAA=', '2026-03-01T11:00:00.0000000Z']],
    ]);
  });
});
