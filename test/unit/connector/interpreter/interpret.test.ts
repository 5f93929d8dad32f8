import { describe, expect, it } from 'vitest';
import { type InterpretOptions, interpret } from '../../../../src/connector/interpreter/interpret.ts';
import { loadParser } from '../../../../src/connector/interpreter/load-parser.ts';

interface Token {
  readonly name: string;
  readonly type?: string;
  readonly location?: string;
  readonly format?: string;
}

/** A parser file of these tokens; further lines as they stand. */
function parser(tokens: readonly (string | Token)[], ...lines: readonly string[]) {
  const rows = tokens.map((token) => (typeof token === 'string' ? { name: token } : token));
  const text = [
    ...(lines.some((line) => line.startsWith('trigger')) ? [] : ['trigger.node.location=/']),
    `token.count=${rows.length}`,
    ...rows.flatMap(({ name, type = 'String', location = name, format }, index) => [
      `token[${index}].name=${name}`,
      `token[${index}].type=${type}`,
      `token[${index}].location=${location}`,
      ...(format === undefined ? [] : [`token[${index}].format=${format}`]),
    ]),
    ...lines,
  ].join('\n');
  return loadParser(Buffer.from(text, 'latin1')).definition;
}

function run(definition: ReturnType<typeof parser>, document: unknown, options?: InterpretOptions) {
  return interpret(definition, JSON.stringify(document), options);
}

/** Fields of the first event. */
function fieldsOf(definition: ReturnType<typeof parser>, document: unknown, options?: InterpretOptions) {
  return run(definition, document, options).events[0]?.fields;
}

/** What one typed token makes of a value, through a field that takes its type. */
function typed(type: string, field: string, value: unknown, format?: string) {
  const token = { name: 'T', type, ...(format === undefined ? {} : { format }) };
  const { events, warnings } = run(parser([token], `event.${field}=T`), [{ T: value }]);
  return { value: events[0]?.fields[field], warnings: warnings.map(({ message }) => message) };
}

describe('interpreted event', () => {
  it('has the mapped fields in the order of the file, a severity word, and the unmapped tokens', () => {
    const definition = parser(
      ['AlertTitle', 'Severity', { name: 'Ms', type: 'Long' }, 'AlertId', 'Note'],
      'event.name=AlertTitle',
      'event.endTime=__longToTimeStamp(Ms)',
      'event.deviceSeverity=Severity',
      'event.deviceVendor=__stringConstant("Microsoft")',
      'severity.map.high.if.deviceSeverity=High,high',
      'additionaldata.enabled=true',
      'additionaldata.Source=__stringConstant("feed")',
    );
    const { events, warnings } = run(definition, [
      { AlertTitle: 'A', Severity: 'High', Ms: 1_600_000_000_123, AlertId: 'da1', Note: '' },
    ]);
    expect(warnings).toEqual([]);
    expect(events).toEqual([
      {
        fields: { name: 'A', endTime: 1_600_000_000_123, deviceSeverity: 'High', deviceVendor: 'Microsoft' },
        severity: 'High',
        additionalData: { AlertId: 'da1', Source: 'feed' },
      },
    ]);
    expect(Object.keys(events[0]?.fields ?? {})).toEqual(['name', 'endTime', 'deviceSeverity', 'deviceVendor']);
  });

  it('leaves a field unset for an absent member and for null, and still sets its label', () => {
    const definition = parser(
      ['A'],
      'event.deviceCustomString1=A',
      'event.deviceCustomString1Label=__stringConstant("L")',
    );
    expect(run(definition, [{}, { A: null }, { A: '' }]).events.map(({ fields }) => fields)).toEqual([
      { deviceCustomString1Label: 'L' },
      { deviceCustomString1Label: 'L' },
      { deviceCustomString1Label: 'L' },
    ]);
  });

  it('keeps additional data only when the file asks for it', () => {
    expect(run(parser(['A']), [{ A: 'x' }]).events[0]?.additionalData).toEqual({});
  });

  it('takes a conditional mapping by the value of a field, over the base mapping', () => {
    const definition = parser(
      ['Id', 'Text'],
      'event.externalId=Id',
      'event.name=__stringConstant("other")',
      'conditionalmap.count=1',
      'conditionalmap[0].field=event.externalId',
      'conditionalmap[0].mappings.count=1',
      'conditionalmap[0].mappings[0].values=21, 22',
      'conditionalmap[0].mappings[0].event.name=Text',
    );
    const { events } = run(definition, [
      { Id: 22, Text: 'chosen' },
      { Id: 23, Text: 'not' },
    ]);
    expect(events.map(({ fields }) => fields['name'])).toEqual(['chosen', 'other']);
  });

  it.each([
    ['High', 'High'],
    ['high', 'Unknown'],
    ['critical', 'Very-High'],
    ['5', 'Medium'],
    ['10', 'Unknown'],
    ['0', 'Low'],
    [undefined, 'Unknown'],
  ])('has for device severity %s the severity %s', (word, severity) => {
    const definition = parser(
      ['S'],
      'event.deviceSeverity=S',
      'severity.map.low.if.deviceSeverity=0..3',
      'severity.map.medium.if.deviceSeverity=4..6,medium',
      'severity.map.high.if.deviceSeverity=High',
      'severity.map.veryhigh.if.deviceSeverity=critical',
    );
    expect(run(definition, [{ S: word }]).events[0]?.severity).toBe(severity);
  });

  it('survives members and tokens named like members of every object', () => {
    const definition = parser(['__proto__', 'constructor'], 'additionaldata.enabled=true');
    const { events } = interpret(definition, '[{"__proto__":"a"}]');
    expect(Object.entries(events[0]?.additionalData ?? {})).toEqual([['__proto__', 'a']]);
  });
});

describe('trigger and locations', () => {
  const names = (trigger: string, location: string, document: unknown) =>
    run(parser([{ name: 'N', location }], `trigger.node.location=${trigger}`, 'event.name=N'), document).events.map(
      ({ fields }) => fields['name'],
    );

  it.each([
    ['one event per element of a root array', '/', 'n', [{ n: 'a' }, { n: 'b' }], ['a', 'b']],
    ['one event for a root object', '/', 'n', { n: 'a' }, ['a']],
    ['no event for an empty array', '/', 'n', [], []],
    ['one event per element of a member', '/new', 'n', { new: [{ n: 'a' }, { n: 'b' }] }, ['a', 'b']],
    ['arrays on the way walked', '/r/p', 'n', { r: [{ p: { n: 'a' } }, { p: [{ n: 'b' }] }, {}] }, ['a', 'b']],
    ['nested members', '/', 'a/b/n', [{ a: { b: { n: 'x' } } }], ['x']],
    ['empty steps and dots ignored', '/', 'a//./b//n', [{ a: { b: { n: 'x' } } }], ['x']],
    ['array elements by index', '/', 'p[1]//n', [{ p: [{ n: 'x' }, { n: 'y' }] }], ['y']],
    ['elements of elements', '/', 'p[0][1]', [{ p: [['x', 'y']] }], ['y']],
    ['the parent of the trigger', '/r/p', '../n', { r: [{ n: 'a', p: { n: 'x' } }] }, ['a']],
    ['the parent of an element is the object around the array', '/r', '../n', { n: 'a', r: [{ n: 'x' }] }, ['a']],
    ['an index beyond the end', '/', 'p[9]', [{ p: ['x'] }], [undefined]],
    ['the parent of the root', '/', '../n', [{ n: 'x' }], [undefined]],
  ])('reads %s', (_, trigger, location, document, expected) => {
    expect(names(trigger, location, document)).toEqual(expected);
  });

  it('gives a node as JSON text, the trigger node itself by a dot', () => {
    const definition = parser([{ name: 'all', location: '.' }, 'list'], 'event.message=all', 'event.reason=list');
    expect(fieldsOf(definition, [{ list: [1, { a: 'x' }] }])).toEqual({
      message: '{"list":[1,{"a":"x"}]}',
      reason: '[1,{"a":"x"}]',
    });
  });

  it('wraps the text of a node in its name when asked to', () => {
    const definition = parser(['attrs', 'n'], 'event.message=attrs', 'event.reason=n');
    expect(fieldsOf(definition, [{ attrs: { ip: 'x' }, n: 1 }], { nodeTextHasName: true })).toEqual({
      message: '{"attrs":{"ip":"x"}}',
      reason: '1',
    });
  });

  it('takes the first of several places with a warning', () => {
    const definition = parser([{ name: 'N', location: 'p/n' }], 'event.name=N');
    const { events, warnings } = run(definition, [{ p: [{ n: 'a' }, { n: 'b' }] }]);
    expect(events[0]?.fields['name']).toBe('a');
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining('2 places')]);
  });

  it('makes no event of an element that is no object, and says which one', () => {
    const { events, warnings } = run(parser(['n'], 'event.name=n'), [{ n: 'a' }, 'text', null, { n: 'b' }]);
    expect(events).toHaveLength(2);
    expect(warnings.map(({ event }) => event)).toEqual([1, 2]);
  });

  it('refuses a document that is no JSON', () => {
    expect(() => interpret(parser([]), '[{"a":1}')).toThrow(expect.objectContaining({ code: 'DOCUMENT_NOT_JSON' }));
  });

  it('takes a parsed document', () => {
    expect(interpret(parser(['n'], 'event.name=n'), [{ n: 'a' }]).events[0]?.fields).toEqual({ name: 'a' });
  });
});

describe('token types', () => {
  it.each([
    ['String', 'message', 'x', 'x'],
    ['String', 'message', true, 'true'],
    ['String', 'message', 123, '123'],
    ['String', 'message', -1.5, '-1.5'],
    ['Integer', 'baseEventCount', 5, 5],
    ['Integer', 'baseEventCount', '-5', -5],
    ['Long', 'deviceCustomNumber1', 1_600_000_000_123, 1_600_000_000_123],
    ['Long', 'deviceCustomNumber1', '9007199254740993', '9007199254740993'],
    ['Long', 'message', '9007199254740993', '9007199254740993'],
    ['Integer', 'deviceCustomNumber1', 5, 5],
    ['IPAddress', 'sourceAddress', '192.0.2.7', '192.0.2.7'],
    ['IPAddress', 'deviceCustomIPv6Address2', 'FE80::1', 'FE80::1'],
    ['MacAddress', 'sourceMacAddress', '00:0c:29:98:8d:d7', '00-0C-29-98-8D-D7'],
  ])('reads a %s into %s from %j', (type, field, given, expected) => {
    expect(typed(type, field, given)).toEqual({ value: expected, warnings: [] });
  });

  it('reads a TimeStamp by its format', () => {
    expect(typed('TimeStamp', 'endTime', '2020-09-30 14:11:44', 'yyyy-MM-dd HH:mm:ss')).toEqual({
      value: Date.UTC(2020, 8, 30, 14, 11, 44),
      warnings: [],
    });
  });

  it.each([
    ['Integer', 'baseEventCount', 2_147_483_648],
    ['Integer', 'baseEventCount', 1.5],
    ['Integer', 'baseEventCount', true],
    ['Integer', 'baseEventCount', ''],
    ['Long', 'deviceCustomNumber1', '9223372036854775808'],
    ['Long', 'deviceCustomNumber1', 'x'],
    ['Long', 'deviceCustomNumber1', 0.5],
    ['Long', 'deviceCustomNumber1', { a: 1 }],
    ['IPAddress', 'sourceAddress', ''],
    ['IPAddress', 'sourceAddress', 'host.example'],
    ['IPAddress', 'sourceAddress', '1.2.3'],
    ['IPAddress', 'deviceCustomIPv6Address2', 'fe80::1%eth0'],
    ['MacAddress', 'sourceMacAddress', '00:0c-29:98:8d:d7'],
    ['TimeStamp', 'endTime', '30.09.2020'],
  ])('turns %s %s of %j into nothing and a warning', (type, field, given) => {
    const { value, warnings } = typed(type, field, given, type === 'TimeStamp' ? 'yyyy-MM-dd' : undefined);
    expect(value).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining(`is no ${type}`)]);
  });

  it('warns when a JSON number has lost digits', () => {
    const definition = parser([{ name: 'N', type: 'Long' }], 'event.deviceCustomNumber1=N');
    const { warnings } = interpret(definition, '[{"N":9007199254740993}]');
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining('2^53')]);
  });
});

describe('event field types', () => {
  it('cuts text at the length of the field, never inside a surrogate pair', () => {
    const definition = parser(['T'], 'event.externalId=T');
    const { events, warnings } = run(definition, [{ T: 'x'.repeat(41) }, { T: `${'x'.repeat(39)}\u{1F600}` }]);
    expect(events.map(({ fields }) => fields['externalId'])).toEqual(['x'.repeat(40), 'x'.repeat(39)]);
    expect(warnings.map(({ event, message }) => `${event} ${message}`)).toEqual([
      '0 externalId: cut from 41 to 40 characters',
      '1 externalId: cut from 41 to 40 characters',
    ]);
  });

  it.each([
    ['deviceVendor', 63],
    ['name', 512],
    ['deviceCustomString1', 4000],
    ['deviceHostName', 100],
    ['requestUrl', 1023],
  ])('gives %s %i characters', (field, length) => {
    expect(fieldsOf(parser(['T'], `event.${field}=T`), [{ T: 'x'.repeat(5000) }])?.[field]).toHaveLength(length);
  });

  it.each([
    ['Long', 'endTime', 5, 'is a long'],
    ['String', 'endTime', '5', 'is a string'],
    ['String', 'deviceCustomNumber1', '5', 'is a string'],
    ['String', 'sourceAddress', '192.0.2.7', 'is a string'],
    ['IPAddress', 'sourceAddress', 'fe80::1', 'no IPv4 address'],
    ['IPAddress', 'deviceCustomIPv6Address2', '192.0.2.7', 'no IPv6 address'],
    ['Long', 'sourcePort', 65_536, 'beyond 65535'],
    ['Integer', 'sourcePort', -1, 'beyond 65535'],
    ['Long', 'sourceProcessId', 2_147_483_648, 'beyond an Integer'],
  ])('keeps a %s out of %s when it is %j', (type, field, given, reason) => {
    expect(typed(type, field, given)).toEqual({ value: undefined, warnings: [expect.stringContaining(reason)] });
  });

  it('lets IPv6 into address fields when the connector is one that does', () => {
    const definition = parser([{ name: 'T', type: 'IPAddress' }], 'event.sourceAddress=T');
    expect(fieldsOf(definition, [{ T: 'fe80::1' }], { addressesTakeIpv6: true })).toEqual({ sourceAddress: 'fe80::1' });
  });

  it('shows every type in a text field', () => {
    const definition = parser(
      [
        { name: 'T', type: 'TimeStamp', format: 'yyyy-MM-dd' },
        { name: 'A', type: 'IPAddress' },
      ],
      'event.message=T',
      'event.reason=A',
    );
    expect(fieldsOf(definition, [{ T: '2020-09-30', A: '192.0.2.7' }])).toEqual({
      message: '2020-09-30T00:00:00.000Z',
      reason: '192.0.2.7',
    });
  });
});
