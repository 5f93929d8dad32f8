import { describe, expect, it } from 'vitest';
import { CEF_FIELDS } from '../../../src/connector/interpreter/cef-dictionary.ts';
import { EVIDENCE_KINDS } from '../../../src/defender/map/evidence-table.ts';
import type { Field } from '../../../src/domain/field.ts';
import { CONTEXT_EVIDENCE, FIELDS } from '../../../src/domain/fields.ts';

const ROWS: readonly Field[] = FIELDS;

describe('the field catalogue', () => {
  it('cuts every text to the length of the ArcSight field it goes to, by an independent copy of the dictionary', () => {
    for (const { name, length, arcsight = [] } of ROWS) {
      for (const { field, as } of arcsight) {
        const longest = CEF_FIELDS.get(field)?.maxLength ?? null;
        if (as !== 'text' || length === 'id' || longest === null) continue;
        expect([name, field, length <= longest]).toEqual([name, field, true]);
      }
    }
  });

  it('names only evidence that exists as context', () => {
    const types = EVIDENCE_KINDS.map(({ type }) => type);
    for (const type of CONTEXT_EVIDENCE) expect(types).toContain(type);
  });
});
