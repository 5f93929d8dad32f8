import { describe, expect, it } from 'vitest';
import { EVIDENCE_KINDS } from '../../../../src/defender/map/evidence-table.ts';
import { toEvidence } from '../../../../src/defender/map/graph-evidence.ts';
import { agree, conflict, same } from '../../../../src/domain/natural-key.ts';

const DEVICE = '00000000000000000000000000000000000000aa';

function read(type: string, members: Record<string, unknown> = {}) {
  return toEvidence({ '@odata.type': `#microsoft.graph.security.${type}Evidence`, ...members });
}

function aProcess(overrides: Record<string, unknown> = {}) {
  return read('process', {
    mdeDeviceId: DEVICE,
    processId: 4242,
    processCreationDateTime: '2026-03-01T09:58:01.5Z',
    processCommandLine: 'Dump.exe -all',
    imageFile: { sha1: 'AA01', sha256: 'BB01', fileName: 'Dump.exe', filePath: 'C:\\Temp' },
    ...overrides,
  });
}

function aFile(details: Record<string, unknown>) {
  return read('file', { mdeDeviceId: DEVICE, fileDetails: details });
}

describe('a process', () => {
  it('carries its image, parent, command line and account', () => {
    const { facts } = aProcess({
      parentProcessId: 660,
      parentProcessImageFile: { fileName: 'cmd.exe', filePath: 'C:\\Windows\\System32\\cmd.exe' },
      imageFile: { sha1: 'AA01', sha256: 'BB01', md5: 'CC01', fileName: 'Dump.exe', filePath: 'C:\\Temp' },
      userAccount: {
        accountName: 'a.user',
        domainName: 'CORP',
        userSid: 'S-1',
        userPrincipalName: 'a.user@corp.example',
      },
    });
    expect(facts).toEqual({
      EvidenceType: 'process',
      FileName: 'Dump.exe',
      FilePath: 'C:\\Temp\\Dump.exe',
      Sha1: 'AA01',
      Sha256: 'BB01',
      Md5: 'CC01',
      FileHash: 'AA01',
      CommandLine: 'Dump.exe -all',
      ProcessId: 4242,
      ProcessTime: '2026-03-01T09:58:01.5000000Z',
      ParentProcessId: 660,
      ParentFileName: 'cmd.exe',
      ParentFilePath: 'C:\\Windows\\System32\\cmd.exe',
      UserName: 'a.user',
      UserDomain: 'CORP',
      UserPrincipalName: 'a.user@corp.example',
      UserSid: 'S-1',
    });
  });

  it.each([
    ['detected', 1],
    ['prevented', 0],
    ['blocked', 0],
    ['unknownFutureValue', undefined],
    [null, undefined],
  ])('that was %s has WasExecutingWhileDetected %s', (detectionStatus, expected) => {
    expect(aProcess({ detectionStatus }).facts.WasExecutingWhileDetected).toBe(expected);
  });

  it('has the key of its image file, in the order of a file of its own', () => {
    const details = { sha1: 'AA01', sha256: 'BB01', fileName: 'Dump.exe', filePath: 'C:\\Temp' };
    expect(aProcess().image).toEqual(aFile(details).key);
    expect(aProcess().image).toEqual([DEVICE, 'bb01', 'aa01', 'dump.exe', 'c:\\temp']);
  });

  it('has no image key without an image', () => {
    expect(aProcess({ imageFile: null })).not.toHaveProperty('image');
  });

  it('stays the same item when Microsoft fills in its image, parent or account', () => {
    const bare = aProcess({ imageFile: null, processCommandLine: null });
    const full = aProcess({ userAccount: { accountName: 'a.user' }, parentProcessId: 660 });
    expect(agree(bare.key, full.key, DEVICE)).toBe(true);
  });

  it('stays the same item when its id and start become known later', () => {
    const before = aProcess({ processId: null, processCreationDateTime: null });
    expect(agree(before.key, aProcess().key, DEVICE)).toBe(true);
  });

  it('is told apart from another by id, start or device', () => {
    expect(conflict(aProcess().key, aProcess({ processId: 1 }).key)).toBe(true);
    expect(conflict(aProcess().key, aProcess({ processCreationDateTime: '2026-03-01T09:58:02Z' }).key)).toBe(true);
    expect(conflict(aProcess().key, aProcess({ mdeDeviceId: 'other' }).key)).toBe(true);
  });

  it('without an id is told apart by its command line', () => {
    const blocked = { processId: null, processCreationDateTime: null };
    const one = aProcess({ ...blocked, processCommandLine: 'Dump.exe -a' });
    const two = aProcess({ ...blocked, processCommandLine: 'Dump.exe -b' });
    expect(conflict(one.key, two.key)).toBe(true);
  });

  it('with an id keeps its key when Microsoft completes its command line', () => {
    expect(same(aProcess().key, aProcess({ processCommandLine: 'Dump.exe -all -more' }).key)).toBe(true);
  });
});

describe('a file', () => {
  it.each([
    ['C:\\Temp', 'a.exe', 'C:\\Temp\\a.exe'],
    ['C:\\Temp\\', 'a.exe', 'C:\\Temp\\a.exe'],
    ['C:\\Temp\\A.EXE', 'a.exe', 'C:\\Temp\\A.EXE'],
    ['C:\\Temp\\banana.exe', 'a.exe', 'C:\\Temp\\banana.exe\\a.exe'],
    ['/usr/bin', 'a', '/usr/bin/a'],
    ['/', 'a', '/a'],
    ['C:', 'a.exe', 'C:\\a.exe'],
    ['C:\\Temp', null, 'C:\\Temp'],
    [null, 'a.exe', undefined],
  ])('in %s named %s has the full path %s', (filePath, fileName, expected) => {
    expect(aFile({ filePath, fileName }).facts.FilePath).toBe(expected);
  });

  it('has one key whether Microsoft sends its folder or its full path', () => {
    const folder = aFile({ fileName: 'a.exe', filePath: 'C:\\Temp' });
    const full = aFile({ fileName: 'A.exe', filePath: 'C:\\Temp\\A.exe' });
    expect(full.key).toEqual(folder.key);
    expect(full.key).toEqual([DEVICE, '', '', 'a.exe', 'c:\\temp']);
  });

  it('names the device it is on', () => {
    expect(aFile({ fileName: 'a.exe' }).deviceId).toBe(DEVICE);
  });
});

describe('a device', () => {
  const members = {
    mdeDeviceId: DEVICE,
    deviceDnsName: 'ws-17.corp.example',
    osPlatform: 'Windows11',
    rbacGroupName: 'Workstations',
    healthStatus: 'active',
    riskScore: 'high',
    lastIpAddress: '192.0.2.17',
    ipInterfaces: ['192.0.2.17', '2001:db8::17', 'no address'],
    loggedOnUsers: [{ accountName: 'a.user', domainName: 'CORP' }, { accountName: 'local' }, {}],
    tags: ['Finance'],
  };

  it('carries names, group and tags as facts', () => {
    expect(read('device', members).facts).toEqual({
      EvidenceType: 'device',
      ComputerDnsName: 'ws-17.corp.example',
      MachineName: 'ws-17',
      MachineDomain: 'corp.example',
      DeviceID: DEVICE,
      MachineGroup: 'Workstations',
      OsPlatform: 'Windows11',
      DeviceCreatedMachineTags: ['Finance'],
      CloudCreatedMachineTags: ['Finance'],
    });
  });

  it('keeps what changes all the time apart from its facts', () => {
    expect(read('device', members).telemetry).toEqual({
      LogOnUsers: ['CORP\\a.user', 'local'],
      InternalIPv4List: ['192.0.2.17'],
      InternalIPv6List: ['2001:db8::17'],
    });
  });

  it('has the same facts whatever its health, risk, addresses and users are', () => {
    const changed = { ...members, healthStatus: 'inactive', riskScore: 'low', ipInterfaces: [], loggedOnUsers: [] };
    expect(read('device', changed).facts).toEqual(read('device', members).facts);
    expect(read('device', changed)).not.toHaveProperty('telemetry');
  });

  it.each([
    [{ deviceDnsName: 'ws-17' }, 'ws-17', undefined],
    [{ deviceDnsName: 'ws-17.corp.example', hostName: 'WS17', dnsDomain: 'ad.example' }, 'WS17', 'ad.example'],
    [{ deviceDnsName: '192.0.2.17' }, '192.0.2.17', undefined],
    [{}, undefined, undefined],
  ])('%o has host %s and domain %s', (sent, host, domain) => {
    const { facts } = read('device', sent);
    expect([facts.MachineName, facts.MachineDomain]).toEqual([host, domain]);
  });

  it('keeps its key when it is renamed, and is known by name while it has no id', () => {
    expect(read('device', { ...members, deviceDnsName: 'new.corp.example' }).key).toEqual(read('device', members).key);
    expect(read('device', { deviceDnsName: 'WS-17' }).key).toEqual(['', '', 'ws-17']);
  });
});

describe('remediation of an item', () => {
  it.each([
    ['remediated', 'remediated', 1],
    ['prevented', 'prevented', 1],
    ['blocked', 'blocked', 1],
    ['unremediated', 'unremediated', 0],
    ['partiallyRemediated', 'partiallyRemediated', 0],
    ['declined', 'declined', 0],
    ['none', undefined, undefined],
    ['active', undefined, undefined],
    ['pendingApproval', undefined, undefined],
    ['running', undefined, undefined],
    ['notFound', undefined, undefined],
    ['unknown', undefined, undefined],
    ['unknownFutureValue', undefined, undefined],
    ['rolledBack', 'rolledBack', undefined],
    [null, undefined, undefined],
  ])('%s gives action %s and success %s', (remediationStatus, action, success) => {
    const { facts } = read('ip', { ipAddress: '192.0.2.9', remediationStatus });
    expect([facts.RemediationAction, facts.RemediationIsSuccess]).toEqual([action, success]);
  });
});

describe('any evidence', () => {
  it('carries verdict and roles, without the words that mean not known', () => {
    const known = read('ip', { verdict: 'noThreatsFound', roles: ['attacker', 'unknown', 'unknownFutureValue'] });
    expect(known.facts).toMatchObject({ Verdict: 'noThreatsFound', EvidenceRoles: ['attacker'] });
    expect(known.roles).toEqual(['attacker']);
    const unknown = read('ip', { verdict: 'unknown', roles: ['unknown'] });
    expect(unknown.facts).toEqual({ EvidenceType: 'ip' });
  });

  it('has a creation time, or null when it cannot be read', () => {
    expect(read('ip', { createdDateTime: '2026-03-01T10:00:00Z' }).createdAt).toBe('2026-03-01T10:00:00.0000000Z');
    expect(read('ip', { createdDateTime: 'later' }).createdAt).toBeNull();
  });

  it('of a type that the catalogue has no fields for is listed as name=value', () => {
    const pod = read('kubernetesPod', {
      name: 'web-1',
      createdDateTime: '2026-03-01T10:00:00Z',
      verdict: 'suspicious',
      namespace: { name: 'shop', cluster: { name: 'prod' } },
      podIp: { ipAddress: '192.0.2.50' },
      containers: [{ name: 'app', isPrivileged: true }, { name: 'sidecar' }],
      labels: null,
    });
    expect(pod.facts.EvidenceDetails).toEqual([
      'name=web-1',
      'namespace.name=shop',
      'podIp.ipAddress=192.0.2.50',
      'containers.name=app',
      'containers.name=sidecar',
    ]);
    expect(pod).toMatchObject({ family: 'container', key: ['prod', 'shop', 'web-1'] });
  });

  it('of a type that nobody documented yet is listed too, and told apart by its ids and names', () => {
    const sent = { quantumId: 'Q-1', name: 'Box', isLit: true, count: 3 };
    const one = read('quantum', sent);
    expect(one).toMatchObject({ type: 'quantum', family: 'other' });
    expect(one.facts).toEqual({
      EvidenceType: 'quantum',
      EvidenceDetails: ['quantumId=Q-1', 'name=Box', 'isLit=true', 'count=3'],
    });
    expect(read('quantum', { ...sent, count: 4 }).key).toEqual(one.key);
    expect(read('quantum', { ...sent, quantumId: 'Q-2' }).key).not.toEqual(one.key);
  });

  it.each([{}, { '@odata.type': 7 }, { '@odata.type': '' }])('without a type (%o) is unknown', (sent) => {
    expect(toEvidence(sent)).toMatchObject({ type: 'unknown', family: 'other', facts: { EvidenceType: 'unknown' } });
  });

  it('is not confused by a type named like a member of every object', () => {
    expect(read('constructor', { name: 'x' })).toMatchObject({ type: 'constructor', family: 'other' });
  });
});

/** Of each remaining type with fields: what is sent, and the facts that must come of it. */
const WITH_FIELDS = [
  ['ip', { ipAddress: '2001:db8::9' }, { IpAddress: '2001:db8::9' }],
  ['url', { url: 'http://bad.example/a' }, { Url: 'http://bad.example/a' }],
  [
    'user',
    { userAccount: { accountName: 'a.user', domainName: 'CORP', userSid: 'S-1' } },
    { UserName: 'a.user', UserDomain: 'CORP', UserSid: 'S-1' },
  ],
  [
    'mailbox',
    { upn: 'a@corp.example', userAccount: { accountName: 'a' } },
    { UserPrincipalName: 'a@corp.example', UserName: 'a' },
  ],
  ['mailbox', { userAccount: { userPrincipalName: 'b@corp.example' } }, { UserPrincipalName: 'b@corp.example' }],
  [
    'networkConnection',
    { sourceAddress: { ipAddress: '192.0.2.1' }, destinationAddress: { ipAddress: '192.0.2.2' } },
    { IpAddress: '192.0.2.2' },
  ],
  ['networkConnection', { sourceAddress: { ipAddress: '192.0.2.1' } }, { IpAddress: '192.0.2.1' }],
  ['dns', { domainName: 'bad.example' }, { Url: 'bad.example' }],
  ['malware', { name: 'Trojan:Win32/Example' }, { ThreatName: 'Trojan:Win32/Example' }],
  [
    'analyzedMessage',
    { senderIp: '192.0.2.3', subject: 'Pay now' },
    { IpAddress: '192.0.2.3', EvidenceDetails: ['senderIp=192.0.2.3', 'subject=Pay now'] },
  ],
  ['submissionMail', { senderIp: '192.0.2.3' }, { IpAddress: '192.0.2.3' }],
  ['teamsMessage', { senderIP: '192.0.2.3' }, { IpAddress: '192.0.2.3' }],
  ['fileHash', { algorithm: 'sha256', value: 'BB01' }, { Sha256: 'BB01' }],
  ['fileHash', { algorithm: 'sha1', value: 'AA01' }, { Sha1: 'AA01', FileHash: 'AA01' }],
  [
    'blob',
    { name: 'a.bin', url: 'https://store.example/a.bin', fileHashes: [{ algorithm: 'md5', value: 'CC01' }] },
    { FileName: 'a.bin', Url: 'https://store.example/a.bin', Md5: 'CC01' },
  ],
  [
    'hostLogonSession',
    { account: { userAccount: { accountName: 'a.user' } } },
    { UserName: 'a.user', EvidenceDetails: ['account.userAccount.accountName=a.user'] },
  ],
  ['ioTDevice', { deviceName: 'plc-1', operatingSystem: 'RTOS' }, { MachineName: 'plc-1', OsPlatform: 'RTOS' }],
  [
    'registryValue',
    { registryHive: 'HKLM', registryKey: 'SOFTWARE\\Run', registryValueName: 'x', registryValue: 'a.exe' },
    {
      EvidenceDetails: ['registryHive=HKLM', 'registryKey=SOFTWARE\\Run', 'registryValueName=x', 'registryValue=a.exe'],
    },
  ],
] as const;

describe('every documented evidence type', () => {
  it.each(WITH_FIELDS)('%s %o has its fields', (type, sent, expected) => {
    expect(read(type, sent).facts).toMatchObject(expected);
  });

  it('is in the table once', () => {
    const types = EVIDENCE_KINDS.map(({ type }) => type);
    expect(types).toHaveLength(48);
    expect(new Set(types).size).toBe(48);
  });

  it.each(EVIDENCE_KINDS.map(({ type, family }) => [type, family]))('%s is read when empty', (type, family) => {
    const evidence = read(type);
    expect(evidence).toMatchObject({ type, family, createdAt: null, roles: [], facts: { EvidenceType: type } });
    expect(evidence.key.length).toBeGreaterThan(0);
    expect(evidence.key.every((part) => part === '')).toBe(true);
  });

  it('names the device of a logon on a host', () => {
    expect(read('hostLogonSession', { host: { mdeDeviceId: DEVICE } }).deviceId).toBe(DEVICE);
  });

  it('has a natural key in lower case', () => {
    expect(read('url', { url: 'HTTP://Bad.Example/A' }).key).toEqual(['http://bad.example/a']);
  });
});
