import { describe, expect, it } from 'vitest';
import { eventMappings, stringConstant } from '../../../src/connector/event-mappings.ts';
import type { Field, Target } from '../../../src/domain/field.ts';

const SETTINGS = { layout: 'microsoft', receiptTime: 'feed' } as const;

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
    expect(names({ layout: 'esm', receiptTime: 'alert' })).toEqual([
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

describe('stringConstant', () => {
  it('puts a quote behind its backslash', () => {
    expect(stringConstant('say "hi"')).toBe('__stringConstant("say \\"hi\\"")');
  });

  it('refuses a backslash, whose reading is not known', () => {
    expect(() => stringConstant('a\\')).toThrow(expect.objectContaining({ code: 'MAPPING_LITERAL' }));
  });
});
