import { describe, expect, it } from 'vitest';
import { CEF_FIELDS, labelOf } from '../../../src/connector/interpreter/cef-dictionary.ts';
import { ARCSIGHT_FIELDS } from '../../../src/domain/arcsight-fields.ts';
import type { Field } from '../../../src/domain/field.ts';
import { FIELDS } from '../../../src/domain/fields.ts';

const TYPES = { string: 'text', timestamp: 'time' } as const;

/** The reader's own table, which shares nothing with the writer's. */
const READ = [...CEF_FIELDS.values()].filter(({ field }) => !field.endsWith('Label'));

describe('the ArcSight fields that can be filled', () => {
  it.each(READ)('have $field as the reader of parser files knows it', ({ field, type, maxLength }) => {
    const label = labelOf(field);
    expect(ARCSIGHT_FIELDS.get(field)).toEqual({
      name: field,
      type: type === 'string' || type === 'timestamp' ? TYPES[type] : type,
      maxLength,
      labelLength: label === null ? null : CEF_FIELDS.get(label)?.maxLength,
    });
  });

  it('are no others', () => {
    expect([...ARCSIGHT_FIELDS.keys()].toSorted()).toEqual(READ.map(({ field }) => field).toSorted());
  });

  it('are as long as the members that the catalogue maps to them', () => {
    const rows: readonly Field[] = FIELDS;
    for (const { name, type, length, arcsight = [] } of rows) {
      for (const { field } of arcsight) {
        const { maxLength = null } = ARCSIGHT_FIELDS.get(field) ?? {};
        if (type === 'String' && length !== 'id' && maxLength !== null)
          expect([name, field, length]).toEqual([name, field, maxLength]);
      }
    }
  });
});
