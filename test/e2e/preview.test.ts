import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { apiFixture } from '../support/api-fixture.ts';

const FIXTURE = new URL('../fixtures/graph/hidden-file.json', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'flexbridge-preview-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function preview(payload: unknown, ...flags: readonly string[]) {
  const input = join(folder, 'payload.json');
  writeFileSync(input, JSON.stringify(payload));
  let out = '';
  let err = '';
  const console = {
    out: (text: string) => (out += text),
    err: (text: string) => (err += text),
    input: Readable.from([]),
    cwd: folder,
    isTerminal: false,
  };
  const code = await run(['preview', '--input', input, ...flags], console);
  return { code, out, err, lines: out.trimEnd().split('\n') };
}

const envelope = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { value: readonly [Record<string, unknown>] };

/** Written by hand from Microsoft's published mapping and the payload; not taken from the program's output. */
const OF_THE_ALERT = {
  deviceVendor: 'Microsoft',
  deviceProduct: 'Microsoft Defender ATP',
  deviceVersion: '2.0',
  name: 'Hidden file was started',
  message: 'A hidden file was started.\r\n\ufffd\tLook at it.',
  deviceSeverity: 'Medium',
  agentSeverity: 'Medium',
  deviceEventCategory: 'Persistence',
  sourceServiceName: 'antivirus',
  sourceHostName: 'ws-042',
  sourceDnsDomain: 'corp.example',
  sourceUserId: 'CORP\\kim',
  deviceExternalId: '73e7000000000000000000000000000000000001',
  externalId: 'da638000000000000001_-123456789',
  flexString1: 'https://security.example/alerts/da638000000000000001_-123456789?tid=1',
  flexString2: 'T1564.001; T1059',
  deviceCustomString1: 'HackTool:Win32/Sample!dha',
  deviceCustomString1Label: 'Threat Name',
  deviceCustomString4: 'BORON',
  deviceCustomString4Label: 'Actor',
  deviceCustomNumber3: 31415,
  deviceCustomNumber3Label: 'Incident ID',
  // date -u -d 2026-02-01T10:00:00.123Z +%s%3N, and so on
  deviceCustomDate1: 1769940000123,
  startTime: 1769936400000,
  endTime: 1769938200250,
  flexNumber1: 1,
  flexNumber2: 1,
  reason: 'new',
  deviceFacility: 'preview',
};
const OF_THE_PROCESS = {
  deviceEventClassId: 'defender:process:persistence',
  fileName: 'tool.exe',
  filePath: 'C:\\Users\\Public\\tool.exe',
  fileHash: '1111111111111111111111111111111111111111',
  deviceCustomString6: '2222222222222222222222222222222222222222222222222222222222222222',
  deviceCustomString5: '33333333333333333333333333333333',
  deviceCustomString3: '"tool.exe" -a=1 | more',
  deviceCustomNumber1: 1,
  deviceCustomNumber2: 1,
  deviceAction: 'remediated',
  sourceUserName: 'kim',
  sourceNtDomain: 'CORP',
};

/** The same alert as the other two APIs tell it; by hand too. */
const OF_EITHER_API = {
  name: 'A script wrote to a start-up key',
  message: 'A script made itself start with the system.',
  deviceSeverity: 'High',
  agentSeverity: 'High',
  deviceEventCategory: 'Persistence',
  deviceExternalId: '00000000000000000000000000000000000000b1',
  sourceHostName: 'ws-31',
  sourceDnsDomain: 'corp.contoso.example',
  sourceUserName: 'alex',
  sourceNtDomain: 'CONTOSO',
  externalId: 'da638100000000000001_1001',
  deviceCustomString1: 'Backdoor:Win32/Sample',
  deviceCustomString4: 'BORON',
  reason: 'new',
};
const OF_THE_SCRIPT = {
  deviceEventClassId: 'defender:process:persistence',
  fileName: 'script.exe',
  filePath: 'C:\\Tools\\script.exe',
  fileHash: 'a100000000000000000000000000000000000001',
  deviceCustomString6: 'a200000000000000000000000000000000000000000000000000000000000001',
  deviceCustomString3: 'script.exe -install',
};
const OF_DEFENDER = {
  ...OF_EITHER_API,
  sourceServiceName: 'microsoftDefenderForEndpoint',
  sourceUserId: 'CONTOSO\\alex',
  flexString2: 'T1547.001; T1059.001',
  deviceCustomNumber3: 9001,
  deviceCustomDate1: 1775030460765,
  startTime: 1775030280000,
  endTime: 1775030370500,
};
const OF_THE_DETECTION = {
  ...OF_EITHER_API,
  ...OF_THE_SCRIPT,
  sourceServiceName: 'EDR',
  sourceUserId: 'CONTOSO\\alex; CONTOSO\\robin',
  sourceAddress: '203.0.113.31',
  requestUrl: 'bad.example',
  flexString1: 'https://securitycenter.windows.com/alert/da638100000000000001_1001',
  deviceCustomString5: 'a3000000000000000000000000000001',
  deviceAction: 'Quarantine',
  deviceCustomNumber1: 0,
  deviceCustomNumber2: 1,
  deviceCustomDate1: 1775030280123,
  startTime: 1775030280123,
  endTime: 1775030280123,
  // The feed of a preview is stored when the record was last updated.
  deviceReceiptTime: 1775032200250,
};

describe('flexbridge preview', () => {
  it('shows the ArcSight events that the generated parser makes of a Graph answer', async () => {
    const { code, err, lines } = await preview(envelope, '--ndjson');
    expect([code, err]).toEqual([0, '']);
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events).toHaveLength(3);
    for (const event of events) expect(event).toMatchObject(OF_THE_ALERT);
    expect(events[0]).toMatchObject(OF_THE_PROCESS);
    expect(events[1]).toMatchObject({
      deviceEventClassId: 'defender:ip:persistence',
      deviceCustomIPv6Address2: '2001:db8::7',
      deviceCustomIPv6Address2Label: 'Source IPv6 Address',
    });
    expect(events[1]).not.toHaveProperty('sourceAddress');
    expect(events[2]).toMatchObject({ deviceEventClassId: 'defender:registry:persistence' });
    for (const event of events.slice(1)) expect(event).not.toHaveProperty('deviceAction');
    expect(new Set(events.map((event) => event['deviceCustomString2'])).size).toBe(3);
  });

  it('shows the ArcSight events of a Defender for Endpoint answer', async () => {
    const { code, err, lines } = await preview(apiFixture('defender-alerts'), '--ndjson');
    expect([code, err]).toEqual([0, '']);
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events).toHaveLength(4);
    for (const event of events) {
      expect(event).toMatchObject(OF_DEFENDER);
      expect(event).not.toHaveProperty('flexString1');
    }
    expect(events[0]).toMatchObject({
      ...OF_THE_SCRIPT,
      deviceAction: 'blocked',
      deviceCustomNumber1: 0,
      deviceCustomNumber2: 1,
    });
    expect(events[1]).toMatchObject({ deviceEventClassId: 'defender:ip:persistence', sourceAddress: '203.0.113.31' });
    expect(events[2]).toMatchObject({
      deviceEventClassId: 'defender:url:persistence',
      requestUrl: 'http://bad.example/start',
    });
    expect(events[3]).toMatchObject({ deviceEventClassId: 'defender:registry:persistence' });
    expect(JSON.stringify(events[3])).toContain('registryValueName=start');
  });

  it('shows the ArcSight event of a detection of the SIEM API', async () => {
    const { code, err, lines } = await preview(apiFixture('siem-detections'), '--ndjson');
    expect([code, err]).toEqual([0, '']);
    expect(lines).toHaveLength(1);
    const event = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(event).toMatchObject(OF_THE_DETECTION);
    for (const absent of ['deviceCustomNumber3', 'flexString2']) expect(event).not.toHaveProperty(absent);
    expect(event['additionalData']).toMatchObject({
      AlertId: 'da638100000000000001_1001',
      LastProcessedTimeUtc: '2026-04-01T08:30:00.2500000Z',
      InternalIPv4List: '10.0.3.31; 192.168.7.31',
      MachineGroup: 'Workstations',
      ThreatCategory: 'Backdoor',
    });
  });

  it('takes a bare detection as it takes the array', async () => {
    const array = apiFixture('siem-detections');
    const [bare] = Array.isArray(array) ? (array as readonly unknown[]) : [];
    expect((await preview(bare, '--feed-json')).out).toBe((await preview(array, '--feed-json')).out);
  });

  it('shows what two of the APIs answered in one go, and a record that is there twice once', async () => {
    const [graph] = envelope.value;
    const { lines } = await preview([graph, apiFixture('siem-detections'), graph].flat(), '--ndjson');
    expect(lines).toHaveLength(4);
  });

  it('says that an error of Microsoft is no alert', async () => {
    const { code, err } = await preview({ error: { code: 'Forbidden', message: 'no', target: '|x.' } });
    expect(code).toBe(1);
    expect(err).toContain('an alert of one of the three APIs');
  });

  it('keeps what has no ArcSight field as additional data', async () => {
    const { lines } = await preview(envelope, '--ndjson');
    const [process, , registry] = lines.map(
      (line) => (JSON.parse(line) as { additionalData: Record<string, string> }).additionalData,
    );
    expect(process).toMatchObject({
      ComputerDnsName: 'ws-042.corp.example',
      InternalIPv4List: '10.0.0.42',
      InternalIPv6List: 'fe80::42',
      CloudCreatedMachineTags: 'Finance; Laptop',
      ParentFileName: 'explorer.exe',
      EventKind: 'new',
    });
    expect(registry?.['EvidenceDetails']).toContain('SOFTWARE\\RUN');
  });

  it.each([
    ['an array', () => envelope.value],
    ['one alert', () => envelope.value[0]],
    [
      'incidents with their alerts',
      () => ({ value: [{ '@odata.type': '#microsoft.graph.security.incident', id: '1', alerts: envelope.value }] }),
    ],
  ])('takes %s as it takes the envelope', async (_name, payload) => {
    expect((await preview(payload(), '--feed-json')).out).toBe((await preview(envelope, '--feed-json')).out);
  });

  it("prints the feed's array: flat, no null, FeedTime last", async () => {
    const feed = JSON.parse((await preview(envelope, '--feed-json')).out) as Record<string, unknown>[];
    for (const event of feed) {
      expect(Object.keys(event).at(-1)).toBe('FeedTime');
      for (const value of Object.values(event)) expect(['string', 'number']).toContain(typeof value);
    }
  });

  it('prints one CEF line an event, with the text of the alert escaped', async () => {
    const { lines } = await preview(envelope, '--cef');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(
      /^CEF:0\|Microsoft\|Microsoft Defender ATP\|2\.0\|defender:process:persistence\|Hidden file was started\|Medium\| /,
    );
    expect(lines[0]).toContain(' cs3="tool.exe" -a\\=1 | more ');
    expect(lines[0]).toContain(' filePath=C:\\\\Users\\\\Public\\\\tool.exe ');
    expect(lines[0]).toContain(' end=1769938200250 ');
  });

  it('puts the victim where ESM expects it with --layout esm', async () => {
    const { lines } = await preview(envelope, '--ndjson', '--layout', 'esm');
    const event = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(event).toMatchObject({
      destinationHostName: 'ws-042',
      destinationUserName: 'kim',
      destinationAddress: '10.0.0.42',
    });
    expect(event).not.toHaveProperty('sourceHostName');
  });

  describe('of a feed', () => {
    const config = join(folder, 'flexbridge.yaml');
    const withFeed = async (lines: readonly string[], ...flags: readonly string[]) => {
      const tenant = [
        'tenants:',
        '  - name: contoso',
        '    tenantId: contoso.example',
        '    credential: { clientId: 11111111-2222-3333-4444-555555555555, secret: a-secret }',
      ];
      writeFileSync(
        config,
        [...tenant, 'feeds:', '  - name: esm', ...lines.map((line) => `    ${line}`), ''].join('\n'),
      );
      return preview(envelope, '--config', config, '--feed', 'esm', ...flags);
    };

    it('follows its layout, its receipt time and what was chosen for ArcSight', async () => {
      const { code, err, lines } = await withFeed(
        [
          'layout: esm',
          'receiptTime: alert',
          'arcsight:',
          '  deviceProduct: Defender of Contoso',
          '  severity: { Medium: high }',
          '  mappings:',
          '    - { field: customerURI, constant: /All Customers/Contoso }',
          '    - { field: deviceCustomString4, from: Status, label: Status }',
          '    - { field: message, empty: true }',
          '  leaveOut: [InternalIPv6List]',
        ],
        '--ndjson',
      );
      expect([code, err]).toEqual([0, '']);
      const event = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
      expect(event).toMatchObject({
        deviceVendor: 'Microsoft',
        deviceProduct: 'Defender of Contoso',
        agentSeverity: 'High',
        deviceSeverity: 'Medium',
        destinationHostName: 'ws-042',
        deviceReceiptTime: 1769940000123,
        customerURI: '/All Customers/Contoso',
        deviceCustomString4Label: 'Status',
      });
      expect(event).not.toHaveProperty('message');
      expect(event).not.toHaveProperty('deviceCustomIPv6Address3');
      expect(lines.join('')).not.toContain('fe80::42');
    });

    it('lets --layout rule over its own', async () => {
      const { lines } = await withFeed(['layout: esm'], '--ndjson', '--layout', 'microsoft');
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({ sourceHostName: 'ws-042' });
    });

    it('folds and filters as the feed does, and says what the filter kept out', async () => {
      const folded = await withFeed(['detections: perAlert'], '--ndjson');
      expect(folded.lines).toHaveLength(1);
      const filtered = await withFeed(['filter: { minSeverity: High }'], '--feed-json');
      expect(filtered).toMatchObject({ code: 0, out: '[]\n' });
      expect(filtered.err).toContain('kept out by the filter of the feed esm: 3');
    });

    it('is refused when the configuration has no such feed', async () => {
      await withFeed([]);
      const { code, err } = await preview(envelope, '--config', config, '--feed', 'other');
      expect([code, err.includes('Its feeds are: esm')]).toEqual([1, true]);
    });
  });

  it('says which record it left out, and fails when there is nothing else', async () => {
    const { code, err } = await preview({ value: [{ title: 'no id' }] });
    expect(code).toBe(1);
    expect(err).toContain('no id');
  });

  it('says what it could not read, and what to give it', async () => {
    const input = join(folder, 'missing.json');
    let err = '';
    const code = await run(['preview', '--input', input], {
      out: () => undefined,
      err: (text) => (err += text),
      input: Readable.from([]),
      cwd: folder,
      isTerminal: false,
    });
    expect(code).toBe(1);
    expect(err).toContain(input);
    expect(err).toContain('->');
    expect(err).not.toContain('    at ');
  });
});
