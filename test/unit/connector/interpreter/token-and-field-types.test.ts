import { describe, expect, it } from 'vitest';
import { type InterpretOptions, interpret } from '../../../../src/connector/interpreter/interpret.ts';
import { parser, run } from './parser-builder.ts';

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
