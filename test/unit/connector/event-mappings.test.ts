import { describe, expect, it } from 'vitest';
import { chosenMappings, eventMappings, stringConstant } from '../../../src/connector/event-mappings.ts';
import { type ArcSightChoices, DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import type { Field, Target } from '../../../src/domain/field.ts';

const SETTINGS = { layout: 'microsoft', receiptTime: 'feed', choices: DEFAULT_CHOICES } as const;

function field(name: string, ...arcsight: readonly Target[]): Field {
  return { name, type: 'String', length: 63, origin: 'bridge', of: 'alert', description: 'A test row.', arcsight };
}

describe('eventMappings', () => {
  it('writes the operation that each kind of value needs', () => {
    const rows = [
      field('T', { field: 'message', as: 'text' }),
      field('N', { field: 'deviceCustomNumber1', as: 'number', label: 'Count' }),
      field('W', { field: 'endTime', as: 'time' }),
    ];
    expect(eventMappings(rows, SETTINGS)).toEqual([
      { field: 'message', expression: 'T' },
      { field: 'deviceCustomNumber1', expression: 'N' },
      { field: 'deviceCustomNumber1Label', expression: '__stringConstant("Count")' },
      { field: 'endTime', expression: '__longToTimeStamp(W)' },
    ]);
  });

  it('takes only the targets of the layout and receipt time asked for', () => {
    const rows = [
      field(
        'A',
        { field: 'sourceHostName', as: 'text', layout: 'microsoft' },
        { field: 'destinationHostName', as: 'text', layout: 'esm' },
      ),
      field('B', { field: 'deviceReceiptTime', as: 'time', receiptTime: 'feed' }),
      field('C', { field: 'deviceReceiptTime', as: 'time', receiptTime: 'alert' }),
    ];
    const names = (settings: Parameters<typeof eventMappings>[1]) =>
      eventMappings(rows, settings).map(({ field: name, expression }) => `${name}=${expression}`);
    expect(names(SETTINGS)).toEqual(['sourceHostName=A', 'deviceReceiptTime=__longToTimeStamp(B)']);
    expect(names({ ...SETTINGS, layout: 'esm', receiptTime: 'alert' })).toEqual([
      'destinationHostName=A',
      'deviceReceiptTime=__longToTimeStamp(C)',
    ]);
  });

  it('refuses a table that assigns an ArcSight field twice', () => {
    const rows = [field('A', { field: 'reason', as: 'text' }), field('B', { field: 'reason', as: 'text' })];
    expect(() => eventMappings(rows, SETTINGS)).toThrow(expect.objectContaining({ code: 'MAPPING_FIELD_TWICE' }));
  });

  it('refuses a custom field without a label', () => {
    for (const name of ['deviceCustomString1', 'deviceCustomIPv6Address2', 'flexString1']) {
      expect(() => eventMappings([field('A', { field: name, as: 'text' })], SETTINGS)).toThrow(
        expect.objectContaining({ code: 'MAPPING_LABEL_MISSING' }),
      );
    }
  });

  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['10.0.0.1; 10.0.0.2', '10.0.0.1'],
    ['10.0.0.1234', null],
    ['10.0.0.1 or so', null],
    ['fe80::1', null],
    ['::ffff:10.0.0.1', null],
    ['host.example', null],
    ['', null],
  ])('reads the IPv4 address of "%s" as %s', (text, address) => {
    expect(addressOf('ipv4', text)).toBe(address);
  });

  it.each([
    ['2001:db8::7', '2001:db8::7'],
    ['FD30:0000:0000:0001:FF4E:003E:0009:000E', 'FD30:0000:0000:0001:FF4E:003E:0009:000E'],
    ['fe80::1; fe80::2', 'fe80::1'],
    ['fe80::1%12', 'fe80::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:db8::', '2001:db8::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7::'],
    ['::ffff:198.51.100.7', '::ffff:198.51.100.7'],
    ['198.51.100.7', null],
    ['198.51.100.7; fe80::1', null],
    ['1:2:3:4:5:6:7:8:9', null],
    ['1::2:3:4:5:6:7:8', null],
    ['1::2::3', null],
    ['12345::1', null],
    ['00:0c:29:98:8d:d7', null],
    ['10:20', null],
    ['host::name', null],
    ['', null],
  ])('reads the IPv6 address of "%s" as %s', (text, address) => {
    expect(addressOf('ipv6', text)).toBe(address);
  });
});

/** What the operation's pattern takes from a value when it has to match all of it. */
function addressOf(as: 'ipv4' | 'ipv6', text: string): string | null {
  const [mapping] = eventMappings([field('A', { field: 'sourceAddress', as })], SETTINGS);
  const pattern = /^__regexTokenAsAddress\(A,"(.*)"\)$/.exec(mapping?.expression ?? '')?.[1];
  if (pattern === undefined) throw new Error(`not an address operation: ${mapping?.expression ?? 'none'}`);
  expect(pattern).not.toMatch(/[,"]/);
  return new RegExp(`^(?:${pattern})$`).exec(text)?.[1] ?? null;
}

describe('what is chosen for a feed', () => {
  const rows = [
    field('A', { field: 'message', as: 'text' }),
    field('B', { field: 'deviceCustomString1', as: 'text', label: 'Own' }),
    field('C', { field: 'requestUrl', as: 'text' }),
  ];
  const made = (choices: Partial<ArcSightChoices>) => {
    const settings = { ...SETTINGS, choices: { ...DEFAULT_CHOICES, ...choices } };
    const lines = [...eventMappings(rows, settings), ...chosenMappings(rows, settings)];
    return lines.map(({ field: name, expression }) => `${name}=${expression}`);
  };

  it('takes the place of the mapping of that field, with its label', () => {
    const from = { kind: 'member', name: 'A' } as const;
    expect(made({ mappings: [{ field: 'deviceCustomString1', from, label: 'Chosen' }] })).toEqual([
      'message=A',
      'requestUrl=C',
      'deviceCustomString1=A',
      'deviceCustomString1Label=__stringConstant("Chosen")',
    ]);
  });

  it('may be a constant of text, of 64 bits or of 32', () => {
    const constant = (text: string) => ({ kind: 'constant', text }) as const;
    const mappings = [
      { field: 'customerURI', from: constant('/All Customers/"A", B'), label: null },
      { field: 'flexNumber1', from: constant('-5'), label: 'N' },
      { field: 'destinationPort', from: constant('443'), label: null },
    ];
    expect(made({ mappings }).slice(4)).toEqual([
      'customerURI=__stringConstant("/All Customers/\\"A\\", B")',
      'flexNumber1=__safeToLong("-5")',
      'flexNumber1Label=__stringConstant("N")',
      'destinationPort=__integerConstant(443)',
    ]);
  });

  it('may be nothing: the field and its label go', () => {
    expect(made({ mappings: [{ field: 'deviceCustomString1', from: { kind: 'nothing' }, label: null }] })).toEqual([
      'message=A',
      'requestUrl=C',
    ]);
  });

  it('may leave out a member: what it filled goes', () => {
    expect(made({ leftOut: ['B', 'C'] })).toEqual(['message=A']);
  });

  it.each([
    ['a field that there is not', { field: 'nonsense', from: { kind: 'nothing' }, label: null }],
    ['text for a time', { field: 'endTime', from: { kind: 'member', name: 'A' }, label: null }],
    ['a member that there is not', { field: 'message', from: { kind: 'member', name: 'Z' }, label: null }],
    ['a constant time', { field: 'endTime', from: { kind: 'constant', text: '1' }, label: null }],
  ] as const)('is not written with %s', (_, mapping) => {
    expect(() => made({ mappings: [mapping] })).toThrow(expect.objectContaining({ code: 'MAPPING_CHOICE' }));
  });
});

describe('stringConstant', () => {
  it('puts a quote behind its backslash', () => {
    expect(stringConstant('say "hi"')).toBe('__stringConstant("say \\"hi\\"")');
  });

  it('refuses a backslash, whose reading is not known', () => {
    expect(() => stringConstant('a\\')).toThrow(expect.objectContaining({ code: 'MAPPING_LITERAL' }));
  });
});
