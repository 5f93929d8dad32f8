import { getProperties } from 'properties-file';
import { describe, expect, it } from 'vitest';
import { loadParser } from '../../../src/connector/interpreter/load-parser.ts';
import { PARSER_VERSION, type ParserSettings, renderParserFile } from '../../../src/connector/parser-file.ts';
import { type ArcSightChoices, DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import { MAPPING_VERSION } from '../../../src/domain/fields.ts';
import { SEVERITIES } from '../../../src/domain/severity.ts';

function render(settings: Partial<ParserSettings> = {}): string {
  return renderParserFile({
    feed: 'contoso',
    layout: 'microsoft',
    receiptTime: 'feed',
    choices: DEFAULT_CHOICES,
    ...settings,
  });
}

function read(settings: Partial<ParserSettings> = {}): ReadonlyMap<string, string> {
  return new Map(Object.entries(getProperties(render(settings))));
}

/** The rows of Microsoft's published mapping, in its order; the last four with the choices of the design. */
const PUBLISHED = [
  ['name', 'AlertTitle'],
  ['deviceSeverity', 'Severity'],
  ['deviceEventCategory', 'Category'],
  ['sourceServiceName', 'Source'],
  ['sourceHostName', 'MachineName'],
  ['fileName', 'FileName'],
  ['filePath', 'FilePath'],
  ['sourceNtDomain', 'UserDomain'],
  ['sourceUserName', 'UserName'],
  ['fileHash', 'Sha1'],
  ['deviceCustomString6', 'Sha256'],
  ['deviceCustomString5', 'Md5'],
  ['deviceCustomString1', 'ThreatName'],
  ['requestUrl', 'Url'],
  ['deviceCustomNumber2', 'RemediationIsSuccess'],
  ['deviceCustomNumber1', 'WasExecutingWhileDetected'],
  ['flexString1', 'LinkToWDATP'],
  ['sourceDnsDomain', 'MachineDomain'],
  ['deviceCustomString4', 'Actor'],
  ['sourceUserId', 'LogOnUsers'],
  ['deviceVendor', '__stringConstant("Microsoft")'],
  ['deviceProduct', '__stringConstant("Microsoft Defender ATP")'],
  ['deviceVersion', '__stringConstant("2.0")'],
  ['externalId', 'EventExternalId'],
  ['deviceReceiptTime', '__longToTimeStamp(FeedTime)'],
] as const;

/** What the design adds to it. */
const ADDED = [
  ['endTime', '__longToTimeStamp(EndTimeMs)'],
  ['startTime', '__longToTimeStamp(FirstActivityMs)'],
  ['deviceCustomDate1', '__longToTimeStamp(AlertTimeMs)'],
  ['deviceCustomString2', 'DetectionId'],
  ['deviceCustomString3', 'CommandLine'],
  ['deviceCustomNumber3', 'IncidentId'],
  ['flexString2', 'MitreTechniques'],
  ['flexNumber1', 'MappingVersion'],
  ['flexNumber2', '__safeToLong("1")'],
  ['reason', 'EventReason'],
  ['deviceAction', 'RemediationAction'],
  ['deviceFacility', 'TenantName'],
  ['deviceExternalId', 'DeviceID'],
  ['message', 'Description'],
  ['deviceEventClassId', 'EventClassId'],
] as const;

describe('renderParserFile', () => {
  it.each(PUBLISHED)('maps %s from %s, as Microsoft published it', (field, expression) => {
    expect(read().get(`event.${field}`)).toBe(expression);
  });

  it('maps the remote address as Microsoft published it, and an IPv6 one into its own field', () => {
    expect(read().get('event.sourceAddress')).toMatch(/^__regexTokenAsAddress\(IpAddress,"/);
    expect(read().get('event.deviceCustomIPv6Address2')).toMatch(/^__regexTokenAsAddress\(IpAddress,"/);
  });

  it.each(ADDED)('maps %s from %s, as the design adds it', (field, expression) => {
    expect(read().get(`event.${field}`)).toBe(expression);
  });

  it('leaves the reporting device free, which would be one per workstation', () => {
    expect(read().has('event.deviceHostName')).toBe(false);
    expect(read().has('event.deviceAddress')).toBe(false);
  });

  it('takes the documented alert time as receipt time when the feed says so', () => {
    expect(read({ receiptTime: 'alert' }).get('event.deviceReceiptTime')).toBe('__longToTimeStamp(AlertTimeMs)');
  });

  it('puts the victim into destination fields in the ESM layout, and the remote party alone into source fields', () => {
    const esm = read({ layout: 'esm' });
    expect(esm.get('event.destinationHostName')).toBe('MachineName');
    expect(esm.get('event.destinationDnsDomain')).toBe('MachineDomain');
    expect(esm.get('event.destinationUserName')).toBe('UserName');
    expect(esm.get('event.destinationNtDomain')).toBe('UserDomain');
    expect(esm.get('event.destinationUserId')).toBe('LogOnUsers');
    expect(esm.get('event.destinationAddress')).toMatch(/^__regexTokenAsAddress\(InternalIPv4List,"/);
    expect([...esm.keys()].filter((key) => key.startsWith('event.source')).sort()).toEqual([
      'event.sourceAddress',
      'event.sourceServiceName',
    ]);
  });

  it('takes each element of the array for an event and keeps what has no field as additional data', () => {
    expect(read().get('trigger.node.location')).toBe('/');
    expect(read().get('additionaldata.enabled')).toBe('true');
  });

  it('numbers the tokens without a gap and counts them', () => {
    const keys = [...read()].filter(([key]) => key.startsWith('token['));
    const indices = new Set(keys.map(([key]) => Number(/^token\[(\d+)\]\.(?:name|type|location)$/.exec(key)?.[1])));
    const count = Number(read().get('token.count'));
    expect(count).toBeGreaterThan(60);
    expect(keys).toHaveLength(3 * count);
    expect([...indices].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
  });

  it('names each token after its member of the event, with a type that is in use', () => {
    const file = read();
    const names = tokenNames(file);
    expect(new Set(names).size).toBe(names.length);
    names.forEach((name, index) => {
      expect(name).toMatch(/^[A-Za-z0-9_]+$/);
      expect(file.get(`token[${index}].location`)).toBe(name);
      expect(['String', 'Integer', 'Long']).toContain(file.get(`token[${index}].type`));
    });
    expect(names.at(-1)).toBe('FeedTime');
  });

  it('reads 64-bit values into Long tokens and the two flags into Integer ones', () => {
    const file = read();
    const typeOf = (name: string) => file.get(`token[${tokenNames(file).indexOf(name)}].type`);
    expect(['FeedTime', 'EndTimeMs', 'AlertTimeMs', 'IncidentId'].map(typeOf)).toEqual([
      'Long',
      'Long',
      'Long',
      'Long',
    ]);
    expect(['RemediationIsSuccess', 'WasExecutingWhileDetected'].map(typeOf)).toEqual(['Integer', 'Integer']);
    expect(['AlertTitle', 'IpAddress', 'DetectionId'].map(typeOf)).toEqual(['String', 'String', 'String']);
  });

  it.each(['microsoft', 'esm'] as const)('labels every custom field, each with a label of its own (%s)', (layout) => {
    const file = read({ layout });
    const custom = [...file.keys()].filter((key) => /^event\.(?:deviceCustom|flex)\w*\d$/.test(key));
    const labels = custom.map((key) => file.get(`${key}Label`));
    expect(custom.length).toBeGreaterThanOrEqual(15);
    for (const label of labels) expect(label).toMatch(/^__stringConstant\("[^"]+"\)$/);
    expect(new Set(labels).size).toBe(labels.length);
    expect(file.get('event.deviceCustomIPv6Address2Label')).toBe('__stringConstant("Source IPv6 Address")');
    expect(file.get('event.flexNumber2Label')).toBe('__stringConstant("Parser Version")');
  });

  it.each(['microsoft', 'esm'] as const)('refers to declared tokens and attested operations only (%s)', (layout) => {
    const file = read({ layout });
    const names = tokenNames(file);
    const mappings = [...file].filter(([key]) => key.startsWith('event.'));
    expect(mappings.length).toBeGreaterThan(40);
    for (const [, expression] of mappings) {
      const call = /^(__\w+)\((?:([A-Za-z]\w*)(?:,"[^"]+")?|"[^"]+")\)$/.exec(expression);
      const token = call === null ? expression : call[2];
      if (call !== null) expect(ATTESTED).toContain(call[1]);
      if (token !== undefined) expect(names).toContain(token);
    }
  });

  it('uses no key that published parsers do not have', () => {
    const known =
      /^(?:trigger\.node\.location|additionaldata\.enabled|token\.count|token\[\d+\]\.(?:name|type|location)|event\.\w+|severity\.map\.(?:high|medium|low)\.if\.deviceSeverity)$/;
    expect([...read().keys()].filter((key) => !known.test(key))).toEqual([]);
  });

  it('gives every severity word of the feed exactly one level, in both spellings, and none Very-High', () => {
    const levels = new Map([...read()].filter(([key]) => key.startsWith('severity.map.')));
    expect(Object.fromEntries(levels)).toEqual({
      'severity.map.high.if.deviceSeverity': 'High,high',
      'severity.map.medium.if.deviceSeverity': 'Medium,medium',
      'severity.map.low.if.deviceSeverity': 'Low,low,Informational,informational,UnSpecified,unspecified',
    });
    const words = [...levels.values()].join(',').split(',');
    expect(words.sort()).toEqual(SEVERITIES.flatMap((word) => [word, word.toLowerCase()]).sort());
  });

  it('doubles the backslashes of a pattern in the file, once', () => {
    expect(render()).toContain('\nevent.sourceAddress=__regexTokenAsAddress(IpAddress,"^(\\\\d\\\\d?\\\\d?\\\\.');
  });

  it('says at its head what it is, where it goes and what is inferred', () => {
    const head = render({ layout: 'esm', receiptTime: 'alert' }).split('trigger.node.location')[0];
    expect(head).toContain('contoso.jsonparser.properties');
    expect(head).toContain(
      `Mapping version ${MAPPING_VERSION}, parser version ${PARSER_VERSION}, layout esm, receiptTime alert`,
    );
    expect(head).toContain('$ARCSIGHT_HOME/user/agent/flexagent/');
    expect(head).toContain('Inferred');
  });

  it('is pure ASCII with LF line ends', () => {
    expect(render()).toMatch(/^[\n\x20-\x7e]+\n$/);
  });

  it('never has a parser version below the mapping it parses', () => {
    expect(PARSER_VERSION).toBeGreaterThanOrEqual(MAPPING_VERSION);
  });
});

describe('renderParserFile with choices', () => {
  const CHOSEN: ArcSightChoices = {
    deviceVendor: 'Contoso',
    deviceProduct: 'Defender "North"',
    severity: { High: 'veryhigh', Informational: 'medium' },
    mappings: [
      { field: 'customerURI', from: { kind: 'constant', text: '/All Customers/Contoso' }, label: null },
      { field: 'deviceCustomString4', from: { kind: 'member', name: 'IncidentLinkToMTP' }, label: 'Incident' },
      { field: 'deviceVersion', from: { kind: 'constant', text: '3' }, label: null },
      { field: 'sourceUserId', from: { kind: 'nothing' }, label: null },
      { field: 'flexDate1', from: { kind: 'member', name: 'LastUpdateMs' }, label: 'Updated' },
    ],
    leftOut: ['Actor', 'InternalIPv4List', 'Md5'],
  };

  it('maps as chosen', () => {
    const file = read({ choices: CHOSEN });
    expect(file.get('event.deviceVendor')).toBe('__stringConstant("Contoso")');
    expect(file.get('event.deviceProduct')).toBe('__stringConstant("Defender \\"North\\"")');
    expect(file.get('event.deviceVersion')).toBe('__stringConstant("3")');
    expect(file.get('event.customerURI')).toBe('__stringConstant("/All Customers/Contoso")');
    expect(file.get('event.deviceCustomString4')).toBe('IncidentLinkToMTP');
    expect(file.get('event.deviceCustomString4Label')).toBe('__stringConstant("Incident")');
    expect(file.get('event.flexDate1')).toBe('__longToTimeStamp(LastUpdateMs)');
    expect(file.has('event.sourceUserId')).toBe(false);
    expect(file.get('event.flexNumber2')).toBe('__safeToLong("1")');
  });

  it('has neither token nor mapping of what is left out', () => {
    const file = read({ choices: CHOSEN });
    expect(tokenNames(file)).not.toEqual(expect.arrayContaining(['Actor']));
    expect(tokenNames(file)).toHaveLength(tokenNames(read()).length - 3);
    expect(file.has('event.deviceCustomString5')).toBe(false);
    expect(file.has('event.deviceCustomString5Label')).toBe(false);
  });

  it('gives the severity words the levels chosen, and leaves out a level that no word has', () => {
    const levels = [...read({ choices: CHOSEN })].filter(([key]) => key.startsWith('severity.map.'));
    expect(Object.fromEntries(levels)).toEqual({
      'severity.map.veryhigh.if.deviceSeverity': 'High,high',
      'severity.map.medium.if.deviceSeverity': 'Medium,medium,Informational,informational',
      'severity.map.low.if.deviceSeverity': 'Low,low,UnSpecified,unspecified',
    });
  });

  it('names the choices at its head, and nothing of the kind where there are none', () => {
    const head = render({ choices: CHOSEN }).split('trigger.node.location')[0] ?? '';
    for (const line of [
      '# - deviceVendor is "Contoso"',
      '# - severity High is veryhigh',
      '# - customerURI is always "/All Customers/Contoso"',
      '# - deviceCustomString4 is IncidentLinkToMTP',
      '# - sourceUserId stays empty',
      '# - left out of the feed: Actor, InternalIPv4List, Md5',
    ])
      expect(head).toContain(`\n${line}\n`);
    expect(render()).not.toContain('Chosen for this feed');
  });

  it.each(['microsoft', 'esm'] as const)('reads without a note of the linter (%s)', (layout) => {
    const { lint } = loadParser(Buffer.from(render({ layout, choices: CHOSEN }), 'latin1'));
    expect(lint).toEqual([]);
  });
});

/** Operations seen in real parser files or in the vendor's own examples. */
const ATTESTED = ['__stringConstant', '__longToTimeStamp', '__regexTokenAsAddress', '__safeToLong'];

function tokenNames(file: ReadonlyMap<string, string>): readonly string[] {
  return Array.from({ length: Number(file.get('token.count')) }, (_, index) => file.get(`token[${index}].name`) ?? '');
}
