import { describe, expect, it } from 'vitest';
import { categorizerName, renderCategorizer } from '../../../src/connector/categorizer.ts';
import { DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import { BRIDGE_CLASSES, CATEGORIES, EVIDENCE_FAMILIES } from '../../../src/domain/event-class.ts';

const [HEADER = [], ...ROWS] = renderCategorizer()
  .trimEnd()
  .split('\n')
  .map((line) => line.split(','));

/** The words of ArcSight that were seen in public (docs/sources.md), written down once more. */
const WORDS = {
  'set.event.categoryObject': [
    '/Actor/User',
    '/Host',
    '/Host/Application',
    '/Host/Application/Service',
    '/Host/Application/Service/Email',
    '/Host/Operating System',
    '/Host/Resource/File',
    '/Host/Resource/Process',
    '/Network',
  ],
  'set.event.categoryBehavior': [
    '/Access',
    '/Access/Start',
    '/Authentication/Verify',
    '/Communicate',
    '/Communicate/Query',
    '/Create',
    '/Execute',
    '/Execute/Response',
    '/Execute/Start',
    '/Found',
    '/Modify/Configuration',
    '/Modify/Content',
  ],
  'set.event.categoryTechnique': ['', '/Traffic Anomaly'],
  'set.event.categoryDeviceGroup': ['/Application', '/IDS/Host'],
  'set.event.categorySignificance': [
    '/Compromise',
    '/Hostile',
    '/Informational',
    '/Informational/Warning',
    '/Recon',
    '/Suspicious',
  ],
  'set.event.categoryOutcome': ['/Attempt', '/Success'],
};

function rowOf(eventClass: string): Readonly<Record<string, string>> {
  const cells = ROWS.find(([id]) => id === eventClass) ?? [];
  return Object.fromEntries(HEADER.map((name, index) => [name, cells[index] ?? '']));
}

describe('renderCategorizer', () => {
  it('has each class that the bridge can write exactly once', () => {
    const closed = EVIDENCE_FAMILIES.flatMap((family) =>
      [...CATEGORIES, 'other'].map((category) => `defender:${family}:${category}`),
    );
    expect(ROWS.map(([id]) => id).toSorted()).toEqual([...closed, ...Object.values(BRIDGE_CLASSES)].toSorted());
  });

  it('begins with the getter, the class id, and sets six fields in every row', () => {
    expect(HEADER).toEqual(['event.deviceEventClassId', ...Object.keys(WORDS)]);
    expect(ROWS.every((cells) => cells.length === HEADER.length)).toBe(true);
  });

  it('uses only words that were seen in public, and each of them', () => {
    for (const [index, [name, words]] of Object.entries(WORDS).entries()) {
      expect([...new Set(ROWS.map((cells) => cells[index + 1]))].toSorted(), name).toEqual(words.toSorted());
    }
  });

  it('tells a process that was started from mail, and malware from a suspicion', () => {
    expect(rowOf('defender:process:execution')).toMatchObject({
      'set.event.categoryObject': '/Host/Resource/Process',
      'set.event.categoryBehavior': '/Execute/Start',
      'set.event.categorySignificance': '/Suspicious',
    });
    expect(rowOf('defender:mail:phishing')).toMatchObject({
      'set.event.categoryObject': '/Host/Application/Service/Email',
      'set.event.categorySignificance': '/Hostile',
    });
    expect(rowOf('bridge:heartbeat')).toMatchObject({ 'set.event.categorySignificance': '/Informational' });
  });

  it('is plain ASCII with LF, and has no cell that would need quotes', () => {
    expect(renderCategorizer()).toMatch(/^[\n\x20-\x7e]+\n$/);
    expect(renderCategorizer()).not.toMatch(/["\r]/);
  });
});

describe('categorizerName', () => {
  it('is in lower case, with _ for all but letters and digits', () => {
    expect(categorizerName(DEFAULT_CHOICES)).toBe('microsoft/microsoft_defender_atp.csv');
  });

  it.each([
    ['Our Company, Inc.', 'Défender 2/..', 'our_company__inc_/d_fender_2___.csv'],
    ['..', '../x', '__/___x.csv'],
  ])('follows a changed vendor %s and product %s, and never leaves its folder', (deviceVendor, deviceProduct, name) => {
    expect(categorizerName({ ...DEFAULT_CHOICES, deviceVendor, deviceProduct })).toBe(name);
  });
});
