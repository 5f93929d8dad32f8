import { describe, expect, it } from 'vitest';
import { type ArcSightChoices, type ChosenMapping, DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import { type ChosenFeed, choiceFindings } from '../../../src/telemetry/choice-findings.ts';

function found(choices: Partial<ArcSightChoices>, feed: Partial<ChosenFeed> = {}) {
  const arcsight = { ...DEFAULT_CHOICES, ...choices };
  return choiceFindings({ name: 'default', layout: 'microsoft', receiptTime: 'feed', ...feed, arcsight });
}

function mapped(field: string, from: ChosenMapping['from'], feed: Partial<ChosenFeed> = {}) {
  return found({ mappings: [{ field, from, label: null }] }, feed);
}

const NOTHING = { kind: 'nothing' } as const;

/** `state subject: meaning` of each row. */
function told(rows: ReturnType<typeof choiceFindings>): readonly string[] {
  return rows.map(({ state, subject, meaning }) => `${state} ${subject}: ${meaning}`);
}

const FINE = [expect.stringMatching(/^ok default: /)];

describe('what existing content meets', () => {
  it('is what it expects, where nothing was chosen', () => {
    expect(told(found({}))).toEqual(FINE);
    expect(found({})[0]?.id).toBe('feed.arcsight');
  });

  it('is another vendor and product', () => {
    expect(told(found({ deviceVendor: 'Contoso', deviceProduct: 'XDR' }))).toEqual([
      expect.stringMatching(/^warning default\/deviceVendor: .*"Contoso".*"Microsoft"/),
      expect.stringMatching(/^warning default\/deviceProduct: .*"XDR".*"Microsoft Defender ATP".*categorizer/),
    ]);
  });

  it('is a victim in other fields under layout esm, each of them named', () => {
    const [row] = found({}, { layout: 'esm' });
    expect(row?.subject).toBe('default/layout');
    for (const field of ['UserName', 'NtDomain', 'HostName', 'DnsDomain', 'UserId'])
      expect(row?.meaning).toContain(`source${field} to destination${field}`);
  });

  it('is a severity that is lower; a higher one hides nothing', () => {
    expect(told(found({ severity: { High: 'medium', Informational: 'high' } }))).toEqual([
      expect.stringMatching(/^warning default\/severity\.High: High is medium .*agentSeverity/),
    ]);
    expect(told(found({ severity: { High: 'veryhigh', Low: 'low' } }))).toEqual(FINE);
  });

  it.each([
    ['name', /AlertTitle.*channel/],
    ['deviceSeverity', /Severity.*severity map/],
    ['externalId', /EventExternalId.*old API/],
    ['deviceReceiptTime', /FeedTime.*times/],
    ['deviceEventClassId', /EventClassId.*categor/],
    ['deviceCustomString2', /DetectionId.*active lists/],
    ['deviceCustomString6', /Sha256.*something else/],
    ['deviceVersion', /"2\.0"/],
  ])('is an emptied %s, and what reads it', (field, meaning) => {
    const rows = mapped(field, NOTHING);
    expect(rows.map(({ subject }) => subject)).toEqual([`default/${field}`]);
    expect(rows[0]?.meaning).toMatch(meaning);
  });

  it('is a replaced field, but not one that holds what it held, nor one that was free', () => {
    const member = (name: string) => ({ kind: 'member', name }) as const;
    expect(told(mapped('fileHash', member('Sha256')))).toEqual([
      expect.stringContaining('fileHash holds Sha256 instead of Sha1'),
    ]);
    expect(told(mapped('deviceReceiptTime', member('AlertTimeMs')))).toHaveLength(1);
    for (const [field, name] of [
      ['name', 'AlertTitle'],
      ['deviceProcessName', 'FileName'],
      ['destinationUserName', 'UserName'],
    ] as const)
      expect(told(mapped(field, member(name)))).toEqual(FINE);
    expect(told(mapped('deviceReceiptTime', member('AlertTimeMs'), { receiptTime: 'alert' }))).toEqual(FINE);
  });

  it('is a member of the old API that the feed goes without, and the field that it filled', () => {
    expect(told(found({ leftOut: ['Actor', 'ThreatFamily', 'Status', 'IncidentId'] }))).toEqual([
      expect.stringMatching(/^warning default\/IncidentId: .*nothing fills deviceCustomNumber3\.$/),
      expect.stringMatching(/^warning default\/Actor: .*nothing fills deviceCustomString4\. .*old API/),
      expect.stringMatching(/^warning default\/ThreatFamily: .*old API/),
    ]);
  });
});
