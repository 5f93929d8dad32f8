import { describe, expect, it } from 'vitest';
import { BRIDGE_CLASSES, CATEGORIES, EVIDENCE_FAMILIES, eventClassId } from '../../../src/domain/event-class.ts';

describe('the class of an event', () => {
  it('is the family and the category in lower case, however Microsoft spells it', () => {
    expect(eventClassId('process', 'DefenseEvasion')).toBe('defender:process:defenseevasion');
    expect(eventClassId('ip', 'Command and control')).toBe('defender:ip:commandandcontrol');
    expect(eventClassId('file', 'suspicious-activity')).toBe('defender:file:suspiciousactivity');
  });

  it.each([undefined, '', '  ', 'None', 'Brand New Tactic', 'Prozess-Ausführung', '../..', 'constructor'])(
    'has the category other for %j',
    (category) => {
      expect(eventClassId('user', category)).toBe('defender:user:other');
    },
  );

  it('is another for what the bridge makes itself', () => {
    expect(Object.values(BRIDGE_CLASSES)).toEqual(['bridge:heartbeat', 'bridge:test']);
  });

  it('comes from closed lists of words that need no escaping in any file', () => {
    for (const word of [...EVIDENCE_FAMILIES, ...CATEGORIES]) expect(word).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(new Set(CATEGORIES).size).toBe(CATEGORIES.length);
    expect(new Set(EVIDENCE_FAMILIES).size).toBe(EVIDENCE_FAMILIES.length);
    for (const category of CATEGORIES) expect(eventClassId('other', category)).toBe(`defender:other:${category}`);
  });
});
