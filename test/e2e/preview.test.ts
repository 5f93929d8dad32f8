import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';

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
