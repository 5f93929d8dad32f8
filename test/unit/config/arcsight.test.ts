import { describe, expect, it } from 'vitest';
import { DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import { load, problemsOf, yamlWith } from './config-folder.ts';

/** A configuration whose feed has these lines under `arcsight`. */
function yaml(...lines: readonly string[]): string {
  return yamlWith('feeds:', '  - name: default', '    arcsight:', ...lines.map((line) => `      ${line}`));
}

async function choices(...lines: readonly string[]) {
  return (await load(yaml(...lines))).feeds[0]?.arcsight;
}

/** `line path | message | remedy` of each problem with one mapping, which stands in line 9. */
function mappingProblems(mapping: string): Promise<readonly string[]> {
  return problemsOf(yaml('mappings:', `  - ${mapping}`));
}

describe('what is chosen for ArcSight', () => {
  it('is nothing where nothing is written', async () => {
    expect((await load(yamlWith())).feeds[0]?.arcsight).toEqual(DEFAULT_CHOICES);
  });

  it('is taken as it is written', async () => {
    const chosen = await choices(
      'deviceVendor: Contoso',
      'deviceProduct: Defender for Contoso',
      'severity: { High: veryhigh, Informational: medium }',
      'mappings:',
      '  - { field: customerURI, constant: /All Customers/Contoso }',
      '  - { field: deviceCustomString4, from: IncidentLinkToWDATP, label: Incident Link }',
      '  - { field: deviceCustomNumber1, constant: 7, label: Site }',
      '  - { field: sourceUserId, empty: true }',
      'leaveOut: [InternalIPv4List, Actor]',
    );
    expect(chosen).toEqual({
      deviceVendor: 'Contoso',
      deviceProduct: 'Defender for Contoso',
      severity: { High: 'veryhigh', Informational: 'medium' },
      mappings: [
        { field: 'customerURI', from: { kind: 'constant', text: '/All Customers/Contoso' }, label: null },
        { field: 'deviceCustomString4', from: { kind: 'member', name: 'IncidentLinkToWDATP' }, label: 'Incident Link' },
        { field: 'deviceCustomNumber1', from: { kind: 'constant', text: '7' }, label: 'Site' },
        { field: 'sourceUserId', from: { kind: 'nothing' }, label: null },
      ],
      leftOut: ['InternalIPv4List', 'Actor'],
    });
  });

  it.each([
    ['startTime', 'AlertTimeMs'],
    ['flexDate1', 'LastUpdateMs, label: Updated'],
    ['sourceAddress', 'IpAddress'],
    ['deviceAddress', 'InternalIPv4List'],
    ['deviceCustomIPv6Address1', 'InternalIPv6List, label: Device IPv6 Address'],
    ['deviceCustomNumber1', 'ProcessId, label: Process ID'],
    ['destinationPort', 'MappingVersion'],
    ['fileType', 'IncidentId'],
  ])('lets %s take %s', async (field, from) => {
    expect((await choices('mappings:', `  - { field: ${field}, from: ${from} }`))?.mappings).toHaveLength(1);
  });

  it.each([
    ['{ field: sourceUserNam, from: UserName }', 'mappings[0].field', 'Did you mean sourceUserName?'],
    ['{ field: event.message, from: UserName }', 'mappings[0].field', 'Did you mean message?'],
    ['{ field: deviceCustomString1Label, constant: a }', 'mappings[0].field', 'label of the field deviceCustomString1'],
    ['{ field: deviceProduct, constant: a }', 'mappings[0].field', 'arcsight.deviceProduct'],
    ['{ field: flexNumber2, constant: 2, label: a }', 'mappings[0].field', 'parser version'],
    ['{ field: message, from: Titel }', 'mappings[0].from', 'the feed has no member "Titel"'],
    ['{ field: message, from: alert_title }', 'mappings[0].from', 'Did you mean AlertTitle?'],
    ['{ field: endTime, from: AlertTime }', 'mappings[0].from', 'takes a time'],
    ['{ field: endTime, from: IncidentId }', 'mappings[0].from', 'AlertTimeMs'],
    ['{ field: deviceCustomNumber1, from: Status, label: a }', 'mappings[0].from', 'takes a number'],
    ['{ field: sourceProcessId, from: ProcessId }', 'mappings[0].from', 'a number of 32 bits'],
    ['{ field: sourceAddress, from: InternalIPv6List }', 'mappings[0].from', 'takes an IPv4 address'],
    ['{ field: sourceMacAddress, from: DeviceID }', 'mappings[0].from', 'takes a MAC address'],
    ['{ field: deviceCustomString4, from: Status }', 'mappings[0].label', 'is missing'],
    ['{ field: deviceCustomString4, from: Status, label: "" }', 'mappings[0].label', 'is empty'],
    ['{ field: deviceCustomString4, from: Status, label: "a\\\\b" }', 'mappings[0].label', 'backslash'],
    ['{ field: message, from: Status, label: a }', 'mappings[0].label', 'no custom field'],
    ['{ field: deviceCustomString4, empty: true, label: a }', 'mappings[0].label', 'stays empty'],
    ['{ field: message }', 'mappings[0]', 'says nothing'],
    ['{ field: message, from: Status, constant: a }', 'mappings[0]', 'more than one'],
    ['{ field: message, empty: false }', 'mappings[0].empty', 'must be true'],
    ['{ field: message, constant: "C:\\\\a" }', 'mappings[0].constant', 'backslash'],
    ['{ field: message, constant: Z\u00fcrich }', 'mappings[0].constant', 'ASCII'],
    ['{ field: message, constant: "a\\nb" }', 'mappings[0].constant', 'line end'],
    [`{ field: externalId, constant: ${'x'.repeat(41)} }`, 'mappings[0].constant', '41 characters'],
    ['{ field: deviceCustomNumber1, constant: many, label: a }', 'mappings[0].constant', 'whole number'],
    ['{ field: destinationPort, constant: 4294967296 }', 'mappings[0].constant', 'whole number'],
    ['{ field: endTime, constant: 1 }', 'mappings[0].constant', 'takes no constant'],
    ['{ fields: message, constant: a }', 'mappings[0].fields', 'Did you mean field?'],
  ])('refuses the mapping %s, in its line', async (mapping, path, said) => {
    const found = await mappingProblems(mapping);
    expect(found.join('\n')).toContain(said);
    expect(found.some((text) => text.startsWith(`9 | feeds[0].arcsight.${path} | `))).toBe(true);
  });

  it('refuses a field that is filled twice', async () => {
    const lines = ['mappings:', '  - { field: message, from: Status }', '  - { field: message, empty: true }'];
    expect(await problemsOf(yaml(...lines))).toEqual([
      expect.stringMatching(/^10 \| .*mappings\[1\]\.field \| .*mappings\[0\]/),
    ]);
  });

  it('refuses a member that is mapped and left out', async () => {
    const lines = ['mappings:', '  - { field: message, from: Status }', 'leaveOut: [Status]'];
    expect(await problemsOf(yaml(...lines))).toEqual([expect.stringMatching(/^9 \| .*\.from \| Status is left out/)]);
  });

  it.each([
    'FeedSeq',
    'FeedTime',
    'StoredMs',
    'DetectionId',
    'FullId',
    'TenantId',
    'AlertId',
    'EventKind',
    'EventClassId',
    'MappingVersion',
    'Severity',
  ])('keeps %s in the feed', async (name) => {
    expect(await problemsOf(yaml(`leaveOut: [Actor, ${name}]`))).toEqual([
      expect.stringMatching(
        new RegExp(`^8 \\| feeds\\[0\\]\\.arcsight\\.leaveOut\\[1\\] \\| ${name} cannot be left out`),
      ),
    ]);
  });

  it('names the member that was probably meant to be left out', async () => {
    expect(await problemsOf(yaml('leaveOut: [InternalIpV4Lists]'))).toEqual([
      expect.stringContaining('Did you mean InternalIPv4List?'),
    ]);
  });

  it.each([
    ['severity: { Hig: low }', 'Did you mean High?'],
    ['severity: { High: critical }', 'one of veryhigh, high, medium, low'],
    [`deviceProduct: ${'x'.repeat(64)}`, 'at most 63'],
    ['deviceVendor: "a\\\\b"', 'without a backslash'],
    ['deviceVendor: ""', 'at most 63'],
  ])('refuses %s', async (line, said) => {
    expect(await problemsOf(yaml(line))).toEqual([expect.stringContaining(said)]);
  });

  it('warns of a member that ArcSight would cut', async () => {
    const config = await load(yaml('mappings:', '  - { field: deviceAction, from: Description }'));
    expect(config.warnings.map(({ path, message, remedy }) => `${path} ${message} ${remedy}`)).toEqual([
      expect.stringMatching(
        /^feeds\[0\]\.arcsight\.mappings\[0\]\.from .*1023.*deviceAction holds 63.*deviceCustomString/,
      ),
    ]);
  });

  it('can be set by the environment', async () => {
    const config = await load(yamlWith('feeds: [{ name: default }]'), {
      FLEXBRIDGE_FEEDS__0__ARCSIGHT__DEVICE_PRODUCT: 'Other',
      FLEXBRIDGE_FEEDS__0__ARCSIGHT__MAPPINGS__0__FIELD: 'customerURI',
      FLEXBRIDGE_FEEDS__0__ARCSIGHT__MAPPINGS__0__CONSTANT: '/All Customers/A',
    });
    expect(config.feeds[0]?.arcsight).toMatchObject({
      deviceProduct: 'Other',
      mappings: [{ field: 'customerURI', from: { kind: 'constant', text: '/All Customers/A' } }],
    });
  });
});
