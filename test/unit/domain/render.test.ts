import { describe, expect, it } from 'vitest';
import type { Emission } from '../../../src/domain/detection.ts';
import { renderEvent } from '../../../src/domain/render.ts';

function anEmission(overrides: Partial<Emission> = {}): Emission {
  return {
    detectionId: 'd1',
    alertId: 'da-1',
    alertIsNew: true,
    kind: 'new',
    change: 'first',
    reason: 'new',
    family: 'process',
    facts: { AlertId: 'da-1', Category: 'DefenseEvasion', LastActivityMs: 1000, LastUpdateMs: 2000 },
    ...overrides,
  };
}

function render(emission: Emission, storedMs = 5000) {
  const { text, cuts } = renderEvent({ emission, tenantId: 't', tenantName: 'contoso', feedSeq: 9, storedMs });
  return { event: JSON.parse(`${text}}`) as Record<string, unknown>, cuts };
}

describe('a rendered event', () => {
  it('is flat: strings and integers only, lists joined, absent values absent', () => {
    const { event } = render(
      anEmission({ facts: { AlertId: 'da-1', MitreTechniques: ['T1059', 'T1564.001'], Description: '' } }),
    );
    expect(event).toMatchObject({ FeedSeq: 9, StoredMs: 5000, MitreTechniques: 'T1059; T1564.001', MappingVersion: 1 });
    expect(event).not.toHaveProperty('Description');
    for (const value of Object.values(event)) expect(['string', 'number']).toContain(typeof value);
  });

  it('ends with the last activity when new, with the last update when an update or let through late, else when it was stored', () => {
    expect(render(anEmission()).event['EndTimeMs']).toBe(1000);
    expect(render(anEmission({ kind: 'update' })).event['EndTimeMs']).toBe(2000);
    expect(render(anEmission({ change: 'admitted' })).event['EndTimeMs']).toBe(2000);
    expect(render(anEmission({ kind: 'overflow' })).event['EndTimeMs']).toBe(5000);
  });

  it('names its class from two closed lists', () => {
    expect(render(anEmission()).event['EventClassId']).toBe('defender:process:defenseevasion');
    expect(render(anEmission({ facts: { Category: 'NewThing' } })).event['EventClassId']).toBe(
      'defender:process:other',
    );
  });

  it('cuts at the ArcSight length on a code point and counts the cut, and never cuts an id', () => {
    const { event, cuts } = render(
      anEmission({ facts: { AlertTitle: `${'x'.repeat(511)}\u{1F600}`, AlertId: 'a'.repeat(5000) } }),
    );
    expect(event['AlertTitle']).toBe('x'.repeat(511));
    expect(event['AlertId']).toHaveLength(5000);
    expect(cuts).toBe(1);
  });

  it('shortens an alert id that does not fit externalId to 23 characters, a tilde and 16 digits of its SHA-256', () => {
    expect(render(anEmission({ alertId: 'a'.repeat(40) })).event['EventExternalId']).toBe('a'.repeat(40));
    // printf '%s' aaaa...(41) | sha256sum | cut -c1-16
    expect(render(anEmission({ alertId: 'a'.repeat(41) })).event['EventExternalId']).toBe(
      `${'a'.repeat(23)}~c0f8bd4dbc2b0c03`,
    );
  });

  it('replaces half a surrogate pair, which no JSON reader of the connector could take', () => {
    expect(render(anEmission({ facts: { AlertTitle: 'a\ud800b' } })).event['AlertTitle']).toBe('a\ufffdb');
  });

  it('has the first activity, else the last update, for an alert time where Microsoft gives none', () => {
    const timesOf = (facts: Emission['facts']) => {
      const { event } = render(anEmission({ facts }));
      return [event['AlertTime'], event['AlertTimeMs']];
    };
    expect(timesOf({ FirstActivityMs: 1500, LastUpdateMs: 2000 })).toEqual(['1970-01-01T00:00:01.5000000Z', 1500]);
    expect(timesOf({ LastUpdateMs: 2000 })).toEqual(['1970-01-01T00:00:02.0000000Z', 2000]);
    expect(timesOf({ AlertTimeMs: 1000, LastUpdateMs: 2000 })).toEqual(['1970-01-01T00:00:01.0000000Z', 1000]);
  });
});
