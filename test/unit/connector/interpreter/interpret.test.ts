import { describe, expect, it } from 'vitest';
import { type InterpretOptions, interpret } from '../../../../src/connector/interpreter/interpret.ts';
import { parser, run } from './parser-builder.ts';

/** Fields of the first event. */
function fieldsOf(definition: ReturnType<typeof parser>, document: unknown, options?: InterpretOptions) {
  return run(definition, document, options).events[0]?.fields;
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
